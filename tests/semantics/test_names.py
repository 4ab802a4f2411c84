import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.errors import InvalidPolicyError
from recommender.semantics.document import Node
from recommender.semantics.names import NamePattern, read_name_pattern


@pytest.mark.parametrize(
    ("pattern", "name", "covered"),
    [
        ("*.foo.io", "a.foo.io", True),
        ("*.foo.io", "foo.io", False),
        ("*.foo.io", "a.b.foo.io", False),
        ("**.foo.io", "a.foo.io", True),
        ("**.foo.io", "a.b.c.foo.io", True),
        ("**.foo.io", "foo.io", False),
        ("*", "a.b.c", True),
        ("*", "localhost", True),
        ("api-*.foo.io", "api-7.foo.io", True),
        ("api-*.foo.io", "api-7.x.foo.io", False),
        ("foo.io", "fooxio", False),
        ("*.FOO.io.", "a.foo.io", True),
    ],
)
def test_patterns(pattern, name, covered):
    assert NamePattern.of(pattern, exact=False).covers(name) is covered


LABELS = st.text("abc-", min_size=1, max_size=5)


@settings(deadline=None)
@given(st.lists(LABELS, min_size=1, max_size=4).map(".".join))
def test_a_name_covers_itself_and_no_name_below_it(name):
    exact = NamePattern.of(name.upper(), exact=True)
    assert exact.covers(name)
    assert not exact.covers(f"x.{name}")
    assert NamePattern.of("*", exact=False).covers(name)


@settings(deadline=None)
@given(LABELS, st.lists(LABELS, min_size=1, max_size=3).map(".".join))
def test_any_depth_is_wider_than_one_label(label, domain):
    one, any_depth = (NamePattern.of(f"{stars}.{domain}", exact=False) for stars in ("*", "**"))
    assert one.covers(f"{label}.{domain}")
    assert any_depth.covers(f"{label}.{domain}")
    assert any_depth.covers(f"{label}.{label}.{domain}")
    assert not one.covers(f"{label}.{label}.{domain}")


@pytest.mark.parametrize(
    "item",
    [
        {},
        {"matchName": ""},
        {"matchName": "*.a.com"},
        {"matchName": "https://a.com"},
        {"matchPattern": "a b"},
        {"matchPattern": "a.com", "matchName": "a.com"},
        {"name": "a.com"},
        {"matchName": 5},
    ],
)
def test_refusals(item):
    with pytest.raises(InvalidPolicyError):
        read_name_pattern(Node(value=item, path="spec", policy="CiliumNetworkPolicy/shop/p"))
