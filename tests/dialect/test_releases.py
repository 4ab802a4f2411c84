"""What would let an edge out of quarantine, as files that nothing applies by itself."""

from pathlib import PurePosixPath

import pytest
import yaml

from recommender.dialect import held_files, write_releases
from recommender.dialect.cluster_network_policy import FIRST_PRIORITY
from recommender.model.disposition import Decided, Disposition
from recommender.model.edge import Protocol, VerdictMix
from recommender.model.entity import Entity
from recommender.model.manifest import Dialect
from recommender.model.release import RELEASE_LABEL, HeldEdge
from tests.dialect.scene import provenance
from tests.policy.scene import DB, SHOP_GROUPS, WEB, assessed, dns_edge, edge, end, entity, group, policies

HELD = Decided(disposition=Disposition.QUARANTINED, reason="part of a scan: 12 targets")
SCANNED = edge(WEB, DB, 22)


def releases(*held, dialect=Dialect.CILIUM, groups=SHOP_GROUPS):
    edges = [*held, dns_edge(WEB)]
    decided = {one.edge_id: HELD for one in held}
    made = policies(edges, groups, decided=decided)
    return write_releases(made.releases, dialect, edges=assessed(edges, decided), policies=made.policies)


def files(*held, opens=(), allows=True, dialect=Dialect.CILIUM, groups=SHOP_GROUPS):
    found = [
        HeldEdge(
            edge_id=one.edge_id,
            edge=next(edge.key for edge in held if edge.edge_id == one.edge_id),
            reason=HELD.reason,
            file=one.file,
            manifests=one.manifests,
            obstacle=one.obstacle,
            allows=allows and bool(one.manifests),
            opens=opens,
        )
        for one in releases(*held, dialect=dialect, groups=groups)
    ]
    return held_files(found, edges=assessed(held, dict.fromkeys((one.edge_id for one in held), HELD)),
                      provenance=provenance(dialect))  # fmt: skip


def documents(text):
    return [document for document in yaml.safe_load_all(text) if document]


def test_ciliums_release_adds_and_isolates_nothing():
    (found,) = releases(SCANNED)
    for manifest in found.manifests:
        (document,) = documents(manifest.text)
        assert document["spec"]["enableDefaultDeny"] == {"ingress": False, "egress": False}
        assert document["metadata"]["labels"][RELEASE_LABEL] == SCANNED.edge_id
    assert [documents(one.text)[0]["metadata"]["name"] for one in found.manifests] == [
        f"release-{SCANNED.edge_id}-egress",
        f"release-{SCANNED.edge_id}-ingress",
    ]


def test_a_networkpolicy_isolates_only_the_side_that_it_opens():
    (found,) = releases(SCANNED, dialect=Dialect.KUBERNETES)
    egress, ingress = (documents(manifest.text)[0]["spec"] for manifest in found.manifests)
    assert (egress["policyTypes"], ingress["policyTypes"]) == (["Egress"], ["Ingress"])
    assert "ingress" not in egress
    assert "egress" not in ingress


def test_calicos_release_isolates_only_the_side_that_it_opens():
    (found,) = releases(SCANNED, dialect=Dialect.CALICO)
    egress, ingress = (documents(manifest.text)[0]["spec"] for manifest in found.manifests)
    assert (egress["types"], ingress["types"]) == (["Egress"], ["Ingress"])


def test_an_accept_stands_before_the_denials_and_brings_none():
    (found,) = releases(SCANNED, dialect=Dialect.CLUSTER_NETWORK_POLICY)
    specs = [documents(manifest.text)[0]["spec"] for manifest in found.manifests]
    assert all(spec["priority"] < FIRST_PRIORITY for spec in specs)
    rules = [rule for spec in specs for rule in (*spec.get("ingress", ()), *spec.get("egress", ()))]
    assert {rule["action"] for rule in rules} == {"Accept"}


def test_what_would_open_every_pod_too_is_not_accepted_ahead_of_the_denials():
    held = edge(WEB, entity(Entity.WORLD), 443)
    (found,) = releases(held, dialect=Dialect.CLUSTER_NETWORK_POLICY)
    assert found.manifests == ()
    assert "every pod" in found.obstacle


@pytest.mark.parametrize(
    ("held", "groups"),
    [
        (edge(WEB, DB, 8, Protocol.ICMP), SHOP_GROUPS),
        (
            edge(WEB, end("shop", "quiet"), 22),
            (*SHOP_GROUPS, group(end("shop", "quiet"), labels={}, service_account="quiet")),
        ),
    ],
)
def test_half_a_permission_is_not_written(held, groups):
    (found,) = releases(held, dialect=Dialect.KUBERNETES, groups=groups)
    assert found.manifests == ()
    assert found.obstacle.startswith("the dialect cannot say it")
    (cilium,) = releases(held, groups=groups)
    assert cilium.manifests


def test_one_file_a_client_that_no_directory_apply_takes():
    outside = edge(entity(Entity.WORLD), DB, 5432)
    found = files(SCANNED, edge(WEB, DB, 23), outside)
    assert [file.path for file in found] == [
        "quarantine/_outside/clients.yaml.held",
        "quarantine/shop/deployment-web.yaml.held",
    ]
    for file in found:
        assert PurePosixPath(file.path).suffix not in {".yaml", ".yml", ".json"}
    assert len(documents(found[1].text)) == 4


def test_the_entry_says_why_on_what_evidence_and_how_to_release_it():
    denied = edge(WEB, DB, 22, verdicts=VerdictMix(explicitly_denied=12), answered=0)
    (file,) = files(denied, opens=("shop/Deployment/other -> shop/StatefulSet/db TCP/22",))
    for part in (
        f"# Edge: {denied.key}",
        "# Quarantined: part of a scan: 12 targets",
        "# Evidence: connections 12, answered 0, 12 denied by policies, hours 50, days 5, seen 2025-11-03 00:00Z to ",
        "# Confidence: high (0.95)",
        "# Proof: by the evaluator, these documents and the policies of this run let it pass",
        "# Lets through from quarantine as well: shop/Deployment/other -> shop/StatefulSet/db TCP/22",
        f"kubectl apply -f 'quarantine/shop/deployment-web.yaml.held' -l {RELEASE_LABEL}={denied.edge_id}",
        "# Existing deny rules win over any allow",
    ):
        assert part in file.text


def test_a_release_that_is_not_enough_says_so():
    (file,) = files(SCANNED, allows=False)
    assert "# NOT ENOUGH: by the evaluator, policies in force" in file.text
    assert "# Proof:" not in file.text


def test_a_release_is_a_persons_decision_and_no_output_that_the_next_run_replaces():
    (found,) = releases(SCANNED)
    assert all("managed-by" not in manifest.text for manifest in found.manifests)


def test_an_edge_without_a_way_out_is_listed_all_the_same():
    groups = (*SHOP_GROUPS, group(end("shop", "stranger"), named=False))
    (file,) = files(edge(WEB, end("shop", "stranger"), 80), groups=groups)
    assert "# No YAML: no selector names shop/Deployment/stranger" in file.text
    assert documents(file.text) == []


def test_hostile_names_stay_in_the_folder_and_in_the_comments():
    evil = end("../../etc", "x\n---\nkind: Secret", kind="Deployment")
    (file,) = files(edge(evil, DB, 22), groups=(*SHOP_GROUPS, group(evil, labels={"app": "evil"})))
    assert PurePosixPath(file.path).parts[0] == "quarantine"
    assert ".." not in file.path
    assert "\n" not in file.path
    assert {document["kind"] for document in documents(file.text)} == {"CiliumNetworkPolicy"}
    assert not any(line.startswith("kind: Secret") for line in file.text.splitlines())


def test_a_command_is_never_cut():
    long = end("n" * 63, "w" * 63)
    (file,) = files(edge(long, DB, 22), groups=(*SHOP_GROUPS, group(long)))
    (line,) = [line for line in file.text.splitlines() if line.startswith("# Release:")]
    assert line.endswith(edge(long, DB, 22).edge_id)
