"""IP addresses in the one spelling by which they are compared, joined and written into rules."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final

from recommender.ingest.rejects import RejectedRecordError, RejectReason

if TYPE_CHECKING:
    from recommender.ingest.messages import Addresses

_CACHE_LIMIT: Final = 200_000


class AddressBook:
    """Spells addresses as Go does (RFC 5952; IPv4-mapped ones as IPv4), remembering those that it has met."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def correct(self, addresses: Addresses) -> None:
        """Put every address of a record into its canonical spelling.

        Raises:
            RejectedRecordError: if one is no IP address.
        """
        if addresses.source:
            addresses.source = self._spelled(addresses.source, "source")
        if addresses.destination:
            addresses.destination = self._spelled(addresses.destination, "destination")
        translated = addresses.source_xlated or addresses.camel_source_xlated
        if translated:
            addresses.source_xlated = self._spelled(translated, "source_xlated")

    def _spelled(self, text: str, field: str) -> str:
        try:
            return self._known[text]
        except KeyError:
            return self._learn(text, field)

    def _learn(self, text: str, field: str) -> str:
        if len(self._known) >= _CACHE_LIMIT:
            self._known.clear()
        self._known[text] = spelled = canonical_address(text, field)
        return spelled


def canonical_address(text: str, field: str) -> str:
    """The address without its zone, in canonical spelling; `field` is for the message of a reject.

    Raises:
        RejectedRecordError: if the text is no IP address.
    """
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError as error:
        raise RejectedRecordError(
            RejectReason.WRONG_TYPE, f"expected an IP address, got {text[:64]!r} - at `$.flow.IP.{field}`"
        ) from error
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)
