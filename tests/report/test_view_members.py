from dataclasses import replace

import pytest

from recommender.model.edge import AddressEnd
from recommender.report.view import build_view
from recommender.report.view_members import MOST_TOLD, doings, members_view
from tests.report.sample import group, sample_recommendation, workload_end

ENDS = tuple(workload_end("shop", name) for name in ("a", "b", "odd", "silent"))
POOL = replace(group("shop", "pool", members=ENDS), likeness=(0.5, 0.5, 0.0, None), cohesion=0.3333)


@pytest.fixture(scope="module")
def edges():
    """The pool's members talk to one database; the odd one scans addresses instead."""
    shape = sample_recommendation().edges[0]

    def edge(client, server, port):
        return replace(shape, edge=replace(shape.edge, client=client, server=server, port=port))

    database = workload_end("data", "db")
    scanned = [edge(ENDS[2], AddressEnd(address=f"192.0.2.{n}"), 22) for n in range(10, 20)]
    return [edge(ENDS[0], database, 5432), edge(ENDS[1], database, 5432), *scanned]


def test_most_unlike_first_and_what_only_an_outlier_does(edges):
    rows = members_view(POOL, doings([POOL, group("data", "db")], edges))
    assert [(row["member"], row["unlike"], row["outlier"]) for row in rows] == [
        ("shop/Deployment/odd", 1.0, True),
        ("shop/Deployment/a", 0.5, False),
        ("shop/Deployment/b", 0.5, False),
        ("shop/Deployment/silent", None, False),
    ]
    assert rows[0]["only"] == [f"to ip:192.0.2.{n} TCP/22" for n in range(10, 10 + MOST_TOLD)]
    assert rows[0]["only_count"] == 10
    assert [row["only_count"] for row in rows[1:]] == [0, 0, 0]


def test_ends_are_told_by_their_group(edges):
    done = doings([POOL, group("data", "db")], edges)
    assert done[ENDS[0]] == {"to data/db TCP/5432"}
    assert done[workload_end("data", "db")] == {"from shop/pool TCP/5432"}


def test_a_single_member_is_compared_with_nobody():
    assert members_view(replace(group("shop", "web"), likeness=(None,)), {}) == []


def test_the_view_counts_outliers():
    recommendation = sample_recommendation()
    view = build_view(replace(recommendation, groups=(*recommendation.groups, POOL)))
    told = {row["display"]: (row["outliers"], len(row["likeness"])) for row in view["groups"]}
    assert told["shop/pool"] == (1, 4)
    assert told["shop/web"] == (0, 0)
