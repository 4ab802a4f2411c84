"""Addresses and CIDR ranges in SQL, without DuckDB's inet extension, which is not always at hand."""

from __future__ import annotations

import ipaddress

from recommender.errors import UsageError
from recommender.store.sql_text import quoted


def address_predicate(value: str, *, column: str) -> str:
    """Give SQL that holds if the address in the column equals the value or lies in it.

    Raises:
        UsageError: neither an address nor a CIDR range.
    """
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError as error:
        raise UsageError(
            f"{value!r} is neither an address nor a CIDR range", where="--ip", hint="192.0.2.7 or 192.0.2.0/24"
        ) from error
    if network.prefixlen == network.max_prefixlen:
        return f"{column} = {quoted(str(network.network_address))}"
    if isinstance(network, ipaddress.IPv4Network):
        return _ipv4_between(column, network)
    return _ipv6_between(column, network)


def _ipv4_between(column: str, network: ipaddress.IPv4Network) -> str:
    octets = " + ".join(
        f"try_cast(split_part({column}, '.', {place}) AS BIGINT) * {256 ** (4 - place)}" for place in (1, 2, 3, 4)
    )
    low, high = int(network.network_address), int(network.broadcast_address)
    return _if_family(f"NOT contains({column}, ':')", f"({octets}) BETWEEN {low} AND {high}")


def _ipv6_between(column: str, network: ipaddress.IPv6Network) -> str:
    """Compare the 32 hexadecimal digits as text: the groups left of `::`, zeros for it, the groups right of it."""
    head, tail = (_digits(f"split_part({column}, '::', {half})") for half in (1, 2))
    low, high = (f"{int(end):032x}" for end in (network.network_address, network.broadcast_address))
    whole = f"rpad({head}, (32 - length({tail}))::INTEGER, '0') || {tail}"
    return _if_family(f"contains({column}, ':')", f"lower({whole}) BETWEEN '{low}' AND '{high}'")


def _if_family(family: str, predicate: str) -> str:
    """CASE, unlike AND, computes the costly part for addresses of the right family only."""
    return f"(CASE WHEN {family} THEN {predicate} ELSE false END)"


def _digits(groups: str) -> str:
    parts = f"list_filter(string_split({groups}, ':'), lambda part: part <> '')"
    return f"array_to_string(list_transform({parts}, lambda part: lpad(part, 4, '0')), '')"
