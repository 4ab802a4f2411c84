"""What becomes of an edge: allowed, implicit, quarantined or excluded."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Disposition(StrEnum):
    """What the recommendation does with an edge."""

    NEEDED = "needed"
    """The manifests must allow it."""
    REVIEW = "review"
    """Allowed, and marked for a person (a single sighting, a metadata address, …)."""
    IMPLICIT = "implicit"
    """Passes without a rule (kubelet probes from the own node, pod to itself)."""
    QUARANTINED = "quarantined"
    """Looks like an attack or is explicitly denied: left out until a person releases it."""
    EXCLUDED = "excluded"
    """Cannot be said or named: left out, with a gap."""

    @property
    def allowed(self) -> bool:
        """Whether the manifests must let it through."""
        return self in {Disposition.NEEDED, Disposition.REVIEW}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A disposition and its reason."""

    disposition: Disposition
    reason: str = ""
    by_person: bool = False
    """Whether a decisions file says so, and not the run."""
    by_deny_rule: bool = False
    """Whether an existing deny rule says so."""

    @property
    def left_out(self) -> bool:
        """Whether no rule allows it, though it might be needed: quarantined, or impossible to say or to name.

        What a person or an existing deny rule keeps out is not needed, as far as those who answer for it say.
        """
        kept_out = self.disposition in {Disposition.QUARANTINED, Disposition.EXCLUDED}
        return kept_out and not self.by_person and not self.by_deny_rule
