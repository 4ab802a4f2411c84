"""A hand-made set of policies in every dialect, shared by the tests of this folder."""

from __future__ import annotations

from dataclasses import replace

import yaml

from recommender.dialect import write
from recommender.model.confidence import Confidence
from recommender.model.disposition import Decided, Disposition
from recommender.model.manifest import Dialect, Provenance
from recommender.model.policy import Direction, GroupPeer, Policy, PortRule, Rule
from tests.policy.scene import DB, PROMETHEUS, SHOP_GROUPS, WEB, assessed, edge, group, policies, shop_edges

REVIEWED = edge(PROMETHEUS, WEB, 9091).edge_id
REVIEW = {REVIEWED: Decided(disposition=Disposition.REVIEW, reason="seen once")}


def provenance(dialect: Dialect) -> Provenance:
    return Provenance(
        tool_version="0.0.0-test",
        input_digest="blake2b:0123456789abcdef",
        window_text="2025-11-03 to 2025-11-10 (7.0 days)",
        settings_digest="blake2b:fedcba9876543210",
        dialect=dialect,
    )


def shop_written(dialect: Dialect, *, edges=None, groups=SHOP_GROUPS):
    edges = shop_edges() if edges is None else edges
    made = policies(edges, groups)
    return written(made.policies, dialect, edges=edges)


def written(chosen, dialect: Dialect, *, edges=(), decided=None):
    return write(
        chosen,
        dialect,
        edges=assessed(edges, decided or REVIEW),
        confidences={policy.name: Confidence(value=0.72, parts=(), cap="7 days only") for policy in chosen},
        provenance=provenance(dialect),
    )


def parsed(result):
    """The manifests as structures, by policy's group."""
    documents = [yaml.safe_load(manifest.text) for manifest in result.manifests]
    return {one["metadata"]["annotations"]["netpol-recommend/group"]: one for one in documents}


def subject_labels(document):
    """The label selector of the pods that a manifest governs, in the dialects that have label selectors."""
    spec = document["spec"]
    if document["kind"] == "ClusterNetworkPolicy":
        return spec["subject"]["pods"]["podSelector"]
    return spec["podSelector"] if document["kind"] == "NetworkPolicy" else spec["endpointSelector"]


def first_source_labels(document):
    """The label selector of the first peer that may come in, in the dialects that have label selectors."""
    rule = document["spec"]["ingress"][0]
    if document["kind"] == "ClusterNetworkPolicy":
        return rule["from"][0]["pods"]["podSelector"]
    return rule["from"][0]["podSelector"] if document["kind"] == "NetworkPolicy" else rule["fromEndpoints"][0]


def policy_of(*rules: Rule, of=SHOP_GROUPS[0], **changes) -> Policy:
    return replace(Policy(name=f"{of.name}-aaaaaa", group=of, rules=tuple(rules)), **changes)


def rule(peer, *ports: PortRule, direction=Direction.INGRESS, edges=(), baseline=None) -> Rule:
    return Rule(direction=direction, peer=peer, ports=ports, edges=edges, baseline=baseline)


DB_PEER = GroupPeer(group=group(DB))
