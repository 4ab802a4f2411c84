"""The JSON Schema of what the view says of HTTP."""

from __future__ import annotations

from recommender.model.http_rule import SetAsideReason
from recommender.report.schema_types import COUNT, FLAG, SHARE, TEXT, TEXTS, Schema, choice, list_of, record, reference


def http_rule_schema() -> Schema:
    """One method on one path or path template."""
    return record(
        method=TEXT,
        path=TEXT,
        text=TEXT,
        requests=COUNT,
        paths=COUNT,
        samples=TEXTS,
        literal_identifiers=FLAG,
        unserved=FLAG,
        denied=COUNT,
    )


def http_pair_schema(port: Schema) -> Schema:
    """A client and a server group on one port, between which HTTP requests were seen."""
    counts = "requests covered connections requested packets hours requested_hours set_aside_beyond"
    aside = record(method=TEXT, path=TEXT, requests=COUNT, reason=choice(SetAsideReason))
    return record(
        client=TEXT,
        server=TEXT,
        port=port,
        edges=TEXTS,
        written=FLAG,
        obstacle=TEXT,
        remedy=TEXT,
        sample_coverage=SHARE,
        unseen_bound=SHARE,
        existing=TEXTS,
        rules=list_of(reference("http_rule")),
        set_aside=list_of(aside),
        **dict.fromkeys(counts.split(), COUNT),
    )


def http_evidence_schema() -> Schema:
    """An edge's HTTP requests by kind."""
    counts = "requests incomplete connections requested packets hours requested_hours"
    kind = record(
        method=TEXT,
        template=TEXT,
        requests=COUNT,
        paths=COUNT,
        samples=list_of(record(path=TEXT, requests=COUNT)),
        denied=COUNT,
        forbidden=FLAG,
        responses=COUNT,
        turned_away=COUNT,
        malformed=FLAG,
    )
    return record(
        kinds=list_of(kind),
        cut=record(kinds=COUNT, requests=COUNT, unserved_kinds=COUNT, unserved_requests=COUNT),
        **dict.fromkeys(counts.split(), COUNT),
    )


def request_proof_schema() -> Schema:
    """The HTTP half of the replay proof."""
    counts = "requests allowed judged set_aside still_open"
    denials = list_of(reference("denial"))
    texts = dict.fromkeys(("opened", "opened_by_existing"), TEXTS)
    return record(broken=denials, cut_by_existing=denials, **texts, **dict.fromkeys(counts.split(), COUNT))
