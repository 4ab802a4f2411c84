"""All policies of a run as files of one dialect."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, assert_never

from recommender.dialect.baseline_files import baseline_files
from recommender.dialect.calico import CalicoDialect
from recommender.dialect.cilium import CiliumDialect
from recommender.dialect.cluster_network_policy import ClusterNetworkPolicyDialect
from recommender.dialect.evidence_comment import EvidenceText
from recommender.dialect.header import policy_lines, provenance_lines
from recommender.dialect.kubernetes import KubernetesDialect
from recommender.dialect.losses import loss_sort_key
from recommender.dialect.manifest_path import KUSTOMIZATION_PATH, manifest_path
from recommender.dialect.shared_baselines import Division, divide
from recommender.dialect.yaml_text import document
from recommender.model.manifest import Dialect, Manifest, Written
from recommender.model.shared_baseline import BaselineForm

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from recommender.dialect.interface import PolicyDialect
    from recommender.dialect.yaml_text import Node
    from recommender.model.confidence import Confidence
    from recommender.model.group import Group
    from recommender.model.manifest import DialectLoss, Provenance
    from recommender.model.policy import Policy
    from recommender.model.recommendation import AssessedEdge
    from recommender.model.verdict import Verdict


def write(
    policies: Sequence[Policy],
    dialect: Dialect,
    *,
    edges: Mapping[str, AssessedEdge],
    confidences: Mapping[str, Confidence],
    verdicts: Mapping[str, Verdict] = MappingProxyType({}),
    provenance: Provenance,
    groups: Sequence[Group] = (),
    baselines: BaselineForm = BaselineForm.INLINE,
) -> Written:
    """The manifests of each policy, a kustomization that lists them, and what the dialect could not say.

    `edges` are by edge id and hold at least those that rules name; `confidences` and `verdicts` are by policy name;
    `groups` are all of the run. Shared baselines get files of their own where the dialect has cluster-wide objects that
    only allow:
    Cilium's. Equal inputs in any order give equal bytes. Only text is made here: no file is written.
    """
    said_by = dialect_of(dialect)
    evidence = EvidenceText(edges=edges)
    several_clusters = len({policy.group.cluster for policy in policies}) > 1
    shared = baselines is BaselineForm.SHARED and dialect is Dialect.CILIUM
    division = divide(policies) if shared else Division(policies=tuple(policies), moved={})
    files = baseline_files(
        division, policies, groups, evidence=evidence, provenance=provenance, several_clusters=several_clusters
    )
    manifests: list[Manifest] = [one.manifest for one in files]
    losses: list[DialectLoss] = []
    for policy in division.policies:
        said = said_by.say(policy, evidence=evidence, several_clusters=several_clusters)
        losses.extend(said.losses)
        header = (
            *policy_lines(policy, provenance, confidences.get(policy.name), verdicts.get(policy.name)),
            *said.remarks,
        )
        for part, body in enumerate(said.bodies, start=1):
            path = manifest_path(policy, several_clusters=several_clusters, part=part)
            manifests.append(Manifest(path=path, policy=policy.name, text=document(body, header=header)))
    manifests.sort(key=lambda manifest: manifest.path)
    return Written(
        manifests=tuple(manifests),
        kustomization=kustomization_of(manifests, policies, provenance),
        losses=tuple(sorted(losses, key=loss_sort_key)),
        baselines=files,
    )


def dialect_of(dialect: Dialect) -> PolicyDialect:
    """Who says policies in this API."""
    match dialect:
        case Dialect.CILIUM:
            return CiliumDialect()
        case Dialect.KUBERNETES:
            return KubernetesDialect()
        case Dialect.CALICO:
            return CalicoDialect()
        case Dialect.CLUSTER_NETWORK_POLICY:
            return ClusterNetworkPolicyDialect()
        case _:
            assert_never(dialect)


def kustomization_of(manifests: Sequence[Manifest], policies: Sequence[Policy], provenance: Provenance) -> Manifest:
    """The kustomization for some manifests of a run; `policies` are all of that run."""
    several_clusters = len({policy.group.cluster for policy in policies}) > 1
    last = frozenset(policy.name for policy in policies if policy.step and policy.step.isolates)
    return _kustomization(manifests, provenance, several_clusters=several_clusters, last=last)


def _kustomization(
    manifests: Sequence[Manifest], provenance: Provenance, *, several_clusters: bool, last: AbstractSet[str]
) -> Manifest:
    """All manifests by path; those of the policies in `last` after all others, and kustomize told to keep that order.

    Kustomize sorts objects of one kind by name otherwise, and a default deny applied before its allows is an outage.
    """
    root = KUSTOMIZATION_PATH.rpartition("/")[0] + "/"
    header = provenance_lines(provenance)
    if several_clusters:
        header = (*header, "Policies of several clusters: apply to each cluster its own folder only.")
    ordered = sorted(manifests, key=lambda manifest: manifest.policy in last)
    body: dict[str, Node] = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}
    if last:
        body["sortOptions"] = {"order": "fifo"}
    body["resources"] = [manifest.path.removeprefix(root) for manifest in ordered]
    return Manifest(path=KUSTOMIZATION_PATH, policy="", text=document(body, header=header))
