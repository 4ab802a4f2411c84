"""What makes the hard clusters hard is really in their captures, and the truth says so."""

from __future__ import annotations

import ipaddress
from collections import Counter

import pytest

from tests.simulator import harden, random_cluster, simulate
from tests.simulator.hard_cluster import BEACON_ADDRESS, DYNAMIC_PORTS, FAR, FIRST_DYNAMIC, MOVING
from tests.simulator_tests.flow_reading import flows_of


@pytest.fixture(scope="module")
def simulation():
    return simulate(harden(random_cluster(17, "small"), 17), days=2.2, seed=17)


@pytest.fixture(scope="module")
def flows(simulation):
    return list(flows_of(simulation.lines()))


@pytest.fixture(scope="module")
def truth(simulation, flows):
    assert flows
    return simulation.truth


def seen(truth, **wanted):
    rows = [row for row in truth["conversations"] if all(row[key] == value for key, value in wanted.items())]
    return [row for row in rows if row["seen"]]


def test_the_same_seed_gives_the_same_lines():
    first, second = (simulate(harden(random_cluster(3, "tiny"), 3), days=0.1, seed=3) for _ in range(2))
    assert list(first.lines()) == list(second.lines())


def test_hardening_leaves_the_random_clusters_as_they_were():
    plain = random_cluster(17, "small")
    harden(plain, 17)
    assert plain == random_cluster(17, "small")
    assert set(plain.conversations) < set(harden(plain, 17).conversations)


def test_pods_use_both_address_families_and_keep_their_family(flows):
    versions = Counter(flow["IP"]["ipVersion"] for flow in flows if "IP" in flow)
    assert versions["IPv6"] > 200
    for flow in flows:
        if "IP" in flow:
            ends = {ipaddress.ip_address(flow["IP"][side]).version for side in ("source", "destination")}
            assert ends == {6 if flow["IP"]["ipVersion"] == "IPv6" else 4}


def test_sctp_dynamic_ports_and_moving_names_are_needed(truth):
    assert seen(truth, protocol="SCTP", port=3868)
    dynamic = [row for row in seen(truth) if FIRST_DYNAMIC <= row["port"] < FIRST_DYNAMIC + DYNAMIC_PORTS]
    assert len(dynamic) > 5
    assert seen(truth, server=f"fqdn:{MOVING.name}")
    moved = {row["server"] for row in seen(truth) if row["server"].removeprefix("ip:") in MOVING.addresses}
    assert len(moved) > 20


def test_replicas_of_a_stateful_set_have_identities_of_their_own(flows):
    labels = {
        (end["namespace"], label)
        for flow in flows
        for end in (flow["source"], flow["destination"])
        for label in end.get("labels", ())
        if label.startswith("k8s:statefulset.kubernetes.io/pod-name=")
    }
    assert len(labels) > 3


def test_the_other_cluster_is_known_by_its_labels_only(flows, truth):
    far = [end for flow in flows for end in (flow["source"], flow["destination"]) if end.get("cluster_name") == FAR]
    assert far
    assert not any("ID" in end or "workloads" in end for end in far)
    assert all(f"k8s:io.cilium.k8s.policy.cluster={FAR}" in end["labels"] for end in far)
    assert truth["remote"]
    assert {row["client"] for row in seen(truth)} & set(truth["remote"])
    assert {row["server"] for row in seen(truth)} & set(truth["remote"])
    assert not any(row["namespace"] == "ledger" for row in truth["workloads"])


def test_the_intruder_is_noise_and_never_needed(truth):
    kinds = Counter(row["kind"] for row in truth["noise"])
    assert kinds["answered-scan"] > 15
    assert kinds["intrusion"] == 2
    (beacon,) = [row for row in truth["noise"] if row["kind"] == "beacon"]
    assert beacon["server"] == f"ip:{BEACON_ADDRESS}"
    assert beacon["connections"] > 15
    needed = {(row["client"], row["server"], row["protocol"], row["port"]) for row in truth["conversations"]}
    noise = {(row["client"], row["server"], row["protocol"], row["port"]) for row in truth["noise"]}
    assert not needed & noise


def test_each_target_of_an_answered_scan_is_touched_once_and_hours_apart(truth):
    scan = [row for row in truth["noise"] if row["kind"] == "answered-scan"]
    assert {row["connections"] for row in scan} == {1}
    assert len({row["first"][:13] for row in scan}) == len(scan)


def test_a_tunnel_asks_for_ever_new_names(flows, truth):
    (tunnel,) = truth["tunnels"]
    names = [
        flow["l7"]["dns"]["query"]
        for flow in flows
        if flow.get("l7", {}).get("type") == "REQUEST" and flow["l7"]["dns"]["query"].endswith(f"{tunnel['domain']}.")
    ]
    assert len(set(names)) >= 0.99 * len(names) > 300
