"""Traffic between namespaces of different environments."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from recommender.assess.codes import CROSS_ENVIRONMENT
from recommender.assess.gaps.report import make_gap
from recommender.assess.wording import counted
from recommender.model.edge import WorkloadEnd

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from recommender.assess.gaps.context import GapContext
    from recommender.model.edge import Edge
    from recommender.model.gap import Gap

_ENVIRONMENT_OF: Final = {
    word: environment
    for environment, words in {
        "production": ("production", "prod", "prd", "live"),
        "staging": ("staging", "stage", "stg", "preprod", "uat"),
        "test": ("test", "testing", "qa"),
        "development": ("development", "dev", "develop", "sandbox"),
    }.items()
    for word in words
}
_LABEL_KEYS: Final = frozenset({"environment", "env", "stage"})
_WORDS: Final = re.compile(r"[a-z]+")


def detect(context: GapContext) -> Iterator[Gap]:
    """Which allowed edges lead from one environment into another?

    A namespace's environment is said by its labels `environment`, `env` or `stage`, or else by a word of its name
    (`shop-dev`, `prod-payments`). Namespaces that say nothing are shared by all.
    """
    known = environments(context)
    crossing: defaultdict[tuple[str, str], list[Edge]] = defaultdict(list)
    for edge in context.allowed():
        if isinstance(edge.client, WorkloadEnd) and isinstance(edge.server, WorkloadEnd):
            pair = (edge.client.namespace, edge.server.namespace)
            one, other = (known.get(namespace, "") for namespace in pair)
            if one and other and one != other:
                crossing[pair].append(edge)
    for (one, other), edges in sorted(crossing.items()):
        yield make_gap(
            CROSS_ENVIRONMENT,
            subject=f"{one} -> {other}",
            reason=f"{counted(len(edges), 'edge')} from {known[one]} to {known[other]}",
            count=len(edges),
            examples=(edge.key for edge in edges),
            facts=sorted(edge.key for edge in edges),
        )


def environments(context: GapContext) -> dict[str, str]:
    """By namespace: its environment, empty where nothing says it."""
    labels: defaultdict[str, set[str]] = defaultdict(set)
    for namespace, pairs in context.inventory.namespaces:
        labels[namespace] |= set(_labelled(dict(pairs)))
    for end, workload in context.workloads.items():
        for label_set in workload.label_sets:
            labels[end.namespace] |= set(_labelled(label_set.namespace_labels))
    return {
        namespace: found.pop() if len(found) == 1 else _named(namespace) for namespace, found in sorted(labels.items())
    } | {end.namespace: _named(end.namespace) for end in context.workloads if end.namespace not in labels}


def _labelled(labels: Mapping[str, str]) -> Iterable[str]:
    for key, value in labels.items():
        if key.rpartition("/")[2].lower() in _LABEL_KEYS:
            environment = _ENVIRONMENT_OF.get(value.lower(), "")
            if environment:
                yield environment


def _named(namespace: str) -> str:
    found = {_ENVIRONMENT_OF[word] for word in _WORDS.findall(namespace.lower()) if word in _ENVIRONMENT_OF}
    return found.pop() if len(found) == 1 else ""
