"""Which flows to look at, in Hubble's own terms (`hubble observe --help`)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One flag with all its values: a flow meets it if any value fits."""

    flag: str
    """Hubble's long flag without dashes, such as `namespace`, `from-pod`, `to-label`, `verdict`, `port`."""
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Conditions that must all hold, others that leave out what meets them all (`--not`), and a time range."""

    wanted: tuple[Condition, ...] = ()
    unwanted: tuple[Condition, ...] = ()
    """As in Hubble, two different flags after `--not` leave out only flows that meet both."""
    since: str = ""
    """RFC 3339 time, date, or a duration back from the newest flow (`36h`, `7d`)."""
    until: str = ""

    @property
    def empty(self) -> bool:
        """Whether every flow is selected."""
        return not (self.wanted or self.unwanted or self.since or self.until)
