"""What an intruder in a group could reach."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupExposure:
    """One group: other groups that a connection can be opened to on some port, before and after."""

    group: str
    """`Group.display`."""
    governed: bool
    """Whether a policy isolates its egress."""
    before: int
    """Other groups that it reaches as things are: by the existing policies, or all."""
    after: int
    """Other groups that it reaches directly once the policies are enforced."""
    by_hops: int
    """The same, or by taking over the groups on the way."""
    world: bool
    """Whether it may then open connections to any address outside."""
