"""Ranges, patterns and prefixes as the report shows them."""

from dataclasses import replace

import jsonschema

from recommender.model.edge import Protocol
from recommender.model.policy import FqdnPeer, PortName, PortRule
from recommender.model.widening import Widening, WideningKind
from recommender.report import build_view, render_html, view_schema
from tests.report.page_text import PageText
from tests.report.sample import sample_recommendation

RANGE = PortRule(protocol=Protocol.TCP, port=50000, end_port=50100)
HTTP = PortRule(protocol=Protocol.TCP, port=8080)
WIDENINGS = (
    Widening(kind=WideningKind.PORT_RANGE, seen=25, opened=76, sentence="range <b> opens 76 more"),
    Widening(kind=WideningKind.NAME_PATTERN, seen=3, opened=None, sentence="pattern"),
)


def with_a_wide_rule():
    recommendation = sample_recommendation()
    first, *others = recommendation.policies
    rule = replace(
        first.policy.rules[0],
        peer=FqdnPeer(name="*.example.com", names=("a.example.com", "b.example.com", "c.example.com")),
        ports=(HTTP, RANGE),
        widenings=WIDENINGS,
        port_names=(PortName(port=HTTP, name="http", numbers=(8080,)),),
    )
    policy = replace(first.policy, rules=(rule,))
    return replace(recommendation, policies=(replace(first, policy=policy), *others)), policy.name


def rule_view():
    recommendation, name = with_a_wide_rule()
    view = build_view(recommendation)
    jsonschema.validate(view, view_schema())
    [rule] = next(policy["rules"] for policy in view["policies"] if policy["name"] == name)
    return rule


def test_a_range_has_both_its_ends_and_a_single_port_is_its_own_end():
    assert [(port["port"], port["end_port"], port["text"], port["names"]) for port in rule_view()["ports"]] == [
        (8080, 8080, "TCP 8080", ["http"]),
        (50000, 50100, "TCP 50000-50100", []),
    ]


def test_what_a_rule_opens_is_told_with_numbers_where_there_are_any():
    assert [(one["kind"], one["seen"], one["opened"]) for one in rule_view()["widenings"]] == [
        ("port-range", 25, 76),
        ("name-pattern", 3, None),
    ]


def test_the_page_holds_it_for_the_rule():
    recommendation, name = with_a_wide_rule()
    data = PageText(render_html(build_view(recommendation))).data
    [rule] = next(policy["rules"] for policy in data["view"]["policies"] if policy["name"] == name)
    assert [one["sentence"] for one in rule["widenings"]] == ["range <b> opens 76 more", "pattern"]
    assert [port["names"] for port in rule["ports"]] == [["http"], []]
