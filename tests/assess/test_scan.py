import pytest

from recommender.model.edge import AddressEnd, Protocol, VerdictMix
from tests.assess.builders import (
    API,
    DAY,
    DB,
    HOST,
    HOUR,
    IMPLICIT,
    NEEDED,
    QUARANTINED,
    REVIEW,
    SECOND,
    START,
    WEB,
    capture,
    decisions,
    edge,
    end,
    once,
    workload,
)

MINUTE = 60 * SECOND


def sweep(client=WEB, *, count=20, answered=6, port=8080, start=3 * DAY, step=MINUTE, **parts):
    """One contact with each of many servers; the first few answer, the rest refuse."""
    return [
        once(
            client,
            end(f"s{n}"),
            port,
            start + n * step,
            answered=int(n < answered),
            refused=int(n >= answered),
            **parts,
        )
        for n in range(count)
    ]


def dispositions(edges, **context):
    found = decisions(edges, **context)
    return [found[one.edge_id].disposition for one in edges]


def test_answered_hits_belong_to_the_scan_and_regular_edges_do_not():
    regular = [edge(), edge(server=API, port=8080)]
    assert dispositions(sweep() + regular) == [QUARANTINED] * 20 + [NEEDED] * 2


def test_nine_targets_are_no_scan():
    found = decisions(sweep(count=9, answered=4))
    assert not any("scan" in one.reason for one in found.values())


def test_mostly_answered_contacts_of_a_new_client_are_no_scan():
    assert set(dispositions(sweep(end("new"), answered=20))) == {REVIEW}


def test_mostly_answered_brief_contacts_of_an_established_client_are_one():
    assert dispositions([*sweep(answered=20), edge()])[:20] == [QUARANTINED] * 20


def test_shut_targets_over_days_are_a_slow_scan_and_its_answered_hits_too():
    slow = sweep(step=6 * HOUR, start=HOUR)
    regular = [edge(), edge(server=API, port=8080)]
    assert dispositions(slow + regular) == [QUARANTINED] * 20 + [NEEDED] * 2


@pytest.mark.parametrize("sightings", [{"answered": 9}, {"count": 9, "answered": 0}])
def test_few_targets_or_many_answers_over_days_are_no_scan(sightings):
    slow = sweep(step=6 * HOUR, start=HOUR, **sightings)
    assert not any("scan" in one.reason for one in decisions(slow).values())


def test_many_ports_of_one_server_are_a_port_scan_even_among_other_new_edges():
    ports = [once(WEB, DB, port, 3 * DAY, answered=0, refused=1) for port in range(1000, 1012)]
    other = [once(WEB, end(f"o{n}"), 80, 3 * DAY, connections=3, last_seen=START + 3 * DAY + HOUR) for n in range(30)]
    found = dispositions(ports + other)
    assert found[:12] == [QUARANTINED] * 12
    assert set(found[12:]) == {REVIEW}


def test_dropped_attempts_count_as_shut():
    dropped = sweep(answered=0, verdicts=VerdictMix(denied=1))
    found = decisions([*dropped, *sweep(count=3, answered=3, port=9090)])
    assert all("scan" in one.reason for one in found.values())


def test_unknown_answers_convict_nobody():
    blind = [once(end("new"), end(f"s{n}"), 8080, 3 * DAY + n, answered=0) for n in range(20)]
    assert not any("scan" in one.reason for one in decisions(blind, window=capture(reply_flows=0)).values())


def blind_sweep(ports, **parts):
    """One contact every six hours, in a capture without answers."""
    return [once(WEB, end(f"s{n}"), ports[n % len(ports)], HOUR * (1 + 6 * n), answered=0, **parts) for n in range(20)]


def test_without_answers_ports_that_nobody_uses_convict_a_slow_scan():
    regular = [edge(answered=0), edge(server=end("s0"), port=22, client=API, answered=0)]
    slow = blind_sweep((22, 80, 3306))
    assert dispositions(slow + regular, window=capture(reply_flows=0)) == [QUARANTINED] * 20 + [NEEDED] * 2


@pytest.mark.parametrize("ports", [(8080,), (9102, 8081), (40001, 40002, 40003, 40004)])
def test_without_answers_one_port_on_many_servers_or_dynamic_ports_convict_nobody(ports):
    found = decisions(blind_sweep(ports), window=capture(reply_flows=0))
    assert not any("scan" in one.reason for one in found.values())


def returns(count):
    """Targets that the same client met again, a day later."""
    return [
        edge(
            WEB, end(f"r{n}"), (22, 80, 3306)[n % 3], at=n * HOUR, connections=2, active_hours=2, last_seen=START + DAY
        )
        for n in range(count)
    ]


def test_without_answers_ports_that_others_use_convict_nobody_who_came_back():
    slow = blind_sweep((22, 80, 3306))
    others = [edge(API, one.server, one.port, answered=0) for one in slow[:10]]
    found = decisions([*slow, *returns(3), *others], window=capture(reply_flows=0))
    assert not any("scan" in one.reason for one in found.values())


def worked_through(count=20, *, client=WEB, ports=(22, 80, 3306), **parts):
    """Answered contacts, one every six hours, each with another server."""
    return [once(client, end(f"s{n}"), ports[n % len(ports)], HOUR * (1 + 6 * n), **parts) for n in range(count)]


def test_a_list_worked_through_is_a_scan_though_everything_answers():
    listed = worked_through()
    used = [edge(API, one.server, one.port) for one in listed]
    found = decisions([*listed, *used, edge(server=API, port=8080)])
    assert {found[one.edge_id].disposition for one in listed} == {QUARANTINED}
    assert found[listed[0].edge_id].reason == (
        "part of a scan: 20 targets on several ports touched once each and never again"
    )
    assert {found[one.edge_id].disposition for one in used} == {NEEDED}


@pytest.mark.parametrize(
    "edges",
    [
        [*worked_through(), *returns(3)],
        worked_through(9),
        worked_through(ports=(8080, 9102)),
        worked_through(ports=(40001, 40002, 40003)),
        worked_through(client=end("backup", "CronJob")),
        [once(WEB, end(f"s{n}"), (22, 80, 3306)[n % 3], HOUR * (1 + 6 * (n // 5))) for n in range(20)],
        [*worked_through(), *(edge(WEB, end(f"h{n}"), (22, 80, 3306)[n % 3]) for n in range(9))],
    ],
    ids=["comes-back", "few", "few-ports", "dynamic", "job", "few-hours", "its-habit"],
)
def test_many_rare_needs_are_no_list(edges):
    assert not any("scan" in one.reason for one in decisions(edges).values())


def test_returning_to_one_target_in_ten_does_not_hide_a_list():
    assert any("never again" in one.reason for one in decisions([*worked_through(), *returns(2)]).values())


def test_a_burst_is_no_evidence_that_other_touches_are_a_slow_scan():
    burst = sweep(start=DAY)
    rare = [once(WEB, end(f"rare{n}"), 8080, 2 * HOUR + n * DAY // 2) for n in range(3)]
    found = decisions([*burst, *rare, edge(server=API, port=8080)])
    assert not any("scan:" in found[one.edge_id].reason for one in rare)


class TestAfterAScan:
    regular = edge(server=API, port=8080)

    def found(self, one, **context):
        return decisions([*sweep(start=2 * DAY), self.regular, one], **context)[one.edge_id]

    def test_a_late_single_contact_waits(self):
        decided = self.found(once(WEB, DB, 8443, 5 * DAY))
        assert (decided.disposition, decided.reason) == (QUARANTINED, "seen once, after its client began to scan")

    def test_before_the_scan_it_does_not(self):
        assert self.found(once(WEB, DB, 8443, 30 * HOUR)).disposition is REVIEW

    def test_early_in_the_window_everything_is_new(self):
        early = [*sweep(start=2 * HOUR), self.regular, once(WEB, DB, 8443, 10 * HOUR)]
        assert dispositions(early)[-1] is REVIEW

    def test_what_recurs_is_allowed_and_marked(self):
        again = edge(WEB, DB, 8443, first_seen=START + 5 * DAY)
        assert self.found(again).reason == "began after its client had scanned"
        assert self.found(again).disposition is REVIEW

    def test_what_a_like_workload_does_regularly_is_spoken_for(self):
        likes = [workload(end(name), "k8s:app=web") for name in ("web", "web-b")]
        one = once(WEB, DB, 8443, 5 * DAY)
        edges = [*sweep(start=2 * DAY), self.regular, edge(end("web-b"), DB, 8443), one]
        assert decisions(edges, workloads=likes)[one.edge_id].disposition is REVIEW

    def test_another_client_is_not_concerned(self):
        assert self.found(once(API, DB, 8443, 5 * DAY)).reason == "seen once"


def test_changing_outside_addresses_are_no_scan():
    cdn = [once(WEB, AddressEnd(address=f"198.51.100.{n}"), 443, 3 * DAY + n * MINUTE) for n in range(40)]
    assert set(dispositions([*cdn, edge()])) == {REVIEW, NEEDED}


def test_shut_outside_addresses_are():
    out = [once(WEB, AddressEnd(address=f"198.51.100.{n}"), 445, 3 * DAY, refused=1, answered=0) for n in range(40)]
    assert set(dispositions(out)) == {QUARANTINED}


def test_a_scraper_that_meets_new_targets_is_none():
    scraper = end("prometheus", "StatefulSet", "monitoring")
    targets = [edge(scraper, end(f"t{n}"), 9102) for n in range(30)]
    newborn = sweep(scraper, count=15, answered=15, port=9102)
    assert NEEDED in dispositions(targets)
    assert not any("scan" in one.reason for one in decisions(targets + newborn).values())


def test_a_scraper_deployed_just_now_is_none():
    scraper = end("prometheus", "StatefulSet", "monitoring")
    late = sweep(scraper, count=40, answered=40, start=7 * DAY - 2 * MINUTE, step=SECOND)
    assert set(dispositions(late)) == {REVIEW}


def test_the_own_node_is_implicit_whatever_it_does():
    from_host = sweep(client=HOST)
    assert set(dispositions(from_host)) == {IMPLICIT}


def test_in_a_window_of_minutes_answered_contacts_stay():
    found = dispositions(sweep(start=0, step=SECOND), window=capture(days=0.02))
    assert found == [REVIEW] * 6 + [QUARANTINED] * 14


@pytest.mark.parametrize("protocol", [Protocol.UDP, Protocol.ICMP])
def test_unanswered_probes_of_other_protocols_count(protocol):
    probes = [edge(WEB, end(f"s{n}"), 8, protocol, at=3 * DAY, connections=1, answered=0) for n in range(20)]
    assert set(dispositions([*probes, edge()])[:20]) == {QUARANTINED}


def test_ten_thousand_targets_take_no_time_to_speak_of():
    found = decisions(sweep(count=10_000, answered=100, step=SECOND // 10))
    assert {one.disposition for one in found.values()} == {QUARANTINED}
