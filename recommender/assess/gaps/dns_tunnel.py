"""Clients whose lookups look as if the names themselves were the message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from recommender.assess.codes import DNS_TUNNEL
from recommender.assess.gaps.report import make_gap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.assess.gaps.context import GapContext
    from recommender.model.gap import Gap

MANY_NAMES: Final = 100
LONG_NAME: Final = 24.0
"""Characters before the domain, on average: hashes and host names are shorter, a useful payload is not."""
_SELDOM_REPEATED: Final = 0.4
"""Distinct names a request: a name asked for over two record types counts a half."""


def detect(context: GapContext) -> Iterator[Gap]:
    """Who asks for very many long names under one domain, hardly any of them twice?

    Source of the signs: G. Farnham and A. Atlasis, "Detecting DNS Tunneling" (SANS Institute, 2013): unique host names
    a domain, length of labels, volume a client. Only lookups through Cilium's DNS proxy show their names.
    """
    for load in context.lookups:
        seldom = load.names >= _SELDOM_REPEATED * load.lookups
        if load.names >= MANY_NAMES and load.mean_length >= LONG_NAME and seldom:
            yield make_gap(
                DNS_TUNNEL,
                subject=str(load.client),
                reason=f"{load.names} different names under {load.domain}, {load.mean_length:.0f} characters each, "
                f"in {load.lookups} lookups",
                count=load.names,
                examples=load.examples,
            )
