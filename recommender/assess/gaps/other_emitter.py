"""Flows that another program than Cilium wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.codes import OTHER_EMITTER
from recommender.assess.gaps.report import make_gap
from recommender.assess.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap

_OWN_NAMES: Final = ("hubble", "cilium")
_NO_NAME: Final = frozenset({"", "unnamed"})
"""What stands for the emitter where a flow names none."""


def detect(context: GapContext) -> Iterator[Gap]:
    """Which flows come from an emitter that only speaks Hubble's format (hubble-quirks 15, 60)?

    Flows of agents too old to name an emitter count as Cilium's.
    """
    for emitter, flows in context.capture.emitters:
        if emitter.strip() not in _NO_NAME and not emitter.lower().startswith(_OWN_NAMES):
            yield make_gap(
                OTHER_EMITTER,
                subject=f"emitter {emitter}",
                reason=f"{counted(flows, 'flow')} written by it",
                count=flows,
            )
