"""What the tool writes itself, linted: nothing is told but what is true of the demo and worth a look."""

from collections import Counter

import pytest

from recommender import recommend, write_report
from recommender.model.manifest import Dialect
from recommender.rollout.lint.examine import findings_of_lint, manifest_set
from recommender.rollout.policy_side import read_side
from recommender.settings import Settings
from tests.pipeline.conftest import DEMO

NO_DNS = ("NPR924", "high")
"""batch/backup was never seen to resolve a name, and reaches what it needs: somebody should look why."""
NOBODY = ("NPR911", "medium")
"""The debug shell is gone, and the inventory says so."""
OVERLAP = ("NPR914", "low")
"""Each rule keeps the evidence of one edge; what the API can only say wider (nodes, the API server) overlaps."""
EVERYWHERE = ("NPR923", "low")
"""The API has no word for the world, or for nodes; the manifests say WIDER THAN SEEN there."""


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, {NO_DNS: 1, NOBODY: 1}),
        ({"dialect": Dialect.KUBERNETES}, {NO_DNS: 1, NOBODY: 1, OVERLAP: 6, EVERYWHERE: 2}),
        ({"dialect": Dialect.CALICO}, {NOBODY: 1}),
        ({"dialect": Dialect.CLUSTER_NETWORK_POLICY}, {NOBODY: 1, EVERYWHERE: 8}),
        ({"minimum_viable": True}, {OVERLAP: 2}),
        ({"minimum_viable": True, "dialect": Dialect.KUBERNETES}, {OVERLAP: 3, EVERYWHERE: 2}),
    ],
    ids=["cilium", "kubernetes", "calico", "cluster-network-policy", "starter set of cilium", "starter set"],
)
def test_the_demos_manifests(tmp_path, settings, expected):
    flows = sorted(DEMO.glob("*.log.gz"))
    inventory = DEMO / "inventory.json"
    write_report(recommend(flows, Settings(**settings), inventory=inventory), tmp_path / "demo")
    found = findings_of_lint(manifest_set(read_side(tmp_path / "demo"), inventory=[inventory]))
    assert Counter((one.gap.code, one.gap.severity.value) for one in found.placed) == expected
