from dataclasses import replace

import pytest

from benchmarks.quality.clusters import SCENARIOS, LabelStyle, Scenario, label_sets, label_sets_after
from benchmarks.quality.endpoints import Truth, describe
from benchmarks.quality.judge import judge
from benchmarks.quality.table import cases, render
from recommender.model.connection import PodEndpoint

WEB, DB = "shop/Deployment/web", "shop/StatefulSet/db"
NEEDED = (WEB, DB, "TCP", 5432)
SCANNED = (WEB, DB, "TCP", 22)


def pods(name, *versions):
    return tuple(
        PodEndpoint(namespace="shop", name=name, labels=(("app", name), ("version", version))) for version in versions
    )


TRUTH = Truth(
    name="default",
    namespaces={"shop": {}},
    workloads=(WEB, DB),
    unseen=frozenset(),
    now={WEB: pods("web", "1", "2"), DB: pods("db", "1")},
    later={WEB: pods("web", "3"), DB: pods("db", "2")},
    needed=(NEEDED, (WEB, DB, "TCP", 9999)),
    seen=frozenset({NEEDED}),
    noise=(("scan", SCANNED),),
    addresses={},
)


def policy(name, labels, *, port=5432, peer="web", kind="CiliumNetworkPolicy", egress=True):
    ports = [{"ports": [{"port": str(port), "protocol": "TCP"}]}]
    spec = {
        "endpointSelector": {"matchLabels": labels},
        "ingress": [{"fromEndpoints": [{"matchLabels": {"app": peer}}], "toPorts": ports}],
    }
    if egress:
        spec["egress"] = [{"toEndpoints": [{"matchLabels": {"app": "db"}}], "toPorts": ports}]
    return {
        "apiVersion": "cilium.io/v2",
        "kind": kind,
        "metadata": {"name": name, "namespace": "shop"},
        "spec": spec,
    }


GOOD = (policy("web", {"app": "web"}), policy("db", {"app": "db"}))
MEMBERS = {"web": frozenset({WEB}), "db": frozenset({DB})}


def test_exact_policies_get_full_marks():
    found = judge(GOOD, TRUTH, members=MEMBERS)
    assert [item.share for item in (found.seen, found.rolled, found.isolated, found.noise)] == [1, 1, 1, 1]
    assert (found.needed.good, found.needed.of) == (1, 2)
    assert found.precise.missing == ()
    assert (found.idle, found.partial, found.over, found.invalid, found.shared) == ((), (), (), (), 0)


def test_no_policies_break_nothing_and_protect_nothing():
    found = judge((), TRUTH)
    assert (found.seen.share, found.isolated.good, found.noise.good) == (1, 0, 0)
    assert found.opened > 0
    assert found.noise.missing == (f"scan: {WEB} -> {DB} TCP/22",)


def test_a_selector_by_version_is_partial_and_fails_after_the_rollout():
    found = judge((policy("web", {"app": "web", "version": "1"}), GOOD[1]), TRUTH)
    assert found.partial == ("CiliumNetworkPolicy/shop/web",)
    assert found.isolated.missing == (WEB,)
    peer = replace(TRUTH, noise=())
    by_version = policy("db", {"app": "db"})
    by_version["spec"]["ingress"][0]["fromEndpoints"][0]["matchLabels"] = {"app": "web", "version": "1"}
    assert judge((by_version,), peer).seen.share == 0
    by_version["spec"]["ingress"][0]["fromEndpoints"] = [{"matchLabels": {"version": one}} for one in "12"]
    judged = judge((by_version,), peer)
    assert (judged.seen.share, judged.rolled.share) == (1, 0)


def test_wide_idle_and_invalid_policies_are_counted():
    wide = policy("web", {})
    lost = policy("lost", {"app": "nobody"})
    many = policy("many", {"app": "web"})
    many["spec"]["ingress"][0]["toPorts"] = [
        {"ports": [{"port": str(port), "protocol": "TCP"} for port in range(1, 43)]}
    ]
    found = judge((wide, lost, many), TRUTH, members=MEMBERS)
    assert found.over == (f"CiliumNetworkPolicy/shop/web selects {DB}",)
    assert found.idle == ("CiliumNetworkPolicy/shop/lost",)
    assert (found.shared, len(found.invalid)) == (1, 1)


def test_what_is_open_and_not_needed_lowers_precision():
    both = [policy("web", {"app": "web"}, port=22), policy("db", {"app": "db"}, port=22)]
    found = judge(
        (*GOOD, *(one | {"metadata": {"name": f"{one['metadata']['name']}-22", "namespace": "shop"}} for one in both)),
        TRUTH,
    )
    assert f"{WEB} -> {DB} TCP/22" in found.precise.missing
    assert found.precise.share < 1
    assert found.noise.good == 0


def test_noise_that_passes_is_silent_unless_a_person_is_asked():
    assert judge((), TRUTH).silent == (f"scan: {WEB} -> {DB} TCP/22",)
    marked = judge((), TRUTH, marked={SCANNED, NEEDED})
    assert (marked.silent, marked.noise.good) == ((), 0)
    assert (marked.reviewed.good, marked.reviewed.of) == (1, 1)


def test_what_nobody_saw_counts_in_no_share_of_workloads():
    found = judge(GOOD[1:], replace(TRUTH, unseen=frozenset({WEB})), members=MEMBERS)
    assert (found.isolated.good, found.isolated.of, found.unseen) == (1, 1, (WEB,))
    assert judge(GOOD[1:], TRUTH, members=MEMBERS).isolated.of == 2


def test_dns_over_tcp_is_excused_only_beside_needed_udp():
    ports = [{"ports": [{"port": "53", "protocol": "ANY"}]}]
    web, db = policy("web", {"app": "web"}), policy("db", {"app": "db"})
    web["spec"]["egress"][0]["toPorts"] = db["spec"]["ingress"][0]["toPorts"] = ports
    udp, tcp = ((WEB, DB, protocol, 53) for protocol in ("UDP", "TCP"))
    asking = replace(TRUTH, needed=(udp,), noise=(("scan", tcp),))
    found = judge((web, db), asking)
    assert (found.precise.share, found.precise_with_fallback.share) == (0.5, 1.0)
    silent = replace(TRUTH, needed=(NEEDED,), noise=(("scan", tcp), ("scan", udp)))
    assert judge((web, db), silent).precise_with_fallback.share == 0.0


def test_tunnels_are_named_by_their_client():
    dug = replace(TRUTH, tunnels=((WEB, "example.net"),))
    assert judge((), dug).tunnels.missing == (f"{WEB}: example.net",)
    assert judge((), dug, suspects={WEB}).tunnels.share == 1


@pytest.mark.parametrize("hard", [False, True])
@pytest.mark.parametrize("style", LabelStyle)
def test_volatile_labels_change_with_the_rollout_and_others_stay(style, hard):
    scenario = Scenario(size="tiny", seed=1, days=1, style=style, events="sparse", hard=hard)
    changed = 0
    for workload in scenario.cluster().workloads:
        now, later = label_sets(workload)[0], label_sets_after(workload, style)[0]
        assert [key for key, _ in now] == [key for key, _ in later]
        assert dict(workload.labels).keys() <= dict(now).keys()
        changed += now != later
    assert changed or style is LabelStyle.PLAIN


def test_a_stateful_set_with_an_identity_a_replica_is_judged_by_each_and_by_one_more():
    scenario = Scenario(size="small", seed=17, days=1, style=LabelStyle.PLAIN, events="sparse", hard=True)
    sets = [workload for workload in scenario.cluster().workloads if workload.ordinal_labels]
    assert sets
    for workload in sets:
        now, later = label_sets(workload), label_sets_after(workload, scenario.style)
        assert len(set(now)) == workload.replicas > 1
        assert not set(now) & set(later)


def test_the_other_cluster_is_a_peer_and_no_workload_to_isolate():
    scenario = Scenario(size="tiny", seed=5, days=0.4, style=LabelStyle.PLAIN, events="sparse", hard=True)
    simulation = scenario.simulation()
    truth = describe(scenario, simulation.cluster, simulation.truth)
    far = {end for end in truth.now if end.startswith("far/")}
    assert far
    assert not far & set(truth.workloads)
    assert {pod.cluster for end in far for pod in truth.now[end]} == {"far"}
    found = judge((), truth)
    assert found.needed.share == 1


def test_scenarios_have_names_of_their_own_and_differ_from_the_demonstration():
    assert len({one.name for one in SCENARIOS}) == len(SCENARIOS) >= 5


def test_a_simulated_cluster_is_described_and_told():
    scenario = Scenario(size="tiny", seed=5, days=0.4, style=LabelStyle.HELM, events="sparse", noisy=True)
    simulation = scenario.simulation()
    truth = describe(scenario, simulation.cluster, simulation.truth)
    assert set(truth.workloads) <= set(truth.now)
    assert truth.seen <= set(truth.needed)
    found = judge((), truth)
    assert (found.needed.share, found.isolated.good) == (1, 0)
    table = render({scenario: {"none": found}}, peer="", arguments=[])
    assert "| needed edges that were seen, allowed | 100 % | 100 % (" in table
    assert "scan: " in cases(found, ())
