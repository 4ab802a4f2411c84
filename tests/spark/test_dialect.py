import pytest

from tests.spark import needs_sqlglot

pytestmark = needs_sqlglot


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SELECT epoch_ns(f.time) // 10 FROM f", "SELECT f.time DIV 10 FROM f"),
        ("SELECT hash(a, b) FROM f", "SELECT XXHASH64(a, b) FROM f"),
        ("SELECT len(a), length(b) FROM f", "SELECT SIZE(a), LENGTH(b) FROM f"),
        ("SELECT min(a, 3) FROM f", "SELECT MIN_BY(a, a, 3) FROM f"),
        ("SELECT min(a) FROM f", "SELECT MIN(a) FROM f"),
        ("SELECT arg_max(a, b) FROM f", "SELECT MAX_BY(a, b) FILTER(WHERE NOT (a IS NULL)) FROM f"),
        (
            "SELECT arg_min(a, b) FILTER (c OR d) FROM f",
            "SELECT MIN_BY(a, b) FILTER(WHERE (c OR d) AND NOT (a IS NULL)) FROM f",
        ),
        ("SELECT regexp_matches(a, 'x$') FROM f", r"SELECT a RLIKE '(?d)x\\z' FROM f"),
        ("SELECT regexp_full_match(a, 'x|y') FROM f", r"SELECT a RLIKE '(?d)\\A(?:x|y)\\z' FROM f"),
        (
            "SELECT quantile_disc(a, 0.1) FROM f",
            "SELECT PERCENTILE_DISC(0.1) WITHIN GROUP (ORDER BY a NULLS LAST) FROM f",
        ),
        ("SELECT list_sort(a)[:3] FROM f", "SELECT SLICE(ARRAY_SORT(a), 1, 3) FROM f"),
        (
            "SELECT list_slice(a, CASE WHEN list_extract(a, -2) = 'co' THEN -3 ELSE -2 END, -1) FROM f",
            (
                "SELECT SLICE(a, CASE WHEN ELEMENT_AT(a, -2) = 'co' THEN -3 ELSE -2 END,"
                " ABS(CASE WHEN ELEMENT_AT(a, -2) = 'co' THEN -3 ELSE -2 END)) FROM f"
            ),
        ),
        (
            "SELECT count(DISTINCT a) FILTER (a > 1) OVER w FROM f WINDOW w AS (PARTITION BY b)",
            "SELECT SIZE(COLLECT_SET(CASE WHEN a > 1 THEN a END) OVER w) FROM f WINDOW w AS (PARTITION BY b)",
        ),
        ("SELECT c.* REPLACE (a + 1 AS a), b FROM c", "SELECT c.* EXCEPT (a), b, a + 1 AS a FROM c"),
        ("SELECT sum(a::HUGEINT) FROM f", "SELECT SUM(CAST(a AS DECIMAL(38, 0))) FROM f"),
    ],
)
def test_what_spark_says_otherwise(statement, expected):
    from recommender.spark.dialect import spark_text, translated  # noqa: PLC0415 - needs sqlglot

    assert spark_text(translated(statement)) == expected


def test_an_expression_that_is_no_constant_is_refused():
    from recommender.spark.dialect import translated  # noqa: PLC0415 - needs sqlglot

    with pytest.raises(ValueError, match="no constant"):
        translated("SELECT regexp_matches(a, b) FROM f")
