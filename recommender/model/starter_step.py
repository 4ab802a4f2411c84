"""The steps of the starter set, in the order of the article that the project grew from."""

from __future__ import annotations

from enum import StrEnum


class StarterStep(StrEnum):
    """One kind of file of the starter set; the value is its name."""

    DENY_INGRESS = "default-deny-ingress"
    DNS = "dns"
    SAME_NAMESPACE = "same-namespace"
    OTHER_NAMESPACES = "other-namespaces"
    PRIVATE_RANGES = "private-ranges"
    OUTSIDE_HTTPS = "outside-https"
    ALSO_NEEDED = "also-needed"
    """What was seen, is needed, and is in none of the six steps: nodes, the API server, other ports outside."""

    @property
    def number(self) -> int:
        """1 to 7."""
        return tuple(StarterStep).index(self) + 1

    @property
    def isolates(self) -> bool:
        """Whether it denies what no other step allows; every other step only adds, where the dialect can say that."""
        return self in {StarterStep.DENY_INGRESS, StarterStep.PRIVATE_RANGES}
