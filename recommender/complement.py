"""Policies that are there already: what they cover and forbid, and what of them could go; a part of the main job."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, assert_never

from recommender.assess import advise
from recommender.dialect.manifest_path import part_name
from recommender.dialect.text_change import changed_lines
from recommender.dialect.wording import rule_text
from recommender.model.coverage import PolicyCoverage
from recommender.model.existing import ExistingPolicies, ExistingPolicy, ExistingUse, PolicyFate, TextChange
from recommender.model.manifest import Dialect
from recommender.model.policy import Baseline
from recommender.policy import complement, full_name, named_parts
from recommender.semantics.existing_set import ExistingSet, read_existing
from recommender.semantics.group_connectivity import MAX_GROUPS
from recommender.semantics.in_force import PoliciesInForce, clusters_of
from recommender.semantics.manifest_documents import read_manifests
from recommender.semantics.reading import policy_name as object_name
from recommender.semantics.settings import SemanticsSettings, settings_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from recommender.model.capture import Capture
    from recommender.model.disposition import Decided
    from recommender.model.edge import Edge, Workload
    from recommender.model.existing import ForbiddenEdge
    from recommender.model.group import Group
    from recommender.model.inventory import Inventory
    from recommender.model.manifest import Written
    from recommender.model.policy import Direction, Policy
    from recommender.semantics.manifest_documents import ManifestDocument

_NOTHING: Final = ExistingSet(judged=(), own=(), policies=())
_MOST_PARTS: Final = 100
"""Objects that one policy may take."""
_UNKNOWN_KIND: Final = "Policy/"
"""How a flow names a policy without its kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """What has to be written beside the existing policies."""

    policies: tuple[Policy, ...]
    covered: tuple[Policy, ...]
    """Of groups that need no policy of ours."""
    lifted: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    """As `ExistingPolicies.lifted`."""

    @property
    def attested(self) -> dict[str, frozenset[Direction]]:
        """By edge id, the directions that are left to policies which only flows name."""
        return self._left(by_name=True)

    @property
    def promised(self) -> dict[str, frozenset[Direction]]:
        """By edge id, the directions that are left to policies whose texts allow them."""
        return self._left(by_name=False)

    def _left(self, *, by_name: bool) -> dict[str, frozenset[Direction]]:
        found: dict[str, frozenset[Direction]] = {}
        for policy in (*self.policies, *self.covered):
            for item in policy.left_out:
                for edge in item.rule.edges if item.by_name is by_name else ():
                    found[edge] = found.get(edge, frozenset()) | {item.rule.direction}
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """The policies that are there when a run begins."""

    use: ExistingUse
    note: str
    """Why those of the inventory do not count; empty if they do."""
    judge: PoliciesInForce
    named: tuple[ExistingPolicy, ...]
    """Those that flows name and the inventory does not hold."""
    trusted: frozenset[str]
    """Names that flows may vouch for."""
    forbidden: tuple[ForbiddenEdge, ...]

    @property
    def judged(self) -> tuple[ManifestDocument, ...]:
        """Texts that are judged together with what is written."""
        return self.judge.found.judged

    @property
    def forbidden_by(self) -> dict[str, tuple[str, ...]]:
        """Policies by the id of the edges that their deny rules forbid altogether."""
        return {item.edge_id: item.policies for item in self.forbidden if item.whole}


def take_up(
    inventory: Inventory,
    edges: Sequence[Edge],
    workloads: Sequence[Workload],
    names: Iterable[tuple[str, str]],
    *,
    use: ExistingUse,
    dialect: Dialect,
) -> InForce:
    """Which policies are there already, and which edges do they forbid?

    `names` are namespace and name of every policy of a group that this run may write.

    An inventory is of one cluster: where the flows are of several it cannot be told whose its policies are, and they
    count for nothing.
    """
    clusters = clusters_of(workloads)
    note = ""
    if use is ExistingUse.IGNORE:
        note = "they are left aside as told (--existing ignore)"
    elif len(clusters) > 1:
        note = f"the flows are of {len(clusters)} clusters, and nothing says which of them the inventory describes"
    own_names = _own_names(names, dialect)
    reading = SemanticsSettings()
    found = read_existing(inventory, own_names=own_names, settings=reading, dialect=dialect) if not note else _NOTHING
    kinds = {item.document.get("kind") for item in found.judged}
    judge = PoliciesInForce.of(found, workloads, inventory, settings_for(dialect, beside=kinds))
    named = _named(edges, inventory, own_names) if use is not ExistingUse.IGNORE else ()
    return InForce(
        use=use,
        note=note if inventory.policies or use is ExistingUse.IGNORE else "",
        judge=judge,
        named=tuple(policy for policy, _ in named),
        trusted=frozenset(
            policy.name
            for policy, vouched in named
            if vouched and use is ExistingUse.BY_NAME and not note and _is_of(policy.name, dialect)
        ),
        forbidden=judge.forbidden(edges) if found.judged else (),
    )


def _is_of(name: str, dialect: Dialect) -> bool:
    """Whether the policy can be in force where the dialect is: Calico does not enforce Cilium's."""
    return dialect is not Dialect.CALICO or not name.startswith("Cilium")


def _own_names(names: Iterable[tuple[str, str]], dialect: Dialect) -> frozenset[str]:
    """Every name that this run may write: applying it replaces whatever bears it."""
    own = {full for namespace, name in names for full in _names_of(namespace, name, dialect)}
    return frozenset(own | {f"CiliumClusterwideNetworkPolicy/netpol-recommend-{kind}" for kind in Baseline})


def _names_of(namespace: str, name: str, dialect: Dialect) -> tuple[str, ...]:
    match dialect:
        case Dialect.CILIUM:
            return (f"CiliumNetworkPolicy/{namespace}/{name}",)
        case Dialect.KUBERNETES:
            return (f"NetworkPolicy/{namespace}/{name}",)
        case Dialect.CALICO:
            return (f"NetworkPolicy.projectcalico.org/{namespace}/{name}", f"GlobalNetworkPolicy/{name}")
        case Dialect.CLUSTER_NETWORK_POLICY:
            return tuple(f"ClusterNetworkPolicy/{part_name(name, part)}" for part in range(1, _MOST_PARTS))
        case _:
            assert_never(dialect)


def _named(
    edges: Iterable[Edge], inventory: Inventory, own_names: frozenset[str]
) -> tuple[tuple[ExistingPolicy, bool], ...]:
    """The policies that flows name and the inventory does not hold, and whether they may still be there."""
    held = {policy.full_name for policy in inventory.policies}
    held_tails = {name.partition("/")[2] for name in held}
    kinds = {policy.kind for policy in inventory.policies}
    names = {full_name(name) for edge in edges for name in edge.evidence.policies} - held - own_names
    found = []
    for name in sorted(names):
        kind, _, tail = name.partition("/")
        if name.startswith(_UNKNOWN_KIND) and tail in held_tails:
            continue
        gone = kind in kinds
        reason = "the inventory holds others of its kind, but not this one" if gone else "no inventory holds its text"
        found.append((ExistingPolicy(name=name, fate=PolicyFate.NAMED, reason=reason), not gone))
    return tuple(found)


def missing_beside(in_force: InForce, complete: Sequence[Policy], edges: Sequence[Edge]) -> Missing:
    """What do complete policies say that the existing ones do not?

    The starter set is written whole: its steps are read together, and each says one thing for a whole namespace.
    """
    if not in_force.judged and not in_force.trusted:
        return Missing(policies=tuple(complete), covered=())
    steps = [policy for policy in complete if policy.step]
    policies = [policy for policy in complete if not policy.step]
    by_id = {edge.edge_id: edge for edge in edges}
    coverage = dict(in_force.judge.coverage(policies, edges)) if in_force.judged else {}
    if in_force.trusted:
        for policy in policies:
            known = coverage.get(policy.name, PolicyCoverage(parts={}))
            named = named_parts(policy, by_id, trusted=in_force.trusted, known=known)
            coverage[policy.name] = replace(known, parts={**known.parts, **named})
    found = complement(policies, coverage, by_id)
    lifted = sorted((policy.group.display, rule_text(rule), names) for policy, rule, names in found.lifted)
    return Missing(policies=(*steps, *found.policies), covered=found.covered, lifted=tuple(lifted))


def tell(
    in_force: InForce,
    missing: Missing,
    written: Written,
    *,
    groups: Sequence[Group],
    edges: Sequence[Edge],
    decided: Mapping[str, Decided],
    capture: Capture,
) -> ExistingPolicies:
    """Everything that there is to say about the existing policies once the manifests are written."""
    judge, counts, own = in_force.judge, bool(in_force.judged), bool(in_force.judge.found.own)
    documents = read_manifests(written.manifests) if counts or own else ()
    standing = judge.standing(documents)
    rules = judge.usage(edges, decided) if counts else ()
    ordered = sorted(groups, key=lambda group: (group.display, group.group_id))
    return ExistingPolicies(
        use=in_force.use,
        note=in_force.note,
        policies=tuple(sorted((*standing, *in_force.named), key=lambda policy: (policy.name, policy.fate))),
        rules=rules,
        advice=advise(rules, standing, capture=capture),
        forbidden=in_force.forbidden,
        covered=missing.covered,
        isolation=tuple(
            sorted(
                (policy.group.display, direction, names)
                for policy in (*missing.policies, *missing.covered)
                for direction, names in policy.isolated_by
            )
        ),
        lifted=missing.lifted,
        reach_before=judge.reach(ordered) if counts else (),
        reach_after=judge.reach_with(ordered, documents) if counts else (),
        changes=judge.changes(ordered, documents) if own else (),
        changes_known=own and len(groups) <= MAX_GROUPS,
        text_changes=tuple(_text_changes(written, judge.found.own)) if own else (),
    )


def _text_changes(written: Written, earlier: Sequence[ManifestDocument]) -> Iterator[TextChange]:
    before = {document.path: document.document for document in earlier}
    for manifest in sorted(written.manifests, key=lambda item: (item.policy, item.path)):
        for document in read_manifests((manifest,)):
            name = object_name(document.document)
            lines = changed_lines(before[name], document.document) if name in before else ()
            if lines:
                yield TextChange(policy=manifest.policy, against=name, lines=lines)
