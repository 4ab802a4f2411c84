from dataclasses import replace

import pytest

from recommender.assess import find_gaps
from recommender.model.group import Group, GroupOrigin, Requirement, Selector
from recommender.model.inventory import Inventory
from recommender.model.lookups import LookupLoad
from tests.assess.builders import WEB, capture

LOAD = LookupLoad(
    client=WEB, domain="example.net", names=900, lookups=1000, mean_length=60.0, examples=("a1.example.net",)
)


def gaps(code, *, lookups=(), groups=()):
    found = find_gaps(
        capture=capture(), edges=(), decided={}, workloads=(), groups=groups, inventory=Inventory(), lookups=lookups
    )
    return [gap for gap in found if gap.code == code]


def test_lookups_that_carry_data_are_named_with_their_client():
    (gap,) = gaps("NPR412", lookups=[LOAD])
    assert gap.subject == str(WEB)
    assert gap.reason == "900 different names under example.net, 60 characters each, in 1000 lookups"
    assert (gap.count, gap.examples) == (900, ("a1.example.net",))


@pytest.mark.parametrize("change", [{"names": 99, "lookups": 99}, {"mean_length": 12.0}, {"lookups": 5000}])
def test_few_short_or_repeated_names_are_ordinary(change):
    assert gaps("NPR412", lookups=[replace(LOAD, **change)]) == []


def test_two_record_types_a_name_still_count_as_seldom_repeated():
    assert len(gaps("NPR412", lookups=[replace(LOAD, lookups=1800)])) == 1


def test_a_group_told_by_what_it_lacks_is_named():
    group = Group(
        name="runner",
        namespace="shop",
        members=(WEB,),
        origin=GroupOrigin.LACK,
        selector=Selector(requirements=(Requirement(key="app", values=(), absent=True),)),
    )
    (gap,) = gaps("NPR411", groups=[group])
    assert (gap.subject, gap.count) == ("shop/runner", 1)
    assert "!app" in gap.reason
    assert gaps("NPR411", groups=[replace(group, origin=GroupOrigin.WORKLOAD)]) == []
