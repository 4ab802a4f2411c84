"""Ways from outside the cluster to sensitive groups."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from recommender.assess.ends import is_outside
from recommender.assess.exposure_codes import WAY_FROM_OUTSIDE
from recommender.assess.gaps.group_graph import GroupGraph
from recommender.assess.gaps.report import make_gap
from recommender.assess.wording import counted
from recommender.model.edge import WorkloadEnd
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap
    from recommender.model.group import Group

SENSITIVE_WORDS: Final = frozenset(
    [
        "auth",
        "authentication",
        "billing",
        "card",
        "cards",
        "credentials",
        "iam",
        "identity",
        "keycloak",
        "kyc",
        "ledger",
        "login",
        "payment",
        "payments",
        "payroll",
        "pci",
        "personal",
        "pii",
        "secrets",
        "vault",
    ]
)
"""Words of a namespace's or group's name that tell of payments, accounts, secrets and personal data."""
_WORDS: Final = re.compile(r"[a-z]+")
_NEAR: Final = 1


def detect(context: GapContext) -> Iterator[Gap]:
    """Over which groups could an intruder from outside come to a sensitive one, by the policies alone?

    Sensitive is what was marked so (`--sensitive`); where nothing was, what its name says. One finding each, with a
    shortest way; `HIGH` where it faces the outside itself, or one group lies between.
    """
    if context.plan is None:
        return
    marked = {group.display for group in context.groups if group.sensitive}
    sensitive = marked or {group.display for group in context.groups if is_sensitive_name(group)}
    graph = GroupGraph.of(context.groups, context.plan.policies)
    ways = graph.ways_from(graph.faces_outside | _seen_from_outside(context))
    for group in sorted(sensitive & ways.keys()):
        way, between = ways[group], len(ways[group]) - 1
        yield make_gap(
            WAY_FROM_OUTSIDE,
            subject=group,
            reason=f"outside -> {' -> '.join(way)}: {counted(between, 'group')} to take over on the way",
            severity=Severity.HIGH if between <= _NEAR else Severity.MEDIUM,
            count=len(way),
            examples=way,
        )


def is_sensitive_name(group: Group) -> bool:
    """Whether its namespace's or its own name holds one of `SENSITIVE_WORDS`."""
    return not SENSITIVE_WORDS.isdisjoint(_WORDS.findall(f"{group.namespace} {group.name}".lower()))


def _seen_from_outside(context: GapContext) -> set[str]:
    """Groups that the outside was seen to call, and may go on calling."""
    display = {member: group.display for group in context.groups for member in group.members}
    return {
        display[edge.server]
        for edge in context.allowed()
        if isinstance(edge.server, WorkloadEnd) and edge.server in display and is_outside(edge.client)
    }
