"""Gaps: what could not be decided, seen or expressed; data, never an exception and never silence."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a gap may cost if nobody looks at it."""

    HIGH = "high"
    """Enforcing may cut needed traffic, or leaves an intruder a way in."""
    MEDIUM = "medium"
    """The recommendation is weaker than it could be; a person should look."""
    LOW = "low"
    """Worth knowing; nothing breaks."""
    INFO = "info"
    """A statement of fact about the run."""

    @property
    def rank(self) -> int:
        """0 for the most severe."""
        return tuple(Severity).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One thing that the run could not decide, see or express, and what a person can do about it."""

    code: str
    """Stable, such as `NPR101`; documented in `docs/findings/`."""
    title: str
    """The kind of gap in a few words; the same for every gap of one code."""
    severity: Severity
    subject: str
    """What it is about: a workload, an edge, a node, the capture."""
    reason: str
    """What was seen."""
    impact: str
    """Why it matters."""
    action: str
    """What to do; a command where there is one."""
    count: int = 1
    """How many flows, edges or lines it stands for."""
    examples: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    """What tells it apart from other gaps of its code about its subject: a kind of reason, ports, the names of all that
    it lists; in a fixed order, never counts or times, which change with every capture."""

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits of code, subject and facts: the same finding has them in every run that finds it.

        Severity, counts, times and wording may change and the finding stays the same; where a finding lists what a
        person has to look at one by one, one more of them is a new finding.
        """
        text = json.dumps([self.code, self.subject, *self.facts])
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

    @property
    def sort_key(self) -> tuple[int, str, str, str]:
        """Most severe first, then by code, subject and reason."""
        return (self.severity.rank, self.code, self.subject, self.reason)
