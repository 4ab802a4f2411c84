"""What an intruder in each group could still reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.exposure_codes import BLAST_RADIUS
from recommender.assess.gaps.report import make_gap
from recommender.assess.wording import counted
from recommender.model.gap import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.exposure import GroupExposure
    from recommender.model.gap import Gap

_WIDE: Final = 0.5
_FEWEST_GROUPS: Final = 4
"""Groups below which half of the others says nothing."""


def detect(context: GapContext) -> Iterator[Gap]:
    """How many groups does each group reach, before and after, directly and by hops? One finding, the widest first.

    `MEDIUM` if some group still reaches at least half of the others directly.
    """
    exposed = context.exposures
    if len(exposed) < 2:  # noqa: PLR2004 - a single group reaches nobody
        return
    others = len(exposed) - 1
    wide = [item for item in exposed if len(exposed) >= _FEWEST_GROUPS and item.after >= _WIDE * others]
    before, after = (sum(pairs) for pairs in zip(*((item.before, item.after) for item in exposed), strict=True))
    yield make_gap(
        BLAST_RADIUS,
        subject="groups",
        reason=f"{after} of {before} open pairs of {counted(len(exposed), 'group')} stay open; {len(wide)} of them "
        f"reach at least half of the others, the widest is {exposed[0].group}",
        severity=Severity.MEDIUM if wide else Severity.INFO,
        count=max(1, len(wide)),
        examples=(_text(item, others) for item in exposed if item.after),
        facts=sorted(item.group for item in wide),
    )


def _text(item: GroupExposure, others: int) -> str:
    world = ", and any address outside" if item.world else ""
    return f"{item.group}: {item.after} of {others} (before {item.before}), {item.by_hops} by hops{world}"
