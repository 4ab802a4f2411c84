"""The demonstration cluster: a small shop with its platform, its data stores and its troubles."""

from __future__ import annotations

from tests.simulator.cluster import Cluster, Level
from tests.simulator.demo_services import SERVICES
from tests.simulator.demo_traffic import CONVERSATIONS, EXTERNALS, NOISE, POLICIES
from tests.simulator.demo_workloads import NAMESPACES, WORKLOADS


def describe_demo() -> Cluster:
    """Forty-odd workloads in thirteen namespaces on five nodes; small enough that three days fit into 2 MB."""
    return Cluster(
        name="demo",
        nodes=("control-plane", "worker1", "worker2", "worker3", "worker4"),
        namespaces=NAMESPACES,
        workloads=WORKLOADS,
        services=SERVICES,
        externals=EXTERNALS,
        policies=POLICIES,
        conversations=CONVERSATIONS,
        noise=NOISE,
        level=Level.SPARSE,
        ethernet=False,
        node_labels=False,
        summary=False,
        extra_share=0.1,
    )
