import pytest

from recommender.spark.java_pattern import java_pattern


@pytest.mark.parametrize(
    ("pattern", "whole", "expected"),
    [
        (r"(/|$)", False, r"(?d)(/|\z)"),
        (r"^a[$]\$b$", False, r"(?d)^a[$]\$b\z"),
        (r"[!-\[\]-~]$", False, r"(?d)[!-\[\]-~]\z"),
        ("a|b", True, r"(?d)\A(?:a|b)\z"),
    ],
)
def test_the_end_of_the_text_is_nothing_else(pattern, whole, expected):
    assert java_pattern(pattern, whole=whole) == expected
