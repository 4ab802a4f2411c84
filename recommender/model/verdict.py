"""The verdict on a policy: enforce it, stage it, or observe longer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recommender.model.completeness import Unseen


class Advice(StrEnum):
    """What to do with a policy next."""

    ENFORCE = "enforce"
    """Nothing needed is likely to break within a week."""
    STAGE = "stage"
    """Audit it, or enforce it where a break is cheap, and look at what it would deny."""
    OBSERVE = "observe longer"
    """The window says too little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What to do with a policy, and why."""

    advice: Advice
    breakage: float
    """Probability that enforcing it denies something needed within `days` days, 0 to 1."""
    days: float
    expected_new: float
    """Needs expected to show within that time that no rule allows."""
    reason: str
    """In plain words."""
    wait_days: int | None
    """Whole days more of window after which the next better advice is expected; 0 if there is none to wait for, None
    if no length of window is expected to be enough."""
    wait: str
    """The same in words; empty if there is nothing to wait for."""
    unseen: Unseen
    """Of this policy's own edges."""
