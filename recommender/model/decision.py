"""Decisions: what people said about the recommendations, for the next run to obey."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


class Choice(StrEnum):
    """What a person may say about a policy or a shared baseline."""

    APPROVE = "approve"
    REJECT = "reject"
    DEFER = "defer"


class EdgeChoice(StrEnum):
    """What a person may say about an edge."""

    EXCLUDE = "exclude"
    """Leave it out, however needed it looks."""
    RELEASE = "release"
    """Let it out of quarantine."""
    FORCE = "force"
    """Allow it, seen or not, whatever the run makes of it."""


class FindingChoice(StrEnum):
    """What a person may say about a finding."""

    ACCEPT = "accept"
    """Known and lived with: it no longer counts for `--fail-on`."""
    DEFER = "defer"


class RuleChoice(StrEnum):
    """What a person may say about a rule."""

    KEEP = "keep"
    """It survives runs in which nothing uses it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Who decided, why, and until when."""

    reviewer: str = ""
    note: str = ""
    expires: date | None = None
    """Last day on which it counts, held against the day on which the capture ends, never against a clock."""
    place: str = ""
    """Where it was read, as `file:line`."""

    def counts_on(self, day: date) -> bool:
        """Whether it has not expired on that day."""
        return self.expires is None or day <= self.expires

    @property
    def by(self) -> str:
        """`by Ada: the note`, as far as both are known."""
        who = f"by {self.reviewer}" if self.reviewer else "by a reviewer"
        return f"{who}: {self.note}" if self.note else who


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDecision:
    """About one policy or shared baseline, as it read when the decision was made."""

    policy: str
    """`Policy.item` or `SharedBaseline.item`."""
    digest: str
    """Of its manifests; empty only where nothing is approved."""
    choice: Choice
    signed: Signed


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeDecision:
    """About one edge, named by `Edge.key`."""

    edge: str
    choice: EdgeChoice
    signed: Signed


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDecision:
    """About one rule, by the edges that it rested on."""

    policy: str
    rule: str
    """In words; for people only."""
    edges: tuple[str, ...]
    """`Edge.key` of each."""
    choice: RuleChoice
    signed: Signed


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingDecision:
    """About one finding, by `Gap.fingerprint` or that of an advice on an existing policy."""

    fingerprint: str
    choice: FindingChoice
    signed: Signed


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """A decisions file."""

    policies: tuple[PolicyDecision, ...] = ()
    edges: tuple[EdgeDecision, ...] = ()
    rules: tuple[RuleDecision, ...] = ()
    findings: tuple[FindingDecision, ...] = ()
    report: str = ""
    """Digest of the report that they were made on; told, never asked for."""
    source: str = ""
    """The file's name, without its folder."""
    digest: str = ""
    """Of the file; empty if none was given."""

    @property
    def given(self) -> bool:
        """Whether the user gave a decisions file at all."""
        return bool(self.digest)


class Standing(StrEnum):
    """Where a policy's manifests go."""

    APPROVED = "approved"
    """Into `policies/`."""
    PENDING = "pending"
    """Into `pending/`: not decided, deferred, or an approval lapsed."""
    REJECTED = "rejected"
    """Nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A policy or shared baseline, what was decided about it, and what follows."""

    item: str
    digest: str
    standing: Standing
    choice: Choice | None = None
    """What was said, whether it still counts or not."""
    lapsed: str = ""
    """Why an approval or rejection no longer counts; empty if it does."""
    signed: Signed = Signed()


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What became of every decision of a file."""

    decisions: Decisions
    items: Mapping[str, Judged]
    """By item."""
    findings: Mapping[str, FindingDecision]
    """Those that still count, by fingerprint."""
    kept: tuple[str, ...] = ()
    """Ids of edges that nothing showed in this window and that stay by a decision, sorted."""

    def standing(self, item: str) -> Standing:
        """Where an item's manifests go."""
        return self.items[item].standing if item in self.items else Standing.PENDING
