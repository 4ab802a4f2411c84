from hypothesis import given
from hypothesis import strategies as st

from recommender.model.edge import AddressEnd, FqdnEnd, OrientationReason, Protocol, VerdictMix
from tests.assess.builders import (
    API,
    DAY,
    DB,
    HOST,
    HOUR,
    NEEDED,
    QUARANTINED,
    SECOND,
    WEB,
    WORLD,
    capture,
    decision,
    decisions,
    edge,
    end,
)

ENDS = [
    WEB,
    DB,
    API,
    HOST,
    WORLD,
    end("debug", "Pod"),
    end("job", "CronJob"),
    AddressEnd(address="192.0.2.1"),
    FqdnEnd(name="example.com"),
]


@st.composite
def some_edge(draw):
    connections = draw(st.integers(1, 6))
    answered = draw(st.integers(0, connections))
    return edge(
        draw(st.sampled_from(ENDS)),
        draw(st.sampled_from(ENDS)),
        draw(st.sampled_from([22, 53, 80, 443, 4444, 5432])),
        draw(st.sampled_from(list(Protocol))),
        at=draw(st.integers(0, 7 * 24 - 1)) * HOUR,
        connections=connections,
        active_hours=draw(st.integers(1, 5)),
        answered=answered,
        refused=draw(st.integers(0, connections - answered)),
        verdicts=draw(st.sampled_from([VerdictMix(audited=1), VerdictMix(denied=1), VerdictMix(explicitly_denied=1)])),
        reasons=((draw(st.sampled_from(list(OrientationReason))), connections),),
    )


edge_lists = st.lists(some_edge(), max_size=25, unique_by=lambda one: one.edge_id)
windows = st.sampled_from([capture(), capture(reply_flows=0), capture(days=0.01)])


@given(edge_lists, windows)
def test_every_edge_is_decided_once(edges, window):
    found = decisions(edges, window=window)
    assert list(found) == [one.edge_id for one in sorted(edges, key=lambda one: one.sort_key)]
    assert all(one.reason for one in found.values() if one.disposition is not NEEDED)


@given(edge_lists, windows, st.randoms(use_true_random=False))
def test_the_order_of_edges_does_not_matter(edges, window, random):
    shuffled = edges.copy()
    random.shuffle(shuffled)
    assert decisions(shuffled, window=window) == decisions(edges, window=window)


@given(edge_lists, windows, st.data())
def test_repeating_other_edges_flips_nothing(edges, window, data):
    repeats = data.draw(st.lists(st.sampled_from(edges), max_size=10)) if edges else []
    assert decisions(edges + repeats, window=window) == decisions(edges, window=window)


@given(edge_lists, st.integers(1, 30))
def test_other_answered_clients_never_clear_a_quarantined_edge(edges, count):
    """More ordinary traffic of strangers must not bless what was suspected."""
    before = decisions(edges)
    strangers = [
        edge(end(f"stranger-{n}", namespace="other"), end("thing", namespace="other"), 80) for n in range(count)
    ]
    after = decisions(edges + strangers)
    assert all(after[one].disposition is QUARANTINED for one, was in before.items() if was.disposition is QUARANTINED)


@given(
    st.lists(st.tuples(st.integers(3, 169), st.integers(1, 500), st.integers(0, 60)), min_size=1, max_size=60),
    edge_lists,
)
def test_a_scraper_is_never_quarantined(targets, others):
    """Many targets, but regular and answered: whatever else goes on in the cluster."""
    scraper = end("prometheus", "StatefulSet", "monitoring")
    scrapes = [
        edge(
            scraper,
            end(f"target-{n}", namespace="apps"),
            9102,
            active_hours=hours,
            connections=connections,
            first_seen=capture().first_seen + start * SECOND,
        )
        for n, (hours, connections, start) in enumerate(targets)
    ]
    found = decisions(scrapes + others)
    assert {found[one.edge_id].disposition for one in scrapes} == {NEEDED}


def test_the_more_telling_reason_wins():
    scan = [edge(WEB, end(f"s{n}"), 8080, at=3 * DAY, connections=1, answered=0, refused=1) for n in range(12)]
    assert "scan" in decision(*scan).reason
    assert "refused" in decision(scan[0]).reason
