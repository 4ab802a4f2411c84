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
class RequestProof:
    """Does every HTTP request of the needed edges still pass?"""

    requests: int = 0
    """Those of edges that the manifests must let through."""
    allowed: int = 0
    """A kind of requests is judged by its sample paths, at most ten, and counts with all its requests."""
    judged: int = 0
    """Distinct methods and paths that were judged, edge by edge."""
    set_aside: int = 0
    """Left out of the HTTP rules on purpose, and denied."""
    still_open: int = 0
    """Left out on purpose, but let through by a rule for others of the kind."""
    broken: tuple[Denial, ...] = ()
    """Needed requests that the manifests would deny: the proof fails if there is one."""
    opened: tuple[str, ...] = ()
    """Edges (`Edge.key`) whose HTTP rules narrow nothing because a rule beside them opens them: the proof fails."""

    opened_by_existing: tuple[str, ...] = ()
    """Edges whose HTTP rules narrow nothing while existing policies let every request through."""
    cut_by_existing: tuple[Denial, ...] = ()
    """Needed requests that HTTP rules of existing policies deny, with no rule of ours beside them."""

    @property
    def phrase(self) -> str:
        """The counts in words; empty if no request was seen."""
        if not self.requests:
            return ""
        needed = self.requests - self.set_aside - self.still_open
        parts = [f"{self.allowed} of {needed} HTTP requests allowed"]
        if self.broken:
            parts.append(f"{len(self.broken)} methods and paths broken")
        if self.set_aside:
            parts.append(f"{self.set_aside} left out denied")
        if self.still_open:
            parts.append(f"{self.still_open} left out still open")
        if self.opened:
            parts.append(f"{len(self.opened)} edges with HTTP rules that narrow nothing")
        if self.opened_by_existing:
            parts.append(f"{len(self.opened_by_existing)} edges with HTTP rules that existing policies open")
        if self.cut_by_existing:
            parts.append(f"{len(self.cut_by_existing)} methods and paths cut by existing policies")
        return ", ".join(parts)


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
    left_out: int = 0
    """How many of `excluded` a person left out by a decision."""
    still_open: tuple[str, ...] = ()
    """Quarantined edges that the manifests would nevertheless let through (`Edge.key`)."""
    manifests: int = 0
    """Manifests parsed for it."""
    existing: int = 0
    """Policies that are there already and were judged together with the manifests."""
    dependent: tuple[Denial, ...] = ()
    """Needed edges that the manifests alone would deny: they pass while the existing policies named stay."""
    attested: tuple[Denial, ...] = ()
    """Needed edges left to existing policies that only flows name: nothing here proves that they pass."""
    cut_by_existing: tuple[Denial, ...] = ()
    """Needed edges that existing policies deny at pods for which no manifest speaks: cut whatever is applied."""
    open_by_existing: tuple[Denial, ...] = ()
    """Those of `still_open` that pass one of their sides by existing policies alone, with their names."""
    idle_policies: tuple[str, ...] = ()
    """Policies (`Kind/namespace/name`) in the manifests that select no pod of any workload: they protect nothing."""
    http: RequestProof = RequestProof()

    @property
    def holds(self) -> bool:
        """Whether no needed edge and no needed HTTP request would be denied, and every HTTP rule narrows something."""
        return not (self.broken or self.http.broken or self.http.opened)

    @property
    def needed(self) -> int:
        """Edges that the manifests must let through."""
        return self.edges - len(self.excluded) - len(self.still_open)

    @property
    def sentence(self) -> str:
        """The proof in one line, for the last line of every summary."""
        verdict = "holds" if self.holds else "FAILS"
        passing = self.needed - len(self.broken) - len(self.cut_by_existing)
        passed = f"{passing} of {self.needed} needed edges allowed by {self.manifests} manifests"
        if self.existing:
            kept = f"{self.existing} existing polic{'y' if self.existing == 1 else 'ies'}"
            passed += f" and {kept} ({len(self.dependent)} not by the manifests alone)"
        parts = [f"replay proof {verdict}: {passed}", f"{len(self.broken)} broken"]
        if self.http.phrase:
            parts.append(self.http.phrase)
        if self.attested:
            parts.append(f"{len(self.attested)} taken on the flows' word")
        if self.cut_by_existing:
            parts.append(f"{len(self.cut_by_existing)} cut by existing policies")
        if self.unsaid:
            parts.append(f"{self.unsaid} cut because they cannot be said")
        if self.left_out:
            parts.append(f"{self.left_out} left out by decision")
        parts.append(f"{len(self.excluded) - self.unsaid - self.left_out} in quarantine denied")
        if self.still_open:
            parts.append(f"{len(self.still_open)} in quarantine still open")
        return ", ".join(parts)
