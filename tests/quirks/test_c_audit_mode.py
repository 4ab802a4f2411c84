"""Quirks 16 to 23: what verdicts prove and what they do not."""

import pytest

from recommender.model.disposition import Disposition
from tests.edges.captures import HandMadeCapture, keys
from tests.edges.test_orientation import DB, WEB, addressed
from tests.quirks.raw import (
    DB_IP,
    NODE_A,
    WEB_IP,
    codes,
    entity,
    observed,
    pod,
    recommended,
    record,
    reply,
    seen,
    texts,
)

EDGE = "shop/Deployment/web -> shop/Deployment/db TCP/5432"
EGRESS = {"event_type": {"type": 5}, "traffic_direction": "EGRESS", "is_reply": False}


def call(*flags, port=40000, **flow):
    ends = pod("web", local=True), f"{WEB_IP}:{port}", pod("db", local=True), f"{DB_IP}:5432"
    return record(*ends, *flags, **flow)


def mix(observation):
    [edge] = observation.edges
    verdicts = edge.evidence.verdicts
    return {
        name: count
        for name in ("explicitly_denied", "denied", "audited", "allowed_by_policy", "no_verdict")
        if (count := getattr(verdicts, name))
    }


def conversation(**verdict):
    first = call("SYN", is_reply=False)
    return [call("SYN", **EGRESS, **verdict), first, reply(first, "SYN", "ACK")]


def test_quirk_16_traffic_without_any_verdict_is_evidence_and_the_blindness_is_told(tmp_path):
    first = call("SYN", is_reply=False)
    result = recommended(tmp_path, [first, reply(first, "SYN", "ACK")])
    assert [item.edge.key for item in result.edges if item.decided.disposition.allowed] == [EDGE]
    assert "NPR104" in codes(result)


def test_quirk_17_a_forwarded_trace_is_no_policys_word(tmp_path):
    assert mix(observed(tmp_path, conversation(verdict="AUDIT"))) == {"audited": 1}


def test_quirk_17_a_forwarded_trace_alone_is_no_verdict(tmp_path):
    assert mix(observed(tmp_path, [call("SYN", is_reply=False)])) == {"no_verdict": 1}


@pytest.mark.parametrize("verdict", ["FORWARDED", "REDIRECTED"])
@pytest.mark.parametrize("because", [{"policy_match_type": 2}, {"egress_allowed_by": [{"name": "a", "kind": "X"}]}])
def test_quirk_17_allowed_by_policy_needs_a_match(tmp_path, verdict, because):
    assert mix(observed(tmp_path, conversation(verdict=verdict, **because))) == {"allowed_by_policy": 1}


def test_quirk_18_audit_without_a_match_is_a_candidate(tmp_path):
    result = recommended(tmp_path, conversation(verdict="AUDIT"))
    assert result.edges[0].decided.disposition.allowed


@pytest.mark.parametrize(
    "because",
    [
        {"verdict": "AUDIT", "policy_match_type": 2},
        {"verdict": "AUDIT", "egress_denied_by": [{"name": "no", "namespace": "shop"}]},
        {"verdict": "DROPPED", "drop_reason_desc": "POLICY_DENY"},
        {"verdict": "DROPPED", "drop_reason": 181},
        {"verdict": "DROPPED", "drop_reason_desc": "POLICY_DENY", "traffic_direction": None},
    ],
)
def test_quirk_18_an_explicit_deny_is_never_recommended_however_much_traffic_there_is(tmp_path, because):
    records = [item for port in range(40000, 40030) for item in _passed(port)]
    result = recommended(tmp_path, [*records, call("SYN", port=50000, **(EGRESS | because))])
    [edge] = result.edges
    assert edge.edge.evidence.verdicts.explicitly_denied == 1
    assert edge.decided.disposition is Disposition.QUARANTINED
    assert "NPR402" in codes(result)
    assert "5432" not in texts(result)


def _passed(port):
    first = call("SYN", port=port, is_reply=False, at=port - 40000)
    return first, reply(first, "SYN", "ACK", at=port - 40000 + 0.1)


def test_quirk_19_a_connection_older_than_the_window_is_an_edge_without_a_verdict(tmp_path):
    old = [call("ACK", is_reply=False, trace_reason="ESTABLISHED", at=number) for number in range(3)]
    observation = observed(tmp_path, [*old, reply(old[0], "ACK")])
    assert keys(observation) == [EDGE]
    assert mix(observation) == {"no_verdict": 1}


def test_quirk_20_audited_and_dropped_connections_of_one_edge_are_both_told(tmp_path):
    dropped = call("SYN", port=41000, verdict="DROPPED", drop_reason_desc="POLICY_DENIED", **EGRESS)
    result = recommended(tmp_path, [*conversation(verdict="AUDIT"), dropped])
    [edge] = result.edges
    verdicts = edge.edge.evidence.verdicts
    assert (verdicts.audited, verdicts.denied) == (1, 1)
    assert edge.decided.disposition is not Disposition.QUARANTINED


def test_quirk_21_l7_denials_neither_deny_the_edge_nor_answer_for_the_server(tmp_path):
    denied = call(
        Type="L7",
        event_type={"type": 129},
        verdict="DROPPED",
        traffic_direction="INGRESS",
        is_reply=False,
        l7={"type": "REQUEST", "http": {"method": "GET", "url": "/admin"}},
    )
    [edge] = observed(tmp_path, [call("SYN", is_reply=False), denied]).edges
    assert (edge.evidence.verdicts.denied, edge.evidence.answered) == (0, 0)
    assert "/admin" not in texts(recommended(tmp_path, [*conversation(verdict="AUDIT"), denied]))


def test_quirk_22_a_denied_attempt_proves_no_need(tmp_path):
    passed = conversation(verdict="AUDIT")
    attempt = record(
        pod("stranger", local=True), "10.244.0.66:40000", pod("db", local=True), f"{DB_IP}:22", "SYN",
        event_type={"type": 5}, verdict="DROPPED", drop_reason_desc="POLICY_DENIED", traffic_direction="EGRESS",
    )  # fmt: skip
    result = recommended(tmp_path, [*passed, attempt])
    decided = {item.edge.key: item.decided.disposition for item in result.edges}
    assert decided["shop/Deployment/stranger -> shop/Deployment/db TCP/22"] is Disposition.QUARANTINED
    assert "NPR401" in codes(result)


def test_quirk_23_verdict_drop_event_and_retransmissions_are_one_denied_connection(tmp_path):
    reason = {"verdict": "DROPPED", "drop_reason_desc": "POLICY_DENIED", "traffic_direction": "EGRESS"}
    records = [
        call("SYN", event_type={"type": kind}, at=at, **reason) for at in (0, 1, 3, 7) for kind in (1, 5)
    ]  # fmt: skip
    [edge] = observed(tmp_path, records).edges
    assert (edge.evidence.connections, edge.evidence.verdicts.denied, edge.evidence.flows) == (1, 1, 8)


def test_quirk_23_datapath_drops_are_no_demand(tmp_path):
    noise = call("SYN", port=41000, event_type={"type": 1}, verdict="DROPPED", drop_reason_desc=206)
    observation = observed(tmp_path, [call("SYN", is_reply=False), noise])
    assert [(item.flow_class.value, item.flows) for item in observation.capture.classes if item.flows] == [
        ("workload", 1),
        ("not-demand", 1),
    ]


def test_quirk_33_verdicts_of_the_host_firewall_are_not_the_pods():
    capture = HandMadeCapture()
    host, web = capture.entity("host", identity=1), capture.pod("web-1", local=True)
    verdict = {"event_type": 5, "verdict": "AUDIT", "is_reply": False, "policy_match_type": 2, "flags": ("SYN",)}
    capture.flow(host, web, **addressed((NODE_A, 40000), WEB), **verdict, traffic_direction="EGRESS")
    capture.flow(web, host, **addressed((WEB[0], 41000), (NODE_A, 9100)), **verdict, traffic_direction="INGRESS")
    for edge in seen(capture).edges:
        assert edge.evidence.verdicts.no_verdict == 1
        assert edge.evidence.verdicts.explicitly_denied == 0


def test_quirk_57_hosts_with_verdicts_do_not_make_pods_judged(tmp_path):
    host = entity("host", identity=1)
    verdict = {"event_type": {"type": 5}, "verdict": "FORWARDED", "traffic_direction": "INGRESS", "is_reply": False}
    ends = pod("web", local=True), f"{WEB_IP}:40001", host, f"{NODE_A}:9100"
    observation = observed(tmp_path, [record(*ends, "SYN", **verdict), call("SYN", is_reply=False)])
    assert all(edge.evidence.ingress_verdicts == edge.evidence.egress_verdicts == 0 for edge in observation.edges)


def test_quirk_58_the_match_of_an_over_broad_rule_is_still_an_allow():
    capture = HandMadeCapture()
    ends = capture.pod("web-1", local=True), capture.pod("db-1")
    columns = {"event_type": 5, "verdict": "FORWARDED", "policy_match_type": 4, "traffic_direction": "EGRESS"}
    capture.flow(*ends, **addressed(WEB, DB), flags=("SYN",), **columns)
    assert mix(seen(capture)) == {"allowed_by_policy": 1}


def test_quirk_59_policies_that_allow_it_already_are_named(tmp_path):
    by = [{"name": "web", "namespace": "shop", "kind": "CiliumNetworkPolicy", "revision": "7"}]
    [edge] = observed(tmp_path, conversation(verdict="FORWARDED", egress_allowed_by=by)).edges
    assert edge.evidence.policies == ("CiliumNetworkPolicy/shop/web",)


OTHER = {"name": "web", "namespace": "shop", "kind": "CiliumNetworkPolicy"}
WIDE = {"name": "wide", "kind": "CiliumClusterwideNetworkPolicy"}


def sides(*records, tmp_path):
    [edge] = observed(tmp_path, records).edges
    evidence = edge.evidence
    return {
        "egress": (evidence.egress_allowed, evidence.egress_verdicts, evidence.egress_policies),
        "ingress": (evidence.ingress_allowed, evidence.ingress_verdicts, evidence.ingress_policies),
    }


INGRESS = {**EGRESS, "traffic_direction": "INGRESS"}


def test_quirk_59_each_side_speaks_for_itself(tmp_path):
    allowed = call("SYN", **EGRESS, verdict="FORWARDED", policy_match_type=2, egress_allowed_by=[OTHER])
    audited = call("SYN", **INGRESS, verdict="AUDIT")
    assert sides(allowed, audited, tmp_path=tmp_path) == {
        "egress": (1, 1, ("CiliumNetworkPolicy/shop/web",)),
        "ingress": (0, 1, ()),
    }


def test_quirk_59_one_audit_is_enough_to_doubt_the_policy(tmp_path):
    allowed = call("SYN", **EGRESS, verdict="FORWARDED", egress_allowed_by=[OTHER])
    before = call("SYN", **EGRESS, verdict="AUDIT", at=0.5)
    assert sides(allowed, before, tmp_path=tmp_path)["egress"] == (0, 1, ("CiliumNetworkPolicy/shop/web",))


def test_quirk_59_an_allow_without_correlation_is_one_without_a_name(tmp_path):
    allowed = call("SYN", **INGRESS, verdict="FORWARDED", policy_match_type=2)
    assert sides(allowed, tmp_path=tmp_path)["ingress"] == (1, 1, ())


@pytest.mark.parametrize(("match", "broad"), [(1, 1), (2, 0), (3, 1), (4, 1), (5, 0)])
def test_quirk_58_matches_without_ports_or_peers_are_counted_with_their_policies(tmp_path, match, broad):
    [edge] = observed(
        tmp_path, [call("SYN", **EGRESS, verdict="FORWARDED", policy_match_type=match, egress_allowed_by=[WIDE])]
    ).edges
    assert edge.evidence.broad_matches == broad
    assert edge.evidence.broad_policies == (("CiliumClusterwideNetworkPolicy//wide",) if broad else ())


def test_quirk_58_an_over_broad_rule_of_unknown_text_is_hinted_at(tmp_path):
    result = recommended(tmp_path, conversation(verdict="FORWARDED", policy_match_type=4, egress_allowed_by=[WIDE]))
    [gap] = [gap for gap in result.gaps if gap.code == "NPR409"]
    assert gap.subject == "CiliumClusterwideNetworkPolicy/wide"
