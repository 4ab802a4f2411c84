"""Which findings make a command fail, and which are excused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recommender.model.decision import FindingChoice
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Collection


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The threshold and the codes that never fail."""

    fail_on: Severity | None
    ignored: frozenset[str]

    def excuse(self, row: dict[str, Any]) -> str:
        """Why a finding never fails: `--ignore`, or who accepted it and why; empty if nothing excuses it."""
        if row["code"] in self.ignored:
            return "--ignore"
        said = row["decision"]
        if said is None or said["decision"] != FindingChoice.ACCEPT:
            return ""
        by = f"accepted by {said['reviewer'] or 'a reviewer'}"
        return f"{by}: {said['note']}" if said["note"] else by

    def fails(self, row: dict[str, Any]) -> bool:
        """Whether a finding fails the command."""
        if self.fail_on is None or self.excuse(row):
            return False
        return Severity(row["severity"]).rank <= self.fail_on.rank


def verdict_of(fail_on: Severity | None, ignored: Collection[str]) -> Verdict:
    """What makes a command fail, of its settings."""
    return Verdict(fail_on=fail_on, ignored=frozenset(ignored))
