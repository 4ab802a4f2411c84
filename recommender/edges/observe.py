"""From flows to edges, step by step; each step leaves a table or view that the next one reads."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from recommender.edges.addresses import create_address_maps, own_addresses
from recommender.edges.classes import count_classes, create_classes
from recommender.edges.clocks import read_clock_offsets
from recommender.edges.connections import create_connections, drop_buckets
from recommender.edges.coverage import read_capture
from recommender.edges.ends import EndResolver, cluster_names, ends_by_key, load_endpoint_rows
from recommender.edges.engine import reduction_errors
from recommender.edges.hours import create_node_hours
from recommender.edges.http_requests import create_http_records
from recommender.edges.lookups import read_lookups
from recommender.edges.names import create_names
from recommender.edges.numbers import create_numbers
from recommender.edges.orientation import create_orientation, unoriented_examples
from recommender.edges.reduction import reduce_to_edges
from recommender.edges.sightings import create_sightings
from recommender.edges.tables import create_ends, create_inventory_tables
from recommender.edges.unconnected_names import read_unconnected_names
from recommender.edges.workloads import collect_workloads
from recommender.model.capture import ClassCount, FlowClass
from recommender.model.observation import Observation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recommender.model.capture import Capture
    from recommender.model.edge import Edge, End
    from recommender.model.inventory import Inventory
    from recommender.model.sql_engine import SqlEngine

_SEEN_BEFORE: Final = "SELECT DISTINCT endpoint_id FROM sightings WHERE first_t < {until}"


def observe(connection: SqlEngine, *, inventory: Inventory) -> Observation:
    """Which edges, workloads and losses does the capture show?

    Expects the views `flows`, `comparable_flows` (what `flows` would hold without conditions on who talks to whom),
    `endpoints`, `label_sets`, `events` and `rejects` (schemas of `model.flow_schema`) on the connection and leaves
    temporary tables on it.

    Raises:
        ReductionError: memory or disk does not suffice, or a file of the dataset is damaged.
    """
    with reduction_errors():
        return _observe(connection, inventory)


def _observe(connection: SqlEngine, inventory: Inventory) -> Observation:
    rows = load_endpoint_rows(connection)
    resolver = EndResolver(rows, inventory)
    resolved = [resolver.resolve(row) for row in rows]
    create_ends(connection, resolved)
    create_inventory_tables(connection, inventory)
    create_sightings(connection)
    create_node_hours(connection)
    create_address_maps(connection)
    create_numbers(connection)
    clusters = cluster_names(rows)
    create_classes(connection, several_clusters=len(clusters) > 1)
    classes = count_classes(connection)
    create_orientation(connection)
    unoriented = sum(found.flows for name, found in classes.items() if name is FlowClass.WORKLOAD)
    unoriented -= create_connections(connection)
    if unoriented:
        classes = _set_apart(classes, unoriented, unoriented_examples(connection))
    create_http_records(connection)
    offsets = read_clock_offsets(connection)
    drop_buckets(connection)
    create_names(connection)
    capture = read_capture(connection, classes=classes, clusters=clusters, clock_offsets=offsets)
    known = ends_by_key(resolved)
    return Observation(
        edges=_reduce(connection, known, capture, until=capture.last_seen + 1),
        workloads=collect_workloads(connection, resolved, inventory),
        capture=capture,
        own_addresses=own_addresses(connection),
        lookups=read_lookups(connection, known),
        unconnected=read_unconnected_names(connection, known),
    )


def observe_before(connection: SqlEngine, whole: Observation, *, inventory: Inventory, until: int) -> Observation:
    """What would have been observed, had the capture ended at `until` (nanoseconds since the epoch)?

    Works on the tables that `observe` left on the connection, so flows are classified and oriented once, with all that
    the whole capture knows. Edges, evidence, workloads, names of crowds and losses are those of the earlier part;
    activity counts from the same hour. The classes of flows are not counted again.

    Raises:
        ReductionError: memory or disk does not suffice, or a file of the dataset is damaged.
    """
    with reduction_errors():
        return _observe_before(connection, whole, inventory, until)


def _observe_before(connection: SqlEngine, whole: Observation, inventory: Inventory, until: int) -> Observation:
    rows = load_endpoint_rows(connection)
    there = {identifier for (identifier,) in connection.execute(_SEEN_BEFORE.format(until=until)).fetchall()}
    resolver = EndResolver(rows, inventory)
    resolved = [resolver.resolve(row) for row in rows]
    earlier = [endpoint for endpoint in resolved if endpoint.row.endpoint_id in there]
    part = read_capture(connection, classes={}, clusters=whole.capture.clusters, until=until)
    capture = replace(
        part,
        repeats=whole.capture.repeats,
        selected_when_stored=whole.capture.selected_when_stored,
        record_kinds=whole.capture.record_kinds,
    )
    return Observation(
        edges=_reduce(connection, ends_by_key(resolved), whole.capture, until=until),
        workloads=collect_workloads(connection, earlier, inventory),
        capture=capture,
        own_addresses=whole.own_addresses,
        lookups=whole.lookups,
        unconnected=whole.unconnected,
    )


def _reduce(connection: SqlEngine, known: Mapping[str, End], capture: Capture, *, until: int) -> tuple[Edge, ...]:
    return reduce_to_edges(connection, known, first_hour=capture.first_hour, hours=capture.hour_count, until=until)


def _set_apart(
    classes: dict[FlowClass, ClassCount], unoriented: int, examples: tuple[str, ...]
) -> dict[FlowClass, ClassCount]:
    """Move the flows that could not be oriented from the workload class to one of their own."""
    workload = classes[FlowClass.WORKLOAD]
    return classes | {
        FlowClass.WORKLOAD: ClassCount(
            flow_class=FlowClass.WORKLOAD, flows=workload.flows - unoriented, examples=workload.examples
        ),
        FlowClass.UNORIENTED: ClassCount(flow_class=FlowClass.UNORIENTED, flows=unoriented, examples=examples),
    }
