from recommender.edges.pod_starts import Life, starts_seen
from recommender.model.inventory import Inventory, InventoryPod
from tests.edges.captures import MINUTE_NS, START_NS, HandMadeCapture
from tests.edges.test_orientation import DB, addressed

HOUR = 60 * MINUTE_NS


def life(pod, first, last, address="10.0.0.1"):
    return Life(pod=pod, address=address, first=int(first * HOUR), last=int(last * HOUR))


def starts(*lives, kind="Deployment", **more):
    return starts_seen(lives, kind=kind, began=0, **more)


def test_a_pod_that_takes_over_from_another_started():
    assert starts(life("a", 0, 50), life("b", 50, 72)) == 1
    assert starts(life("a", 0, 50), life("b", 49.9, 72)) == 1


def test_pods_side_by_side_may_always_have_been_there():
    assert starts(life("a", 0, 72), life("b", 0.2, 71)) == 0
    assert starts(life("a", 0, 72), life("b", 30, 71)) == 0


def test_rare_sightings_say_nothing_of_when_a_pod_began():
    assert starts(life("a", 3, 3.1), life("b", 40, 40.1)) == 0


def test_a_pod_that_changed_its_address_was_made_anew():
    assert starts(life("db-0", 0, 30), life("db-0", 30.5, 72, "10.0.0.9"), kind="StatefulSet") == 1


def test_a_proxy_speaks_for_a_pod_from_another_address_in_between():
    assert starts(life("a", 0, 72), life("a", 30, 31, "10.0.0.9")) == 0


def test_two_families_are_two_addresses_of_one_pod():
    assert starts(life("a", 0, 30), life("a", 40, 72, "fd00::1")) == 0


def test_every_run_of_a_job_starts_a_pod():
    assert starts(life("j-1", 1, 1.1), life("j-2", 25, 25.1), kind="CronJob") == 2


def test_the_inventory_knows_and_templates_tell():
    assert starts(life("a", 0, 72), started_by_inventory={"a"}) == 1
    assert starts(life("a", 0, 72), life("b", 0, 72), templates=2) == 1


def observed(*pods, inventory=None):
    capture = HandMadeCapture()
    for name, labels, hour in pods:
        ends = capture.pod(name, local=True, labels=labels, workload=("Deployment", "web")), capture.pod("db-1")
        capture.flow(
            *ends, **addressed((f"10.0.0.{name[-1]}", 40_000), DB), at=hour * HOUR, flags=("SYN",), is_reply=False
        )
    (web,) = (item for item in capture.observe(inventory).workloads if item.end.name == "web")
    return web.starts_seen


def test_pods_of_two_templates_are_told_by_their_labels():
    old, new = {"app": "web", "version": "1"}, {"app": "web", "version": "2"}
    assert observed(("web-1", old, 0), ("web-2", new, 9)) == 1
    assert observed(("web-1", old, 0), ("web-2", old, 9)) == 0


def test_a_label_that_moves_between_running_pods_is_no_start():
    leader, follower = {"app": "web", "role": "leader"}, {"app": "web", "role": "follower"}
    assert observed(("web-1", leader, 0), ("web-1", follower, 9), ("web-2", leader, 9)) == 0


def test_labels_that_each_pod_has_for_itself_are_no_template():
    def labels(number):
        return {"app": "web", "apps.kubernetes.io/pod-index": str(number)}

    assert observed(("web-0", labels(0), 0), ("web-1", labels(1), 9)) == 0


def test_starts_of_the_inventory_count_within_the_window_only():
    def inventory(started):
        pod = InventoryPod(namespace="shop", name="web-1", labels=(), started=started)
        return Inventory(pods=(pod,), digest="d")

    sighting = ("web-1", {"app": "web"}, 1)
    assert observed(sighting, inventory=inventory(START_NS + 5 * HOUR)) == 1
    assert observed(sighting, inventory=inventory(START_NS - 5 * HOUR)) == 0
