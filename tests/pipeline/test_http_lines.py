"""From Hubble's lines to HTTP rules: what audit says of requests, and URLs that somebody hostile chose."""

from __future__ import annotations

import json
import random
import string

import pytest
import yaml

from recommender import Settings, recommend, write_report
from recommender.model.layer7 import Layer7
from tests.quirks.raw import DB_IP, WEB_IP, pod, record, reply, write

WEB, API = pod("web"), pod("api", local=True)


def call(number, url, *, method="GET", code=200, audited=False):
    """The first packet, the request and its response, on a connection of their own."""
    ends = WEB, f"{WEB_IP}:{40000 + number}", API, f"{DB_IP}:8080"
    verdict = "AUDIT" if audited else "REDIRECTED"
    direction = {"traffic_direction": "INGRESS", "is_reply": False}
    first = record(*ends, "SYN", at=number, event_type={"type": 5}, verdict=verdict, **direction)
    if audited:
        return [first, reply(first, "SYN", "ACK", at=number + 0.001)]
    asked = {"method": method, "url": url, "protocol": "HTTP/1.1"}
    log = {"Type": "L7", "event_type": {"type": 129}, "traffic_direction": "INGRESS"}
    request = record(*ends, at=number + 0.01, is_reply=False, l7={"type": "REQUEST", "http": asked}, **log)
    answer = {"type": "RESPONSE", "http": {"code": code, **asked}}
    return [first, request, reply(request, at=number + 0.02, l7=answer, **log)]


def narrowed(directory, lines):
    return recommend(write(directory, lines), Settings(l7=Layer7.HTTP))


def rules(result):
    documents = [yaml.safe_load(manifest.text) for manifest in result.manifests]
    return [
        rule
        for document in documents
        for item in document["spec"].get("ingress", [])
        for port in item.get("toPorts", [])
        for rule in port.get("rules", {}).get("http", [])
    ]


def test_audit_verdicts_never_become_http_rules(tmp_path):
    lines = [line for number in range(40) for line in call(number, "", audited=True)]
    result = narrowed(tmp_path, lines)
    assert result.edges[0].edge.evidence.verdicts.audited == 40
    assert not rules(result)
    assert not result.http_pairs


def test_audited_connections_beside_logged_ones_keep_the_pair_at_layer_4(tmp_path):
    logged = [line for number in range(10) for line in call(number, "http://api/orders")]
    audited = [line for number in range(10, 20) for line in call(number, "", audited=True)]
    result = narrowed(tmp_path, [*logged, *audited])
    assert not rules(result)
    assert "10 of 20 connections" in result.http_pairs[0].obstacle


def test_hosts_queries_and_users_never_reach_a_rule(tmp_path):
    urls = [f"http://ann:secret@api.example.com:8080/orders/{number}?token=hunter{number}#x" for number in range(9)]
    result = narrowed(tmp_path, [line for number, url in enumerate(urls) for line in call(number, url)])
    assert rules(result) == [{"method": "GET", "path": "/orders/[0-9]+([?].*)?"}]
    assert "hunter" not in repr(result)
    assert "secret" not in repr(result)


HOSTILE = [
    "/a\nrules:\n  http: []", "/.*", "/(a|b)+", "/x'\"`", "/#comment", "/: y", "/{{7*7}}", "/<script>alert(1)</script>",
    "/\u202egnp", "/caf\u00e9", "/../../etc/passwd", "/%2e%2e/x", "/\x1fi", "/a b", "//evil.example.com/x",
    "/[[:alpha:]]", "/\\E.*", "/" + "a" * 5000, "/$(id)", "/a;rm -rf", "/\x00", "/?",
]  # fmt: skip
PATHLESS = ["*", "", "CONNECT"]


@pytest.mark.parametrize(("code", "urls", "left"), [(404, HOSTILE, 1), (200, HOSTILE, 0), (404, PATHLESS, 0)])
def test_hostile_paths_stay_text(tmp_path, code, urls, left):
    """Turned away, they are left out of the rules; served, or without a path, they keep the pair at layer 4."""
    lines = []
    for place, url in enumerate(urls):
        lines += [line for again in range(4) for line in call(10 * place + again, url, code=code)]
    lines += [line for number in range(900, 940) for line in call(number, "/fine")]
    result = narrowed(tmp_path, lines)
    assert result.proof.holds
    assert rules(result) == [{"method": "GET", "path": "/fine([?].*)?"}] * left
    write_report(result, tmp_path / "report")
    html = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in html
    json.loads((tmp_path / "report" / "recommendation.json").read_text(encoding="utf-8"))


def test_random_paths_pass_their_own_rules(tmp_path):
    chance = random.Random(20261124)
    letters = "".join(char for char in string.printable if char.isprintable() and char not in "?# \\")
    paths = ["/" + "".join(chance.choice(letters) for _ in range(chance.randint(1, 12))) for _ in range(30)]
    lines = []
    for place, path in enumerate(paths):
        lines += [line for again in range(3) for line in call(10 * place + again, f"http://api{path}")]
    result = narrowed(tmp_path, lines)
    assert result.proof.holds
    assert result.proof.http.allowed == result.proof.http.requests
    assert len(rules(result)) >= 25
