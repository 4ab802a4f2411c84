import json

from benchmarks.large.__main__ import make_cluster, run, table
from benchmarks.large.inventory import describe
from benchmarks.large.places import pod_names, settle
from benchmarks.large.topology import EDGES_A_WORKLOAD, draw_topology

WORKLOADS = 60


def test_a_seed_gives_one_cluster_with_its_number_of_edges():
    one, again, other = (draw_topology(WORKLOADS, seed=seed) for seed in (1, 1, 2))
    assert one.calls == again.calls
    assert one.calls != other.calls
    assert len(one.workloads) == WORKLOADS
    assert len(one.calls) >= WORKLOADS * EDGES_A_WORKLOAD


def test_flows_and_inventory_show_the_same_pods():
    topology = draw_topology(WORKLOADS, seed=1)
    items = describe(topology)["items"]
    pods = {item["status"]["podIP"] for item in items if item["kind"] == "Pod"}
    addresses = settle(topology).addresses.to_pylist()
    assert pods == set(addresses[: sum(len(pod_names(workload)) for workload in topology.workloads)])


def test_each_step_of_the_main_job_is_measured_and_every_edge_is_found(tmp_path):
    folder = make_cluster(tmp_path, WORKLOADS, seed=1)
    assert make_cluster(tmp_path, WORKLOADS, seed=1) == folder
    found = run(folder)
    assert found["holds"]
    assert found["workloads"] == WORKLOADS
    crowded = 3 * 24
    """Visitors of three ingress controllers, who are one crowd."""
    assert found["edges"] >= len(draw_topology(WORKLOADS, seed=1).calls) - crowded
    assert [step["step"] for step in found["steps"]][-1] == "writing the report"
    assert all(step["cpu"] > 0 and step["peak"] > 0 for step in found["steps"])
    assert json.loads(json.dumps(found)) == found
    rows = table([found, {**found, "edges": 2 * found["edges"]}])
    assert rows[-1].endswith("| 0.00 |")
