"""An edge from its text, for connections that a person names and no flow shows."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from recommender.model.edge import NOT_SEEN as NO_EVIDENCE
from recommender.model.edge import AddressEnd, Edge, End, EntityEnd, FqdnEnd, Protocol, WorkloadEnd
from recommender.model.entity import Entity

_KEY: Final = re.compile(r"(?P<client>\S+) -> (?P<server>\S+) (?P<protocol>[A-Za-z0-9]+)/(?P<port>[0-9]{1,5})")
_MAX_PORT: Final = 65535
_PARTS: Final = 3


def edge_from_key(key: str) -> Edge | None:
    """The edge whose `Edge.key` this is, without evidence; None if the text is none.

    Only what reads back as the same text is taken: nothing is guessed.
    """
    found = _KEY.fullmatch(key)
    if found is None or found["protocol"] not in {protocol.value for protocol in Protocol}:
        return None
    client, server, port = _end(found["client"]), _end(found["server"]), int(found["port"])
    if client is None or server is None or port > _MAX_PORT:
        return None
    edge = Edge(client=client, server=server, protocol=Protocol(found["protocol"]), port=port, evidence=NO_EVIDENCE)
    return edge if edge.key == key else None


def _end(text: str) -> End | None:
    kind, colon, rest = text.partition(":")
    if colon and "/" not in kind:
        match kind:
            case "entity" if rest in {entity.value for entity in Entity}:
                return EntityEnd(entity=Entity(rest))
            case "fqdn" if rest:
                return FqdnEnd(name=rest)
            case "ip" if _is_address(rest):
                return AddressEnd(address=rest)
    *clusters, namespace, owner, name = ["", "", "", *text.split("/")][-_PARTS - 1 :]
    if not (namespace and owner and name):
        return None
    return WorkloadEnd(cluster="".join(clusters), namespace=namespace, kind=owner, name=name)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
