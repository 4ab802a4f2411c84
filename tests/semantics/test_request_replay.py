from dataclasses import replace

from recommender.model.disposition import Disposition
from recommender.model.http_path import MARK, PathTemplate
from recommender.model.http_request import HttpCut, HttpEvidence, HttpKind, HttpSample
from recommender.model.http_rule import HttpPair, SetAsideReason, SetAsideRequests
from tests.semantics.replay_samples import DB, WEB, WORKLOADS, edge, proof, workload
from tests.semantics.samples import app, cnp, to_port


def kind(method, *paths, shape="", each=1, beyond=0):
    return HttpKind(
        method=method,
        template=PathTemplate(shape=shape or paths[0]),
        requests=each * len(paths) + beyond,
        paths=len(paths),
        samples=tuple(HttpSample(path=path, requests=each) for path in paths),
    )


def asked(*kinds, cut=None):
    seen = {"connections": 5, "requested": 5, "packets": 5, "hours": 1, "requested_hours": 1}
    one = edge(WEB, DB, port=8080)
    http = HttpEvidence(kinds=kinds, cut=cut or HttpCut(), **seen)
    return replace(one, evidence=replace(one.evidence, http=http))


def pair(one, *aside):
    left_out = tuple(
        SetAsideRequests(method=method, path=path, requests=1, reason=SetAsideReason.DENIED) for method, path in aside
    )
    return HttpPair(
        client="shop/web", server="shop/db", port=8080, edges=(one.edge_id,), requests=1, connections=1, requested=1,
        packets=1, hours=1, requested_hours=1, set_aside=left_out, written=True,
    )  # fmt: skip


def narrowed(*rules):
    ports = [{"ports": [{"port": "8080", "protocol": "TCP"}], "rules": {"http": list(rules)}}]
    return cnp("db", endpointSelector=app("db"), ingress=[{"fromEndpoints": [app("web")], "toPorts": ports}])


PLAIN = cnp("db", endpointSelector=app("db"), ingress=[{"fromEndpoints": [app("web")], "toPorts": to_port("8080")}])


def test_every_request_of_a_needed_edge_is_judged_and_counted():
    one = asked(kind("GET", "/a", each=7), kind("GET", "/o/1", "/o/2", shape=f"/o/{MARK}i", each=2, beyond=10))
    found = proof([one], narrowed({"method": "GET", "path": "/a"}, {"path": "/o/[0-9]+"}), http_pairs=[pair(one)])
    assert found.holds
    assert (found.http.requests, found.http.allowed, found.http.judged) == (21, 21, 3)
    assert "21 of 21 HTTP requests allowed" in found.sentence


def test_a_needed_request_that_the_rules_deny_fails_the_proof():
    one = asked(kind("GET", "/a"), kind("POST", "/a"))
    found = proof([one], narrowed({"method": "GET", "path": "/a"}), http_pairs=[pair(one)])
    assert not found.holds
    (broken,) = found.http.broken
    assert broken.edge.endswith("POST /a")
    assert broken.direction == "ingress"
    assert "no HTTP rule of CiliumNetworkPolicy/shop/db lets it pass" in broken.reason
    assert "FAILS" in found.sentence
    assert "1 methods and paths broken" in found.sentence


def test_requests_left_out_on_purpose_are_counted_apart():
    one = asked(kind("GET", "/a"), kind("GET", "/admin", each=3))
    found = proof([one], narrowed({"path": "/a"}), http_pairs=[pair(one, ("GET", "/admin"))])
    assert found.holds
    assert (found.http.allowed, found.http.set_aside) == (1, 3)


def test_requests_left_out_that_pass_nevertheless_are_told():
    one = asked(kind("GET", "/a"), kind("GET", "/admin", each=3))
    found = proof([one], narrowed({"path": "/a|/admin"}), http_pairs=[pair(one, ("GET", "/admin"))])
    assert found.http.still_open == 3
    assert "3 left out still open" in found.sentence


def test_an_http_rule_that_a_rule_beside_it_opens_fails_the_proof():
    one = asked(kind("GET", "/a"))
    beside = {**PLAIN, "metadata": {"name": "beside", "namespace": "shop"}}
    found = proof([one], narrowed({"path": "/a"}), beside, http_pairs=[pair(one)])
    assert found.http.opened == (one.key,)
    assert not found.holds


def test_below_layer_7_every_request_passes():
    one = asked(kind("GET", "/a"), kind("DELETE", "/x"), cut=HttpCut(kinds=4, requests=40))
    found = proof([one], PLAIN)
    assert found.holds
    assert (found.http.requests, found.http.allowed) == (42, 42)


def test_requests_of_edges_that_are_not_needed_are_not_asked_about():
    one = asked(kind("GET", "/a"))
    assert proof([one], narrowed({"path": "/b"}), disposition=Disposition.QUARANTINED).http.requests == 0


def test_every_label_set_of_the_client_must_pass():
    one = asked(kind("GET", "/a"))
    old = WORKLOADS[0].label_sets[0]
    both = (workload("web", old, type(old).parse([*map(str, old.labels), "k8s:version=2"])), WORKLOADS[1])
    old_only = narrowed({"path": "/b"})
    old_only["spec"]["ingress"].append(
        {
            "fromEndpoints": [{"matchExpressions": [{"key": "version", "operator": "DoesNotExist"}]}],
            "toPorts": narrowed({"path": "/a"})["spec"]["ingress"][0]["toPorts"],
        }
    )
    found = proof([one], old_only, workloads=both, http_pairs=[pair(one)])
    assert "1 of 2 combinations" in found.http.broken[0].reason


def test_without_requests_the_sentence_says_nothing_of_them():
    assert "HTTP" not in proof([edge(WEB, DB, port=8080)], PLAIN).sentence
