from tests.edges.captures import MINUTE_NS, HandMadeCapture, keys
from tests.edges.test_orientation import WEB, addressed

OUTSIDE = ("203.0.113.10", 443)


def lookup(capture, name, *addresses, at=0, client=WEB[0], pod="web-1", ttl=30, rcode=0, cnames=None):
    dns, web = capture.pod("coredns-1", namespace="kube-system"), capture.pod(pod, local=True)
    capture.flow(
        dns, web, at=at, protocol="UDP", type="L7", event_type=129, l7_type="RESPONSE", l7_protocol="dns",
        **addressed(("10.244.9.9", 53), (client, 50000)), dns_query=name, dns_ips=list(addresses) or None, dns_ttl=ttl,
        dns_rcode=rcode, dns_cnames=cnames,
    )  # fmt: skip


def call(capture, *, at=0, destination=OUTSIDE, **columns):
    web, world = capture.pod("web-1", local=True), capture.entity("world", identity=2)
    capture.flow(
        web, world, at=at, **addressed((WEB[0], 40000 + at // MINUTE_NS), destination), flags=("SYN",), **columns
    )


def servers(capture):
    return {key.split(" -> ")[1] for key in keys(capture.observe()) if "coredns" not in key}


def test_the_clients_own_answer_names_the_address():
    capture = HandMadeCapture()
    lookup(capture, "api.example.com", OUTSIDE[0])
    call(capture, at=MINUTE_NS)
    assert servers(capture) == {"fqdn:api.example.com TCP/443"}


def test_moving_addresses_of_one_name_are_one_edge():
    capture = HandMadeCapture()
    for minute, last in ((0, 10), (70, 11)):
        lookup(capture, "api.example.com", f"203.0.113.{last}", at=minute * MINUTE_NS)
        call(capture, at=(minute + 1) * MINUTE_NS, destination=(f"203.0.113.{last}", 443))
    observation = capture.observe()
    [edge] = [edge for edge in observation.edges if "fqdn" in edge.key]
    assert edge.evidence.connections == 2
    assert edge.evidence.server_addresses == ("203.0.113.10", "203.0.113.11")


def test_the_latest_answer_before_the_connection_wins_and_others_are_kept():
    capture = HandMadeCapture()
    lookup(capture, "old.example.com", OUTSIDE[0])
    lookup(capture, "new.example.com", OUTSIDE[0], at=2 * MINUTE_NS)
    lookup(capture, "later.example.com", OUTSIDE[0], at=9 * MINUTE_NS)
    call(capture, at=3 * MINUTE_NS)
    observation = capture.observe()
    [edge] = [edge for edge in observation.edges if "fqdn" in edge.key]
    assert edge.server.name == "new.example.com"
    assert edge.evidence.names == ("new.example.com", "old.example.com")


def test_an_answer_of_another_client_or_of_long_ago_names_nothing():
    capture = HandMadeCapture()
    lookup(capture, "api.example.com", OUTSIDE[0], client="10.244.0.77", pod="other-1", at=89 * MINUTE_NS)
    lookup(capture, "stale.example.com", OUTSIDE[0])
    call(capture, at=90 * MINUTE_NS)
    assert servers(capture) == {"ip:203.0.113.10 TCP/443"}


def test_an_alias_in_the_answer_is_not_the_name():
    capture = HandMadeCapture()
    lookup(capture, "shop.example.com", OUTSIDE[0], cnames=["d111.cdn.example.net", "edge.cdn.example.net"])
    call(capture, at=MINUTE_NS)
    assert servers(capture) == {"fqdn:shop.example.com TCP/443"}


def test_a_pod_of_a_dual_stack_may_ask_over_one_family_and_call_over_the_other():
    capture = HandMadeCapture()
    lookup(capture, "api.example.com", "2001:db8::10")
    web, world = capture.pod("web-1", local=True), capture.entity("world-ipv6", identity=10)
    ends = addressed(("fd00:244::1", 40000), ("2001:db8::10", 443))
    capture.flow(web, world, at=MINUTE_NS, flags=("SYN",), **ends)
    assert servers(capture) == {"fqdn:api.example.com TCP/443"}


def test_recorded_names_add_no_doubt_to_an_answer_that_was_seen():
    capture = HandMadeCapture()
    lookup(capture, "api.example.com", OUTSIDE[0])
    call(capture, at=MINUTE_NS, destination_names=["api.example.com", "once.example.org"])
    [edge] = [edge for edge in capture.observe().edges if "fqdn" in edge.key]
    assert edge.evidence.names == ("api.example.com",)


def test_several_recorded_names_are_all_candidates():
    capture = HandMadeCapture()
    call(capture, destination_names=["b.example.com", "a.example.com"])
    [edge] = capture.observe().edges
    assert (edge.server.name, edge.evidence.names) == ("a.example.com", ("a.example.com", "b.example.com"))


def test_recorded_names_serve_where_no_answer_was_seen():
    capture = HandMadeCapture()
    call(capture, destination_names=["api.example.com"])
    assert servers(capture) == {"fqdn:api.example.com TCP/443"}


def test_names_that_no_policy_can_hold_are_not_used():
    capture = HandMadeCapture()
    lookup(capture, "bad name\n- evil", OUTSIDE[0])
    lookup(capture, "db.shop.svc.cluster.local", OUTSIDE[0])
    call(capture, at=MINUTE_NS, destination_names=["<img src=x>"])
    assert servers(capture) == {"ip:203.0.113.10 TCP/443"}
