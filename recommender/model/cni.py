"""What a network plugin makes of the policies of each API, by version."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from recommender.model.manifest import Dialect

if TYPE_CHECKING:
    from collections.abc import Mapping


class Enforcement(StrEnum):
    """What a plugin makes of the policies of one API; the members are sorted, best first."""

    FULL = "full"
    PARTIAL = "partial"
    """It enforces them, but passes over a field (`CniPlugin.ignores`)."""
    OPTIONAL = "optional"
    """It enforces them where that was switched on; as installed by default it ignores them."""
    UNKNOWN = "unknown"
    NONE = "none"
    """It ignores them, silently: the API server stores whatever its schema allows."""


class Feature(StrEnum):
    """A field of NetworkPolicy that some plugins pass over."""

    END_PORT = "endPort"
    NAMED_PORT = "named ports"
    SCTP = "SCTP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """What a plugin makes of one API."""

    enforcement: Enforcement
    """In a recent version; PARTIAL is never stated, it follows from the fields that the plugin passes over."""
    sources: tuple[str, ...]
    """Pages that say so."""
    since: tuple[int, ...] = ()
    """First version of which this holds, those before it ignore the API; empty if all do."""
    note: str = ""
    """What has to be switched on, or is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """A field that a plugin does not know."""

    source: str
    """Page that says so."""
    until: tuple[int, ...] = ()
    """First version that knows the field; empty if none is known to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CniPlugin:
    """A network plugin, or a controller that enforces policies beside one."""

    name: str
    """As `--cni` takes it."""
    supports: Mapping[Dialect, Support] = field(hash=False)
    """Dialects that are not listed are ignored by it; the Kubernetes dialect always is listed."""
    daemon_sets: Mapping[str, str] = field(default_factory=dict, hash=False)
    """How its agents are called in a cluster, each with the page that says so."""
    ignores: Mapping[Feature, PassedOver] = field(default_factory=dict, hash=False)
    """Fields that it passes over where it enforces the rest."""

    def support(self, dialect: Dialect, version: str = "") -> Support:
        """What this version makes of a dialect, with its reason; without a version, of a recent one."""
        stated = self.supports.get(dialect)
        if stated is None:
            return Support(enforcement=Enforcement.NONE, sources=self.supports[Dialect.KUBERNETES].sources)
        if _is_before(version, stated.since):
            notes = (f"it does from {_text(stated.since)} on", stated.note)
            return replace(stated, enforcement=Enforcement.NONE, note=", ".join(filter(None, notes)))
        ignored = self.ignored(version)
        if stated.enforcement is Enforcement.FULL and ignored:
            note = f"it does not know {', '.join(sorted(ignored))}"
            return replace(
                stated, enforcement=Enforcement.PARTIAL, sources=tuple(sorted(set(ignored.values()))), note=note
            )
        return stated

    def enforcement(self, dialect: Dialect, version: str = "") -> Enforcement:
        """What this version makes of a dialect; without a version, of a recent one."""
        return self.support(dialect, version).enforcement

    def ignored(self, version: str = "") -> Mapping[Feature, str]:
        """Fields that this version passes over, each with the page that says so; without a version, a recent one."""
        return {
            feature: passed.source
            for feature, passed in self.ignores.items()
            if not passed.until or _is_before(version, passed.until)
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Cni:
    """The network plugin of the cluster that policies are meant for."""

    plugin: CniPlugin
    version: str = ""
    origin: str = field(default="", compare=False)
    """How it is known."""

    def __str__(self) -> str:
        return f"{self.plugin.name} {self.version}" if self.version else self.plugin.name


def _is_before(version: str, first: tuple[int, ...]) -> bool:
    """Whether a version that was told, `v` or not before it, is older than another; `1.14` counts as any 1.14.x."""
    numbers = tuple(int(part) for part in version.removeprefix("v").split(".") if part.isdigit())
    return bool(numbers) and numbers < first[: len(numbers)]


def _text(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
