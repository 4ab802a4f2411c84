"""Enumerations of the Hubble API: numbers to names (reference: Cilium `api/v1/flow/flow.proto`)."""

from __future__ import annotations

from typing import Final


class Vocabulary(dict[str | int | None, str | None]):
    """Looks up the stored text of an enum value, given as name, as number or not at all.

    The zero value of a proto enum means "unknown" and is stored as null; a number without a name is stored as text.
    """

    def __init__(self, names: dict[int, str], *, unknown: str, shorten: dict[str, str] | None = None) -> None:
        super().__init__({None: None, "": None, 0: None, unknown: None})
        short = shorten or {}
        for number, name in names.items():
            self[number] = self[name] = short.get(name, name)

    def __missing__(self, key: str | int | None) -> str:
        return str(key)


VERDICTS: Final = Vocabulary(
    {1: "FORWARDED", 2: "DROPPED", 3: "ERROR", 4: "AUDIT", 5: "REDIRECTED", 6: "TRACED", 7: "TRANSLATED"},
    unknown="VERDICT_UNKNOWN",
)
FLOW_TYPES: Final = Vocabulary({1: "L3_L4", 2: "L7", 3: "SOCK"}, unknown="UNKNOWN_TYPE")
DIRECTIONS: Final = Vocabulary({1: "INGRESS", 2: "EGRESS"}, unknown="TRAFFIC_DIRECTION_UNKNOWN")
L7_TYPES: Final = Vocabulary({1: "REQUEST", 2: "RESPONSE", 3: "SAMPLE"}, unknown="UNKNOWN_L7_TYPE")
TUNNELS: Final = Vocabulary({1: "VXLAN", 2: "GENEVE"}, unknown="UNKNOWN")
TRACE_REASONS: Final = Vocabulary(
    {
        1: "NEW",
        2: "ESTABLISHED",
        3: "REPLY",
        4: "RELATED",
        5: "REOPENED",
        6: "SRV6_ENCAP",
        7: "SRV6_DECAP",
        8: "ENCRYPT_OVERLAY",
    },
    unknown="TRACE_REASON_UNKNOWN",
)
OBSERVATION_POINTS: Final = Vocabulary(
    {
        1: "TO_PROXY",
        2: "TO_HOST",
        3: "TO_STACK",
        4: "TO_OVERLAY",
        5: "FROM_ENDPOINT",
        6: "FROM_PROXY",
        7: "FROM_HOST",
        8: "FROM_STACK",
        9: "FROM_OVERLAY",
        10: "FROM_NETWORK",
        11: "TO_NETWORK",
        12: "FROM_CRYPTO",
        13: "TO_CRYPTO",
        101: "TO_ENDPOINT",
    },
    unknown="UNKNOWN_POINT",
)
_XLATE_NAMES: Final = {
    1: "SOCK_XLATE_POINT_PRE_DIRECTION_FWD",
    2: "SOCK_XLATE_POINT_POST_DIRECTION_FWD",
    3: "SOCK_XLATE_POINT_PRE_DIRECTION_REV",
    4: "SOCK_XLATE_POINT_POST_DIRECTION_REV",
}
XLATE_POINTS: Final = Vocabulary(
    _XLATE_NAMES,
    unknown="SOCK_XLATE_POINT_UNKNOWN",
    shorten={
        name: name.removeprefix("SOCK_XLATE_POINT_").replace("_DIRECTION_", "_") for name in _XLATE_NAMES.values()
    },
)
DROP_REASONS: Final = Vocabulary(
    {
        132: "INVALID_SOURCE_IP",
        133: "POLICY_DENIED",
        139: "UNSUPPORTED_L3_PROTOCOL",
        151: "STALE_OR_UNROUTABLE_IP",
        158: "SERVICE_BACKEND_NOT_FOUND",
        165: "NO_CONFIGURATION_AVAILABLE_TO_PERFORM_POLICY_DECISION",
        166: "UNSUPPORTED_L2_PROTOCOL",
        169: "FIB_LOOKUP_FAILED",
        177: "DENIED_BY_LB_SRC_RANGE_CHECK",
        181: "POLICY_DENY",
        182: "VLAN_FILTERED",
        189: "AUTH_REQUIRED",
        194: "NO_EGRESS_GATEWAY",
        195: "UNENCRYPTED_TRAFFIC",
        196: "TTL_EXCEEDED",
        198: "DROP_RATE_LIMITED",
        202: "DROP_HOST_NOT_READY",
        203: "DROP_EP_NOT_READY",
        204: "DROP_NO_EGRESS_IP",
        205: "DROP_PUNT_PROXY",
        207: "DROP_FRAG_NOT_FOUND_WORLD",
    },
    unknown="DROP_REASON_UNKNOWN",
)
LOSS_SOURCES: Final = Vocabulary(
    {1: "PERF_EVENT_RING_BUFFER", 2: "OBSERVER_EVENTS_QUEUE", 3: "HUBBLE_RING_BUFFER"}, unknown="UNKNOWN"
)
NODE_STATES: Final = Vocabulary(
    {1: "NODE_CONNECTED", 2: "NODE_UNAVAILABLE", 3: "NODE_GONE", 4: "NODE_ERROR"}, unknown="UNKNOWN_NODE_STATE"
)
AGENT_EVENTS: Final = Vocabulary({}, unknown="AGENT_EVENT_UNKNOWN")
