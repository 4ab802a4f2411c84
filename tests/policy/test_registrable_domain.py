import pytest

from recommender.policy.registrable_domain import registrable_domain, shared_suffixes


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.b.example.com", "example.com"),
        ("a.example.co.uk", "example.co.uk"),
        ("co.uk", ""),
        ("bucket.s3.amazonaws.com", "bucket.s3.amazonaws.com"),
        ("s3.amazonaws.com", ""),
        ("sts.amazonaws.com", "amazonaws.com"),
        ("db.corp.internal", "corp.internal"),
        ("internal", ""),
    ],
)
def test_where_one_partys_names_begin(name, expected):
    assert registrable_domain(name) == expected


def test_suffixes_for_strangers_below_a_domain():
    assert ("s3", "amazonaws", "com") in shared_suffixes("amazonaws.com")
    assert shared_suffixes("example.com") == ()
