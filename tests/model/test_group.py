import pytest

from recommender.model.edge import WorkloadEnd
from recommender.model.group import Group, GroupOrigin


def group(*likeness):
    members = tuple(WorkloadEnd(namespace="shop", kind="Deployment", name=f"w{n}") for n in range(len(likeness)))
    return Group(
        name="all",
        namespace="shop",
        members=members,
        origin=GroupOrigin.NAMESPACE,
        selector=None,
        likeness=likeness,
    )


@pytest.mark.parametrize(
    ("likeness", "odd"),
    [
        ((0.5, 0.5, 0.0), ["w2"]),
        ((0.9, 0.1, 0.9, 0.9), ["w1"]),
        ((0.9, 0.35, 0.9), []),
        ((0.9, 0.3499, 0.9, None), ["w1"]),
        ((0.1, 0.1), []),
        ((0.1, 0.9, None), []),
        ((0.1, 0.1, 0.5, 0.5), []),
        ((0.1, 0.2, 0.0), []),
        ((None, None, None), []),
        ((), []),
    ],
)
def test_outliers_are_few_and_unlike_the_rest(likeness, odd):
    assert [member.name for member in group(*likeness).outliers] == odd
