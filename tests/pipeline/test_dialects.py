"""Whatever the dialect: every needed edge passes or is told as one that cannot be said, and noise is denied."""

import pytest
import yaml

from recommender import Settings, recommend
from recommender.cli.recommend import recommend as command
from recommender.model.disposition import Disposition
from recommender.model.edge import Protocol
from recommender.model.manifest import Dialect
from tests.pipeline.conftest import DEMO

KINDS = {
    Dialect.CILIUM: {"CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"},
    Dialect.KUBERNETES: {"NetworkPolicy"},
    Dialect.CALICO: {"NetworkPolicy", "GlobalNetworkPolicy"},
    Dialect.CLUSTER_NETWORK_POLICY: {"ClusterNetworkPolicy"},
}


@pytest.fixture(scope="module", params=list(Dialect))
def result(request):
    given = sorted(DEMO.glob("*.log.gz"))
    return recommend(given, Settings(dialect=request.param), inventory=DEMO / "inventory.json")


def test_the_proof_holds_and_only_icmp_is_cut_and_told(result):
    assert result.proof.holds
    assert not result.proof.broken
    cut = [item for item in result.edges if item.decided.reason.startswith("the dialect cannot say it")]
    assert result.proof.unsaid == len(cut) <= 1
    assert {item.edge.protocol for item in cut} <= {Protocol.ICMP, Protocol.ICMPV6}
    assert result.dialect not in {Dialect.CILIUM, Dialect.CALICO} or not cut
    assert {edge for loss in result.losses for edge in loss.edges} == {item.edge.edge_id for item in cut}


def test_quarantined_traffic_of_governed_pods_is_denied(result):
    quarantined = [item for item in result.edges if item.decided.disposition is Disposition.QUARANTINED]
    assert len(quarantined) > 100
    assert result.proof.still_open == ()


def test_the_manifests_are_of_the_dialects_kinds(result):
    documents = [yaml.safe_load(manifest.text) for manifest in result.manifests if "kustomization" not in manifest.path]
    assert {document["kind"] for document in documents} == KINDS[result.dialect]
    assert len(documents) >= 30


def test_the_command_line_offers_every_dialect():
    (option,) = (one for one in command.params if one.name == "dialect")
    assert list(option.type.choices) == [dialect.value for dialect in Dialect]
