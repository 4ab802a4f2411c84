"""Where and when endpoints were seen, whichever side of a flow they were on."""

from recommender.edges.sightings import create_sightings
from tests.edges.captures import START_NS, HandMadeCapture
from tests.edges.test_orientation import DB, WEB, addressed


def test_first_and_last_by_endpoint_address_and_node():
    capture = HandMadeCapture()
    web, db = capture.pod("web-1", local=True), capture.pod("db-1")
    capture.flow(web, db, **addressed(WEB, DB), at=7)
    capture.flow(db, web, **addressed(DB, WEB), at=3)
    capture.flow(web, db, **addressed(WEB, DB), at=9, node="node-b")
    capture.flow(web, db, at=11, cluster="blue", node=None)
    with capture.connect() as connection:
        create_sightings(connection)
        rows = connection.execute(
            "SELECT address, node, first_t, last_t FROM sightings WHERE endpoint_id = ? ORDER BY first_t", [web]
        ).fetchall()
    expected = [(WEB[0], "node-a", 3, 7), (WEB[0], "node-b", 9, 9), (None, "blue/", 11, 11)]
    assert rows == [(address, node, START_NS + first, START_NS + last) for address, node, first, last in expected]
