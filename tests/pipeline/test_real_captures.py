"""The main job on third-party captures of real clusters; skipped, saying so, where they are absent."""

import pytest

from recommender import Settings, recommend
from recommender.model.capture import FlowClass
from recommender.model.manifest import Dialect

SERVERS_ABOVE_32768 = {"transcribed": {60002}}  # an API server of a managed cluster really listens there


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("capture", ["margays-kind-audit/kube-system.json", "hubble-otel", "transcribed"])
def test_the_proof_is_complete_and_no_reply_port_is_in_any_rule(real_captures, capture, dialect):
    result = recommend(real_captures / capture, Settings(dialect=dialect))
    assert result.proof.holds
    assert result.proof.edges == len(result.edges) > 0
    assert result.policies
    ports = {port.port for item in result.policies for rule in item.policy.rules for port in rule.ports}
    assert {port for port in ports if port >= 32768} == SERVERS_ABOVE_32768.get(capture, set())


def test_every_flow_of_the_audited_cluster_is_accounted_for(real_captures):
    result = recommend(real_captures / "margays-kind-audit")
    assert result.capture.flows == 170
    assert result.capture.repeats == 1178
    assert sum(item.flows for item in result.capture.classes) == 170
    keys = {item.edge.key for item in result.edges}
    assert "flux-system/Deployment/source-controller -> entity:kube-apiserver TCP/6443" in keys
    assert "flux-system/Deployment/source-controller -> kube-system/Deployment/coredns UDP/53" in keys
    assert FlowClass.UNORIENTED not in {item.flow_class for item in result.capture.classes}
