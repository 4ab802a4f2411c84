from recommender.assess import decide
from recommender.model.edge import Protocol
from recommender.model.inventory import Inventory
from recommender.model.single_sightings import SingleSightings
from tests.assess.builders import API, DB, NEEDED, QUARANTINED, REVIEW, WEB, capture, edge, end, once, workload


def strict(*edges, workloads=(), window=None):
    return decide(
        edges,
        workloads=workloads,
        capture=window or capture(),
        inventory=Inventory(),
        single_sightings=SingleSightings.QUARANTINE,
    )


def disposition(one, *others, **context):
    return strict(one, *others, **context)[one.edge_id].disposition


def test_a_job_seen_once_waits_for_a_person_and_a_regular_need_does_not():
    weekly = once(end("weekly", "CronJob"), API, 8080)
    decided = strict(weekly, edge())
    assert decided[weekly.edge_id].disposition is QUARANTINED
    assert decided[weekly.edge_id].reason == "seen once, with nothing like it seen regularly"
    assert decided[edge().edge_id].disposition is NEEDED


def test_a_like_workload_that_does_the_same_regularly_speaks_for_it():
    likes = [workload(end(name), "k8s:app=web", "k8s:io.kubernetes.pod.namespace=shop") for name in ("web", "web-b")]
    sighting = once(end("web-b"), DB, 5432)
    assert disposition(sighting, edge(WEB, DB), workloads=likes) is REVIEW
    assert disposition(sighting, edge(API, DB), workloads=likes) is QUARANTINED


def test_one_lookup_with_the_resolver_of_many_is_spared():
    dns = end("coredns", namespace="kube-system")
    lookup = once(WEB, dns, 53, protocol=Protocol.UDP)
    regular = [edge(end(f"client-{number}"), dns, 53, Protocol.UDP) for number in range(5)]
    assert disposition(lookup, *regular) is REVIEW
    assert disposition(lookup, *regular[:4]) is QUARANTINED
    database = [edge(end(f"client-{number}"), DB, 5432) for number in range(5)]
    assert disposition(once(WEB, DB, 5432), *database) is QUARANTINED


def test_it_holds_in_a_short_window_too():
    assert disposition(once(at=0), window=capture(days=0.05)) is QUARANTINED
