import base64
import hashlib
import re
from collections import Counter
from dataclasses import replace

import pytest

from recommender.model.disposition import Decided, Disposition
from recommender.model.edge import FqdnEnd
from recommender.model.gap import Gap, Severity
from recommender.report import build_view, render_html
from recommender.report.matrix import LARGEST_TABLE
from tests.report.page_text import PageText
from tests.report.sample import assessed, evidence, group, sample_recommendation, workload_end

SECTIONS = [
    "summary",
    "findings",
    "scores",
    "policies",
    "review",
    "edges",
    "matrix",
    "groups",
    "capture",
    "proof",
    "about",
]
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "</style><style>body{display:none}</style>",
    '" onmouseover="alert(1)" x=\'',
    "</pre><h1>owned",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt;",
    "`code`<b>`",
]


def hostile_page(text):
    base = sample_recommendation()
    end = workload_end(text, text, text)
    edge = assessed(
        end,
        FqdnEnd(name=text),
        443,
        disposition=Disposition.QUARANTINED,
        reason=text,
        seen=evidence(names=(text,), services=(text,), policies=(text,), sample_uuids=(text,)),
    )
    allowed = replace(edge, decided=Decided(disposition=Disposition.NEEDED, reason=text))
    allowed = replace(allowed, edge=replace(edge.edge, port=80), client_group=text, server_group=text)
    gap = Gap(
        code="NPR999",
        title=text,
        severity=Severity.HIGH,
        subject=text,
        reason=text,
        impact=text,
        action=text,
        examples=(text,),
    )
    owner = group(text, text, text)
    first = base.policies[0]
    policy = replace(
        first,
        policy=replace(first.policy, name=text, group=owner),
        manifests=(replace(first.manifests[0], text=text, path=text),),
    )
    hostile = replace(
        base,
        input_digest=text,
        edges=(*base.edges, edge, allowed),
        gaps=(*base.gaps, gap),
        groups=(*base.groups, owner),
        policies=(*base.policies, policy),
        capture=replace(base.capture, clusters=(text,), unavailable_nodes=(text,), emitters=((text, 1),)),
        settings=(replace(base.settings[0], value=text),),
    )
    return render_html(build_view(hostile))


@pytest.fixture(scope="module")
def plain():
    return PageText(hostile_page("plain"))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text, page, plain):
    hostile = PageText(hostile_page(text))
    assert Counter(tag for tag, _ in hostile.tags if tag != "code") == Counter(
        tag for tag, _ in plain.tags if tag != "code"
    )
    assert {name for _, found in hostile.tags for name in found} == {name for _, found in plain.tags for name in found}
    assert hostile.styles == page.styles
    assert text in hostile.text
    assert text in hostile.blocks


@pytest.mark.parametrize("char", ["\u202e", "\u2066", "\u200b", "\x1b", "\x00", "\u2028", "\ufeff"])
def test_what_would_act_unseen_is_made_visible(char):
    html = hostile_page(f"shop{char}web")
    assert char not in html
    assert f"shop\\u{ord(char):04x}web" in html
    html.encode()


def test_nothing_runs_and_nothing_is_loaded(html, page):
    tags = {tag for tag, _ in page.tags}
    assert tags.isdisjoint({"script", "link", "img", "iframe", "object", "embed", "form", "base", "svg", "video"})
    for tag, attributes in page.tags:
        assert "style" not in attributes, tag
        assert "src" not in attributes, tag
        assert not any(name.startswith("on") for name in attributes), tag
        assert (attributes.get("href") or "#").startswith("#"), attributes
    assert re.search(r"https?://", html) is None
    assert "url(" not in page.styles[0]
    assert "@import" not in page.styles[0]


def test_the_security_policy_names_the_style_by_its_hash(page):
    policy = next(found["content"] for _, found in page.tags if found.get("http-equiv") == "Content-Security-Policy")
    assert len(page.styles) == 1
    digest = base64.b64encode(hashlib.sha256(page.styles[0].encode()).digest()).decode()
    assert policy.split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{digest}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def test_every_section_stands_there_and_every_anchor_leads_somewhere(page):
    sections = [found["id"] for tag, found in page.tags if tag == "section"]
    assert sections == SECTIONS
    assert len(page.ids) == len(set(page.ids))
    targets = {found["href"][1:] for tag, found in page.tags if tag == "a" and found.get("href")}
    assert set(SECTIONS) <= targets
    assert targets <= set(page.ids)


def test_all_findings_and_all_manifests_are_in_the_page(view, page):
    for gap in view["gaps"]:
        for key in ("code", "title", "subject", "reason", "impact"):
            assert gap[key] in page.text
        assert gap["action"].replace("`", "") in page.text
    texts = [manifest["text"] for policy in view["policies"] for manifest in policy["manifests"]]
    texts.append(view["kustomization"]["text"])
    assert len(texts) == 12
    releases = _release_texts(view)
    assert len(releases) == 2
    assert sorted(page.blocks) == sorted([*texts, *releases])


def _release_texts(view):
    return [manifest["text"] for held in view["quarantine"] for manifest in held["manifests"]]


def test_each_quarantined_edge_shows_its_way_out_or_why_there_is_none(view, page):
    for held in view["quarantine"]:
        assert (held["command"] or held["obstacle"]) in page.text
    assert "and from quarantine also: shop/Deployment/search -> payments/StatefulSet/ledger TCP/22" in page.text


def test_every_edge_group_node_and_setting_is_in_the_page(view, page):
    assert {f"e-{edge['id']}" for edge in view["edges"]} <= set(page.ids)
    for group_view in view["groups"]:
        assert group_view["selector"]["text"] in page.text
    for node in view["capture"]["nodes"]:
        assert node["node"] in page.text
    for setting in view["settings"]:
        assert setting["origin"] in page.text


def test_headings_go_down_one_step_at_a_time(page):
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(page.headings, page.headings[1:], strict=False))


def test_table_headers_have_a_scope_and_landmarks_exist(page):
    assert all(found.get("scope") in {"col", "row"} for tag, found in page.tags if tag == "th")
    assert {"header", "nav", "main", "footer"} <= {tag for tag, _ in page.tags}
    assert ("html", {"lang": "en"}) in page.tags


def test_a_matrix_too_wide_to_read_becomes_a_list_of_pairs(recommendation):
    many = tuple(
        assessed(workload_end(f"ns-{number:03}", "a"), workload_end("hub", "b"), 80)
        for number in range(LARGEST_TABLE + 1)
    )
    page = PageText(render_html(build_view(replace(recommendation, edges=many))))
    assert not any(found.get("class") == "matrix" for _, found in page.tags)
    assert "61 pairs" in page.text
    assert "ns-060" in page.text


def test_a_large_run_lists_rules_briefly_and_still_holds_everything(view, page, monkeypatch):
    monkeypatch.setattr("recommender.report.page.ROOMY", len(view["edges"]) - 1)
    brief = PageText(render_html(view))
    assert any(found.get("class") == "brief" for _, found in brief.tags)
    assert not any(found.get("class") == "rule" for _, found in brief.tags)
    # What would release an edge stands in files of its own; a page of thousands of edges only names them.
    assert sorted([*brief.blocks, *_release_texts(view)]) == sorted(page.blocks)
    assert all(held["file"] in brief.text for held in view["quarantine"] if held["manifests"])
    assert sorted(brief.ids) == sorted(page.ids)
    links = {found["href"][1:] for tag, found in brief.tags if tag == "a" and found.get("href")}
    resting = {f"e-{edge}" for policy in view["policies"] for rule in policy["rules"] for edge in rule["edges"]}
    assert resting <= links <= set(brief.ids)


def test_the_same_view_gives_the_same_bytes(view, html):
    assert render_html(view) == html
