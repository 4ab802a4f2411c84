from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePosixPath

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.dialect import write
from recommender.dialect.evidence_comment import EvidenceText
from recommender.dialect.manifest_path import path_component
from recommender.model.edge import Protocol
from recommender.model.group import Group, GroupOrigin, Requirement, Selector, SelectorProof
from recommender.model.manifest import Dialect
from recommender.model.policy import Direction, FqdnPeer, GroupPeer, PortRule
from recommender.model.starter_step import StarterStep
from recommender.settings import STARTER_DIALECTS
from tests.dialect.scene import (
    DB_PEER,
    REVIEW,
    REVIEWED,
    first_source_labels,
    parsed,
    policy_of,
    provenance,
    rule,
    shop_written,
    subject_labels,
    written,
)
from tests.policy.scene import SHOP_GROUPS, WEB, assessed, edge, end, group, policies, shop_edges

WITH_LABEL_SELECTORS = [dialect for dialect in Dialect if dialect is not Dialect.CALICO]
"""Calico's selectors are expressions: `test_calico.py` has its own hostile texts."""
HTTPS = PortRule(protocol=Protocol.TCP, port=443)
HOSTILE = [
    "..",
    "../../etc",
    "a/b",
    "",
    "kustomization\nresources: [evil]",
    "a: b",
    "# c",
    "\"'",
    "\u202egnp",
    "שלום",
    "\x00",
    "x" * 253,
    "CON",
    "-",
    "{{ .Values }}",
    "\ud800",
]


def all_files(result):
    return [*result.manifests, result.kustomization]


def hostile_group(text: str, *, namespace: str | None = None) -> Group:
    return Group(
        name=text,
        namespace=text if namespace is None else namespace,
        members=(end(text, text),),
        origin=GroupOrigin.WORKLOAD,
        selector=Selector(requirements=(Requirement(key=text, values=(text,)), Requirement(key=f"{text}2", values=()))),
        proof=SelectorProof(members_matched=1, others_checked=0, near_misses=(text,)),
    )


@pytest.mark.parametrize("dialect", list(Dialect))
def test_one_file_a_policy_and_a_kustomization_that_lists_them(dialect):
    result = shop_written(dialect)
    assert [re.sub(r"-[0-9a-f]{6}\.", ".", manifest.path) for manifest in result.manifests] == [
        "policies/kube-system/coredns.yaml",
        "policies/monitoring/prometheus.yaml",
        "policies/shop/db.yaml",
        "policies/shop/web.yaml",
    ]
    assert result.kustomization.path == "policies/kustomization.yaml"
    listed = yaml.safe_load(result.kustomization.text)["resources"]
    assert [f"policies/{one}" for one in listed] == [manifest.path for manifest in result.manifests]


def test_several_clusters_get_a_folder_each():
    chosen = [policy_of(of=group(end("shop", "web", cluster=name))) for name in ("west", "east")]
    result = written(chosen, Dialect.CILIUM)
    assert [manifest.path for manifest in result.manifests] == [
        "policies/east/shop/web-aaaaaa.yaml",
        "policies/west/shop/web-aaaaaa.yaml",
    ]
    assert "apply to each cluster its own folder only" in result.kustomization.text


def test_the_header_tells_where_it_comes_from():
    text = next(one.text for one in shop_written(Dialect.CILIUM).manifests if "/shop/web" in one.path)
    given = provenance(Dialect.CILIUM)
    for part in (given.tool_version, given.input_digest, given.window_text, given.settings_digest, "dialect cilium"):
        assert part in text
    assert "nothing here was applied" in text
    assert "# Confidence: medium (0.72), capped: 7 days only" in text
    assert "netpol-recommend/cluster" not in text


def test_metadata_marks_who_wrote_it():
    for name, document in parsed(shop_written(Dialect.KUBERNETES)).items():
        metadata = document["metadata"]
        assert metadata["labels"] == {"app.kubernetes.io/managed-by": "netpol-recommend"}
        assert metadata["annotations"] == {"netpol-recommend/group": name}


@settings(max_examples=10, deadline=None)
@given(st.permutations(shop_edges()), st.permutations(SHOP_GROUPS), st.sampled_from(list(Dialect)))
def test_order_of_inputs_gives_identical_bytes(edges, groups, dialect):
    made = list(policies(edges, groups).policies)
    expected = shop_written(dialect)
    assert written(made, dialect, edges=edges) == expected
    assert written(made[::-1], dialect, edges=edges[::-1]) == expected


@pytest.mark.parametrize("dialect", WITH_LABEL_SELECTORS)
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_breaks_neither_structure_nor_paths(text, dialect):
    hostile = hostile_group(text)
    chosen = policy_of(rule(GroupPeer(group=hostile), HTTPS), of=hostile, name=f"{text}-aaaaaa")
    result = written([chosen], dialect)
    for manifest in all_files(result):
        assert manifest.text.isascii()
        parts = PurePosixPath(manifest.path).parts
        assert all(re.fullmatch(r"[a-z0-9][a-z0-9_.-]*", part) and ".." not in part for part in parts), manifest.path
        assert parts[0] == "policies"
        assert all(len(part) < 100 for part in parts)
    (manifest,) = result.manifests
    document = yaml.safe_load(manifest.text)
    assert document["metadata"].get("namespace", text) == text
    assert document["metadata"]["name"] == f"{text}-aaaaaa"
    assert list(document) == ["apiVersion", "kind", "metadata", "spec"]
    prefix = "k8s:" if dialect is Dialect.CILIUM else ""
    assert subject_labels(document)["matchLabels"] == {f"{prefix}{text}": text}


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60), st.sampled_from(WITH_LABEL_SELECTORS))
def test_any_text_keeps_the_structure(key, value, name, dialect):
    requirements = (Requirement(key=key, values=(value,)),)
    chosen = replace(hostile_group(name), selector=Selector(requirements=requirements))
    one = edge(end(name, name), WEB, 443, sample_uuids=(value,))
    rules = [
        rule(GroupPeer(group=chosen), HTTPS, edges=(one.edge_id,)),
        rule(FqdnPeer(name=name, addresses=(value,)), HTTPS, direction=Direction.EGRESS),
    ]
    plain = replace(hostile_group("plain"), selector=Selector(requirements=(Requirement(key="k", values=("v",)),)))
    plain_rules = [rule(GroupPeer(group=plain), HTTPS, edges=(one.edge_id,))]
    made = written([policy_of(*rules, of=chosen)], dialect, edges=(one,))
    usual = written([policy_of(*plain_rules, of=plain)], dialect, edges=(one,))
    document, expected = yaml.safe_load(made.manifests[0].text), yaml.safe_load(usual.manifests[0].text)
    assert document["metadata"].keys() == expected["metadata"].keys()
    assert document["spec"].keys() == expected["spec"].keys()
    assert len(document["spec"]["ingress"]) == len(expected["spec"]["ingress"])
    prefix = "k8s:" if dialect is Dialect.CILIUM else ""
    assert first_source_labels(document)["matchLabels"][f"{prefix}{key}"] == value


@settings(deadline=None)
@given(st.text(), st.text())
def test_path_components_are_harmless_and_distinct(one, other):
    assert re.fullmatch(r"[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?", path_component(one))
    assert (path_component(one) == path_component(other)) == (one == other)


def test_evidence_stands_above_its_rule():
    text = next(one.text for one in shop_written(Dialect.CILIUM).manifests if "/shop/web" in one.path)
    lines = text.splitlines()
    start = lines.index("    # from monitoring/prometheus on TCP/9090, TCP/9091")
    block = lines[start : start + 6]
    assert "2 edges, at least: connections 24, 2 client and 1 server pods, days 7, hours 50" in block[1]
    assert "2025-11-03 00:00Z to 2025-11-07 04:00Z" in block[1]
    assert "confidence high (0.95)" in block[2]
    assert block[3] == "    # REVIEW TCP/9091: seen once"
    assert "sample flow 11111111-" in block[4]
    assert block[5].strip().startswith("- fromEndpoints")


def test_a_weak_direction_is_said():
    text = next(one.text for one in shop_written(Dialect.CILIUM).manifests if "coredns" in one.path)
    assert "direction of UDP/53 is weak: 4 of 4 connections by port-number" in text


def test_many_reviews_are_cut_with_a_count():
    edges = [edge(WEB, end("shop", "db"), port) for port in range(8000, 8009)]
    decided = {one.edge_id: replace(REVIEW[REVIEWED], reason=f"reason {one.port}") for one in edges}
    ports = [PortRule(protocol=one.protocol, port=one.port) for one in edges]
    chosen = policy_of(rule(DB_PEER, *ports, edges=tuple(one.edge_id for one in edges)))
    lines = EvidenceText(edges=assessed(edges, decided)).comments(chosen.rules[0])
    assert sum(line.startswith("REVIEW") for line in lines) == 6
    assert "REVIEW: 4 more edges of this rule" in lines


def test_reviews_with_the_same_reason_share_a_line():
    edges = [edge(WEB, end("shop", "db"), port) for port in range(8000, 8009)]
    decided = {one.edge_id: REVIEW[REVIEWED] for one in edges}
    ports = [PortRule(protocol=one.protocol, port=one.port) for one in edges]
    chosen = policy_of(rule(DB_PEER, *ports, edges=tuple(one.edge_id for one in edges)))
    lines = EvidenceText(edges=assessed(edges, decided)).comments(chosen.rules[0])
    assert [line for line in lines if line.startswith("REVIEW")] == ["REVIEW TCP/8000 and 8 more: seen once"]


def test_confidence_that_was_not_assessed_is_said():
    result = write([policy_of()], Dialect.CILIUM, edges={}, confidences={}, provenance=provenance(Dialect.CILIUM))
    assert "# Confidence: not assessed" in result.manifests[0].text


@pytest.mark.parametrize("dialect", list(Dialect))
def test_a_key_that_must_be_absent_is_written_so(dialect):
    absent = Requirement(key="component", values=(), absent=True)
    named = group(end("shop", "db"), labels={"app": "db"})
    chosen = replace(named.selector, requirements=tuple(sorted((*named.selector.requirements, absent))))
    assert chosen.matches({"app": "db"})
    assert not chosen.matches({"app": "db", "component": "x"})
    policy = policy_of(rule(DB_PEER, HTTPS), of=replace(named, selector=chosen))
    (body,) = parsed(written([policy], dialect)).values()
    if dialect is Dialect.CALICO:
        assert body["spec"]["selector"] == "app == 'db' && !has(component)"
        return
    selector, prefix = subject_labels(body), "k8s:" if dialect is Dialect.CILIUM else ""
    assert selector["matchLabels"] == {f"{prefix}app": "db"}
    assert selector["matchExpressions"] == [{"key": f"{prefix}component", "operator": "DoesNotExist"}]


def starter_policies():
    """Three steps of one namespace, given in the order of their numbers."""
    deny = policy_of(name="1-default-deny-ingress-aaaaaa", step=StarterStep.DENY_INGRESS, isolate_egress=False)
    allow = policy_of(
        rule(DB_PEER),
        name="3-same-namespace-aaaaaa",
        step=StarterStep.SAME_NAMESPACE,
        isolate_ingress=False,
        isolate_egress=False,
    )
    private = policy_of(name="5-private-ranges-aaaaaa", step=StarterStep.PRIVATE_RANGES, isolate_ingress=False)
    return [deny, allow, private]


@pytest.mark.parametrize("dialect", STARTER_DIALECTS)
def test_kustomize_applies_the_starter_sets_denials_after_its_allows(dialect):
    found = yaml.safe_load(written(starter_policies(), dialect).kustomization.text)
    assert found["sortOptions"] == {"order": "fifo"}
    assert [PurePosixPath(path).name[0] for path in found["resources"]] == ["3", "1", "5"]
    assert "sortOptions" not in yaml.safe_load(shop_written(dialect).kustomization.text)


def test_each_step_says_what_it_does_alone():
    texts = [manifest.text for manifest in written(starter_policies(), Dialect.CILIUM).manifests]
    assert "# Starter set, step 1: default-deny ingress" in texts[0]
    assert "apply it after the others of its namespace" in texts[0]
    assert "# all ingress that no file of the starter set allows is denied" in texts[0]
    assert "isolates nobody" in texts[1]
    assert "from shop/db on every port" in texts[1]
    assert not any("everything else is denied" in text for text in texts)
    for manifest in written(starter_policies(), Dialect.KUBERNETES).manifests:
        assert "Apply it together with all other files of its namespace" in manifest.text
