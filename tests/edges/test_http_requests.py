import pytest

from recommender.edges import http_requests
from tests.edges.http_captures import API_IP, PORT, WEB_IP, HttpCapture, minutes


def told(evidence):
    """Method, template and requests of each kind."""
    return {(kind.method, kind.template.text): kind.requests for kind in evidence.kinds}


def test_requests_of_one_kind_are_counted_together_with_their_paths_as_samples():
    capture = HttpCapture()
    for number in range(4):
        capture.ask(path=f"/orders/{number}", port=40000 + number)
    capture.ask("POST", "/orders", port=40010)
    evidence = capture.http()
    assert told(evidence) == {("GET", "/orders/{integer}"): 4, ("POST", "/orders"): 1}
    assert [sample.path for sample in evidence.kinds[0].samples] == [f"/orders/{number}" for number in range(4)]
    assert evidence.requests == 5


def test_an_edge_without_access_log_has_no_http_evidence():
    capture = HttpCapture()
    capture.open(port=40000)
    assert capture.http() is None


def test_a_request_that_both_ends_log_counts_once():
    capture = HttpCapture()
    capture.ask(path="/a", side="INGRESS")
    capture.ask(path="/a", side="EGRESS", opened=False)
    assert told(capture.http()) == {("GET", "/a"): 1}


def test_a_response_without_its_request_is_evidence_of_it():
    capture = HttpCapture()
    capture.ask(path="/a")
    capture.flows = [row for row in capture.flows if row["l7_type"] != "REQUEST"]
    assert told(capture.http()) == {("GET", "/a"): 1}


def test_connections_without_a_request_lower_the_share():
    capture = HttpCapture()
    capture.ask(port=40000)
    capture.open(port=40001, at=minutes(1))
    capture.open(port=40002, at=minutes(70))
    evidence = capture.http()
    assert (evidence.connections, evidence.requested) == (3, 1)
    assert (evidence.hours, evidence.requested_hours) == (2, 1)


def test_a_connection_kept_alive_over_a_long_silence_is_not_one_without_requests():
    capture = HttpCapture()
    capture.ask(port=40000)
    web, api = capture.ends()
    capture.flow(
        web, api, at=minutes(45), flags=["FIN", "ACK"], source_ip=WEB_IP, destination_ip=API_IP, source_port=40000,
        destination_port=PORT, is_reply=False,
    )  # fmt: skip
    evidence = capture.http()
    assert (evidence.connections, evidence.requested) == (2, 2)


def test_a_new_connection_on_a_port_used_before_needs_a_request_of_its_own():
    capture = HttpCapture()
    capture.ask(port=40000)
    capture.open(port=40000, at=minutes(45))
    evidence = capture.http()
    assert (evidence.connections, evidence.requested) == (2, 1)


def test_refused_connections_could_not_carry_a_request():
    capture = HttpCapture()
    capture.ask(port=40000)
    web, api = capture.ends()
    capture.open(port=40001)
    capture.flow(
        api, web, at=5, flags=["RST", "ACK"], source_ip=API_IP, destination_ip=WEB_IP, source_port=PORT,
        destination_port=40001, is_reply=True,
    )  # fmt: skip
    assert capture.http().connections == 1


def test_the_second_leg_of_a_clients_proxy_is_no_connection_of_its_own():
    """It carries the pod's identity and the address of the host, but no pod name (hubble-quirks 50)."""
    capture = HttpCapture()
    capture.ask(port=40000, side="EGRESS")
    nameless = capture.endpoint(
        labels=["k8s:app=web", "k8s:io.kubernetes.pod.namespace=shop"], identity=1000, namespace="shop"
    )
    _, api = capture.ends()
    capture.flow(
        nameless, api, at=5, flags=["SYN"], source_ip="10.0.0.1", destination_ip=API_IP, source_port=51000,
        destination_port=PORT,
    )  # fmt: skip
    evidence = capture.http()
    assert (evidence.connections, evidence.requested) == (1, 1)


def test_a_denied_request_is_told_apart_and_the_last_word_counts():
    capture = HttpCapture()
    capture.ask(path="/admin", port=40000, verdict="DROPPED", code=403)
    capture.ask(path="/new", port=40001, verdict="DROPPED", code=403)
    capture.ask(path="/new", port=40002, at=minutes(5))
    kinds = {kind.template.text: kind for kind in capture.http().kinds}
    assert kinds["/admin"].forbidden
    assert kinds["/admin"].denied == 1
    assert not kinds["/new"].forbidden
    assert kinds["/new"].denied == 1


def test_a_request_that_the_servers_proxy_denied_last_is_forbidden_whatever_the_clients_proxy_logged():
    capture = HttpCapture()
    capture.ask(path="/a", verdict="DROPPED", code=403, side="INGRESS")
    capture.ask(path="/a", at=minutes(1), side="EGRESS", opened=False)
    assert capture.http().kinds[0].forbidden


@pytest.mark.parametrize(("code", "unserved"), [(404, True), (403, True), (200, False), (503, False), (409, False)])
def test_only_answers_that_do_nothing_for_the_client_turn_it_away(code, unserved):
    capture = HttpCapture()
    capture.ask(path="/a", code=code)
    assert capture.http().kinds[0].unserved is unserved


def test_without_an_answer_nothing_was_turned_away():
    capture = HttpCapture()
    capture.ask(path="/a", code=None)
    assert not capture.http().kinds[0].unserved


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/static/../../etc/passwd"),
        ("GET", "/static/%2e%2E/secret"),
        ("GET", "/a b"),
        ("GET", "/caf\u00e9"),
        ("GET", "/a\\b"),
        ("GET", "/a\x1fi"),
        ("GET", "/" + "x" * 300),
        ("GET\nPOST", "/a"),
        ("", "/a"),
    ],
)
def test_what_no_rule_may_hold_is_one_kind_of_its_own(method, path):
    capture = HttpCapture()
    capture.ask(method, path, port=40000)
    capture.ask("GET", "/fine", port=40001)
    kinds = {kind.malformed: kind for kind in capture.http().kinds}
    assert kinds[True].requests == kinds[False].requests == 1
    assert kinds[True].template.text == ""
    assert len(kinds[True].samples[0].path) <= 300


def test_records_without_method_or_path_are_counted_apart():
    capture = HttpCapture()
    capture.ask(port=40000)
    capture.ask(None, "/a", port=40001)
    capture.ask("GET", None, port=40002)
    evidence = capture.http()
    assert evidence.incomplete == 2
    assert evidence.requests == 1


def test_kinds_and_samples_are_bounded_and_what_is_cut_is_counted():
    capture = HttpCapture()
    for number in range(30):
        capture.ask(path=f"/orders/{number:02}", port=40000 + number)
    letters = "abcdefghijklmnopqrstuvwxyz"
    for number in range(250):
        path = f"/probe-{letters[number % 10]}{letters[number // 10]}"
        capture.ask(path=path, port=41000 + number, code=404)
    evidence = capture.http()
    assert len(evidence.kinds) == http_requests.MAX_KINDS
    assert evidence.kinds[0].paths == 30
    assert len(evidence.kinds[0].samples) == http_requests.MAX_SAMPLES
    assert evidence.cut.kinds == evidence.cut.unserved_kinds == 251 - http_requests.MAX_KINDS
    assert evidence.requests == 280


def test_the_evidence_does_not_depend_on_the_order_of_the_records():
    capture = HttpCapture()
    for number in range(12):
        capture.ask(path=f"/orders/{number}", port=40000 + number, at=minutes(number))
        capture.ask("POST", f"/carts/{number:08x}f{number}", port=40100 + number, code=404)
    forward = capture.http()
    capture.flows.reverse()
    assert capture.http() == forward


def test_requests_on_other_transports_and_other_logs_are_no_http():
    capture = HttpCapture()
    capture.ask(path="/a")
    for row in capture.flows:
        if row["l7_protocol"]:
            row["l7_protocol"] = "kafka"
    assert capture.http() is None
