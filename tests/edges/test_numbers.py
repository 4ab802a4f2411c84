"""Numbers stand for texts: in their order, and nothing else of them is lost."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.edges.numbers import ENTITY_NUMBERS, PLACES, RANKS, create_numbers, is_outside, is_service, is_workload
from recommender.model.entity import Entity

NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=8)
KEPT_EMPTY = {
    "pod_addresses": "address VARCHAR, end_key VARCHAR, pod VARCHAR",
    "shared_address_spans": "address VARCHAR, span BIGINT, end_key VARCHAR, pod VARCHAR",
    "service_tuples": (
        "protocol VARCHAR, client_ip VARCHAR, client_port INTEGER, address VARCHAR, port INTEGER, target_ip VARCHAR,"
        " target_port INTEGER, end_key VARCHAR"
    ),
    "service_fans": "fan_key VARCHAR, end_key VARCHAR, target_port INTEGER",
    "service_addresses": "address VARCHAR",
    "shared_addresses": "address VARCHAR",
    "apiserver_addresses": "address VARCHAR",
    "inventory_pods": "address VARCHAR, pod VARCHAR",
}


def numbered(*, workloads=(), services=(), addresses=()):
    """A connection with the numbers of these workloads, services and addresses."""
    connection = duckdb.connect()
    for name, columns in KEPT_EMPTY.items():
        connection.execute(f"CREATE TABLE {name} ({columns})")
    connection.execute("CREATE TABLE sightings (address VARCHAR, node VARCHAR)")
    connection.execute(
        "CREATE TABLE ends (endpoint_id UBIGINT, kind VARCHAR, end_key VARCHAR, entity VARCHAR, pod VARCHAR,"
        " local BOOLEAN, on_node BOOLEAN, own_host BOOLEAN)"
    )
    connection.execute(
        "CREATE TABLE service_backends (address VARCHAR, protocol VARCHAR, port INTEGER, end_key VARCHAR,"
        " target_port INTEGER)"
    )
    for name in workloads:
        connection.execute("INSERT INTO ends (end_key) VALUES (?)", [f"w\x1f{name}"])
    for name in services:
        connection.execute("INSERT INTO service_backends (end_key) VALUES (?)", [f"s\x1f{name}"])
    for address in addresses:
        connection.execute("INSERT INTO sightings VALUES (?, 'node-a')", [address])
    create_numbers(connection)
    return connection


def kinds(connection):
    """By text: the number of the end, and whether it is an outside address, a service, a workload."""
    query = (
        f"SELECT end_key, number, {is_outside('number')}, {is_service('number')}, {is_workload('number')}"
        " FROM end_names"
    )
    return {key: tuple(rest) for key, *rest in connection.execute(query).fetchall()}


@given(workloads=st.sets(NAMES, max_size=6), services=st.sets(NAMES, max_size=6), addresses=st.sets(NAMES, max_size=6))
def test_places_are_in_the_order_of_the_texts(workloads, services, addresses):
    with numbered(workloads=workloads, services=services, addresses=addresses) as connection:
        found = kinds(connection)
    assert len(found) == len(workloads) + len(services) + len(addresses) + len(Entity)
    assert len({number for number, *_ in found.values()}) == len(found)
    assert sorted(found) == sorted(found, key=lambda key: found[key][0] % PLACES)
    for key, (number, *kind) in found.items():
        assert 0 <= number < RANKS * PLACES
        assert kind == [key[0] == "a", key[0] == "s", key[0] == "w"]


def test_the_more_telling_name_has_the_smaller_number():
    with numbered(workloads=["z"], services=["a"], addresses=["192.0.2.1"]) as connection:
        found = {key: number for key, (number, *_) in kinds(connection).items()}
    told = ["w\x1fz", *(f"e\x1f{name}" for name in ("kube-apiserver", "ingress", "health", "host", "remote-node"))]
    order = [*told, "a\x1f192.0.2.1", "e\x1fworld", "s\x1fa"]
    assert sorted(order, key=lambda key: found[key]) == order


@pytest.mark.parametrize("entity", list(Entity))
def test_an_entity_has_one_number_whatever_was_seen(entity):
    with numbered(workloads=["a"], addresses=["192.0.2.1"]) as connection:
        assert kinds(connection)[f"e\x1f{entity}"][0] == ENTITY_NUMBERS[entity]
