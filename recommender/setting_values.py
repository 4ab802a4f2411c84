"""What a setting may be set to: each value read from a file, a variable or a flag, or refused with what is known."""

from __future__ import annotations

import difflib
import math
import re
from typing import TYPE_CHECKING, Any, Final

from recommender.errors import UsageError
from recommender.model.cni_plugins import PLUGINS, plugin_named
from recommender.model.dns_scope import DnsScope
from recommender.model.existing import ExistingUse
from recommender.model.gap import Severity
from recommender.model.granularity import Granularity
from recommender.model.layer7 import Layer7
from recommender.model.manifest import Dialect
from recommender.model.own_node import OwnNode
from recommender.model.reduction import ReductionEngine
from recommender.model.shared_baseline import BaselineForm
from recommender.model.single_sightings import SingleSightings
from recommender.model.widening import DynamicPorts, NamePatterns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from enum import StrEnum

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
    "granularity": Granularity,
    "engine": ReductionEngine,
}
_VERSION: Final = re.compile(r"v?[0-9]{1,6}(\.[0-9]{1,6}){0,3}", re.ASCII)
_CODE: Final = re.compile(r"NPR[0-9]{3}", re.ASCII)
_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?) ?((?:[KMGT]i?)?B)", re.ASCII | re.IGNORECASE)


def setting_value(name: str, value: Any, origin: str) -> Any:
    """The value of a setting as the program has it.

    Raises:
        UsageError: The setting cannot have it; says where it was given.
    """
    if name in _CHOICES:
        return _choice(_CHOICES[name], name, value, origin)
    reader = _READERS.get(name)
    return reader(name, value, origin) if reader else str(value)


def _budget(name: str, value: Any, origin: str) -> float:
    """A number from 0 to `LARGEST_BUDGET`."""
    number = _number(value)
    if not 0 <= number <= LARGEST_BUDGET:
        raise UsageError(
            f"`{value}` is no {name}",
            where=origin,
            hint=f"a number from 0 (exact addresses) to {LARGEST_BUDGET:g}, such as 1",
        )
    return number


def _share(name: str, value: Any, origin: str) -> float:
    """A probability."""
    number = _number(value)
    if not 0 <= number <= 1:
        raise UsageError(
            f"`{value}` is no {name.replace('_', ' ')}", where=origin, hint="a probability from 0 to 1, such as 0.1"
        )
    return number


def _number(value: Any) -> float:
    """The number, or not-a-number."""
    try:
        return math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return math.nan


def _cni(_name: str, value: Any, origin: str) -> str:
    """A plugin that is known, with or without a version; empty for none."""
    name, at, version = str(value).partition("@")
    known = [plugin.name for plugin in PLUGINS]
    if value and plugin_named(name) is None:
        raise UsageError(f"`{name}` is no known network plugin", where=origin, hint=did_you_mean(name.lower(), known))
    if at and not _VERSION.fullmatch(version):
        raise UsageError(f"`{version}` is no version", where=origin, hint="numbers and dots, such as 1.14")
    return f"{name.lower()}{at}{version}"


def _codes(_name: str, value: Any, origin: str) -> tuple[str, ...]:
    """Codes of findings: several values, or one text with commas."""
    given = value.split(",") if isinstance(value, str) else value
    if not isinstance(given, list | tuple):
        raise UsageError(f"`{value}` is no list of codes", where=origin, hint='ignore = ["NPR807"]')
    codes = sorted({str(code).strip().upper() for code in given} - {""})
    for code in codes:
        if not _CODE.fullmatch(code):
            raise UsageError(f"`{code}` is no code of a finding", where=origin, hint="a code such as NPR807")
    return tuple(codes)


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
            f"`{value}` is no {name.replace('_', ' ')}", where=origin, hint=did_you_mean(str(value), known)
        )
    return kind(value)


def words_of(name: str, value: Any, origin: str) -> tuple[str, ...]:
    """A list, or a text with commas, as distinct words in order."""
    parts: Sequence[Any] = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not all(isinstance(part, str) for part in parts):
        raise UsageError(f"{name} must be a list of texts", where=origin, hint=f'{name} = ["payments", "tier=gold"]')
    return tuple(sorted({word for part in parts for text in part.split(",") if (word := text.strip())}))


def _switch(name: str, value: Any, origin: str) -> bool:
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    found = value if isinstance(value, bool) else words.get(str(value).lower())
    if found is None:
        raise UsageError(f"`{value}` is no {name.replace('_', ' ')}", where=origin, hint="known: true, false")
    return found


def did_you_mean(given: str, known: list[str]) -> str:
    """The nearest known word, and all of them."""
    near = difflib.get_close_matches(given, known, n=1)
    guess = f"did you mean `{near[0]}`? " if near else ""
    return f"{guess}known: {', '.join(known)}"


def _threshold(name: str, value: Any, origin: str) -> Severity | None:
    return None if value == "never" else Severity(_choice(Severity, name, value, origin))


_READERS: Final[Mapping[str, Callable[[str, Any, str], Any]]] = {
    "cidr_budget": _budget,
    "cni": _cni,
    "enforce_below": _share,
    "stage_below": _share,
    "ignore": _codes,
    "sensitive": words_of,
    "minimum_viable": _switch,
    "fail_on": _threshold,
    "memory_limit": _size,
    "jobs": _count,
}
