from recommender.model.dialect_width import DialectWidth
from recommender.model.existing import JudgedReach


def reach(group, *others, world=False, open_to_world=""):
    return JudgedReach(
        group=group,
        isolated=True,
        groups=frozenset(others),
        workload_pairs=None,
        entities=0,
        external_peers=0,
        world=world,
        open_to_world=open_to_world,
    )


def test_a_width_sums_up_what_groups_reach():
    found = DialectWidth.of([reach("a", "b", "c", world=True), reach("b", "a", open_to_world="TCP/443"), reach("c")])
    assert found == DialectWidth(pairs=3, to_world=1, from_world=1)
