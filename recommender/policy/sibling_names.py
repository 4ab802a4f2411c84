"""DNS names that differ in one label only, and the pattern that would stand for all of them."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from recommender.policy.registrable_domain import registrable_domain, shared_suffixes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FEWEST_SIBLINGS: Final = 3
"""Names below which there is no pattern."""
_WHOLE_TOKENS: Final = re.compile(r"(?:.*[-_])?")
_LEADING_WORD: Final = re.compile(r"(.*?[a-z])[0-9]*")

_Family = tuple[str, ...]
"""Labels, of which the one that differs is the empty text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Siblings:
    """Names of one family."""

    pattern: str
    """As in `matchPattern`: one `*`, which stands for text inside one label."""
    names: tuple[str, ...]
    """At least `FEWEST_SIBLINGS`, sorted."""

    def matches(self, name: str) -> bool:
        """Whether the pattern stands for a name, by Cilium's reading (`*` is any text inside one label)."""
        start, _, end = self.pattern.partition("*")
        inside = len(name) >= len(start) + len(end) and name.startswith(start) and name.endswith(end)
        return inside and "." not in name[len(start) : len(name) - len(end)]


def sibling_names(names: Iterable[str]) -> tuple[Siblings, ...]:
    """The families among names, sorted by pattern; each name is in one at most, the largest that it fits.

    Siblings have the same labels but one, which lies left of the registrable domain: a pattern never reaches across
    owners (`*.co.uk`, `*.s3.amazonaws.com`). Nor may it match a suffix under which strangers have names, unless all
    that was seen are such suffixes themselves.
    """
    left = set(names)
    if len(left) < FEWEST_SIBLINGS:
        return ()
    candidates: defaultdict[_Family, set[str]] = defaultdict(set)
    for name in left:
        for family in _families_of(name):
            candidates[family].add(name)
    found: list[Siblings] = []
    for family in sorted(candidates, key=lambda family: (-len(candidates[family]), family)):
        members = tuple(sorted(candidates[family] & left))
        if len(members) < FEWEST_SIBLINGS:
            continue
        pattern = _pattern(family, members)
        if _is_safe(pattern, members):
            found.append(Siblings(pattern=pattern, names=members))
            left -= set(members)
    return tuple(sorted(found, key=lambda siblings: siblings.pattern))


def _families_of(name: str) -> list[_Family]:
    """The name with one label left out, for every label whose right-hand side still is somebody's own domain."""
    labels = name.split(".")
    return [
        (*labels[:place], "", *labels[place + 1 :])
        for place in range(len(labels) - 1)
        if registrable_domain(".".join(labels[place + 1 :]))
    ]


def _pattern(family: _Family, names: Sequence[str]) -> str:
    place = family.index("")
    label = _common(sorted({name.split(".")[place] for name in names}))
    return ".".join((*family[:place], label, *family[place + 1 :]))


def _common(labels: Sequence[str]) -> str:
    """The labels with `*` for what differs; only whole words of them stay, so `api1` and `api10` give `api*`."""
    start = _head(_common_beginning(labels), labels)
    end = _tail(_common_beginning([label[::-1] for label in labels])[::-1])
    room = min(len(label) for label in labels) - len(start)
    return f"{start}*{end if len(end) <= room else ''}"


def _common_beginning(texts: Sequence[str]) -> str:
    alike = takewhile(lambda column: len(set(column)) == 1, zip(*texts, strict=False))
    return "".join(column[0] for column in alike)


def _head(prefix: str, labels: Sequence[str]) -> str:
    """The common beginning up to a hyphen, or up to where numbers follow a word."""
    word = _LEADING_WORD.fullmatch(prefix)
    if word and all(label[len(word.group(1)) :].isdecimal() for label in labels):
        return word.group(1)
    found = _WHOLE_TOKENS.match(prefix)
    return found.group() if found else ""


def _tail(suffix: str) -> str:
    """The common ending from a hyphen on."""
    found = _WHOLE_TOKENS.match(suffix[::-1])
    return found.group()[::-1] if found else ""


def _is_safe(pattern: str, names: Sequence[str]) -> bool:
    """Whether the pattern keeps to one owner's names."""
    domain = registrable_domain(pattern.replace("*", "x"))
    suffixes = [suffix for suffix in shared_suffixes(domain) if _meets(pattern, suffix)]
    if not suffixes:
        return True
    return all(not registrable_domain(name) for name in names)


def _meets(pattern: str, suffix: Sequence[str]) -> bool:
    """Whether some name matches both the pattern and a suffix; a suffix's `*` is met by ours only."""
    labels = pattern.split(".")
    if len(labels) != len(suffix):
        return False
    for ours, theirs in zip(labels, suffix, strict=True):
        start, _, end = ours.partition("*")
        fits = theirs.startswith(start) and theirs.endswith(end) and len(theirs) >= len(start) + len(end)
        if ours != theirs and ("*" not in ours or not (fits or theirs == "*")):
            return False
    return True
