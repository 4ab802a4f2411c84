import base64
import hashlib
import re
from collections import Counter
from dataclasses import replace
from importlib import resources

import pytest

from recommender.model.disposition import Decided, Disposition
from recommender.model.edge import FqdnEnd
from recommender.model.gap import Gap, Severity
from recommender.report import build_view, render_html
from recommender.report.libraries import libraries
from tests.report.page_text import PageText, unpacked
from tests.report.sample import assessed, evidence, group, sample_recommendation, workload_end

SCRIPTED = ["review", "matrix", "map", "groups", "edges", "timeline", "confidence", "exposure"]
SECTIONS = ["summary", *SCRIPTED, "policies", "findings", "capture", "proof", "about"]
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


def test_nothing_is_loaded_and_no_attribute_runs(page):
    tags = {tag for tag, _ in page.tags}
    assert tags.isdisjoint({"link", "img", "iframe", "object", "embed", "form", "base", "video"})
    for tag, attributes in page.tags:
        assert "style" not in attributes, tag
        assert "src" not in attributes, tag
        assert not any(name.startswith("on") for name in attributes), tag
        assert (attributes.get("href") or "#").startswith("#"), attributes
    for text in (*page.styles, *page.own_scripts):
        assert re.search(r"https?://|url\(|@import|\beval\(|innerHTML|document\.write", text) is None


def test_the_security_policy_names_every_script_by_its_hash_and_forbids_the_network(page):
    policy = next(found["content"] for _, found in page.tags if found.get("http-equiv") == "Content-Security-Policy")
    parts = dict(part.split(" ", 1) for part in policy.split("; "))
    assert len(page.own_scripts) == 2
    libraries_run = [unpacked(library.packed) for library in libraries()]
    digests = {
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for text in (*page.own_scripts, *libraries_run)
    }
    assert set(parts.pop("script-src").split()) == digests
    assert parts == {
        "default-src": "'none'",
        "style-src-elem": "'unsafe-inline'",
        "style-src-attr": "'none'",
        "img-src": "data: blob:",
        "connect-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_libraries_travel_packed_and_unchanged(page):
    blocks = [text for kind, text in page.scripts if kind]
    assert all(re.fullmatch(r"[A-Za-z0-9+/=]+", text) for text in blocks)
    assert set(blocks) >= {library.packed for library in libraries()}
    bundle = next(library for library in libraries() if library.name == "library-tables")
    original = resources.files("itables").joinpath("html/dt_bundle.js").read_text(encoding="utf-8")
    kept = re.sub(r"export\s*\{[^{}]*\}\s*;?", "", original)
    assert unpacked(bundle.packed).count("globalThis.DataTable") == 1
    assert len(unpacked(bundle.packed)) - len(kept) < 100


def test_every_section_stands_there_and_every_anchor_leads_somewhere(page):
    sections = [found["id"] for tag, found in page.tags if tag == "section"]
    assert sections == SECTIONS
    assert len(page.ids) == len(set(page.ids))
    targets = {found["href"][1:] for tag, found in page.tags if tag == "a" and found.get("href")}
    assert set(SECTIONS) <= targets
    assert {target.split("?")[0] for target in targets} <= set(page.ids)
    assert [found["id"] for tag, found in page.tags if tag == "section" and "hidden" in found] == SCRIPTED


def test_all_findings_and_all_manifests_are_in_the_page(view, page):
    for gap in view["gaps"]:
        for key in ("code", "title", "subject", "reason", "impact"):
            assert gap[key] in page.text
        assert gap["action"].replace("`", "") in page.text
    texts = [manifest["text"] for policy in view["policies"] for manifest in policy["manifests"]]
    texts.append(view["kustomization"]["text"])
    assert len(texts) == 12
    assert sorted(page.blocks) == sorted(texts)


def test_each_quarantined_edge_has_its_way_out_or_why_there_is_none(view, page):
    assert page.data["view"]["quarantine"] == view["quarantine"]
    assert all(held["command"] or held["obstacle"] for held in view["quarantine"])


def test_of_very_many_ways_out_the_page_names_the_files(view, monkeypatch):
    monkeypatch.setattr("recommender.report.page_data.MOST_WAYS", 1)
    held = PageText(render_html(view)).data["view"]["quarantine"]
    assert [way["file"] for way in held] == [way["file"] for way in view["quarantine"]]
    assert not any(way["manifests"] for way in held)


def test_every_node_and_setting_is_in_the_page(view, page):
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
    assert ("html", {"lang": "en", "class": "no-script"}) in page.tags


def test_links_to_edges_name_edges_that_are_there(view, page):
    links = {
        found["href"] for tag, found in page.tags if tag == "a" and (found.get("href") or "").startswith("#edges?")
    }
    assert links
    assert {link.split("edge=")[1] for link in links} <= {edge["id"] for edge in view["edges"]}


def test_the_same_view_gives_the_same_bytes(view, html):
    assert render_html(view) == html
