"""HTTP access log records as Hubble writes them: a request, and its response with ends swapped."""

from __future__ import annotations

from tests.edges.captures import MINUTE_NS, HandMadeCapture

WEB_IP, API_IP = "10.0.0.10", "10.0.1.20"
PORT = 8080


class HttpCapture(HandMadeCapture):
    """A capture of web calling api, whose node's proxy logs requests."""

    def ends(self, *, client="web-1", server="api-1"):
        return self.pod(client), self.pod(server, local=True)

    def open(self, *, port, at=0, client="web-1", server="api-1", **columns):
        """The connection's first packet, as the policy verdict at the server shows it."""
        web, api = self.ends(client=client, server=server)
        given = {"event_type": 5, "verdict": "REDIRECTED", "traffic_direction": "INGRESS"} | columns
        self.flow(
            web, api, at=at, flags=["SYN"], source_ip=WEB_IP, destination_ip=API_IP, source_port=port,
            destination_port=PORT, **given,
        )  # fmt: skip

    def ask(
        self, method="GET", path="/", *, port=40000, at=0, code=200, verdict="FORWARDED", side="INGRESS", opened=True
    ):
        """One request on a connection of its own port, and its response unless `code` is None."""
        web, api = self.ends()
        if opened:
            self.open(port=port, at=at)
        common = {
            "type": "L7", "event_type": 129, "traffic_direction": side, "l7_protocol": "http",
            "http_method": method, "http_path": path,
        }  # fmt: skip
        self.flow(
            web, api, at=at + 1, source_ip=WEB_IP, destination_ip=API_IP, source_port=port, destination_port=PORT,
            l7_type="REQUEST", is_reply=False, verdict=verdict, **common,
        )  # fmt: skip
        if code is not None:
            self.flow(
                api, web, at=at + 2, source_ip=API_IP, destination_ip=WEB_IP, source_port=PORT, destination_port=port,
                l7_type="RESPONSE", is_reply=True, http_code=code, **common,
            )  # fmt: skip

    def http(self):
        """The HTTP evidence of the only edge."""
        (edge,) = self.observe().edges
        return edge.evidence.http


def minutes(count: int) -> int:
    return count * MINUTE_NS
