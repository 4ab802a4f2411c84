import pytest

from benchmarks.engines import check_same


def test_reports_that_differ_end_the_measurement(tmp_path):
    for engine in ("duckdb", "spark"):
        (tmp_path / engine / "policies").mkdir(parents=True)
        (tmp_path / engine / "policies" / "web.yaml").write_text("a: 1\n")
    check_same(tmp_path / "duckdb", tmp_path / "spark")
    (tmp_path / "spark" / "policies" / "web.yaml").write_text("a: 2\n")
    with pytest.raises(RuntimeError, match=r"policies/web\.yaml"):
        check_same(tmp_path / "duckdb", tmp_path / "spark")
    (tmp_path / "spark" / "policies" / "web.yaml").unlink()
    with pytest.raises(RuntimeError, match=r"policies/web\.yaml"):
        check_same(tmp_path / "duckdb", tmp_path / "spark")
