"""A shared baseline as one CiliumClusterwideNetworkPolicy.

It only ever adds to what pods may do: `enableDefaultDeny` is off in both directions, so a pod that it selects is not
isolated by it. Its selectors name namespaces one by one and are exact unions of the groups' own, or whole namespaces
in which every known workload is covered; it never selects system namespaces as a whole, nor health or ingress
endpoints, which carry no pod's labels.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from recommender.dialect.cilium import parts_of, port_nodes
from recommender.dialect.label_selector import Wanted, selector_labels, wanted_labels
from recommender.dialect.selector_union import merged
from recommender.dialect.wording import peer_text, port_text
from recommender.dialect.yaml_text import Commented
from recommender.model.labels import CLUSTER_KEY, NAMESPACE_KEY, SERVICE_ACCOUNT_KEY
from recommender.model.manifest import BASELINE_ANNOTATION, CLUSTER_ANNOTATION, MANAGED_BY, MANAGED_BY_LABEL
from recommender.model.policy import Baseline, Direction, EntityPeer, GroupPeer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from recommender.dialect.evidence_comment import EvidenceText
    from recommender.dialect.label_selector import Asked
    from recommender.dialect.shared_baselines import MovedRule
    from recommender.dialect.yaml_text import Node
    from recommender.model.edge import WorkloadEnd
    from recommender.model.group import Group
    from recommender.model.policy import Peer, PortRule

MAX_LISTED: Final = 200
"""Evidence lines an item; the rest stands in recommendation.json."""

_GroupKey = tuple[str, str]
_NAMESPACE: Final = f"k8s:{NAMESPACE_KEY}"
_CLUSTER: Final = f"k8s:{CLUSTER_KEY}"
_ADDS_ONLY: Final = {"ingress": False, "egress": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    """One entry of a spec: several subjects, or several peers, on the same ports."""

    direction: Direction
    subjects: tuple[Group, ...]
    peers: tuple[Peer, ...]
    ports: tuple[PortRule, ...]
    rules: tuple[MovedRule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CiliumBaseline:
    """Writes the shared baselines of one cluster."""

    evidence: EvidenceText
    whole: Mapping[str, frozenset[WorkloadEnd]]
    """Namespaces that the DNS baseline covers altogether, with their workloads: naming one is exact for all of them."""
    cluster: str
    """Set only where the run holds several clusters."""

    def body(self, kind: Baseline, name: str, rules: Sequence[MovedRule]) -> Mapping[str, Node]:
        """The object's structure; equal rules in any order give equal structures."""
        entries: defaultdict[tuple[str, str], list[Node]] = defaultdict(list)
        selectors: dict[str, dict[str, Node]] = {}
        labels = {_key(moved.policy.group): _labels(moved.policy.group) for moved in rules}
        for item in _items(rules):
            for wanted in self._selectors(kind, item.subjects):
                own = [moved for moved in item.rules if _selects(wanted, labels[_key(moved.policy.group)])]
                selector = selector_labels(wanted)
                selectors[str(selector)] = selector
                entries[item.direction.value, str(selector)].append(self._entry(kind, item, own))
        return {
            "apiVersion": "cilium.io/v2",
            "kind": "CiliumClusterwideNetworkPolicy",
            "metadata": {
                "name": name,
                "labels": {MANAGED_BY_LABEL: MANAGED_BY},
                "annotations": self._annotations(kind),
            },
            "specs": [
                {
                    "endpointSelector": selectors[key],
                    "enableDefaultDeny": _ADDS_ONLY,
                    direction: entries[direction, key],
                }
                for direction, key in sorted(entries)
            ],
        }

    def _annotations(self, kind: Baseline) -> dict[str, Node]:
        named: dict[str, Node] = {BASELINE_ANNOTATION: kind.value}
        return {**named, CLUSTER_ANNOTATION: self.cluster} if self.cluster else named

    def _entry(self, kind: Baseline, item: _Item, rules: Sequence[MovedRule]) -> Node:
        prefix = "from" if item.direction is Direction.INGRESS else "to"
        groups = [peer.group for peer in item.peers if isinstance(peer, GroupPeer)]
        entities: list[Node] = [peer.entity.value for peer in item.peers if isinstance(peer, EntityPeer)]
        endpoints: list[Node] = [selector_labels(wanted) for wanted in self._selectors(kind, groups)]
        peer: dict[str, Node] = {f"{prefix}Endpoints": endpoints} if endpoints else {f"{prefix}Entities": entities}
        ports: list[Node] = [{"ports": part} for part in parts_of(port_nodes(item.ports))]
        return Commented(value={**peer, "toPorts": ports}, comments=self._comments(item, rules))

    def _selectors(self, kind: Baseline, groups: Iterable[Group]) -> tuple[Wanted, ...]:
        """Exact selectors of these groups; for DNS, whole namespaces where these are all who live in them."""
        several = list(groups)
        members: defaultdict[str, set[WorkloadEnd]] = defaultdict(set)
        for group in several if kind is Baseline.DNS else ():
            members[group.namespace].update(group.members)
        namespaces = {name for name, found in members.items() if name in self.whole and found >= self.whole[name]}
        exact = [self._own(_labels(group)) for group in several if group.namespace not in namespaces]
        if namespaces:
            exact.append(self._own({_NAMESPACE: tuple(sorted(namespaces))}))
        return merged(exact)

    def _own(self, wanted: Wanted) -> Wanted:
        return {**wanted, _CLUSTER: (self.cluster,)} if self.cluster else wanted

    def _comments(self, item: _Item, rules: Sequence[MovedRule]) -> tuple[str, ...]:
        preposition = "from" if item.direction is Direction.INGRESS else "to"
        ports = ", ".join(port_text(port) for port in item.ports)
        lines = [
            f"{one.policy.group.display} {preposition} {peer_text(one.rule.peer)}: {self.evidence.brief(one.rule)}"
            for one in rules
        ]
        rest = len(lines) - MAX_LISTED
        return (ports, *lines[:MAX_LISTED], *([f"{rest} more: see recommendation.json"] if rest > 0 else []))


def _selects(wanted: Wanted, own: Wanted) -> bool:
    """Whether a joined selector stands for the group with these labels among others."""
    asked = wanted.keys() - {_CLUSTER}
    if not asked <= {_NAMESPACE} and own.keys() != asked:
        return False
    return all(wanted[key] == own.get(key) or _within(own.get(key), wanted[key]) for key in asked)


def _within(mine: Asked, theirs: Asked) -> bool:
    """Whether a group's own values are some of those that a joined selector lists."""
    return isinstance(mine, tuple) and isinstance(theirs, tuple) and bool(mine) and set(mine) <= set(theirs)


def _items(rules: Sequence[MovedRule]) -> list[_Item]:
    """The rules gathered: many subjects with one peer, or one subject with many peers, whichever gives fewer items."""
    items: list[_Item] = []
    for direction in Direction:
        chosen = sorted(
            (moved for moved in rules if moved.rule.direction is direction),
            key=lambda moved: (moved.policy.group.display, moved.rule.sort_key),
        )
        by_peer: defaultdict[tuple[object, ...], list[MovedRule]] = defaultdict(list)
        by_subject: defaultdict[tuple[object, ...], list[MovedRule]] = defaultdict(list)
        for moved in chosen:
            by_peer[_peer_key(moved.rule.peer), moved.rule.ports].append(moved)
            joined = _GROUPS if isinstance(moved.rule.peer, GroupPeer) else _peer_key(moved.rule.peer)
            by_subject[moved.policy.name, joined, moved.rule.ports].append(moved)
        fewer = by_peer if len(by_peer) <= len(by_subject) else by_subject
        items += [_item(direction, gathered) for gathered in fewer.values()]
    return items


_GROUPS: Final = ("groups", "")


def _item(direction: Direction, gathered: Sequence[MovedRule]) -> _Item:
    subjects = {_key(moved.policy.group): moved.policy.group for moved in gathered}
    peers = {_peer_key(moved.rule.peer): moved.rule.peer for moved in gathered}
    return _Item(
        direction=direction,
        subjects=tuple(subjects[key] for key in sorted(subjects)),
        peers=tuple(peers[key] for key in sorted(peers)),
        ports=gathered[0].rule.ports,
        rules=tuple(gathered),
    )


def _key(group: Group) -> _GroupKey:
    return (group.namespace, group.name)


def _peer_key(peer: Peer) -> tuple[str, str]:
    return ("group" if isinstance(peer, GroupPeer) else "other", peer_text(peer))


def _labels(group: Group) -> Wanted:
    wanted: Wanted = {_NAMESPACE: (group.namespace,)}
    if group.selector is not None:
        wanted |= wanted_labels(group.selector, prefix="k8s:")
        if group.selector.service_account:
            wanted[f"k8s:{SERVICE_ACCOUNT_KEY}"] = (group.selector.service_account,)
    return wanted
