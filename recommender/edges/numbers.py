"""What comes again in every flow, as numbers: addresses, ends, pods and nodes.

A flow is then a few numbers wide, and choosing the least of many is fast. Numbers are in the order of the texts that
they stand for, so the least number is the least text. The number of an end also holds how telling its name is, in
front of everything else: `rank * 2^40 + place`. Places come in blocks, in the order of the texts: addresses (`a`),
entities (`e`), services that stand for several backends (`s`), workloads (`w`).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from recommender.model.entity import Entity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.model.sql_engine import SqlEngine

PLACES: Final = 1 << 40
"""Numbers of ends of one rank; a number modulo this is its place among all ends, in the order of their texts."""
RANKS: Final = 16
"""More than there are ranks."""
_ENTITIES: Final = 1 << 38
_SERVICES: Final = _ENTITIES + (1 << 20)
_WORKLOADS: Final = 1 << 39
_TELLING: Final = (
    Entity.KUBE_APISERVER,
    Entity.INGRESS,
    Entity.HEALTH,
    Entity.HOST,
    Entity.REMOTE_NODE,
)
"""Entities that say more than an address, the most telling one first; workloads come before them."""
_ADDRESS_RANK: Final = len(_TELLING) + 1
_LEAST_TELLING: Final = 9


def _entity_number(entity: Entity) -> int:
    rank = _TELLING.index(entity) + 1 if entity in _TELLING else _LEAST_TELLING
    return rank * PLACES + _ENTITIES + sorted(Entity).index(entity)


ENTITY_NUMBERS: Final[Mapping[Entity, int]] = MappingProxyType({entity: _entity_number(entity) for entity in Entity})
"""The number of each entity as an end."""


def outside(address_number: str) -> str:
    """The number of the end that is an outside address, by the number of that address."""
    return f"{address_number} + {_ADDRESS_RANK * PLACES}"


def is_outside(end: str) -> str:
    """Whether the end is an outside address."""
    return f"{end} // {PLACES} = {_ADDRESS_RANK}"


def is_service(end: str) -> str:
    """Whether the end is a service that stands for several backends."""
    return f"{end} >= {_LEAST_TELLING * PLACES + _SERVICES}"


def is_workload(end: str) -> str:
    """Whether the end is a workload."""
    return f"{end} < {PLACES}"


_ADDRESSES = """
CREATE OR REPLACE TEMP TABLE address_numbers AS
SELECT address, row_number() OVER (ORDER BY address)::INTEGER AS number
FROM (SELECT DISTINCT address FROM sightings) WHERE address IS NOT NULL
"""

_NODES = """
CREATE OR REPLACE TEMP TABLE node_numbers AS
SELECT node, row_number() OVER (ORDER BY node)::INTEGER AS number FROM (SELECT DISTINCT node FROM sightings)
"""

_PODS = """
CREATE OR REPLACE TEMP TABLE pod_numbers AS
SELECT pod, row_number() OVER (ORDER BY pod)::INTEGER AS number
FROM (SELECT pod FROM ends UNION SELECT pod FROM inventory_pods) WHERE pod IS NOT NULL
"""

_ENTITY_ROWS: Final = " UNION ALL ".join(
    f"SELECT 'e\x1f{entity}', {number}" for entity, number in ENTITY_NUMBERS.items()
)
_ENDS = f"""
CREATE OR REPLACE TEMP TABLE end_numbers AS
SELECT end_key, {_WORKLOADS} + row_number() OVER (ORDER BY end_key)::BIGINT AS number
FROM (SELECT DISTINCT end_key FROM ends) WHERE end_key LIKE 'w\x1f%'
UNION ALL
SELECT end_key, {_LEAST_TELLING * PLACES + _SERVICES} + row_number() OVER (ORDER BY end_key)::BIGINT
FROM (SELECT DISTINCT end_key FROM service_backends) WHERE end_key LIKE 's\x1f%'
UNION ALL
{_ENTITY_ROWS}
"""

_CLUSTERS = """
CREATE OR REPLACE TEMP TABLE end_clusters AS
SELECT number, split_part(end_key, '\x1f', 2) AS cluster FROM end_numbers WHERE end_key LIKE 'w\x1f%'
"""

_NAMES = f"""
CREATE OR REPLACE TEMP VIEW end_names AS
SELECT number, end_key FROM end_numbers
UNION ALL SELECT {outside("number")}, 'a\x1f' || address FROM address_numbers
"""

_NUMBERED: Final = {
    "numbered_ends": """
SELECT e.endpoint_id, e.kind, e.entity, e.local, e.on_node, e.own_host, n.number AS end_number, p.number AS pod_number
FROM ends e LEFT JOIN end_numbers n ON n.end_key = e.end_key LEFT JOIN pod_numbers p ON p.pod = e.pod
""",
    "numbered_addresses": """
SELECT a.address, a.number,
       a.address LIKE 'ff%:%' OR a.address = '255.255.255.255'
           OR regexp_matches(a.address, '^2(2[4-9]|3[0-9])\\.') AS multicast,
       a.address IN ('0.0.0.0', '::') OR a.address LIKE 'fe80:%' AS placeless,
       a.address IN (SELECT address FROM service_addresses) AS service,
       a.address IN (SELECT address FROM shared_addresses) AS shared,
       a.address IN (SELECT address FROM apiserver_addresses) AS apiserver,
       n.number AS end_number, p.number AS pod_number
FROM address_numbers a
LEFT JOIN pod_addresses h ON h.address = a.address
LEFT JOIN end_numbers n ON n.end_key = h.end_key
LEFT JOIN pod_numbers p ON p.pod = h.pod
""",
    "numbered_spans": """
SELECT s.address, s.span, n.number AS end_number, p.number AS pod_number
FROM shared_address_spans s JOIN end_numbers n ON n.end_key = s.end_key LEFT JOIN pod_numbers p ON p.pod = s.pod
""",
    "numbered_backends": """
SELECT b.address, b.port, b.protocol, b.target_port, n.number AS end_number
FROM service_backends b JOIN end_numbers n ON n.end_key = b.end_key
""",
    "numbered_tuples": """
SELECT t.protocol, t.client_ip, t.client_port, t.address, t.port, t.target_port, a.number AS target_address,
       n.number AS end_number
FROM service_tuples t JOIN end_numbers n ON n.end_key = t.end_key JOIN address_numbers a ON a.address = t.target_ip
""",
    "numbered_fans": """
SELECT k.number AS fan_number, n.number AS end_number, f.target_port
FROM service_fans f JOIN end_numbers k ON k.end_key = f.fan_key JOIN end_numbers n ON n.end_key = f.end_key
""",
}
"""What is known of addresses and endpoints, by numbers."""


def create_numbers(connection: SqlEngine) -> None:
    """Make `address_numbers`, `node_numbers`, `pod_numbers` and `end_numbers`, and what is known by these numbers.

    Needs `ends` and what `create_address_maps` makes. `end_names` leads back from the number of any end to its text,
    `end_clusters` from that of a workload to its cluster.
    """
    for statement in (_ADDRESSES, _NODES, _PODS, _ENDS, _CLUSTERS, _NAMES):
        connection.execute(statement)
    for name, query in _NUMBERED.items():
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")
