"""A simulated Kubernetes cluster that writes Hubble exporter lines, with the truth beside them.

It knows nothing of the tool under test, so that its truth is independent of the tool's reading of the same lines.
"""

from tests.simulator.cluster import Cluster
from tests.simulator.demo import describe_demo
from tests.simulator.hard_cluster import harden
from tests.simulator.http_shop import describe_http_shop
from tests.simulator.random_cluster import random_cluster
from tests.simulator.simulation import Simulation, simulate

__all__ = ["Cluster", "Simulation", "describe_demo", "describe_http_shop", "harden", "random_cluster", "simulate"]
