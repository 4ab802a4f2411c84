"""The JSON Schema of the view: every field, its type and that nothing else stands there."""

from __future__ import annotations

from typing import Any

from recommender.model.confidence import Band, Scale
from recommender.model.disposition import Disposition
from recommender.model.edge import OrientationReason, Protocol
from recommender.model.gap import Severity
from recommender.model.group import GroupOrigin
from recommender.model.manifest import Dialect
from recommender.model.policy import Baseline, Direction
from recommender.model.starter_step import StarterStep
from recommender.model.widening import WideningKind
from recommender.report.schema_answers import answers_schema
from recommender.report.schema_capture import capture_schema
from recommender.report.schema_decisions import decisions_schema, finding_decision_schema, standing_fields
from recommender.report.schema_existing import existing_schema, left_out_schema
from recommender.report.schema_http import (
    http_evidence_schema,
    http_pair_schema,
    http_rule_schema,
    request_proof_schema,
)
from recommender.report.schema_scores import (
    backtest_schema,
    completeness_schema,
    unseen_schema,
    verdict_schema,
    verdicts_schema,
)
from recommender.report.schema_types import (
    COUNT,
    EDGE_ID,
    FLAG,
    SHARE,
    TEXT,
    TEXTS,
    TIME,
    Schema,
    choice,
    list_of,
    nullable,
    record,
    reference,
)

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_PORT = {"type": "integer", "minimum": 0, "maximum": 65535}


def view_schema() -> dict[str, Any]:
    """Which documents does `build_view` make? JSON Schema, draft 2020-12; unknown fields are refused."""
    return {
        "$schema": _DRAFT,
        "title": "netpol-recommend recommendation",
        "$defs": {
            "end": _end(),
            "confidence": _confidence(),
            "evidence": _evidence(),
            "unseen": unseen_schema(),
            "manifest": record(path=TEXT, policy=TEXT, text=TEXT),
            "named_count": record(name=TEXT, count=COUNT),
            "http_rule": http_rule_schema(),
            "peer": record(kind={"enum": ["group", "entity", "fqdn", "cidr"]}, text=TEXT, addresses=TEXTS),
            "proof": _proof(),
            "denial": record(edge_id=TEXT, edge=TEXT, direction=TEXT, reason=TEXT),
        },
        **record(
            schema_version={"const": 1},
            tool_version=TEXT,
            dialect=choice(Dialect),
            input_digest=TEXT,
            settings=list_of(record(name=TEXT, value=TEXT, origin=TEXT)),
            answers=answers_schema(),
            capture=capture_schema(),
            workloads=list_of(_workload()),
            groups=list_of(_group()),
            peer_groups=list_of(_group()),
            edges=list_of(_edge()),
            policies=list_of(_policy()),
            baselines=list_of(_baseline()),
            http_pairs=list_of(http_pair_schema(_PORT)),
            quarantine=list_of(_held()),
            kustomization=nullable(reference("manifest")),
            losses=list_of(_loss()),
            gaps=list_of(_gap()),
            existing=existing_schema(),
            proof=reference("proof"),
            decisions=decisions_schema(),
            report_digest=TEXT,
            completeness=completeness_schema(),
            verdicts=verdicts_schema(),
            backtest=nullable(backtest_schema()),
        ),
    }


def _end() -> Schema:
    kind = {"enum": ["workload", "entity", "fqdn", "address"]}
    return record(kind=kind, text=TEXT, name=TEXT, namespace=TEXT, cluster=TEXT, owner_kind=TEXT)


def _confidence() -> Schema:
    part = record(name=TEXT, sentence=TEXT, value={"type": "number"})
    return record(value=SHARE, band=choice(Band), cap=TEXT, scale=choice(Scale), parts=list_of(part))


def _evidence() -> Schema:
    counts = (
        "connections flows answered refused unopened turned_around from_own_node client_pods server_pods client_nodes "
        "server_nodes both_sides active_hours active_six_hours active_days egress_verdicts ingress_verdicts "
        "egress_allowed ingress_allowed broad_matches"
    )
    texts = (
        "names client_addresses server_addresses services policies egress_policies ingress_policies broad_policies "
        "sample_uuids"
    )
    verdicts = ("explicitly_denied", "denied", "audited", "allowed_by_policy", "no_verdict")
    return record(
        first_seen=nullable(TIME),
        last_seen=nullable(TIME),
        verdicts=record(**dict.fromkeys(verdicts, COUNT)),
        reasons=list_of(record(reason=choice(OrientationReason), connections=COUNT)),
        activity={"type": "string", "pattern": "^([0-9a-f]{2})*$"},
        http=nullable(http_evidence_schema()),
        **dict.fromkeys(counts.split(), COUNT),
        **dict.fromkeys(texts.split(), TEXTS),
    )


def _workload() -> Schema:
    return record(
        end=reference("end"),
        group=TEXT,
        label_sets=list_of(TEXTS),
        pods=TEXTS,
        nodes=TEXTS,
        named_ports=list_of(record(name=TEXT, protocol=TEXT, port=_PORT)),
        observed_locally=FLAG,
        host_network=FLAG,
        starts_seen=COUNT,
        partly_selected=FLAG,
    )


def _group() -> Schema:
    requirement = record(key=TEXT, values=TEXTS, absent=FLAG)
    selector = record(text=TEXT, requirements=list_of(requirement), service_account=TEXT)
    proof = record(
        members_matched=COUNT,
        others_checked=COUNT,
        near_misses=TEXTS,
        dropped_keys=list_of(record(key=TEXT, reason=TEXT)),
    )
    return record(
        id=TEXT,
        display=TEXT,
        cluster=TEXT,
        namespace=TEXT,
        name=TEXT,
        members=TEXTS,
        origin=choice(GroupOrigin),
        selector=nullable(selector),
        proof=nullable(proof),
        cohesion=nullable(SHARE),
        likeness=list_of(record(member=TEXT, unlike=nullable(SHARE), outlier=FLAG, only=TEXTS, only_count=COUNT)),
        outliers=COUNT,
        sensitive=FLAG,
        policy=TEXT,
        policies=TEXTS,
    )


def _edge() -> Schema:
    return record(
        id=EDGE_ID,
        key=TEXT,
        client=reference("end"),
        server=reference("end"),
        protocol=choice(Protocol),
        port=_PORT,
        port_text=TEXT,
        client_group=TEXT,
        server_group=TEXT,
        disposition=choice(Disposition),
        reason=TEXT,
        by_person=FLAG,
        confidence=reference("confidence"),
        recurrence=SHARE,
        allowed_by=TEXTS,
        left_to=TEXTS,
        evidence=reference("evidence"),
    )


def _policy() -> Schema:
    return record(
        name=TEXT,
        cluster=TEXT,
        namespace=TEXT,
        group=TEXT,
        step={"enum": ["", *(item.value for item in StarterStep)]},
        isolate_ingress=FLAG,
        isolate_egress=FLAG,
        needs_dns_proxy=FLAG,
        confidence=reference("confidence"),
        verdict=verdict_schema(),
        left_out=list_of(left_out_schema()),
        isolated_by=list_of(record(direction=choice(Direction), policies=TEXTS)),
        rules=list_of(_rule()),
        manifests=list_of(reference("manifest")),
        replaces=list_of(record(name=TEXT, lines=TEXTS)),
        **standing_fields(),
    )


def _rule() -> Schema:
    evidence = record(edges=COUNT, connections=COUNT, most_active_days=COUNT, last_seen=TIME, lowest_confidence=SHARE)
    return record(
        direction=choice(Direction),
        baseline={"enum": ["", *(item.value for item in Baseline)]},
        peer=reference("peer"),
        ports=list_of(record(protocol=choice(Protocol), port=_PORT, end_port=_PORT, text=TEXT, names=TEXTS)),
        widenings=list_of(record(kind=choice(WideningKind), seen=COUNT, opened=nullable(COUNT), sentence=TEXT)),
        edges=list_of(EDGE_ID),
        evidence=nullable(evidence),
        http=list_of(reference("http_rule")),
    )


def _baseline() -> Schema:
    return record(
        kind=choice(Baseline),
        cluster=TEXT,
        name=TEXT,
        clients=TEXTS,
        servers=TEXTS,
        edges=list_of(EDGE_ID),
        manifest=reference("manifest"),
        **standing_fields(),
    )


def _held() -> Schema:
    return record(
        edge_id=EDGE_ID,
        edge=TEXT,
        reason=TEXT,
        file=TEXT,
        command=TEXT,
        obstacle=TEXT,
        proved=FLAG,
        opens=TEXTS,
        manifests=list_of(reference("manifest")),
    )


def _loss() -> Schema:
    return record(policy=TEXT, subject=TEXT, wanted=TEXT, written=TEXT, wider=FLAG, edges=TEXTS)


def _gap() -> Schema:
    return record(
        fingerprint={"type": "string", "pattern": "^[0-9a-f]{16}$"},
        code={"type": "string", "pattern": "^NPR[0-9]{3}$"},
        title=TEXT,
        severity=choice(Severity),
        subject=TEXT,
        reason=TEXT,
        impact=TEXT,
        action=TEXT,
        count=COUNT,
        examples=TEXTS,
        facts=TEXTS,
        decision=finding_decision_schema(),
    )


def _proof() -> Schema:
    return record(
        holds=FLAG,
        sentence=TEXT,
        edges=COUNT,
        allowed=COUNT,
        manifests=COUNT,
        broken=list_of(reference("denial")),
        excluded=list_of(reference("denial")),
        left_out=COUNT,
        still_open=TEXTS,
        http=request_proof_schema(),
        existing=COUNT,
        dependent=list_of(reference("denial")),
        attested=list_of(reference("denial")),
        cut_by_existing=list_of(reference("denial")),
        open_by_existing=list_of(reference("denial")),
    )
