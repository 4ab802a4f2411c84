"""A backtest: what was learned on the first part of a window, held against the rest of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from recommender.model.activity import HOUR_NS

if TYPE_CHECKING:
    from recommender.model.observation import Observation
    from recommender.model.replay import Denial

DAY_HOURS: Final = 24
WEEK_DAYS: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Where a window is cut in two."""

    learned_days: int
    """Whole days before it."""
    tested_days: float
    """Days after it."""
    at: int
    """Nanoseconds since the epoch; whole days after the start of the window's first hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What the part before the cut shows."""

    cut: Cut
    observation: Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityBin:
    """Predictions of about the same size."""

    count: int
    predicted: float
    """Their mean."""
    happened: float
    """The share of them that came true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """How true some probabilities were."""

    of: str
    """What was predicted, in words."""
    count: int
    happened: float
    """The share that came true."""
    brier: float
    """Mean squared error (Brier 1950)."""
    constant_brier: float
    """What always predicting the share that came true would have had: a score that helps is below it."""
    ece: float
    """Expected calibration error over bins of equal mass."""
    auc: float | None
    """Probability that one that came true was ranked above one that did not; None if all or none came true."""
    bins: tuple[ReliabilityBin, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusedRule:
    """A rule that no later traffic used."""

    policy: str
    rule: str
    """In words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEdgesCheck:
    """The number of new edges against what was expected of it."""

    expected: float | None
    """None if the first part was too small for an estimate."""
    at_most_90: int | None
    at_most_95: int | None
    actual: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """The first part's policies and scores, judged by traffic that they did not see."""

    cut: Cut
    policies: int
    later_needed: int
    """Needed edges active after the cut, by the decisions of the whole window."""
    denied: tuple[Denial, ...]
    """Those of them that the first part's policies would have denied: false denials."""
    broken_policies: int
    """Policies that would have denied one."""
    rules: int
    """Rules that rest on edges."""
    unused: tuple[UnusedRule, ...]
    recurrence: Reliability | None
    """Of allowed edges: seen again after the cut."""
    breakage: Reliability | None
    """Of policies: denied something needed after the cut."""
    bounds_checked: int
    """Policies whose bound of unseen activity could be held against later activity."""
    bounds_held: int
    new_edges: NewEdgesCheck
    discovery: tuple[int, ...]
    """Needed edges seen for the first time, by day of the whole window."""

    @property
    def sentence(self) -> str:
        """The result in one line."""
        passed = self.later_needed - len(self.denied)
        days = "day" if self.cut.learned_days == 1 else f"{self.cut.learned_days} days"
        return (
            f"policies learned on the first {days} let {passed:,} of {self.later_needed:,} needed edges of the "
            f"next {self.cut.tested_days:.1f} pass; {self.broken_policies:,} of {self.policies:,} policies would have "
            "denied something"
        )


def cut_window(first_hour: int, last_seen: int) -> Cut | None:
    """Where to cut a window that begins with an hour (since the epoch) and ends in the hour of a nanosecond.

    At whole weeks from two weeks on, since a weekend on one side only makes the halves unlike; the last week or more is
    for testing. Below, at whole days about the middle. None in less than two days.
    """
    begin = first_hour * HOUR_NS
    days = (last_seen // HOUR_NS - first_hour + 1) / DAY_HOURS
    weeks = int(days // WEEK_DAYS)
    if weeks >= 2:  # noqa: PLR2004 - one to learn on and one to test
        learned = WEEK_DAYS * (weeks - 1)
    elif days >= 2:  # noqa: PLR2004 - as above, in days
        learned = -(-int(days) // 2)
    else:
        return None
    return Cut(learned_days=learned, tested_days=days - learned, at=begin + learned * DAY_HOURS * HOUR_NS)
