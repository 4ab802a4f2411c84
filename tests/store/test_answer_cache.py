"""An answer that was kept is taken only if nothing that it rests on has changed."""

import duckdb
import pyarrow as pa
import pytest

from recommender.errors import StoreError
from recommender.store import CachedEngine

TOTAL = "SELECT sum(n)::BIGINT AS total, list(n ORDER BY n) AS numbers FROM doubled"
DOUBLED = "CREATE OR REPLACE TEMP TABLE doubled AS SELECT 2 * n AS n FROM given"


def asked(folder, *, numbers=(1, 2), basis="flows", doubled=DOUBLED, query=TOTAL, engine=None):
    """The rows of the query, asked of an engine that is closed already if one is given."""
    with engine or duckdb.connect() as connection:
        cached = CachedEngine(connection, folder=folder, basis=basis)
        cached.register("given", pa.table({"n": pa.array(numbers, pa.int64())}))
        cached.execute(doubled)
        cached.unregister("given")
        return cached.execute(query).fetchall()


@pytest.fixture
def closed():
    connection = duckdb.connect()
    connection.close()
    return connection


def answers(folder):
    return sorted(folder.glob("*.answer"))


def test_a_kept_answer_needs_no_engine(tmp_path, closed):
    assert asked(tmp_path) == [(6, [2, 4])]
    cached = CachedEngine(closed, folder=tmp_path, basis="flows")
    cached.register("given", pa.table({"n": pa.array([1, 2], pa.int64())}))
    cached.execute(DOUBLED)
    cached.unregister("given")
    assert cached.execute(TOTAL).fetchone() == (6, [2, 4])
    assert cached.sql(TOTAL).to_arrow_table().column_names == ["total", "numbers"]
    with pytest.raises(duckdb.Error):
        cached.execute(f"{TOTAL} WHERE n > 2")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"numbers": (1, 3)}, [(8, [2, 6])]),
        ({"doubled": DOUBLED.replace("2 *", "3 *")}, [(9, [3, 6])]),
        ({"query": f"{TOTAL} WHERE n > 2"}, [(4, [4])]),
        ({"basis": "other flows"}, [(6, [2, 4])]),
    ],
)
def test_what_changed_is_asked_anew(tmp_path, change, expected):
    asked(tmp_path)
    before = answers(tmp_path)
    assert asked(tmp_path, **change) == expected
    assert len(answers(tmp_path)) == len(before) + 1


def test_texts_that_only_together_are_the_same_are_not_the_same(tmp_path):
    one, other = (CachedEngine(duckdb.connect(), folder=tmp_path, basis="flows") for _ in range(2))
    nothing = pa.table({"n": pa.array([], pa.int64())})
    for engine, names in ((one, ("ab", "c")), (other, ("a", "bc"))):
        for name in names:
            engine.register(name, nothing)
        engine.execute("SELECT 1 AS one")
    assert len(answers(tmp_path)) == 2


@pytest.mark.parametrize("content", [b"", b"short", b"\0" * 400])
def test_an_answer_that_was_damaged_is_asked_anew(tmp_path, content):
    asked(tmp_path)
    (file,) = answers(tmp_path)
    whole = file.read_bytes()
    file.write_bytes(content)
    assert asked(tmp_path) == [(6, [2, 4])]
    assert file.read_bytes() == whole


def test_an_answer_that_was_changed_is_asked_anew(tmp_path):
    asked(tmp_path)
    (file,) = answers(tmp_path)
    whole = file.read_bytes()
    file.write_bytes(whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
    assert asked(tmp_path) == [(6, [2, 4])]
    assert file.read_bytes() == whole


def test_no_rows_are_an_answer(tmp_path):
    cached = CachedEngine(duckdb.connect(), folder=tmp_path, basis="flows")
    assert cached.execute("SELECT 1 AS one WHERE false").fetchall() == []
    assert cached.execute("SELECT 1 AS one WHERE false").fetchone() is None


def test_a_place_that_is_no_folder_is_told(tmp_path):
    place = tmp_path / "file"
    place.write_text("")
    with pytest.raises(StoreError, match="keeping what flows are reduced to") as caught:
        CachedEngine(duckdb.connect(), folder=place, basis="flows")
    assert caught.value.where == str(place)
