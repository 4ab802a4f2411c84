"""Do new members still appear, so that an exact list would cut some of them?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

TELLING_HOURS: Final = 24.0
"""Below so much time nothing can be called new: everything is."""
GROWING_SHARE: Final = 1 / 3
"""Share of newcomers in the second half from which on the list counts as growing."""
_HOUR: Final = 3_600_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnover:
    """Members of a list by the time of their first sighting."""

    members: int
    late: int
    """First seen in the second half of the time from the first member's sighting to the end of the capture."""
    hours: float
    """Length of that time."""

    @classmethod
    def of(cls, first_seen: Iterable[int], *, until: int) -> Turnover:
        """Count the latecomers. Times are nanoseconds since the epoch; `until` is the end of the capture."""
        times = sorted(first_seen)
        start = times[0] if times else until
        late = sum(time > start + (until - start) // 2 for time in times)
        return cls(members=len(times), late=late, hours=max(0, until - start) / _HOUR)

    @property
    def is_growing(self) -> bool:
        """Whether the list of the first half would have cut a third of the members or more in the second.

        A hold-out in time, since volume says nothing of what is still to come.
        """
        return self.hours >= TELLING_HOURS and self.late > 0 and self.late >= GROWING_SHARE * self.members
