"""A selection as SQL over the flows table.

As in Hubble: the values of one flag are alternatives and different flags must all hold. Flags without `from-` or `to-`
look at either end, and all of them must hold at the same end. The flags after `--not` make a selection of their own
that is left out: with several different ones, what meets all of them. One thing differs on purpose: `--since 7d` counts
back from the newest flow of the dataset.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from recommender.errors import UsageError
from recommender.store.end_conditions import END_KINDS, End, SideTables, end_predicate
from recommender.store.record_conditions import RECORD_FLAGS, record_predicate
from recommender.store.sql_text import all_of, any_of, none_of
from recommender.store.time_range import moment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from recommender.model.selection import Condition, Selection

_ENDS: Final = {"from-": End.SOURCE, "to-": End.DESTINATION}
_QUALIFIED: Final = ("pod", "service")

FLAGS: Final = (*(prefix + kind for kind in END_KINDS for prefix in ("", *_ENDS)), *RECORD_FLAGS)
"""Every filter flag, without dashes."""
RECORD_KIND_FLAGS: Final = frozenset(
    {
        "verdict",
        "type",
        "tcp-flags",
        "traffic-direction",
        "drop-reason-desc",
        "http-method",
        "http-path",
        "http-status",
        "uuid",
    }
)
"""Flags that say what kind of record to look at, and nothing of who talks to whom."""


def flow_predicate(selection: Selection, *, newest: int, tables: SideTables | None = None) -> str:
    """Give SQL that holds for the flows of the selection.

    Args:
        selection: the conditions.
        newest: time of the newest flow, in nanoseconds since the epoch; durations count back from it.
        tables: SQL names of the endpoint relations.

    Raises:
        UsageError: a flag or a value that cannot be read.
    """
    named = tables or SideTables()
    left_out = [_matching(selection.unwanted, named)] if selection.unwanted else []
    return all_of(
        (
            _matching(selection.wanted, named),
            none_of(left_out),
            time_predicate(selection, newest=newest),
        )
    )


def _matching(conditions: Iterable[Condition], tables: SideTables) -> str:
    named = _with_namespaces(conditions)
    either = [condition for condition in named if condition.flag in END_KINDS]
    others = [condition for condition in named if condition.flag not in END_KINDS]
    return all_of((_at_one_end(either, tables), *(_holds(condition, tables) for condition in others)))


def without_ends(selection: Selection) -> Selection:
    """Keep the time range and the conditions on kinds of records, which thin out every pair of ends alike.

    What remains is what the selection is compared with: a pod with flows here that the selection lacks is only partly
    known, and a policy made of the part would cut the rest. An exclusion that also asks for ends thins out some only.
    """
    alike = all(condition.flag in RECORD_KIND_FLAGS for condition in selection.unwanted)
    return replace(
        selection,
        wanted=tuple(condition for condition in selection.wanted if condition.flag in RECORD_KIND_FLAGS),
        unwanted=selection.unwanted if alike else (),
    )


def record_kinds(selection: Selection) -> tuple[str, ...]:
    """Say which conditions on kinds of records the selection has, such as `--verdict AUDIT`."""
    thinned = without_ends(selection)
    return tuple(
        f"{negation}--{condition.flag} {value}"
        for negation, conditions in (("", thinned.wanted), ("--not ", thinned.unwanted))
        for condition in conditions
        for value in condition.values
    )


def check_selection(selection: Selection) -> None:
    """Refuse a selection that cannot be read, before any flow is.

    Raises:
        UsageError: with the flag, the value, and the nearest known value.
    """
    flow_predicate(selection, newest=0)


def time_predicate(selection: Selection, *, newest: int) -> str:
    """Give SQL that holds if the column `time` lies between --since and --until, both included.

    Raises:
        UsageError: a time that cannot be read, or an empty range.
    """
    since = moment(selection.since, flag="since", newest=newest) if selection.since else None
    until = moment(selection.until, flag="until", newest=newest) if selection.until else None
    if since is not None and until is not None and since > until:
        raise UsageError(
            f"nothing lies between {selection.since} and {selection.until}",
            where="--until",
            hint="an --until later than --since",
        )
    bounds = ((since, ">="), (until, "<="))
    return all_of(f"epoch_ns(time) {operator} {bound}" for bound, operator in bounds if bound is not None)


def _at_one_end(conditions: list[Condition], tables: SideTables) -> str:
    if not conditions:
        return all_of(())
    return any_of(
        all_of(_values(condition.flag, condition.values, end, tables) for condition in conditions) for end in End
    )


def _holds(condition: Condition, tables: SideTables) -> str:
    flag, values = condition.flag, condition.values
    if flag in RECORD_FLAGS:
        return any_of(record_predicate(flag, value) for value in values)
    for prefix, end in _ENDS.items():
        kind = flag.removeprefix(prefix)
        if flag.startswith(prefix) and kind in END_KINDS:
            return _values(kind, values, end, tables)
    raise UsageError("there is no such filter", where=f"--{flag}", hint="netpol-recommend ingest --help")


def _values(kind: str, values: Iterable[str], end: End, tables: SideTables) -> str:
    return any_of(end_predicate(kind, value, end, tables) for value in values)


def _with_namespaces(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """Give bare pod and service names the namespaces of `--namespace`, as Hubble does."""
    listed = tuple(conditions)
    namespaces = {condition.flag: condition.values for condition in listed if condition.flag.endswith("namespace")}
    return tuple(_qualified(condition, namespaces) for condition in listed)


def _qualified(condition: Condition, namespaces: dict[str, tuple[str, ...]]) -> Condition:
    kind = condition.flag.removeprefix("from-").removeprefix("to-")
    prefix = condition.flag.removesuffix(kind)
    spaces = namespaces.get(f"{prefix}namespace") or namespaces.get("namespace", ())
    if kind not in _QUALIFIED or not spaces:
        return condition
    values = ((value,) if "/" in value else tuple(f"{space}/{value}" for space in spaces) for value in condition.values)
    return replace(condition, values=tuple(full for group in values for full in group))
