"""Names of groups: DNS labels made from owners and role labels, unique within their namespace."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from recommender.group.roles import instance_stem, role_name, role_stem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from recommender.group.candidate import Candidate
    from recommender.model.edge import WorkloadEnd
    from recommender.model.group import Group

LONGEST_NAME = 40
"""Leaves room for what policies add within the 63 characters of a DNS label (RFC 1123)."""

_UNSAFE = re.compile(r"[^a-z0-9]+")
_DIGEST_STEPS = (6, 12, 24, 32)


def base_name(candidate: Candidate) -> str:
    """The name that a group would like: its owner, what its owners share, else its role labels; a safe DNS label."""
    members = candidate.members
    owned = [member.end for member in members if not member.ownerless]
    instances = {instance_stem(end.kind, end.name) for end in owned}
    stems = {role_stem(end.kind, end.name) for end in owned}
    roles = {role_name(member.roles) for member in members}
    first = members[0]
    choices = (
        *(instances if len(instances) == 1 else ()),
        *(stems if len(stems) == 1 else ()),
        *(roles if len(roles) == 1 else ()),
        *(min(instances, default=""), min(roles), *(value for _, value in first.usable)),
        *(first.service_account if first.service_account != "default" else "", first.end.name),
    )
    return next((safe for text in choices if (safe := safe_name(text))), "unnamed")


def safe_name(text: str) -> str:
    """Lower case, runs of anything but letters and digits as one `-`, at most 40 characters; may come out empty."""
    return _UNSAFE.sub("-", text.lower()).strip("-")[:LONGEST_NAME].rstrip("-")


def unique_names(candidates: Sequence[Candidate], taken: AbstractSet[str] = frozenset()) -> dict[Candidate, str]:
    """Name the groups of one namespace; only those that would share a name get a digest of their members behind it.

    `taken` are names of other groups of the namespace.
    """
    bases = {candidate: base_name(candidate) for candidate in candidates}
    names = dict(bases)
    for length in _DIGEST_STEPS:
        counts = Counter([*names.values(), *taken])
        clashing = [candidate for candidate, name in names.items() if counts[name] > 1]
        if not clashing:
            break
        for candidate in clashing:
            names[candidate] = _with_digest(bases[candidate], candidate.ends, length)
    return names


def with_digest(group: Group) -> Group:
    """The group under a name that no group of other members has."""
    return replace(group, name=_with_digest(group.name, group.members, _DIGEST_STEPS[1]))


def _with_digest(base: str, ends: Sequence[WorkloadEnd], length: int) -> str:
    identity = "\n".join(repr((str(end), end.kind, end.name)) for end in ends)
    digest = hashlib.blake2b(identity.encode(errors="surrogatepass"), digest_size=16).hexdigest()[:length]
    return f"{base[: LONGEST_NAME - length - 1].rstrip('-')}-{digest}"
