from recommender.dialect import compared_gaps
from recommender.dialect.losses_compared import MOST_POLICIES
from recommender.model.manifest import Dialect
from tests.dialect.scene import shop_written
from tests.policy.scene import DB, SHOP_GROUPS, WEB, assessed, edge, group, policies, shop_edges


def compared(edges, groups):
    return compared_gaps(policies(edges, groups).policies, assessed(edges))


def test_each_dialect_tells_what_it_could_not_say():
    (gap,) = compared(shop_edges(), SHOP_GROUPS)
    lines = dict(example.split(": ", 1) for example in gap.examples)
    assert list(lines) == [dialect.value for dialect in Dialect]
    assert (lines["cilium"], gap.reason) == ("exact", "said without a loss by: cilium")
    assert lines["kubernetes"].endswith("most often any peer on these ports")
    for dialect in Dialect:
        losses = shop_written(dialect).losses
        assert lines[dialect.value].startswith(f"{len(losses)} lost, " if losses else "exact")


def test_where_nothing_is_lost_nothing_is_said():
    assert compared([], ()) == ()


def test_very_many_policies_are_not_said_four_times():
    edges = shop_edges()
    some = policies(edges, SHOP_GROUPS).policies
    assert compared_gaps(some * (MOST_POLICIES // len(some) + 1), assessed(edges)) == ()


def test_pods_and_ports_are_exact_but_for_the_one_without_nodes():
    edges = [edge(WEB, DB, 5432)]
    (gap,) = compared(edges, (group(WEB), group(DB)))
    assert gap.reason == "said without a loss by: cilium, kubernetes, calico"
