"""HTTP rules as written: what was seen passes with any query, what was not is denied, whatever stands in the paths."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.dialect import loss_gaps, write
from recommender.model.confidence import Confidence
from recommender.model.http_request import HttpRequest
from recommender.model.layer7 import Layer7
from recommender.model.manifest import Dialect
from recommender.model.shared_baseline import BaselineForm
from tests.dialect.scene import provenance
from tests.dialect.test_shared_baselines import parsed
from tests.dialect.test_written_policies_pass import connection
from tests.policy.http_scene import asking, kind, orders, turned_away
from tests.policy.scene import DB, PROMETHEUS, SHOP_GROUPS, WEB, assessed, edge, end, group, policies

UNSEEN = HttpRequest(method="GET", path="/not/seen")


def said(edges, *, dialect=Dialect.CILIUM, groups=SHOP_GROUPS, baselines=BaselineForm.SHARED):
    made = policies(edges, groups, layer7=Layer7.HTTP)
    return write(
        made.policies,
        dialect,
        edges=assessed(edges),
        confidences={policy.name: Confidence(value=0.7, parts=()) for policy in made.policies},
        provenance=provenance(dialect),
        groups=groups,
        baselines=baselines,
    )


def calls(*kinds, client=WEB, server=DB, port=8080):
    return asking(*kinds, client=client, server=server, port=port)


def manifest_of(result, name):
    (text,) = [manifest.text for manifest in result.manifests if f"/{name}-" in manifest.path]
    return text


def test_methods_and_paths_stand_beside_the_port_with_their_evidence():
    text = manifest_of(said([calls(orders("GET", 1, 2, 3, each=4), kind("POST", "/orders", each=5, denied=2))]), "db")
    (item,) = yaml.safe_load(text)["spec"]["ingress"]
    assert item["toPorts"] == [
        {
            "ports": [{"port": "8080", "protocol": "TCP"}],
            "rules": {
                "http": [
                    {"method": "POST", "path": "/orders([?].*)?"},
                    {"method": "GET", "path": "/orders/[0-9]+([?].*)?"},
                ]
            },
        }
    ]
    assert "# POST /orders: 5 requests, 1 path; an existing rule denied 2 of them" in text
    assert "# GET /orders/{integer}: 12 requests, 3 paths" in text
    assert "only methods and paths of this window" in text
    assert "on TCP/8080, HTTP: 2 kinds of requests" in text


def test_what_a_person_should_look_at_is_marked():
    text = manifest_of(
        said([calls(kind("GET", "/a", each=9), turned_away("GET", "/b", each=5), orders("GET", 7, each=5))]), "db"
    )
    assert "GET /b: 5 requests, 1 path; REVIEW: the server turned each away" in text
    assert "GET /orders/7: 5 requests, 1 path; too few samples to fold what looks like an identifier" in text


def test_ports_with_different_requests_are_items_of_their_own():
    result = said([calls(kind("GET", "/a", each=9)), calls(kind("GET", "/b", each=9), port=8081), edge(WEB, DB, 8082)])
    items = yaml.safe_load(manifest_of(result, "db"))["spec"]["ingress"]
    found = {
        item["toPorts"][0]["ports"][0]["port"]: [
            rule["path"] for rule in item["toPorts"][0].get("rules", {}).get("http", [])
        ]
        for item in items
    }
    assert found == {"8080": ["/a([?].*)?"], "8081": ["/b([?].*)?"], "8082": []}


@pytest.mark.parametrize("query", ["", "?", "?id=42&x=/../", "?q=%C3%A9"])
def test_any_query_passes_since_none_is_stored(query):
    edges = [calls(kind("GET", "/api/orders", each=9))]
    enforced = parsed(said(edges))
    request = HttpRequest(method="GET", path=f"/api/orders{query}")
    assert enforced.judge_request(connection(edges[0]), request).allowed


@pytest.mark.parametrize("dialect", [dialect for dialect in Dialect if not dialect.knows_http])
def test_other_dialects_lose_the_requests_and_say_so(dialect):
    edges = [calls(kind("GET", "/a", each=9))]
    result = said(edges, dialect=dialect)
    (loss,) = (one for one in result.losses if "HTTP" in one.wanted)
    assert loss.wider
    assert not loss.edges
    assert loss_gaps(result.losses)[0].code == "NPR320"
    assert "WIDER THAN SEEN: every request on these ports" in manifest_of(result, "db")
    assert "answered 403" not in manifest_of(result, "db")
    assert parsed(result).judge_request(connection(edges[0]), UNSEEN).allowed


def test_a_scrape_that_is_narrowed_is_not_opened_by_the_shared_baseline():
    targets = [end("shop", f"app{number}") for number in range(3)]
    edges = [calls(kind("GET", "/metrics", each=9), client=PROMETHEUS, server=target, port=9090) for target in targets]
    result = said(edges, groups=[group(PROMETHEUS), *map(group, targets)])
    assert [one.kind.value for one in result.baselines] == []
    enforced = parsed(result)
    for one in edges:
        assert enforced.judge_request(connection(one), HttpRequest(method="GET", path="/metrics")).allowed
        assert not enforced.judge_request(connection(one), UNSEEN).allowed


HOSTILE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="\\"), max_size=70)
PATHS = st.lists(
    st.one_of(HOSTILE, st.sampled_from(["#x", ": y", "'", '"', "- a", "{{b}}", "*", "[0-9]+", ".*"])), max_size=3
)
KINDS = st.lists(
    st.one_of(
        st.builds(lambda parts: kind("GET", ("/" + "/".join(parts))[:80].replace(" ", ""), each=5), PATHS),
        st.builds(lambda numbers: orders("PUT", *numbers, each=3), st.sets(st.integers(0, 99), min_size=3, max_size=9)),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda one: one.template.shape,
)


@settings(max_examples=80, deadline=None)
@given(first=KINDS, second=KINDS, form=st.sampled_from(BaselineForm))
def test_every_request_that_was_seen_passes_and_another_does_not(first, second, form):
    edges = [calls(*first), calls(*second, port=8081), calls(*second, client=PROMETHEUS)]
    made = {pair.port: pair for pair in policies(edges, SHOP_GROUPS, layer7=Layer7.HTTP).http_pairs}
    assert made
    enforced = parsed(said(edges, baselines=form))
    for one, kinds in zip(edges, (first, second, second), strict=True):
        for each in kinds:
            for sample in each.samples:
                assert enforced.judge_request(
                    connection(one), HttpRequest(method=each.method, path=sample.path)
                ).allowed
        narrowed = not made[one.port].obstacle
        assert enforced.judge_request(connection(one), HttpRequest(method="TRACE", path="/")).allowed is not narrowed
