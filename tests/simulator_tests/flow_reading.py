"""A second, deliberately plain reading of simulated flows, to check the truth against."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Edge = tuple[str, str, str, int]


def flows_of(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The flow of each line that holds one."""
    for line in lines:
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if "flow" in record:
            yield record["flow"]


class Reader:
    """Names the ends of first packets with nothing but pod names, reserved labels and addresses."""

    def __init__(self, truth: dict[str, Any]) -> None:
        self._owners = {
            (item["namespace"], pod): f"{item['namespace']}/{item['kind']}/{item['name']}"
            for item in truth["workloads"]
            for pod in item["pods"]
        }

    def end(self, endpoint: dict[str, Any], address: str, names: list[str]) -> str:
        """The end as truth rows name it; empty when the record does not say."""
        if "namespace" in endpoint:
            return self._owners.get((endpoint["namespace"], endpoint.get("pod_name", "")), "")
        reserved = {label.partition(":")[2] for label in endpoint.get("labels", ()) if label.startswith("reserved:")}
        for entity in ("kube-apiserver", "host", "remote-node"):
            if entity in reserved:
                return f"entity:{entity}"
        return f"fqdn:{names[0]}" if names else f"ip:{address}"

    def first_packet(self, flow: dict[str, Any]) -> Edge | None:
        """The edge of a TCP SYN, of a UDP or ICMP request; None for everything else."""
        if flow["Type"] != "L3_L4" or flow.get("is_reply") is not False or "IP" not in flow:
            return None
        protocol, fields = next(iter(flow["l4"].items()))
        flags = fields.get("flags", {})
        if protocol == "TCP" and not flags.get("SYN"):
            return None
        source, destination = flow["source"], flow["destination"]
        client = self.end(source, flow["IP"]["source"], [])
        if client.startswith("ip:"):
            client = "entity:world"
        server = self.end(destination, flow["IP"]["destination"], flow.get("destination_names", []))
        port = fields.get("destination_port", fields.get("type", 0))
        return (client, server, protocol, port) if client and server else None
