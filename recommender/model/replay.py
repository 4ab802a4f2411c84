"""The replay proof: every stored edge, judged by the manifests as written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """An edge that the manifests would deny."""

    edge_id: str
    edge: str
    """`Edge.key`."""
    direction: str
    """`egress`, `ingress` or `egress and ingress`."""
    reason: str
    """For an exclusion: why it was left out on purpose; else what decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayProof:
    """Does everything that was needed still pass?"""

    edges: int
    """Edges replayed."""
    allowed: int
    broken: tuple[Denial, ...] = ()
    """Needed edges that the manifests would deny: the proof fails if there is one."""
    excluded: tuple[Denial, ...] = ()
    """Edges denied on purpose (quarantined, inexpressible, …), each with its reason."""
    unsaid: int = 0
    """How many of `excluded` were needed, but cannot be named by a selector or said in the dialect: they will break."""
    still_open: tuple[str, ...] = ()
    """Quarantined edges that the manifests would nevertheless let through (`Edge.key`)."""
    manifests: int = 0
    """Manifests parsed for it."""
    idle_policies: tuple[str, ...] = ()
    """Policies (`Kind/namespace/name`) in the manifests that select no pod of any workload: they protect nothing."""

    @property
    def holds(self) -> bool:
        """Whether no needed edge would be denied."""
        return not self.broken

    @property
    def needed(self) -> int:
        """Edges that the manifests must let through."""
        return self.edges - len(self.excluded) - len(self.still_open)

    @property
    def sentence(self) -> str:
        """The proof in one line, for the last line of every summary."""
        verdict = "holds" if self.holds else "FAILS"
        passed = f"{self.needed - len(self.broken)} of {self.needed} needed edges allowed by {self.manifests} manifests"
        parts = [f"replay proof {verdict}: {passed}", f"{len(self.broken)} broken"]
        if self.unsaid:
            parts.append(f"{self.unsaid} cut because they cannot be said")
        parts.append(f"{len(self.excluded) - self.unsaid} in quarantine denied")
        if self.still_open:
            parts.append(f"{len(self.still_open)} in quarantine still open")
        return ", ".join(parts)
