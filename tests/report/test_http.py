"""HTTP pairs, rules and requests in the view, the page and the summary."""

from dataclasses import replace

import jsonschema
import pytest

from recommender.model.http_path import MARK, PathTemplate
from recommender.model.http_request import HttpCut, HttpEvidence, HttpKind, HttpSample
from recommender.model.http_rule import HttpPair, HttpRule, SetAsideReason, SetAsideRequests
from recommender.model.replay import Denial, RequestProof
from recommender.report import build_view, render_html, render_summary, view_schema
from tests.report.page_text import PageText
from tests.report.sample import sample_recommendation

HOSTILE = "/<img/src=x/onerror=alert(1)>"


def rule(method, shape, **changes):
    given = {
        "method": method, "template": PathTemplate(shape=shape), "pattern": f"{shape}([?].*)?", "requests": 12,
        "paths": 3, "samples": (shape.replace(f"{MARK}i", "7"),),
    }  # fmt: skip
    return HttpRule(**(given | changes))


RULES = (
    rule("GET", HOSTILE, unserved=True, denied=2),
    rule("GET", f"/orders/{MARK}i"),
    rule("GET", "/orders/1/x", literal_identifiers=True),
)


def pair(edge, **changes):
    given = {
        "client": "shop/web", "server": "shop/cart", "port": edge.edge.port, "edges": (edge.edge.edge_id,),
        "requests": 40, "connections": 12, "requested": 12, "packets": 12, "hours": 4, "requested_hours": 4,
        "rules": RULES, "written": True,
        "set_aside": (
            SetAsideRequests(method="GET", path=f"/.env{HOSTILE}", requests=2, reason=SetAsideReason.SCAN),
        ),
    }  # fmt: skip
    return HttpPair(**(given | changes))


@pytest.fixture
def told():
    """The sample run, with one rule narrowed to HTTP and its edge's requests."""
    base = sample_recommendation()
    policies = list(base.policies)
    place = next(n for n, item in enumerate(policies) if any(one.edges for one in item.policy.rules))
    rules = list(policies[place].policy.rules)
    chosen = next(one for one in rules if one.edges)
    rules[rules.index(chosen)] = replace(chosen, http=RULES)
    policies[place] = replace(policies[place], policy=replace(policies[place].policy, rules=tuple(rules)))
    edge = next(item for item in base.edges if item.edge.edge_id == chosen.edges[0])
    kind = HttpKind(
        method="GET", template=PathTemplate(shape=HOSTILE), requests=12, paths=1,
        samples=(HttpSample(path=HOSTILE, requests=12),),
    )  # fmt: skip
    http = HttpEvidence(
        kinds=(kind,), connections=12, requested=12, packets=12, hours=4, requested_hours=4,
        cut=HttpCut(kinds=1, requests=3),
    )  # fmt: skip
    asked = replace(edge, edge=replace(edge.edge, evidence=replace(edge.edge.evidence, http=http)))
    return replace(
        base,
        policies=tuple(policies),
        edges=tuple(asked if item is edge else item for item in base.edges),
        http_pairs=(pair(edge),),
        proof=replace(base.proof, http=RequestProof(requests=42, allowed=40, judged=4, set_aside=2)),
    )


def test_the_view_follows_its_schema(told):
    jsonschema.Draft202012Validator(view_schema()).validate(build_view(told))


def test_rules_pairs_evidence_and_proof_stand_in_the_view(told):
    view = build_view(told)
    (narrowed,) = [one for policy in view["policies"] for one in policy["rules"] if one["http"]]
    assert [one["text"] for one in narrowed["http"]] == [f"GET {HOSTILE}", "GET /orders/{integer}", "GET /orders/1/x"]
    assert narrowed["http"][1]["path"] == f"/orders/{MARK}i([?].*)?"
    (found,) = view["http_pairs"]
    assert (found["written"], found["covered"], found["sample_coverage"]) == (True, 36, 1)
    (edge,) = [one for one in view["edges"] if one["evidence"]["http"]]
    assert edge["evidence"]["http"]["requests"] == 15
    assert view["proof"]["http"]["judged"] == 4
    assert view["answers"]["breaks"]["narrowed_pairs"] == 1


def test_runs_without_http_say_nothing_of_it(view):
    assert view["http_pairs"] == []
    assert 'id="http"' not in render_html(view)
    assert "HTTP" not in render_summary(view)


def test_the_page_lists_pairs_and_requests_and_no_path_becomes_markup(told):
    html = render_html(build_view(told))
    page = PageText(html)
    assert "http" in page.ids
    assert not any(tag == "img" for tag, _ in page.tags)
    assert page.text.count(HOSTILE) >= 2
    for part in ("HTTP rules", "40 pass"):
        assert part in page.text


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"written": False, "obstacle": "only 1 of 9 connections show their requests"}, "only 1 of 9"),
        ({"written": False}, "could be narrowed: --l7 http"),
    ],
)
def test_pairs_at_layer_4_say_why_or_how(told, changes, word):
    pairs = tuple(replace(one, **changes) for one in told.http_pairs)
    assert word in PageText(render_html(build_view(replace(told, http_pairs=pairs)))).text


def test_what_breaks_names_the_requests(told):
    denial = Denial(edge_id="0" * 12, edge=f"a -> b TCP/80 GET {HOSTILE}", direction="ingress", reason="no HTTP rule")
    proof = replace(told.proof, http=RequestProof(requests=2, allowed=1, judged=2, broken=(denial,), opened=("x",)))
    view = build_view(replace(told, proof=proof))
    assert "1 HTTP method and path of needed edges would break" in view["answers"]["breaks"]["sentence"]
    assert "HTTP rules break needed requests" in view["answers"]["first"]["steps"][0]["text"]
    assert not view["proof"]["holds"]
    page = PageText(render_html(view))
    assert HOSTILE in page.text
    assert "narrow nothing" in page.text
    assert "Between" not in view["answers"]["breaks"]["sentence"]


def test_the_summary_says_that_other_requests_are_refused(told):
    text = render_summary(build_view(told))
    assert "Between 1 pair of groups only HTTP requests like those of this window pass." in " ".join(text.split())
    assert "40 of 40 HTTP requests allowed, 2 left out denied" in text.splitlines()[-1]
