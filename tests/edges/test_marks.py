"""Marks of a flow: one bit a fact, and what is not known is not marked."""

import duckdb
import pytest

from recommender.edges.marks import MARKS, marked

NOTHING = {
    "forwards": "true", "event_type": "NULL::INTEGER", "protocol": "'UDP'", "has_flags": "false", "tcp_flags": "0",
    "l7_type": "NULL::VARCHAR", "verdict": "NULL::VARCHAR", "judged": "NULL::VARCHAR", "turned": "false",
    "from_own_node": "false", "deniers": "0", "drop_reason": "NULL::VARCHAR", "policy_match_type": "NULL::INTEGER",
    "egress_allowed_by": "[]::VARCHAR[]", "ingress_allowed_by": "[]::VARCHAR[]",
}  # fmt: skip
"""The columns of a flow of which nothing is known but that the client sent it."""
EVERY = (
    "opening", "answered", "reset", "turned", "from_own_node", "explicit", "dropped", "audited", "allowed", "opened",
    "flagged", "packets", "egress_judged", "ingress_judged", "egress_rule", "egress_otherwise", "ingress_rule",
    "ingress_otherwise", "broad",
)  # fmt: skip
ALLOWED = {"verdict": "'FORWARDED'", "event_type": "5"}


def marks_of(*flows):
    """The names of the marks that these flows have together."""
    rows = " UNION ALL ".join(
        "SELECT " + ", ".join(f"{value} AS {name}" for name, value in (NOTHING | flow).items()) for flow in flows
    )
    shown = ", ".join(f"{marked(name)} AS {name}" for name in EVERY)
    query = f"WITH flows AS ({rows}), joined AS (SELECT bit_or({MARKS}) AS marks FROM flows) SELECT {shown} FROM joined"
    (row,) = duckdb.sql(query).to_arrow_table().to_pylist()
    return {name for name, value in row.items() if value}


def test_what_is_not_known_is_not_marked():
    assert marks_of({}) == {"packets"}


@pytest.mark.parametrize(
    ("flow", "expected"),
    [
        ({"protocol": "'TCP'", "has_flags": "true", "tcp_flags": "2"}, {"opening", "opened", "flagged", "packets"}),
        ({"forwards": "false", "has_flags": "true", "tcp_flags": "4"}, {"reset", "packets"}),
        ({"forwards": "false"}, {"answered", "packets"}),
        ({"verdict": "'DROPPED'"}, {"dropped", "packets"}),
        (
            {"verdict": "'AUDIT'", "judged": "'egress'", "event_type": "5"},
            {"opening", "opened", "audited", "egress_judged", "egress_otherwise", "packets"},
        ),
        (
            {**ALLOWED, "judged": "'ingress'", "ingress_allowed_by": "['shop/web']", "policy_match_type": "3"},
            {"opening", "opened", "allowed", "ingress_judged", "ingress_rule", "broad", "packets"},
        ),
        ({**ALLOWED, "judged": "'host'", "policy_match_type": "2"}, {"opening", "opened", "packets"}),
    ],
)
def test_what_a_flow_shows(flow, expected):
    assert marks_of(flow) == expected


def test_flows_have_their_marks_together():
    opening = {"protocol": "'TCP'", "has_flags": "true", "tcp_flags": "2"}
    reset = {"forwards": "false", "has_flags": "true", "tcp_flags": "4"}
    assert marks_of(opening, reset) == marks_of(opening) | marks_of(reset)


def test_every_mark_has_a_bit_of_its_own_within_an_integer():
    bits = [int(marked(name).split("&")[1].split(">")[0]) for name in EVERY]
    assert len(set(bits)) == len(EVERY)
    assert all(bit.bit_count() == 1 and 0 < bit < 2**31 for bit in bits)
