"""HTTP rules of existing policies, and ours beside them."""

from dataclasses import replace

import pytest

from recommender.model.layer7 import Layer7
from recommender.model.policy import Direction
from tests.complement.scene import WORKLOADS, labelled, run
from tests.policy.http_scene import API, asking, kind, orders, turned_away
from tests.policy.scene import SHOP_GROUPS, group
from tests.semantics.samples import app, cnp

GROUPS = (*SHOP_GROUPS, group(API))
KNOWN = (*WORKLOADS, labelled(API, "app=api"))
SEEN = asking(orders("GET", 1, 2, 3, 4, each=5), kind("POST", "/orders", each=5))


def api(*http, subject=None):
    """An existing policy of the server; without requests, one that looks at none."""
    rules = {"rules": {"http": list(http)}} if http else {}
    ports = [{"ports": [{"port": "8080", "protocol": "TCP"}], **rules}]
    return cnp(
        "api", endpointSelector=subject or app("api"), ingress=[{"fromEndpoints": [app("web")], "toPorts": ports}]
    )


EVERY, READS = {}, {"method": "GET", "path": "/orders/[0-9]+"}
WRITES = {"method": "POST", "path": "/orders"}


def result(*documents, edges=(SEEN,), layer7=Layer7.NONE, **options):
    return run(
        list(edges), *documents, groups=GROUPS, workloads=options.pop("workloads", KNOWN), layer7=layer7, **options
    )


def left_out(found):
    one = next(
        policy for policy in (*found.missing.policies, *found.missing.covered) if policy.group.display == "shop/api"
    )
    return [item for item in one.left_out if item.rule.direction is Direction.INGRESS]


def test_a_filter_that_lets_every_needed_request_pass_is_left_alone():
    found = result(api(READS, WRITES))
    assert [item.layer7 for item in left_out(found)] == [True]
    assert found.proof.holds
    assert found.proof.http.allowed == found.proof.http.requests == 25
    assert not found.existing.lifted


def test_a_filter_that_denies_a_needed_request_is_lifted_and_that_is_told():
    found = result(api(READS))
    assert not left_out(found)
    assert found.proof.holds
    assert found.proof.http.allowed == 25
    assert [(display, policies) for display, _, policies in found.existing.lifted] == [
        ("shop/api", ("CiliumNetworkPolicy/shop/api",))
    ]


def test_what_the_filter_denied_last_it_goes_on_denying():
    denied = kind("DELETE", "/orders", each=4, denied=4, forbidden=True)
    found = result(api(READS, WRITES), edges=(asking(orders("GET", 1, 2, 3, each=5), denied),))
    assert left_out(found)
    assert found.proof.holds
    assert (found.proof.http.allowed, found.proof.http.set_aside) == (15, 4)


def test_visibility_alone_is_no_filter():
    [item] = left_out(result(api(EVERY)))
    assert not item.layer7


@pytest.mark.parametrize("existing", [api(), api(EVERY), api(READS, WRITES)])
def test_http_rules_that_were_asked_for_are_written_whatever_is_there(existing):
    found = result(existing, layer7=Layer7.HTTP)
    rules = [rule for rule in found.policy("shop/api").rules if rule.http]
    assert len(rules) == 1
    assert not left_out(found)
    assert found.proof.holds
    assert not found.existing.lifted


def test_http_rules_that_existing_policies_open_are_told_and_fail_nothing():
    assert result(api(), layer7=Layer7.HTTP).proof.http.opened_by_existing == (SEEN.key,)
    filtered = result(api(READS, WRITES), layer7=Layer7.HTTP).proof.http
    assert (filtered.opened, filtered.opened_by_existing) == ((), ())
    assert result(layer7=Layer7.HTTP).proof.http.opened_by_existing == ()


def test_requests_that_existing_policies_cut_where_we_cannot_speak_are_told_apart():
    far = replace(KNOWN[-1], observed_locally=False)
    found = result(api(READS), workloads=(*WORKLOADS, far))
    assert found.proof.holds
    assert [denial.edge for denial in found.proof.http.cut_by_existing] == [f"{SEEN.key} POST /orders"]
    assert "1 methods and paths cut by existing policies" in found.proof.sentence


def test_a_plain_rule_of_theirs_covers_requests_that_were_turned_away_too():
    seen = asking(orders("GET", 1, 2, each=3), turned_away("GET", "/admin"))
    found = result(api(), edges=(seen,))
    assert [item.layer7 for item in left_out(found)] == [False]
