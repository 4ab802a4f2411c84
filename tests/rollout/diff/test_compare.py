from recommender.model.policy import Direction
from recommender.rollout.diff.change import ChangeKind
from recommender.semantics.port_spans import spans_text
from tests.rollout.diff.scene import changes, comparison, recorded, workload
from tests.semantics.samples import app, cnp, np, to_port

FROM_WEB = np("db", podSelector=app("db"), ingress=[{"from": [{"podSelector": app("web")}], "ports": [{"port": 5432}]}])
FROM_WEB_TOO = np(
    "db",
    podSelector=app("db"),
    ingress=[{"from": [{"podSelector": app("web")}], "ports": [{"port": 5432}, {"port": 5433}]}],
)
FROM_NOBODY = np("db", podSelector=app("db"), ingress=[])


def test_equal_policies_differ_in_nothing():
    assert changes([FROM_WEB], [FROM_WEB]) == {}
    assert not list(comparison([FROM_WEB], [FROM_WEB]).isolation())


def test_added_widened_narrowed_removed():
    for old, new, kind, gained, lost in (
        (FROM_NOBODY, FROM_WEB, ChangeKind.ADDED, "TCP/5432", ""),
        (FROM_WEB, FROM_WEB_TOO, ChangeKind.WIDENED, "TCP/5433", ""),
        (FROM_WEB_TOO, FROM_WEB, ChangeKind.NARROWED, "", "TCP/5433"),
        (FROM_WEB, FROM_NOBODY, ChangeKind.REMOVED, "", "TCP/5432"),
    ):
        found = changes([old], [new])
        assert set(found) == {("web", "db")}
        change = found["web", "db"]
        assert (change.kind, spans_text(change.gained), spans_text(change.lost)) == (kind, gained, lost)


def test_a_port_that_moved_is_gained_and_lost():
    moved = np(
        "db", podSelector=app("db"), ingress=[{"from": [{"podSelector": app("web")}], "ports": [{"port": 5433}]}]
    )
    change = changes([FROM_WEB], [moved])["web", "db"]
    assert change.kind is ChangeKind.SHIFTED
    assert (spans_text(change.gained), spans_text(change.lost)) == ("TCP/5433", "TCP/5432")


def test_the_first_isolation_cuts_everybody_and_says_so():
    found = changes([], [FROM_WEB])
    assert found["world", "db"].kind is ChangeKind.REMOVED
    assert found["web", "db"].kind is ChangeKind.NARROWED
    assert ("host", "db") not in found, "a pod's own node is never held off"
    isolation = list(comparison([], [FROM_WEB]).isolation())
    assert [(item.workload, item.direction, item.isolated) for item in isolation] == [
        ("shop/Deployment/db", Direction.INGRESS, True)
    ]


def test_evidence_tells_what_would_be_cut():
    edges = [
        recorded("shop/Deployment/web", "shop/Deployment/db", 5432),
        recorded("shop/Deployment/web", "shop/Deployment/db", 5433),
        recorded("shop/Deployment/web", "shop/Deployment/db", 22, disposition="quarantined"),
    ]
    change = changes([FROM_WEB_TOO], [FROM_WEB], edges=edges)["web", "db"]
    assert [edge.port for edge in change.seen] == [5433]
    assert [edge.port for edge in change.cuts] == [5433]
    first = changes([], [FROM_WEB], edges=edges)["web", "db"]
    assert [edge.port for edge in first.seen] == [5433, 22]
    assert [edge.port for edge in first.cuts] == [5433], "nobody needs what is in quarantine"


def test_a_filter_put_before_a_port_is_no_cut():
    plain = cnp("db", endpointSelector=app("db"), ingress=[{"fromEndpoints": [app("web")], "toPorts": to_port("80")}])
    filtered = cnp(
        "db",
        endpointSelector=app("db"),
        ingress=[
            {
                "fromEndpoints": [app("web")],
                "toPorts": [{"ports": [{"port": "80", "protocol": "TCP"}], "rules": {"http": [{"method": "GET"}]}}],
            }
        ],
    )
    edges = [recorded("shop/Deployment/web", "shop/Deployment/db", 80)]
    narrowed = changes([plain], [filtered], edges=edges)["web", "db"]
    assert (narrowed.kind, spans_text(narrowed.lost), narrowed.cuts) == (ChangeKind.NARROWED, "TCP/80", ())
    lifted = changes([filtered], [plain], edges=edges)["web", "db"]
    assert (lifted.kind, spans_text(lifted.gained)) == (ChangeKind.WIDENED, "TCP/80")


def test_a_change_for_some_pods_only_is_seen_and_marked():
    two = workload("web", {"app": "web", "version": "v1"}, {"app": "web", "version": "v2"})
    only_v1 = np(
        "db",
        podSelector=app("db"),
        ingress=[{"from": [{"podSelector": {"matchLabels": {"app": "web", "version": "v1"}}}]}],
    )
    any_web = np("db", podSelector=app("db"), ingress=[{"from": [{"podSelector": app("web")}]}])
    change = changes([only_v1], [any_web], workloads=[two, workload("db")])["web", "db"]
    assert (change.kind, change.partial) == (ChangeKind.WIDENED, True)


def test_a_prefix_stands_apart_only_where_it_differs_from_the_world():
    def to(*cidrs):
        blocks = [{"to": [{"ipBlock": {"cidr": cidr}} for cidr in cidrs]}] if cidrs else []
        return np("web", podSelector=app("web"), policyTypes=["Egress"], egress=blocks)

    found = changes([to("192.0.2.0/24")], [to("192.0.2.0/24", "198.51.100.0/24")])
    assert set(found) == {("web", "cidr:198.51.100.0/24")}
    assert found["web", "cidr:198.51.100.0/24"].kind is ChangeKind.ADDED
    wide = changes([to()], [to("0.0.0.0/0")])
    assert ("web", "world") in wide
    assert ("web", "cidr:0.0.0.0/0") not in wide


def test_a_name_carries_the_edges_that_were_seen_with_it():
    def to(name):
        dns = {
            "toEndpoints": [app("dns")],
            "toPorts": [{"ports": [{"port": "53"}], "rules": {"dns": [{"matchPattern": "*"}]}}],
        }
        https = {"toFQDNs": [{"matchPattern": name}], "toPorts": to_port("443")}
        return cnp("web", endpointSelector=app("web"), egress=[dns, https])

    edges = [
        recorded("shop/Deployment/web", "fqdn:api.example.com", 443),
        recorded("shop/Deployment/web", "fqdn:www.example.org", 443),
    ]
    found = changes([to("*.example.com")], [to("*.example.org")], edges=edges)
    gone, new = found["web", "fqdn:*.example.com"], found["web", "fqdn:*.example.org"]
    assert (gone.kind, [edge.server for edge in gone.cuts]) == (ChangeKind.REMOVED, ["fqdn:api.example.com"])
    assert (new.kind, [edge.server for edge in new.seen]) == (ChangeKind.ADDED, ["fqdn:www.example.org"])


def test_the_reason_names_the_rule_or_what_isolates():
    assert changes([FROM_NOBODY], [FROM_WEB])["web", "db"].because == (
        "ingress: allowed by spec.ingress[0] of NetworkPolicy/shop/db",
    )
    assert changes([FROM_WEB], [FROM_NOBODY])["web", "db"].because == (
        "ingress: no rule allows it under NetworkPolicy/shop/db",
    )
    opened = changes([FROM_WEB], [])
    assert "ingress: nothing isolates it" in opened["world", "db"].because
