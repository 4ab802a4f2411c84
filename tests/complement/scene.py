"""A shop with policies of its own, and the way from its edges to manifests beside them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from recommender.complement import Missing, missing_beside, take_up, tell
from recommender.dialect import excluded_by_losses, write
from recommender.model.existing import ExistingPolicies, ExistingUse
from recommender.model.inventory import Inventory, InventoryPolicy
from recommender.model.layer7 import Layer7
from recommender.model.manifest import Dialect
from recommender.model.shared_baseline import BaselineForm
from recommender.policy import policy_name
from recommender.semantics import SemanticsSettings, replay
from recommender.semantics.cluster_policies import ClusterPolicies, policies_by_cluster
from recommender.semantics.manifest_documents import ManifestDocument
from tests.dialect.scene import provenance
from tests.policy.scene import (
    CAPTURE,
    COREDNS,
    DB,
    NEEDED,
    PROMETHEUS,
    SHOP_GROUPS,
    WEB,
    assessed,
    policies,
    workload,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recommender.model.disposition import Decided
    from recommender.model.edge import Edge, Workload
    from recommender.model.group import Group
    from recommender.model.manifest import Written
    from recommender.model.policy import Policy
    from recommender.model.replay import ReplayProof

NAMESPACE = "io.kubernetes.pod.namespace"


def labelled(member, *labels: str, cluster: str = "default") -> Workload:
    own = (f"k8s:{NAMESPACE}={member.namespace}", f"k8s:io.cilium.k8s.policy.cluster={cluster}")
    return workload(member, labels=(*(f"k8s:{label}" for label in labels), *own))


WORKLOADS = (
    labelled(WEB, "app=web"),
    labelled(DB, "app.kubernetes.io/name=db", "tier=data"),
    labelled(PROMETHEUS, "app=prometheus"),
    labelled(COREDNS, "k8s-app=kube-dns"),
)


def inventory_of(*documents: dict[str, Any], **parts: Any) -> Inventory:
    """An inventory that holds these policies."""
    return Inventory(
        policies=tuple(
            InventoryPolicy(
                kind=document["kind"],
                namespace=document["metadata"].get("namespace", ""),
                name=document["metadata"]["name"],
                document=json.dumps(document),
            )
            for document in documents
        ),
        digest="given",
        **parts,
    )


def names_of(groups: Sequence[Group]) -> frozenset[tuple[str, str]]:
    """Namespace and name of the groups' policies."""
    return frozenset((group.namespace, policy_name(group)) for group in groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One run over hand-made edges."""

    complete: tuple[Policy, ...]
    missing: Missing
    written: Written
    proof: ReplayProof
    existing: ExistingPolicies
    decided: dict[str, Decided]

    def policy(self, display: str) -> Policy:
        """The written policy of a group."""
        [found] = [policy for policy in self.missing.policies if policy.group.display == display]
        return found

    def text(self, display: str) -> str:
        """Its manifest."""
        [found] = [one.text for one in self.written.manifests if f"netpol-recommend/group: {display}\n" in one.text]
        return found


def run(
    edges: Sequence[Edge],
    *documents: dict[str, Any],
    use: ExistingUse = ExistingUse.COMPLEMENT,
    dialect: Dialect = Dialect.CILIUM,
    groups: Sequence[Group] = SHOP_GROUPS,
    workloads: Sequence[Workload] = WORKLOADS,
    decided: dict[str, Decided] | None = None,
    baselines: BaselineForm = BaselineForm.INLINE,
    inventory: Inventory | None = None,
    layer7: Layer7 = Layer7.NONE,
) -> Result:
    """As the pipeline does it, for edges that are all needed unless `decided` says otherwise."""
    described = inventory or inventory_of(*documents)
    in_force = take_up(described, edges, workloads, names_of(groups), use=use, dialect=dialect)
    made = policies(edges, groups, workloads=workloads, decided=decided, inventory=described, layer7=layer7)
    missing = missing_beside(in_force, made.policies, edges)
    written = write(
        missing.policies,
        dialect,
        edges=assessed(edges),
        confidences={},
        provenance=provenance(dialect),
        groups=groups,
        baselines=baselines,
    )
    final = {**made.decided, **excluded_by_losses(written.losses)}
    proof = replay(
        edges,
        final,
        workloads=workloads,
        manifests=written.manifests,
        inventory=described,
        http_pairs=made.http_pairs,
        existing=in_force.judged,
        attested=missing.attested,
        promised=missing.promised,
        settings=in_force.judge.settings,
    )
    existing = tell(in_force, missing, written, groups=groups, edges=edges, decided=final, capture=CAPTURE)
    return Result(
        complete=made.policies, missing=missing, written=written, proof=proof, existing=existing, decided=final
    )


def enforced(
    documents: Sequence[dict[str, Any]], result: Written | None = None, workloads: Sequence[Workload] = WORKLOADS
) -> ClusterPolicies:
    """Existing policies, with manifests beside them, as a cluster reads them."""
    own = [yaml.safe_load(manifest.text) for manifest in result.manifests] if result else []
    read = [ManifestDocument(path="", cluster="", document=document) for document in (*documents, *own)]
    return policies_by_cluster(read, workloads, Inventory(), SemanticsSettings())


def own_output(result: Result) -> tuple[dict[str, Any], ...]:
    """What was written, as it comes back in the next inventory once it was applied."""
    return tuple(yaml.safe_load(manifest.text) for manifest in result.written.manifests)


__all__ = ["NEEDED", "Result", "enforced", "inventory_of", "labelled", "own_output", "run"]
