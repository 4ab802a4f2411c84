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
    def sentence(self) -> str:
        """The proof in one line, for the last line of every summary."""
        needed = self.edges - len(self.excluded) - len(self.still_open)
        verdict = "holds" if self.holds else "FAILS"
        passed = f"{needed - len(self.broken)} of {needed} needed edges allowed by {self.manifests} manifests"
        text = f"replay proof {verdict}: {passed}"
        text += f", {len(self.broken)} broken, {len(self.excluded)} denied on purpose"
        return f"{text}, {len(self.still_open)} quarantined but still open" if self.still_open else text
