"""Settings: defaults < file < environment < flags, each value knowing where it came from."""

from __future__ import annotations

import difflib
import hashlib
import math
import os
import re
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from recommender.errors import UsageError
from recommender.model.dns_scope import DnsScope
from recommender.model.existing import ExistingUse
from recommender.model.gap import Severity
from recommender.model.layer7 import Layer7
from recommender.model.manifest import Dialect
from recommender.model.own_node import OwnNode
from recommender.model.recommendation import SettingValue
from recommender.model.shared_baseline import BaselineForm
from recommender.model.single_sightings import SingleSightings
from recommender.model.widening import DynamicPorts, NamePatterns, WideningLimits

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import StrEnum

DEFAULT_FILE: Final = "netpol-recommend.toml"
ENVIRONMENT_PREFIX: Final = "NETPOL_RECOMMEND_"
LARGEST_BUDGET: Final = 1000.0
_CHOICES: Final[Mapping[str, type[StrEnum]]] = {
    "dialect": Dialect,
    "baselines": BaselineForm,
    "dns": DnsScope,
    "l7": Layer7,
    "existing": ExistingUse,
    "fqdn_patterns": NamePatterns,
    "dynamic_ports": DynamicPorts,
    "own_node": OwnNode,
    "single_sightings": SingleSightings,
}
_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?) ?((?:[KMGT]i?)?B)", re.ASCII | re.IGNORECASE)
WITHOUT_EFFECT: Final = frozenset({"fail_on", "memory_limit", "spill_directory", "jobs"})
"""Settings that change how a run is done or ends, but not what it recommends."""

_MOST_PROCESSES: Final = 8
"""Beyond that the process that writes the flows is the slowest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a run may be told; the same flows and settings give the same bytes."""

    dialect: Dialect = field(default=Dialect.CILIUM, metadata={"help": "Policy API to write."})
    baselines: BaselineForm = field(
        default=BaselineForm.SHARED, metadata={"help": "Where the rules of needs that many groups share stand."}
    )
    dns: DnsScope = field(
        default=DnsScope.CLIENTS, metadata={"help": "Which isolated groups may ask the cluster's DNS."}
    )
    l7: Layer7 = field(
        default=Layer7.NONE, metadata={"help": "Rules above layer 4, where requests were seen well enough."}
    )
    existing: ExistingUse = field(
        default=ExistingUse.COMPLEMENT, metadata={"help": "What is made of policies that exist already."}
    )
    fqdn_patterns: NamePatterns = field(
        default=NamePatterns.GROWING, metadata={"help": "When sibling DNS names become one pattern."}
    )
    dynamic_ports: DynamicPorts = field(
        default=DynamicPorts.RANGE, metadata={"help": "How ports are written that a server picks anew each time."}
    )
    cidr_budget: float = field(
        default=1.0,
        metadata={"help": "Unseen addresses that a joined prefix may open for each one seen in it; 0 for none."},
    )
    own_node: OwnNode = field(
        default=OwnNode.IMPLICIT,
        metadata={"help": "Whether a pod's own node needs rules to reach it; `rules` for allow-localhost=policy."},
    )
    single_sightings: SingleSightings = field(
        default=SingleSightings.REVIEW,
        metadata={"help": "What becomes of connections seen once that look like rare needs."},
    )
    fail_on: Severity | None = field(
        default=None, metadata={"help": "Exit with 1 if a gap is at least this severe; `never` to switch off."}
    )
    memory_limit: str = field(default="2GiB", metadata={"help": "Memory that the reduction may use before it spills."})
    spill_directory: str = field(
        default="", metadata={"help": "Where what exceeds the memory limit goes; by default the system's own place."}
    )
    jobs: int = field(default=0, metadata={"help": "Processes that decode raw flows; 0 stands for one a core."})


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedSettings:
    """Settings and the origin of each value."""

    settings: Settings
    origins: Mapping[str, str]

    @property
    def processes(self) -> int:
        """How many processes decode raw flows on this machine."""
        if self.settings.jobs:
            return self.settings.jobs
        usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        return min(usable or 1, _MOST_PROCESSES)

    @classmethod
    def given(cls, settings: Settings) -> ResolvedSettings:
        """Settings that a caller of the API made; what differs from the defaults has the origin `argument`."""
        default = Settings()
        origins = {
            item.name: "default" if getattr(settings, item.name) == getattr(default, item.name) else "argument"
            for item in fields(Settings)
        }
        return cls(settings=settings, origins=origins)

    def limits(self) -> WideningLimits:
        """How far rules may go beyond what was seen."""
        chosen = self.settings
        return WideningLimits(names=chosen.fqdn_patterns, ports=chosen.dynamic_ports, cidr_budget=chosen.cidr_budget)

    def values(self) -> tuple[SettingValue, ...]:
        """Name, value and origin of every setting, in the order of their declaration."""
        return tuple(
            SettingValue(name=item.name, value=_text(getattr(self.settings, item.name)), origin=self.origins[item.name])
            for item in fields(Settings)
        )

    def digest(self) -> str:
        """Eight hex digits of the values, whatever their origin."""
        text = "\n".join(f"{item.name}={item.value}" for item in self.values() if item.name not in WITHOUT_EFFECT)
        return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


def resolve_settings(
    *,
    flags: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> ResolvedSettings:
    """Settle every setting; `None` among the flags means not given.

    Without `file`, `netpol-recommend.toml` in the working directory is read if it is there. An unknown key or value is
    a UsageError that names the nearest known one.
    """
    layers = [*_file_layer(file), _environment_layer(os.environ if environment is None else environment)]
    layers.append(
        {name: (value, f"--{name.replace('_', '-')}") for name, value in (flags or {}).items() if value is not None}
    )
    values: dict[str, Any] = {}
    origins = {item.name: "default" for item in fields(Settings)}
    for layer in layers:
        for name, (value, origin) in layer.items():
            values[name] = _parse(name, value, origin)
            origins[name] = origin
    return ResolvedSettings(settings=Settings(**values), origins=origins)


def _file_layer(file: Path | None) -> list[dict[str, tuple[Any, str]]]:
    path = file or Path(DEFAULT_FILE)
    if file is None and not path.is_file():
        return []
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"the settings file cannot be read: {error}", where=str(path)) from error
    known = [item.name for item in fields(Settings)]
    for key in document:
        if key not in known:
            raise UsageError(f"unknown setting `{key}`", where=str(path), hint=_did_you_mean(key, known))
    return [{name: (value, str(path)) for name, value in document.items()}]


def _environment_layer(environment: Mapping[str, str]) -> dict[str, tuple[Any, str]]:
    layer: dict[str, tuple[Any, str]] = {}
    for item in fields(Settings):
        variable = ENVIRONMENT_PREFIX + item.name.upper()
        if environment.get(variable):
            layer[item.name] = (environment[variable], variable)
    return layer


def _parse(name: str, value: Any, origin: str) -> Any:
    match name:
        case _ if name in _CHOICES:
            return _choice(_CHOICES[name], name, value, origin)
        case "cidr_budget":
            return _budget(name, value, origin)
        case "fail_on":
            return None if value == "never" else _choice(Severity, name, value, origin)
        case "memory_limit":
            return _size(name, value, origin)
        case "jobs":
            return _count(name, value, origin)
        case _:
            return str(value)


def _budget(name: str, value: Any, origin: str) -> float:
    """A number from 0 to `LARGEST_BUDGET`."""
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not 0 <= number <= LARGEST_BUDGET:
        raise UsageError(
            f"`{value}` is no {name}",
            where=origin,
            hint=f"a number from 0 (exact addresses) to {LARGEST_BUDGET:g}, such as 1",
        )
    return number


def _count(name: str, value: Any, origin: str) -> int:
    text = str(value)
    if not (text.isascii() and text.isdecimal()):
        raise UsageError(f"`{text}` is no number of {name}", where=origin, hint="0, which is one a core, 1, 2 …")
    return int(text)


def _size(name: str, value: Any, origin: str) -> str:
    """A size as DuckDB takes it; anything else would end the run only after the flows were read."""
    match = _SIZE.fullmatch(str(value).strip())
    if match is None or not float(match[1]):
        raise UsageError(
            f"`{value}` is no {name.replace('_', ' ')}", where=origin, hint="a number and a unit, such as 512MiB or 4GB"
        )
    return f"{match[1]}{match[2]}"


def _choice(kind: type[StrEnum], name: str, value: Any, origin: str) -> StrEnum:
    known = [member.value for member in kind]
    if value not in known:
        raise UsageError(
            f"`{value}` is no {name.replace('_', ' ')}", where=origin, hint=_did_you_mean(str(value), known)
        )
    return kind(value)


def _did_you_mean(given: str, known: list[str]) -> str:
    near = difflib.get_close_matches(given, known, n=1)
    guess = f"did you mean `{near[0]}`? " if near else ""
    return f"{guess}known: {', '.join(known)}"


def _text(value: object) -> str:
    return "never" if value is None else str(value)
