from __future__ import annotations

from collections import Counter

import pytest

from tests.simulator import describe_demo, simulate
from tests.simulator_tests.flow_reading import flows_of


@pytest.fixture(scope="module")
def simulation():
    return simulate(describe_demo(), days=2, seed=7)


def _items(simulation, kind):
    return [item for item in simulation.inventory()["items"] if item["kind"] == kind]


def test_it_is_a_list_as_kubectl_writes_it(simulation):
    inventory = simulation.inventory()
    assert inventory["kind"] == "List"
    kinds = Counter(item["kind"] for item in inventory["items"])
    for kind in ("Namespace", "Pod", "Service", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"):
        assert kinds[kind] > 0, kind


def test_running_pods_have_the_addresses_that_flows_show(simulation):
    seen = {
        (end["namespace"], end["pod_name"], address)
        for flow in flows_of(simulation.lines())
        for end, address in ((flow["source"], flow.get("IP", {}).get("source")),)
        if "pod_name" in end and flow.get("IP", {}).get("ipVersion") == "IPv4"
    }
    names = {(namespace, name) for namespace, name, _ in seen}
    assert len(names) > 40
    for pod in _items(simulation, "Pod"):
        key = pod["metadata"]["namespace"], pod["metadata"]["name"]
        if key in names:
            assert (*key, pod["status"]["podIP"]) in seen


def test_a_rollout_leaves_only_the_new_pods(simulation):
    web = [
        pod["metadata"]
        for pod in _items(simulation, "Pod")
        if pod["metadata"]["namespace"] == "shop" and pod["metadata"].get("labels", {}).get("app") == "web"
    ]
    assert len(web) == 3
    assert {pod["labels"]["version"] for pod in web} == {"v42"}


def test_services_select_the_pods_of_their_workload(simulation):
    pods = _items(simulation, "Pod")
    for service in _items(simulation, "Service"):
        selector = service["spec"]["selector"].items()
        matched = [
            pod
            for pod in pods
            if pod["metadata"]["namespace"] == service["metadata"]["namespace"]
            and selector <= pod["metadata"].get("labels", {}).items()
        ]
        assert matched, service["metadata"]


def test_cron_jobs_carry_their_schedule(simulation):
    schedules = {item["metadata"]["name"]: item["spec"]["schedule"] for item in _items(simulation, "CronJob")}
    assert schedules["weekly-report"] == "0 3 * * 0"
    assert schedules["month-end"] == "0 1 1 * *"


def test_host_network_pods_have_their_nodes_address(simulation):
    pods = [pod for pod in _items(simulation, "Pod") if pod["spec"].get("hostNetwork")]
    assert pods
    assert all(pod["status"]["podIP"] == pod["status"]["hostIP"] for pod in pods)
