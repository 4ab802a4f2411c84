"""How detectors write a gap: the finding's own words, with captured text made harmless and short."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from recommender.model.gap import Gap

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.assess.finding import Finding
    from recommender.model.gap import Severity

MAX_EXAMPLES: Final = 5
_MAX_LENGTH: Final = 160
_KUBERNETES_NAME: Final = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")


def shown(text: str, limit: int = _MAX_LENGTH) -> str:
    """Captured text for people: one line, without control or direction-changing characters, not too long."""
    clean = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    return clean if len(clean) <= limit else f"{clean[: limit - 1]}…"


def command_name(text: str, placeholder: str = "NAME") -> str:
    """A name that may stand in a shell command: a Kubernetes object name (RFC 1123), or the placeholder."""
    return text if _KUBERNETES_NAME.fullmatch(text) else placeholder


def make_gap(
    finding: Finding,
    *,
    subject: str,
    reason: str,
    severity: Severity | None = None,
    action: str = "",
    count: int = 1,
    examples: Iterable[str] = (),
    facts: Iterable[str] = (),
) -> Gap:
    """A gap of this finding; examples and facts must come in a fixed order, the first few examples are kept.

    A subject that is shown in part counts in whole for the fingerprint.
    """
    kept = _first_few(examples)
    told_apart = tuple(facts) if shown(subject) == subject else (subject, *facts)
    return Gap(
        code=finding.code,
        title=finding.title,
        severity=severity or finding.severity,
        subject=shown(subject),
        reason=shown(reason, 2 * _MAX_LENGTH),
        impact=finding.impact,
        action=action or finding.action,
        count=count,
        examples=kept,
        facts=told_apart,
    )


def _first_few(examples: Iterable[str]) -> tuple[str, ...]:
    kept: dict[str, None] = {}
    for example in examples:
        kept[shown(example)] = None
        if len(kept) == MAX_EXAMPLES:
            break
    return tuple(kept)
