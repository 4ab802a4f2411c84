from recommender.dialect import compared_gaps, say_in_each
from recommender.dialect.losses_compared import MOST_POLICIES
from recommender.model.dialect_width import DialectWidth
from recommender.model.manifest import Dialect
from tests.dialect.scene import shop_written
from tests.policy.scene import DB, SHOP_GROUPS, WEB, assessed, edge, group, policies, shop_edges

SOME = {dialect: DialectWidth(pairs=7, to_world=2, from_world=1) for dialect in Dialect}


def compared(edges, groups, widths=SOME):
    said = say_in_each(policies(edges, groups).policies, assessed(edges))
    return compared_gaps(said, widths, len(groups))


def lines_of(gap):
    return dict(example.split(": ", 1) for example in gap.examples)


def test_each_dialect_tells_what_it_could_not_say():
    (gap,) = compared(shop_edges(), SHOP_GROUPS, {})
    lines = lines_of(gap)
    assert list(lines) == [dialect.value for dialect in Dialect]
    told = f"said without a loss by: cilium; how much each opens was not judged, among {len(SHOP_GROUPS)} groups"
    assert (lines["cilium"], gap.reason) == ("exact", told)
    assert lines["kubernetes"].endswith("most often any peer on these ports")
    for dialect in Dialect:
        losses = shop_written(dialect).losses
        assert lines[dialect.value].startswith(f"{len(losses)} lost, " if losses else "exact")


def test_what_is_open_by_a_dialect_stands_behind_its_losses():
    (gap,) = compared(shop_edges(), SHOP_GROUPS, {Dialect.KUBERNETES: SOME[Dialect.KUBERNETES]})
    assert gap.reason == "said without a loss by: cilium"
    count = len(SHOP_GROUPS)
    told = f"; open: 7 of {count * (count - 1)} pairs of groups, 2 groups to any address outside, 1 from any"
    assert lines_of(gap)["kubernetes"].endswith(told)
    assert lines_of(gap)["cilium"] == "exact"


def test_documents_are_what_a_parser_reads_back():
    edges = shop_edges()
    said = say_in_each(policies(edges, SHOP_GROUPS).policies, assessed(edges))
    assert {document["kind"] for document in said[Dialect.KUBERNETES].documents} == {"NetworkPolicy"}
    assert all(type(document) is dict for one in said.values() for document in one.documents)


def test_where_nothing_is_lost_nothing_is_said():
    assert compared([], ()) == ()


def test_very_many_policies_are_not_said_four_times():
    edges = shop_edges()
    some = policies(edges, SHOP_GROUPS).policies
    assert say_in_each(some * (MOST_POLICIES // len(some) + 1), assessed(edges)) == {}


def test_pods_and_ports_are_exact_but_for_the_one_without_nodes():
    edges = [edge(WEB, DB, 5432)]
    (gap,) = compared(edges, (group(WEB), group(DB)))
    assert gap.reason == "said without a loss by: cilium, kubernetes, calico"
