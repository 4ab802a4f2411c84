"""Where does a domain that one party registered begin, and where do many parties share one (Public Suffix List)?

The list comes with the `publicsuffixlist` package and is read from there; nothing is fetched.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

from publicsuffixlist import PublicSuffixList

_LIST: Final = "public_suffix_list.dat"


@cache
def registrable_domain(name: str) -> str:
    """The suffix and one label more, such as `example.co.uk`; empty if the name is itself a suffix.

    Suffixes of the list's private part count as well: whoever shares `s3.amazonaws.com` is not one party.
    """
    found = _list().privatesuffix(name)
    return found if isinstance(found, str) else ""


@cache
def shared_suffixes(domain: str) -> tuple[tuple[str, ...], ...]:
    """The suffixes below a domain under which strangers may have names, as labels; `*` stands for any one label."""
    ending = f".{domain}"
    return tuple(tuple(rule.split(".")) for rule in _rules() if rule.endswith(ending))


@cache
def _list() -> PublicSuffixList:
    return PublicSuffixList()


@cache
def _rules() -> tuple[str, ...]:
    """The rules of the list but for its exceptions and comments (format: publicsuffix.org/list)."""
    lines = (files("publicsuffixlist") / _LIST).read_text(encoding="utf-8").splitlines()
    return tuple(line.strip().lower() for line in lines if line.strip() and not line.startswith(("//", "!")))
