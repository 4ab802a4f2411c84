"""The resolved endpoints and the inventory's services as SQL tables."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pyarrow as pa

from recommender.edges.ends import end_key
from recommender.model.edge import EntityEnd, WorkloadEnd

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from recommender.edges.ends import ResolvedEndpoint
    from recommender.model.inventory import Inventory, InventoryPod, InventoryService
    from recommender.model.sql_engine import SqlEngine

ENDS_SCHEMA = pa.schema(
    [
        ("endpoint_id", pa.uint64()),
        ("kind", pa.string()),
        ("end_key", pa.string()),
        ("entity", pa.string()),
        ("pod", pa.string()),
        ("local", pa.bool_()),
        ("on_node", pa.bool_()),
        ("own_host", pa.bool_()),
    ]
)


def create_ends(connection: SqlEngine, resolved: Iterable[ResolvedEndpoint]) -> None:
    """Make the table `ends`: endpoint_id → kind (workload, entity, external, unknown), key, entity, pod, local.

    `on_node` marks the ends that are a node's own, whatever else they are (`host` + `kube-apiserver`); `own_host`
    those of the node that recorded them.
    """
    rows = []
    for endpoint in resolved:
        match endpoint.end:
            case WorkloadEnd():
                kind, entity = "workload", None
            case EntityEnd(entity=found):
                kind, entity = "entity", found.value
            case None:
                kind, entity = ("external" if endpoint.external else "unknown"), None
        rows.append(
            {
                "endpoint_id": endpoint.row.endpoint_id,
                "kind": kind,
                "end_key": end_key(endpoint.end) if endpoint.end else None,
                "entity": entity,
                "pod": f"{endpoint.row.namespace}/{endpoint.row.pod}" if endpoint.row.pod else None,
                "local": endpoint.row.local,
                "on_node": endpoint.on_node,
                "own_host": endpoint.own_host,
            }
        )
    _create(connection, "ends", pa.Table.from_pylist(rows, schema=ENDS_SCHEMA))


def create_inventory_tables(connection: SqlEngine, inventory: Inventory) -> None:
    """Make the tables `inventory_services`, `inventory_nodes` and `inventory_pods`.

    A row of the first leads from a service's address and port to one pod that it selects and the port there.
    """
    schema = pa.schema(
        [
            ("address", pa.string()),
            ("protocol", pa.string()),
            ("port", pa.int32()),
            ("pod", pa.string()),
            ("target_port", pa.int32()),
        ]
    )
    pods_in: defaultdict[str, list[InventoryPod]] = defaultdict(list)
    for pod in inventory.pods:
        pods_in[pod.namespace].append(pod)
    rows = [row for service in inventory.services for row in _service_rows(service, pods_in[service.namespace])]
    _create(connection, "inventory_services", pa.Table.from_pylist(rows, schema=schema))
    nodes = pa.table({"address": pa.array(inventory.node_addresses, pa.string())})
    _create(connection, "inventory_nodes", nodes)
    pods = [
        {"address": address, "pod": f"{pod.namespace}/{pod.name}"}
        for pod in inventory.pods
        if not pod.host_network
        for address in pod.addresses
    ]
    schema = pa.schema([("address", pa.string()), ("pod", pa.string())])
    _create(connection, "inventory_pods", pa.Table.from_pylist(pods, schema=schema))


def _service_rows(service: InventoryService, pods: Iterable[InventoryPod]) -> Iterator[dict[str, object]]:
    wanted = dict(service.selector)
    if not wanted:
        return
    for pod in pods:
        if not wanted.items() <= dict(pod.labels).items():
            continue
        names = {(name, protocol): number for name, protocol, number in pod.named_ports}
        for port in service.ports:
            target = port.target_port
            number = target if isinstance(target, int) else names.get((target, port.protocol))
            if number is None:
                continue
            for address in service.cluster_ips:
                yield {
                    "address": address,
                    "protocol": port.protocol,
                    "port": port.port,
                    "pod": f"{pod.namespace}/{pod.name}",
                    "target_port": number,
                }


def _create(connection: SqlEngine, name: str, table: pa.Table) -> None:
    connection.register(f"{name}_arrow", table)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM {name}_arrow")
    connection.unregister(f"{name}_arrow")
