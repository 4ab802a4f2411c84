"""What a kind of finding is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recommender.model.gap import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One kind of gap."""

    code: str
    title: str
    severities: tuple[Severity, ...]
    """The severities it may have, worst first."""
    impact: str
    """Why it matters."""
    action: str
    """What to do; detectors add the subject's own command where there is one."""

    @property
    def severity(self) -> Severity:
        """The severity it has unless its detector knows better: the least of its severities."""
        return self.severities[-1]


def finding(code: str, title: str, severities: tuple[Severity, ...], impact: str, action: str) -> Finding:
    """One kind of gap, its parts in the order of the columns in `docs/findings/`."""
    return Finding(code=code, title=title, severities=severities, impact=impact, action=action)
