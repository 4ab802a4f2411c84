import pytest

from tests.edges.captures import MINUTE_NS, HandMadeCapture
from tests.edges.test_orientation import WEB, addressed


def ask(capture, names, *, kinds=("REQUEST", "RESPONSE")):
    dns, web = capture.pod("coredns-1", namespace="kube-system"), capture.pod("web-1", local=True)
    for step, name in enumerate(names):
        for kind in kinds:
            ends = (web, dns) if kind == "REQUEST" else (dns, web)
            ports = ((WEB[0], 50000), ("10.244.9.9", 53))
            columns = addressed(*(ports if kind == "REQUEST" else ports[::-1]))
            capture.flow(
                *ends, at=step * MINUTE_NS, protocol="UDP", type="L7", event_type=129, l7_type=kind,
                l7_protocol="dns", dns_query=name, **columns,
            )  # fmt: skip


def names_under(domain, count=60, length=30):
    return [f"{number:0{length}d}.{domain}" for number in range(count)]


@pytest.mark.parametrize("kinds", [("REQUEST", "RESPONSE"), ("REQUEST",), ("RESPONSE",)])
def test_many_names_under_one_domain_are_counted_for_the_client_that_asks(kinds):
    capture = HandMadeCapture()
    ask(capture, names_under("t.example.net"), kinds=kinds)
    (load,) = capture.observe().lookups
    assert (str(load.client), load.domain) == ("shop/Deployment/web", "example.net")
    assert (load.names, load.lookups, load.mean_length) == (60, 60, 32.0)
    assert load.examples == tuple(names_under("t.example.net", count=3))


def test_a_short_second_label_is_part_of_a_public_suffix():
    capture = HandMadeCapture()
    ask(capture, names_under("example.co.uk"))
    assert [load.domain for load in capture.observe().lookups] == ["example.co.uk"]


def test_few_names_and_names_of_the_cluster_are_not_reported():
    capture = HandMadeCapture()
    ask(capture, [*names_under("example.net", count=49), *names_under("shop.svc.cluster.local")])
    ask(capture, ["www.example.org"] * 80)
    assert capture.observe().lookups == ()
