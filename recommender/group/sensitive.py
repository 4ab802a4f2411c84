"""Which workloads did the user mark as sensitive, by namespace or by label?"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recommender.errors import UsageError
from recommender.group.namespace_index import describe
from recommender.group.roles import owner_aliases

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from recommender.group.namespace_index import Described
    from recommender.model.edge import Workload, WorkloadEnd
    from recommender.model.inventory import Inventory


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """The sensitive workloads, and the marks that match only what no flow shows."""

    ends: frozenset[WorkloadEnd]
    unseen: tuple[str, ...]


def mark_sensitive(
    values: Sequence[str], workloads: Iterable[Workload], inventory: Inventory, *, told_by: str
) -> Marked:
    """Match each value, a namespace's name or `key=value`, against workloads.

    A label counts wherever it stands: on the workload's pods, in the inventory's description of them (Cilium's agents
    may filter it from identities), or on its namespace. `told_by` is where the values come from, for the error.

    Raises:
        UsageError: A value matches neither a workload nor anything in the inventory: a misspelt mark would leave the
            payments service at the coarse level without a word.
    """
    if not values:
        return Marked(ends=frozenset(), unseen=())
    words = _words_of(workloads, inventory)
    described = _described_words(inventory)
    known = {word for found in words.values() for word in found} | described
    for value in values:
        if value not in known:
            raise UsageError(
                f"`{value}` is no namespace and no label that the flows or the inventory show",
                where=told_by,
                hint=_did_you_mean(value, known),
            )
    marks = frozenset(values)
    ends = frozenset(end for end, found in words.items() if marks & found)
    matched = {word for end in ends for word in words[end]}
    return Marked(ends=ends, unseen=tuple(sorted(marks - matched)))


def _words_of(workloads: Iterable[Workload], inventory: Inventory) -> dict[WorkloadEnd, set[str]]:
    """Every value that would match a workload."""
    described = describe(inventory)
    on_namespace = {name: _texts(labels) for name, labels in inventory.namespaces}
    found: dict[WorkloadEnd, set[str]] = {}
    for workload in workloads:
        end = workload.end
        words = found.setdefault(end, {end.namespace} | on_namespace.get(end.namespace, set()))
        for label_set in workload.label_sets:
            words |= _texts(label_set.pod_labels.items()) | _texts(label_set.namespace_labels.items())
        for one in described.get(end.namespace, ()):
            if _describes(one, workload):
                words |= _texts(one.labels)
    return found


def _describes(one: Described, workload: Workload) -> bool:
    end = workload.end
    return one.owner in owner_aliases(end.kind, end.name) or not one.pods.isdisjoint(workload.pods)


def _described_words(inventory: Inventory) -> set[str]:
    """Every value that the inventory knows, seen in flows or not."""
    words = {name for name, _ in inventory.namespaces}
    for _, labels in inventory.namespaces:
        words |= _texts(labels)
    for namespace, rows in describe(inventory).items():
        words.add(namespace)
        for one in rows:
            words |= _texts(one.labels)
    return words


def _texts(labels: Iterable[tuple[str, str]]) -> set[str]:
    return {f"{key}={value}" for key, value in labels}


def _did_you_mean(value: str, known: Iterable[str]) -> str:
    alike = sorted(word for word in known if ("=" in word) == ("=" in value))
    near = difflib.get_close_matches(value, alike, n=1)
    form = "give a namespace's name, or a pod's label as key=value"
    return f"did you mean `{near[0]}`? {form}" if near else form
