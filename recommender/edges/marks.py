"""What is true of a flow or not, as the bits of one number; a connection has the marks of all its flows.

One number is a fraction of so many columns, and joining the marks of many flows is one operation.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

RST: Final = 4
_ALLOWED: Final = "verdict IN ('FORWARDED', 'REDIRECTED')"
_BY_RULE: Final = "coalesce(policy_match_type, 0) > 0"


def _always(side: str) -> dict[str, str]:
    """Whether a rule of this side's policies allowed the flow, and whether a verdict there said otherwise."""
    return {
        f"{side}_rule": f"judged = '{side}' AND {_ALLOWED} AND ({_BY_RULE} OR len({side}_allowed_by) > 0)",
        f"{side}_otherwise": f"judged = '{side}' AND NOT {_ALLOWED}",
    }


_CONDITIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "opening": "forwards AND (event_type = 5 OR protocol = 'TCP' AND has_flags AND tcp_flags & 18 = 2)",
        "answered": f"""
            NOT forwards AND NOT (has_flags AND tcp_flags & {RST} > 0)
            OR forwards AND protocol = 'TCP' AND has_flags AND tcp_flags & 16 > 0 AND tcp_flags & {RST | 2} = 0
            OR coalesce(l7_type = 'REQUEST' AND protocol = 'TCP' AND {_ALLOWED}, false)""",
        "reset": f"NOT forwards AND has_flags AND tcp_flags & {RST} > 0",
        "turned": "turned",
        "from_own_node": "from_own_node",
        "explicit": f"""
            judged <> 'host' AND (verdict = 'AUDIT' AND {_BY_RULE}
                                  OR deniers > 0 AND verdict IN ('AUDIT', 'DROPPED')
                                  OR drop_reason IN ('POLICY_DENY', '181'))""",
        "dropped": "forwards AND verdict = 'DROPPED' AND l7_type IS NULL",
        "audited": "judged <> 'host' AND verdict = 'AUDIT'",
        "allowed": f"""
            judged <> 'host' AND {_ALLOWED}
            AND ({_BY_RULE} OR len(egress_allowed_by) + len(ingress_allowed_by) > 0)""",
        "opened": "forwards AND (has_flags AND tcp_flags & 2 > 0 OR coalesce(event_type = 5, false))",
        "flagged": "protocol = 'TCP' AND has_flags AND l7_type IS NULL",
        "packets": "l7_type IS NULL",
        "egress_judged": "judged = 'egress'",
        "ingress_judged": "judged = 'ingress'",
        **_always("egress"),
        **_always("ingress"),
        # Allowed by a rule without ports, without peers, or without both (hubble-quirks 58).
        "broad": f"judged <> 'host' AND {_ALLOWED} AND coalesce(policy_match_type, 0) IN (1, 3, 4)",
    }
)
_BITS: Final[Mapping[str, int]] = MappingProxyType({name: 1 << place for place, name in enumerate(_CONDITIONS)})

MARKS: Final = " + ".join(
    f"CASE WHEN {condition} THEN {_BITS[name]} ELSE 0 END" for name, condition in _CONDITIONS.items()
)
"""The marks of one flow, from its columns by client and server."""


def marked(name: str, *, of: str = "marks") -> str:
    """Whether these marks hold this one."""
    return f"({of} & {_BITS[name]} > 0)"
