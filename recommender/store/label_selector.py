"""Cilium label selectors of `--label`: equality and presence, with Cilium's label sources."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from recommender.errors import UsageError
from recommender.store.sql_text import all_of, any_of, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

_REQUIREMENT = re.compile(
    r"(?:([a-z][a-z0-9-]*):)?([A-Za-z0-9][A-Za-z0-9._/:-]*)(?:(={1,2})([A-Za-z0-9._:/-]*))?", re.ASCII
)
_ANY_SOURCE = ("", "any")


def label_predicate(selector: str, *, labels: str) -> str:
    """Give SQL that holds if the list of labels in the column `labels` meets the selector.

    `k8s:app=x` · `app=x` (any source) · `reserved:host` · `app` (the key exists) · commas mean AND.

    Raises:
        UsageError: a set-based or negated requirement, or no requirement at all.
    """
    return all_of(_requirement(part, selector, labels) for part in _parts(selector))


def _parts(selector: str) -> Iterator[str]:
    for part in selector.split(","):
        yield part.strip()


def _requirement(part: str, selector: str, labels: str) -> str:
    matched = _REQUIREMENT.fullmatch(part)
    if matched is None:
        raise UsageError(
            f"cannot read {part!r} in the label selector {selector!r}",
            where="--label",
            hint="k8s:app=web, app=web, reserved:host or app, joined by commas; use --not to exclude",
        )
    source, key, equals, value = matched.groups()
    whole = "label" if source not in (None, *_ANY_SOURCE) else "substr(label, instr(label, ':') + 1)"
    name = key if source in (None, *_ANY_SOURCE) else f"{source}:{key}"
    return f"len(list_filter({labels}, lambda label: {_holds(whole, name, equals, value)})) > 0"


def _holds(whole: str, name: str, equals: str | None, value: str | None) -> str:
    # Cilium prints an empty value as `key=` or, for reserved labels, as the key alone.
    if not equals:
        return any_of((f"{whole} = {quoted(name)}", f"starts_with({whole}, {quoted(name + '=')})"))
    if not value:
        return f"{whole} IN ({quoted(name)}, {quoted(name + '=')})"
    return f"{whole} = {quoted(f'{name}={value}')}"
