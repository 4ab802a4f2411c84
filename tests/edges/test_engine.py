import duckdb
import pytest

from recommender.edges.engine import reduction_engine, reduction_errors
from recommender.errors import ReductionError


@pytest.mark.parametrize(
    ("failure", "what", "hint"),
    [
        (duckdb.OutOfMemoryException("no room\nstack"), "do not fit into the memory: no room", "--memory-limit"),
        (duckdb.InternalException("dictionary"), f"DuckDB {duckdb.__version__} failed at a fault", "--upgrade duckdb"),
        (duckdb.IOException("disk"), "reducing the flows failed: disk", "free space"),
    ],
)
def test_a_failure_says_what_to_do(failure, what, hint):
    with pytest.raises(ReductionError) as caught, reduction_errors():
        raise failure
    assert what in str(caught.value)
    assert hint in str(caught.value)
    assert "\nstack" not in str(caught.value)


def test_the_engine_keeps_to_its_limits(tmp_path):
    with reduction_engine(memory_limit="64MiB", spill=tmp_path / "spill") as connection:
        ((limit, folder),) = connection.execute(
            "SELECT current_setting('memory_limit'), current_setting('temp_directory')"
        ).fetchall()
    assert limit == "64.0 MiB"
    assert folder == str(tmp_path / "spill")
