from tests.edges.captures import MINUTE_NS, HandMadeCapture
from tests.edges.test_orientation import addressed

HOUR = 60 * MINUTE_NS
FIRST = 490_896  # 2026-01-01T00:00:00Z in hours


def test_hours_tell_records_and_pods_that_are_new():
    capture = HandMadeCapture()
    web, db = capture.pod("web-1", local=True), capture.pod("db-1")
    again, late = capture.pod("web-1"), capture.pod("web-2", local=True)
    ends = addressed(("10.244.0.1", 50000), ("10.244.0.2", 5432))
    for client, at in ((web, 0), (web, 5 * MINUTE_NS), (again, 2 * HOUR), (late, 2 * HOUR), (late, 3 * HOUR)):
        capture.flow(client, db, at=at, **ends)
    hours = capture.observe().capture.recorded_hours
    assert [(item.hour - FIRST, item.flows, item.new_pods) for item in hours] == [(0, 2, 2), (2, 2, 1), (3, 1, 0)]
