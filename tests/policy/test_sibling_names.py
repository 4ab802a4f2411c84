import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.policy.registrable_domain import registrable_domain
from recommender.policy.sibling_names import Siblings, sibling_names
from recommender.semantics.names import NamePattern


def patterns(*names):
    return [siblings.pattern for siblings in sibling_names(names)]


@pytest.mark.parametrize(
    ("names", "pattern"),
    [
        (("a.foo.io", "b.foo.io", "c.foo.io"), "*.foo.io"),
        (("shard1.foo.io", "shard2.foo.io", "shard10.foo.io"), "shard*.foo.io"),
        (("s3-eu-west-1.foo.io", "s3-eu-west-2.foo.io", "s3-us-east-1.foo.io"), "s3-*.foo.io"),
        (("api-eu-prod.foo.io", "api-us-prod.foo.io", "api-ap-prod.foo.io"), "api-*-prod.foo.io"),
        (("api.eu.foo.io", "api.us.foo.io", "api.ap.foo.io"), "api.*.foo.io"),
        (("app.foo.io", "apex.foo.io", "api.foo.io"), "*.foo.io"),
        (("a-x.foo.io", "a.foo.io", "a-y-x.foo.io"), "*.foo.io"),
        (("a.b.foo.co.uk", "c.b.foo.co.uk", "d.b.foo.co.uk"), "*.b.foo.co.uk"),
        (("db1.corp.internal", "db2.corp.internal", "db3.corp.internal"), "db*.corp.internal"),
        (("s3-eu-west-1.amazonaws.com", "s3-us-west-2.amazonaws.com", "s3-1.amazonaws.com"), "s3-*.amazonaws.com"),
    ],
)
def test_three_siblings_have_a_pattern_of_one_label(names, pattern):
    assert patterns(*names) == [pattern]


@pytest.mark.parametrize(
    "names",
    [
        ("a.foo.io", "b.foo.io"),
        ("a.com", "b.com", "c.com"),
        ("a.co.uk", "b.co.uk", "c.co.uk"),
        ("a.s3.amazonaws.com", "b.s3.amazonaws.com", "c.s3.amazonaws.com"),
        ("a.github.io", "b.github.io", "c.github.io"),
        ("a.blob.core.windows.net", "b.blob.core.windows.net", "c.blob.core.windows.net"),
        ("d1.cloudfront.net", "d2.cloudfront.net", "d3.cloudfront.net"),
        ("a.foo.io", "a.b.foo.io", "foo.io"),
        ("sts.amazonaws.com", "ec2.amazonaws.com", "sqs.amazonaws.com"),
        ("www.a.com", "www.b.com", "www.c.com"),
    ],
)
def test_no_pattern_reaches_across_owners(names):
    assert patterns(*names) == []


def test_each_name_is_in_one_family_the_largest():
    names = [f"{service}.{region}.foo.io" for service in ("api", "web") for region in ("eu", "us", "ap", "sa")]
    assert patterns(*names, "new.eu.foo.io") == ["api.*.foo.io", "web.*.foo.io"]


_LABELS = st.sampled_from(["a", "b", "api", "api-1", "api-2", "shard1", "shard22", "x-eu-y", "x-us-y", "s3", "eu"])
_NAMES = st.builds(
    lambda labels, domain: ".".join([*labels, domain]),
    st.lists(_LABELS, min_size=1, max_size=3),
    st.sampled_from(["foo.io", "foo.co.uk", "amazonaws.com", "github.io"]),
)


@settings(deadline=None)
@given(st.sets(_NAMES, max_size=20))
def test_patterns_match_their_names_by_ciliums_reading_and_keep_to_one_domain(names):
    found = sibling_names(names)
    assert sum(len(siblings.names) for siblings in found) == len({name for one in found for name in one.names})
    for siblings in found:
        pattern = NamePattern.of(siblings.pattern, exact=False)
        assert len(siblings.names) >= 3
        assert {registrable_domain(name) for name in siblings.names} <= {registrable_domain(siblings.names[0])}
        assert siblings.pattern.endswith(registrable_domain(siblings.pattern.replace("*", "x")))
        for name in names:
            assert pattern.covers(name) == siblings.matches(name)
        assert all(siblings.matches(name) for name in siblings.names)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.foo.io", True), (".foo.io", True), ("foo.io", False), ("a.b.foo.io", False), ("a.foo.io.evil.com", False)],
)
def test_a_star_stays_inside_one_label(name, expected):
    assert Siblings(pattern="*.foo.io", names=()).matches(name) is expected
