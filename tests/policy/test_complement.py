from dataclasses import replace

from recommender.model.coverage import Cover, PolicyCoverage
from recommender.model.edge import Protocol
from recommender.model.policy import Baseline, Direction, FqdnPeer, PortRule
from recommender.policy import complement, full_name, named_parts
from tests.dialect.scene import DB_PEER, policy_of, rule
from tests.policy.scene import DB, SHOP_GROUPS, WEB, dns_edge, edge, fqdn, policies, shop_edges

HTTPS, SQL = PortRule(protocol=Protocol.TCP, port=443), PortRule(protocol=Protocol.TCP, port=5432)
THEIRS = Cover(policies=("NetworkPolicy/shop/theirs",))


def left(policy, coverage, edges=()):
    """The one policy that comes of it."""
    found = complement([policy], {policy.name: coverage}, {one.edge_id: one for one in edges})
    [result] = [*found.policies, *found.covered]
    return result


def test_without_coverage_nothing_changes():
    policy = policy_of(rule(DB_PEER, SQL))
    assert complement([policy], {}, {}).policies == (policy,)


def test_parts_of_one_rule_go_to_whom_they_belong():
    one, other = edge(WEB, DB, 443), edge(WEB, DB, 5432)
    whole = rule(DB_PEER, HTTPS, SQL, direction=Direction.EGRESS, edges=tuple(sorted((one.edge_id, other.edge_id))))
    result = left(policy_of(whole), PolicyCoverage(parts={(0, "", SQL): THEIRS}), (one, other))
    assert [(kept.ports, kept.edges) for kept in result.rules] == [((HTTPS,), (one.edge_id,))]
    assert [(item.rule.ports, item.rule.edges, item.policies) for item in result.left_out] == [
        ((SQL,), (other.edge_id,), THEIRS.policies)
    ]
    assert result.rests_on == THEIRS.policies


def test_an_unchanged_rule_is_kept_as_it_is():
    whole = rule(DB_PEER, HTTPS, SQL)
    assert left(policy_of(whole), PolicyCoverage(parts={})).rules == (whole,)


def test_a_group_is_covered_only_if_both_directions_are_isolated():
    policy = policy_of(rule(DB_PEER, SQL))
    parts = {(0, "", SQL): THEIRS}
    one_side = PolicyCoverage(parts=parts, isolated_by={Direction.INGRESS: THEIRS.policies})
    assert complement([policy], {policy.name: one_side}, {}).covered == ()
    both = PolicyCoverage(parts=parts, isolated_by=dict.fromkeys(Direction, THEIRS.policies))
    found = complement([policy], {policy.name: both}, {})
    assert (found.policies, len(found.covered)) == ((), 1)
    assert found.covered[0].isolated_by == tuple((direction, THEIRS.policies) for direction in Direction)


def test_a_direction_with_missing_rules_is_isolated_by_ours_whoever_else_does():
    policy = policy_of(rule(DB_PEER, SQL))
    both = PolicyCoverage(parts={}, isolated_by=dict.fromkeys(Direction, THEIRS.policies))
    result = left(policy, both)
    assert (result.isolate_ingress, result.isolate_egress) == (True, False)


NAME = FqdnPeer(name="api.example.com")
DNS = PortRule(protocol=Protocol.UDP, port=53)


def named_policy():
    dns = rule(DB_PEER, DNS, direction=Direction.EGRESS, baseline=Baseline.DNS)
    return policy_of(dns, rule(NAME, HTTPS, direction=Direction.EGRESS))


def test_dns_beside_an_unlearned_name_stays_and_lifts_a_filter_that_is_told():
    filtered = Cover(policies=THEIRS.policies, layer7=True)
    policy = named_policy()
    coverage = PolicyCoverage(parts={(0, "", DNS): filtered})
    found = complement([policy], {policy.name: coverage}, {})
    assert found.policies[0].rules == policy.rules
    assert [(one.rules[0], lifted) for one, lifted, _ in found.lifted] == [(policy.rules[0], policy.rules[0])]


def test_dns_goes_where_the_name_is_learned_or_covered_itself():
    policy = named_policy()
    learned = PolicyCoverage(parts={(0, "", DNS): THEIRS}, learned=frozenset({NAME.name}))
    assert [kept.peer for kept in left(policy, learned).rules] == [NAME]
    covered = PolicyCoverage(parts={(0, "", DNS): THEIRS, (1, "", HTTPS): THEIRS})
    assert left(policy, covered).rules == ()


def allowed(one, side, names=("CiliumNetworkPolicy/shop/x",)):
    given = {f"{side}_policies": names, f"{side}_allowed": 12, f"{side}_verdicts": 12}
    return replace(one, evidence=replace(one.evidence, **given))


def parts_of(edges, display="shop/web", trusted=("CiliumNetworkPolicy/shop/x",)):
    [policy] = [one for one in policies(edges, SHOP_GROUPS).policies if one.group.display == display]
    found = named_parts(policy, {one.edge_id: one for one in edges}, trusted=frozenset(trusted))
    return {(policy.rules[place].direction, port.port) for place, _, port in found}


def test_flows_vouch_for_the_side_that_they_spoke_at():
    one = allowed(edge(WEB, DB, 5432), "egress")
    assert parts_of([one]) == {(Direction.EGRESS, 5432)}
    assert parts_of([one], "shop/db") == set()


def test_flows_vouch_for_trusted_policies_only():
    assert parts_of([allowed(edge(WEB, DB, 5432), "egress")], trusted=()) == set()


def test_addresses_are_not_left_to_the_word_of_flows():
    outside = [one for one in shop_edges() if str(one.server).startswith("ip:")]
    assert parts_of([allowed(one, "egress") for one in outside]) == set()
    name = allowed(edge(WEB, fqdn("api.example.com"), 443), "egress")
    assert parts_of([name, dns_edge(WEB)]) == {(Direction.EGRESS, 443)}


def test_a_cluster_wide_name_has_no_empty_namespace():
    assert full_name("CiliumClusterwideNetworkPolicy//wide") == "CiliumClusterwideNetworkPolicy/wide"
    assert full_name("NetworkPolicy/shop/a") == "NetworkPolicy/shop/a"
