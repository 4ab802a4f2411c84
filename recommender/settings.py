"""Settings: defaults < file < environment < flags, each value knowing where it came from."""

from __future__ import annotations

import hashlib
import os
import tomllib
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from recommender.errors import UsageError
from recommender.model.cni import Cni
from recommender.model.cni_plugins import plugin_named
from recommender.model.dns_scope import DnsScope
from recommender.model.existing import ExistingUse
from recommender.model.granularity import Granularity
from recommender.model.layer7 import Layer7
from recommender.model.manifest import Dialect
from recommender.model.own_node import OwnNode
from recommender.model.recommendation import SettingValue
from recommender.model.reduction import ReductionEngine
from recommender.model.shared_baseline import BaselineForm
from recommender.model.single_sightings import SingleSightings
from recommender.model.widening import DynamicPorts, NamePatterns, WideningLimits
from recommender.setting_values import did_you_mean, setting_value, words_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.model.gap import Severity

DEFAULT_FILE: Final = "netpol-recommend.toml"
ENVIRONMENT_PREFIX: Final = "NETPOL_RECOMMEND_"
_IMPLIED_BY_MINIMUM_VIABLE: Final[Mapping[str, tuple[Any, str]]] = {
    "granularity": (Granularity.NAMESPACE, "it governs namespaces; --sensitive tightens what needs more"),
    "baselines": (BaselineForm.INLINE, "each of its steps has a file of its own in each namespace"),
    "dns": (DnsScope.ALL, "it lets every pod resolve names"),
}
"""Setting to the one value that the starter set can be written with, and why."""
STARTER_DIALECTS: Final = (Dialect.CILIUM, Dialect.KUBERNETES, Dialect.CALICO)
"""Policy APIs in which policies of one pod only add up, so that steps may stand in files of their own."""
WITHOUT_EFFECT: Final = frozenset(
    {
        "cni",
        "engine",
        "fail_on",
        "ignore",
        "jobs",
        "memory_limit",
        "reduction_cache",
        "spark_master",
        "spill_directory",
    }
)
"""Settings that change how a run is done or ends, but not what it recommends."""

_NOT_REPORTED: Final = frozenset({"engine", "reduction_cache", "spark_master"})
"""Settings that no report tells, since it is the same to the byte whatever they are."""
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
    granularity: Granularity = field(
        default=Granularity.GROUP, metadata={"help": "How many workloads one policy governs."}
    )
    sensitive: tuple[str, ...] = field(
        default=(), metadata={"help": "Namespaces and labels (`key=value`) whose workloads get policies of their own."}
    )
    minimum_viable: bool = field(
        default=False, metadata={"help": "Write the six-step starter set for namespaces instead of full policies."}
    )
    cni: str = field(
        default="",
        metadata={"help": "Network plugin that is to enforce the policies, as NAME or NAME@VERSION; empty: not told."},
    )
    enforce_below: float = field(
        default=0.10,
        metadata={"help": "Predicted breakage within a week up to which a policy is called ready to enforce."},
    )
    stage_below: float = field(
        default=0.35,
        metadata={"help": "Predicted breakage within a week up to which a policy is called ready to stage."},
    )
    fail_on: Severity | None = field(
        default=None, metadata={"help": "Exit with 1 if a gap is at least this severe; `never` to switch off."}
    )
    ignore: tuple[str, ...] = field(
        default=(), metadata={"help": "Codes of findings that never make a run fail; they are told all the same."}
    )
    memory_limit: str = field(default="2GiB", metadata={"help": "Memory that the reduction may use before it spills."})
    spill_directory: str = field(
        default="", metadata={"help": "Where what exceeds the memory limit goes; by default the system's own place."}
    )
    reduction_cache: str = field(
        default="", metadata={"help": "Where what flows are reduced to is kept for the next run; empty: nowhere."}
    )
    jobs: int = field(
        default=0,
        metadata={
            "help": "Processes that decode raw flows, or do the backtest beside the rest; 0 stands for one a core."
        },
    )
    engine: ReductionEngine = field(
        default=ReductionEngine.DUCKDB, metadata={"help": "What reduces flows to edges; both give the same bytes."}
    )
    spark_master: str = field(
        default="", metadata={"help": "Where Spark runs; empty: as Spark's own configuration says."}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedSettings:
    """Settings and the origin of each value."""

    settings: Settings
    origins: Mapping[str, str]

    @property
    def processes(self) -> int:
        """How many processes work on this machine."""
        if self.settings.jobs:
            return self.settings.jobs
        usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        return min(usable or 1, _MOST_PROCESSES)

    @classmethod
    def given(cls, settings: Settings) -> ResolvedSettings:
        """Settings that a caller of the API made; what differs from the defaults has the origin `argument`.

        Raises:
            UsageError: They contradict each other.
        """
        default = Settings()
        settings = replace(settings, sensitive=words_of("sensitive", settings.sensitive, "argument"))
        origins = {
            item.name: "default" if getattr(settings, item.name) == getattr(default, item.name) else "argument"
            for item in fields(Settings)
        }
        return _with_implied(cls(settings=settings, origins=origins))

    def limits(self) -> WideningLimits:
        """How far rules may go beyond what was seen."""
        chosen = self.settings
        return WideningLimits(names=chosen.fqdn_patterns, ports=chosen.dynamic_ports, cidr_budget=chosen.cidr_budget)

    def cni(self) -> Cni | None:
        """The network plugin that is to enforce the policies; None if it was not told."""
        name, _, version = self.settings.cni.partition("@")
        plugin = plugin_named(name)
        return Cni(plugin=plugin, version=version, origin=self.origins["cni"]) if plugin else None

    def values(self) -> tuple[SettingValue, ...]:
        """Name, value and origin of every setting, in the order of their declaration."""
        return tuple(
            SettingValue(name=item.name, value=_text(getattr(self.settings, item.name)), origin=self.origins[item.name])
            for item in fields(Settings)
        )

    def reported(self) -> tuple[SettingValue, ...]:
        """What a report tells of the settings."""
        return tuple(value for value in self.values() if value.name not in _NOT_REPORTED)

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
            values[name] = setting_value(name, value, origin)
            origins[name] = origin
    settings = Settings(**values)
    if origins["spark_master"].startswith("--") and settings.engine is not ReductionEngine.SPARK:
        raise UsageError(
            f"there is no Spark where {settings.engine} reduces the flows",
            where=origins["spark_master"],
            hint="add --engine spark, or leave it out",
        )
    return _with_implied(ResolvedSettings(settings=settings, origins=origins))


def _with_implied(resolved: ResolvedSettings) -> ResolvedSettings:
    """The settings with what the starter set implies, each with the origin that says so."""
    if not resolved.settings.minimum_viable:
        return resolved
    origins = dict(resolved.origins)
    dialect = resolved.settings.dialect
    if dialect not in STARTER_DIALECTS:
        raise UsageError(
            f"`{dialect}` contradicts the starter set: its steps add up in {', '.join(STARTER_DIALECTS)} only",
            where=origins["dialect"],
            hint=f"choose one of these, or leave minimum_viable ({origins['minimum_viable']}) out",
        )
    for name, (value, why) in _IMPLIED_BY_MINIMUM_VIABLE.items():
        if origins[name] != "default" and getattr(resolved.settings, name) is not value:
            raise UsageError(
                f"`{_text(getattr(resolved.settings, name))}` contradicts the starter set: {why}",
                where=origins[name],
                hint=f"leave {name} out, or leave minimum_viable ({origins['minimum_viable']}) out",
            )
        origins[name] = f"implied by {origins['minimum_viable']}"
    implied = {name: value for name, (value, _) in _IMPLIED_BY_MINIMUM_VIABLE.items()}
    return ResolvedSettings(settings=replace(resolved.settings, **implied), origins=origins)


def _file_layer(file: Path | None) -> list[dict[str, tuple[Any, str]]]:
    path = file or Path(DEFAULT_FILE)
    if file is None and not path.is_file():
        return []
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"the settings file cannot be read: {error}", where=str(path)) from error
    known = [item.name for item in fields(Settings)]
    for key in document:
        if key not in known:
            raise UsageError(f"unknown setting `{key}`", where=str(path), hint=did_you_mean(key, known))
    return [{name: (value, str(path)) for name, value in document.items()}]


def _environment_layer(environment: Mapping[str, str]) -> dict[str, tuple[Any, str]]:
    layer: dict[str, tuple[Any, str]] = {}
    for item in fields(Settings):
        variable = ENVIRONMENT_PREFIX + item.name.upper()
        if environment.get(variable):
            layer[item.name] = (environment[variable], variable)
    return layer


def _text(value: object) -> str:
    match value:
        case None:
            return "never"
        case bool():
            return "true" if value else "false"
        case tuple():
            return ", ".join(map(str, value))
        case _:
            return str(value)
