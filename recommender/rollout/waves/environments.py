"""Which namespaces are dev, staging and production?"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from recommender.errors import UsageError
from recommender.rollout.waves.plan import Environment

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Environments:
    """Which namespaces are which environment."""

    patterns: tuple[tuple[Environment, str], ...] = ()

    @classmethod
    def parse(cls, given: Sequence[str]) -> Environments:
        """Read `dev=shop-dev,staging=shop-staging*,east/*`; what none names is production.

        Raises:
            UsageError: No such environment, or no namespaces.
        """
        found = []
        environment = ""
        for part in (part for text in given for part in text.split(",")):
            name, equals, pattern = part.partition("=")
            if equals:
                environment = name.strip()
            pattern = pattern if equals else name
            if environment not in set(Environment) or not pattern.strip():
                raise UsageError(
                    f"`{part}` names no environment and namespace",
                    where="--environments",
                    hint="such as dev=shop-dev,staging=shop-staging,payments-staging; the rest is production",
                )
            found.append((Environment(environment), pattern.strip()))
        return cls(patterns=tuple(found))

    def of(self, namespace: str, cluster: str = "") -> Environment:
        """The environment of a namespace; a pattern with a slash is about `CLUSTER/NAMESPACE`."""
        for environment, pattern in self.patterns:
            if fnmatchcase(f"{cluster}/{namespace}" if "/" in pattern else namespace, pattern):
                return environment
        return Environment.PRODUCTION
