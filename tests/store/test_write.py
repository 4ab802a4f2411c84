"""Laws of ingestion: once is twice, order does not matter, and what is not ours stays untouched."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender.errors import StoreError, UsageError
from recommender.model.selection import Selection
from recommender.store import is_dataset, open_dataset, parquet_format, write_flows
from recommender.store.ingest_lock import ingest_lock
from tests.store.rows import EVERYTHING, START, batch, endpoint, event, flow, label_set, only, reject, without

if TYPE_CHECKING:
    from pathlib import Path

FORMS = pytest.mark.parametrize("single_file", [False, True], ids=["folder", "single-file"])
HOSTILE_NAMES = ["flows.parquet", "it's [1]*?.parquet", "день=1", 'a"b;--.parquet', "with space"]


def capture(numbers, **columns):
    """Flows between two endpoints, with side tables, as the decoder would hand them over."""
    return batch(
        [flow(number, source_endpoint=1, destination_endpoint=2, **columns) for number in numbers],
        endpoints=[endpoint(1, namespace="shop", pod="web-1", label_set_id=7), endpoint(2, namespace="db", pod="pg-0")],
        label_sets=[label_set(7, "k8s:app=web")],
        events=[event(number) for number in numbers if number % 10 == 0],
        rejects=[reject(3)],
    )


def rows_of(path, table, selection=EVERYTHING):
    with duckdb.connect() as connection:
        open_dataset(path).register(connection, selection)
        ((count,),) = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
    return count


def facts(path):
    counts = {table: rows_of(path, table) for table in ("flows", "endpoints", "label_sets", "events", "rejects")}
    return open_dataset(path).digest(), counts


@FORMS
@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_every_path_is_written_and_read(tmp_path, name, single_file):
    path = tmp_path / name
    summary = write_flows([capture(range(50))], path, selection=EVERYTHING, single_file=single_file)
    assert (summary.new_flows, summary.repeats, summary.total_flows) == (50, 0, 50)
    assert summary.nodes == ("node-a",)
    assert summary.verdict_flows == 13
    assert summary.lost_events == 5
    assert is_dataset(path)
    assert rows_of(path, "flows") == 50
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


@FORMS
def test_a_sibling_that_the_name_would_match_as_a_glob_is_not_read(tmp_path, single_file):
    write_flows([capture(range(5))], tmp_path / "a1", selection=EVERYTHING, single_file=single_file)
    write_flows([capture(range(9))], tmp_path / "a[1]", selection=EVERYTHING, single_file=single_file)
    assert rows_of(tmp_path / "a[1]", "flows") == 9
    assert rows_of(tmp_path / "a1", "flows") == 5


@FORMS
def test_ingesting_twice_changes_not_a_byte(tmp_path, single_file):
    path = tmp_path / "flows.parquet"
    write_flows([capture(range(40)), capture(range(5))], path, selection=EVERYTHING, single_file=single_file)
    before, bytes_before = facts(path), listing(tmp_path)
    summary = write_flows([capture(range(40))], path, selection=EVERYTHING, single_file=single_file)
    assert (summary.new_flows, summary.repeats, summary.total_flows) == (0, 40, 40)
    assert (facts(path), listing(tmp_path)) == (before, bytes_before)
    assert open_dataset(path).repeats == 5


@FORMS
def test_one_new_row_of_any_table_is_kept(tmp_path, single_file):
    path = tmp_path / "flows.parquet"
    write_flows([capture(range(4))], path, selection=EVERYTHING, single_file=single_file)
    for table, rows in {"events": [event(9)], "rejects": [reject(9)]}.items():
        before = rows_of(path, table)
        write_flows([batch(**{table: rows})], path, selection=EVERYTHING, single_file=single_file)
        assert rows_of(path, table) == before + 1


@FORMS
def test_overlapping_captures_give_what_one_capture_gives(tmp_path, single_file):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    write_flows([capture(range(90))], whole, selection=EVERYTHING, single_file=single_file)
    for numbers in (range(50, 90), range(60), range(30, 70)):
        write_flows([capture(numbers)], parts, selection=EVERYTHING, single_file=single_file)
    assert facts(parts) == facts(whole)
    assert open_dataset(parts).repeats == 10  # of range(60); range(30, 70) added nothing


def test_both_forms_hold_the_same(tmp_path):
    write_flows([capture(range(40))], tmp_path / "folder", selection=EVERYTHING)
    write_flows([capture(range(40))], tmp_path / "file", selection=EVERYTHING, single_file=True)
    assert facts(tmp_path / "folder") == facts(tmp_path / "file")


def test_the_same_flows_in_any_order_give_the_same_bytes(tmp_path):
    numbers = list(range(200))
    shuffled = random.Random(7).sample(numbers, 200)
    write_flows([capture(numbers)], tmp_path / "sorted", selection=EVERYTHING)
    batches = [capture(shuffled[at : at + 30]) for at in range(0, 200, 30)]
    write_flows(batches, tmp_path / "shuffled", selection=EVERYTHING)
    assert (tmp_path / "sorted/manifest.json").read_bytes() == (tmp_path / "shuffled/manifest.json").read_bytes()


def test_which_of_two_differing_records_with_one_id_stays_does_not_depend_on_order(tmp_path):
    one, other = capture([4], verdict="AUDIT"), capture([4], verdict="FORWARDED")
    write_flows([one, other], tmp_path / "a", selection=EVERYTHING)
    write_flows([other, one], tmp_path / "b", selection=EVERYTHING)
    assert (tmp_path / "a/manifest.json").read_bytes() == (tmp_path / "b/manifest.json").read_bytes()
    assert rows_of(tmp_path / "a", "flows") == 1


@pytest.mark.parametrize(
    "changed",
    [
        capture(range(41)),
        capture(range(1, 41)),
        capture(range(40), time=START),
    ],
    ids=["one more", "one less", "other times"],
)
def test_other_content_gives_another_digest(tmp_path, changed):
    write_flows([capture(range(40))], tmp_path / "a", selection=EVERYTHING)
    write_flows([changed], tmp_path / "b", selection=EVERYTHING)
    assert open_dataset(tmp_path / "a").digest() != open_dataset(tmp_path / "b").digest()


def test_flows_between_other_endpoints_give_another_digest(tmp_path):
    ends = [endpoint(1), endpoint(2)]
    for name, source, destination in (("a", 1, 2), ("b", 2, 1)):
        flows = [flow(number, source_endpoint=source, destination_endpoint=destination) for number in range(9)]
        write_flows([batch(flows, endpoints=ends)], tmp_path / name, selection=EVERYTHING)
    assert open_dataset(tmp_path / "a").digest() != open_dataset(tmp_path / "b").digest()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ingests=st.lists(st.lists(st.lists(st.integers(0, 12), max_size=8), max_size=3), min_size=1, max_size=3))
def test_records_are_new_or_repeats_however_they_come(tmp_path_factory, ingests):
    path = tmp_path_factory.mktemp("any") / "flows.parquet"
    summaries = [
        write_flows([capture(numbers) for numbers in batches], path, selection=EVERYTHING) for batches in ingests
    ]
    seen = {number for batches in ingests for numbers in batches for number in numbers}
    assert summaries[-1].total_flows == len(seen) == rows_of(path, "flows")
    assert all(one.records == one.new_flows + one.repeats + one.deselected for one in summaries)
    assert open_dataset(path).repeats <= sum(one.repeats for one in summaries)


def test_row_groups_have_one_size_and_the_declared_schema(tmp_path, monkeypatch):
    import pyarrow.parquet as pq  # noqa: PLC0415

    from recommender.model.flow_schema import FLOW_SCHEMA  # noqa: PLC0415

    path = tmp_path / "flows.parquet"
    assert 100_000 <= parquet_format.ROWS_PER_GROUP <= 250_000
    monkeypatch.setattr(parquet_format, "ROWS_PER_GROUP", 3_000)
    write_flows([capture(range(at, at + 2_500)) for at in range(0, 10_000, 2_500)], path, selection=EVERYTHING)
    (part,) = (path / "flows").iterdir()
    with pq.ParquetFile(part) as file:
        assert [file.metadata.row_group(at).num_rows for at in range(file.num_row_groups)] == [
            3_000,
            3_000,
            3_000,
            1_000,
        ]
        assert file.metadata.row_group(0).column(0).compression == "ZSTD"
        assert file.schema_arrow.equals(FLOW_SCHEMA)
        times = file.read(["time"]).column("time").cast("int64").to_pylist()
    assert times == sorted(times)


def test_nanoseconds_survive(tmp_path):
    write_flows([batch([flow(1, time=1_790_000_000_123_456_789)])], tmp_path / "f", selection=EVERYTHING)
    with duckdb.connect() as connection:
        open_dataset(tmp_path / "f").register(connection, EVERYTHING)
        assert connection.execute("SELECT epoch_ns(time) FROM flows").fetchall() == [(1_790_000_000_123_456_789,)]


@FORMS
def test_no_flows_still_gives_a_dataset_with_its_rejects(tmp_path, single_file):
    path = tmp_path / "flows.parquet"
    batches = [batch(rejects=[reject(1), reject(2), reject(9, "no-flow"), reject(10), reject(11)]), batch()]
    summary = write_flows(batches, path, selection=EVERYTHING, single_file=single_file)
    assert (summary.total_flows, summary.first_seen, summary.last_seen, summary.bytes_read) == (0, 0, 0, 200)
    assert [(one.reason, one.lines, one.examples) for one in summary.rejects] == [
        ("no-flow", 1, ("flows.log:9",)),
        ("not-json", 4, ("flows.log:1", "flows.log:2", "flows.log:10")),
    ]
    assert rows_of(path, "rejects") == 5
    assert rows_of(path, "flows") == 0


def test_events_that_are_no_losses_are_counted_by_kind(tmp_path):
    events = [event(1, count=40), event(1, count=40), event(2, "agent_event"), event(3, "agent_event", time=None)]
    summary = write_flows([batch(events=events)], tmp_path / "f", selection=EVERYTHING)
    assert summary.lost_events == 40
    assert summary.other_records == (("agent_event", 2),)


@FORMS
def test_what_is_deselected_leaves_nothing_behind(tmp_path, single_file):
    path = tmp_path / "flows.parquet"
    other = batch(
        [flow(900, source_endpoint=3)],
        endpoints=[endpoint(3, namespace="secret", label_set_id=9)],
        label_sets=[label_set(9, "k8s:app=hidden")],
    )
    summary = write_flows(
        [capture(range(4)), other, other], path, selection=only("namespace", "shop"), single_file=single_file
    )
    assert (summary.new_flows, summary.repeats, summary.deselected) == (4, 1, 1)
    assert (rows_of(path, "endpoints"), rows_of(path, "label_sets")) == (2, 1)
    second = write_flows([other], path, selection=EVERYTHING, single_file=single_file)
    assert second.new_flows == 1
    assert (rows_of(path, "endpoints"), rows_of(path, "label_sets")) == (3, 2)


def test_a_duration_counts_back_from_the_newest_flow_stored_or_read(tmp_path):
    path = tmp_path / "flows.parquet"
    write_flows([capture([100])], path, selection=EVERYTHING)
    summary = write_flows([capture([80, 95])], path, selection=Selection(since="10s"))
    assert (summary.new_flows, summary.deselected) == (1, 1)


def test_events_outside_the_time_range_are_left_out(tmp_path):
    path = tmp_path / "flows.parquet"
    write_flows([capture([0, 20, 40])], path, selection=EVERYTHING)
    assert rows_of(path, "events", Selection(since="20s")) == 2
    assert rows_of(path, "events", without("verdict", "FORWARDED")) == 3


def test_on_batch_sees_every_batch(tmp_path):
    seen = []
    write_flows([capture([1]), capture([2])], tmp_path / "f", selection=EVERYTHING, on_batch=seen.append)
    assert [one.flows.num_rows for one in seen] == [1, 1]


def test_a_selection_that_cannot_be_read_stops_before_anything_is_read(tmp_path):
    def never():
        pytest.fail("a batch was asked for")
        yield

    with pytest.raises(UsageError):
        write_flows(never(), tmp_path / "f", selection=only("verdict", "MAYBE"))
    assert list(tmp_path.iterdir()) == []


def listing(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("single_file", [False, True])
@pytest.mark.parametrize("kind", ["text file", "full folder", "spark folder", "parquet", "empty file"])
def test_what_is_not_a_dataset_is_refused_and_untouched(tmp_path, kind, single_file):
    path = tmp_path / "precious"
    match kind:
        case "text file":
            path.write_text("thesis")
        case "empty file":
            path.touch()
        case "full folder":
            path.mkdir()
            (path / "thesis.txt").write_text("thesis")
        case "spark folder":
            (path / "flows").mkdir(parents=True)
            (path / "flows/part-0.parquet").write_text("thesis")
        case _:
            import pyarrow as pa  # noqa: PLC0415
            import pyarrow.parquet as pq  # noqa: PLC0415

            pq.write_table(pa.table({"x": [1]}), path)
    before = listing(tmp_path)
    with pytest.raises(StoreError, match="precious"):
        write_flows([capture([1])], path, selection=EVERYTHING, single_file=single_file)
    assert listing(tmp_path) == before
    assert not is_dataset(path)
    with pytest.raises(StoreError, match="Try: netpol-recommend ingest"):
        open_dataset(path)


@FORMS
def test_the_other_form_is_refused(tmp_path, single_file):
    path = tmp_path / "flows.parquet"
    write_flows([capture([1])], path, selection=EVERYTHING, single_file=single_file)
    with pytest.raises(StoreError, match="single"):
        write_flows([capture([2])], path, selection=EVERYTHING, single_file=not single_file)
    assert rows_of(path, "flows") == 1


def test_an_empty_folder_becomes_a_dataset(tmp_path):
    write_flows([capture([1])], tmp_path, selection=EVERYTHING)
    assert rows_of(tmp_path, "flows") == 1


def test_a_link_to_a_dataset_is_followed(tmp_path):
    real, link = tmp_path / "real.parquet", tmp_path / "link.parquet"
    write_flows([capture([1])], real, selection=EVERYTHING, single_file=True)
    link.symlink_to(real)
    write_flows([capture([2])], link, selection=EVERYTHING, single_file=True)
    assert link.is_symlink()
    assert rows_of(real, "flows") == 2


def test_a_missing_dataset_says_how_to_make_one(tmp_path):
    with pytest.raises(StoreError, match="no such dataset"):
        open_dataset(tmp_path / "absent")
    assert not is_dataset(tmp_path / "absent")


def test_a_newer_schema_is_refused(tmp_path):
    path = tmp_path / "f"
    write_flows([capture([1])], path, selection=EVERYTHING)
    manifest = path / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"schema_version": 1', '"schema_version": 2'))
    before = listing(path)
    for attempt in (lambda: open_dataset(path), lambda: write_flows([capture([2])], path, selection=EVERYTHING)):
        with pytest.raises(StoreError, match="newer release"):
            attempt()
    assert listing(path) == before
    assert is_dataset(path)


def test_a_missing_part_is_named(tmp_path):
    path = tmp_path / "f"
    write_flows([capture([1])], path, selection=EVERYTHING)
    (part,) = (path / "endpoints").iterdir()
    part.unlink()
    with pytest.raises(StoreError, match=r"endpoints/part-[0-9a-f]{32}\.parquet is missing"):
        open_dataset(path)


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"schema_version": "x"}', '{"schema_version": 1}'])
def test_a_damaged_manifest_is_refused(tmp_path, text):
    path = tmp_path / "f"
    write_flows([capture([1])], path, selection=EVERYTHING)
    (path / "manifest.json").write_text(text)
    with pytest.raises(StoreError):
        open_dataset(path)


def test_a_manifest_cannot_name_files_elsewhere(tmp_path):
    path = tmp_path / "f"
    write_flows([capture([1])], path, selection=EVERYTHING)
    manifest = path / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"file": "part-', '"file": "../part-', 1))
    with pytest.raises(StoreError, match="not a file name"):
        open_dataset(path)


@pytest.mark.parametrize(("single_file", "lock"), [(False, "f/.lock"), (True, ".f.lock")])
def test_two_ingests_at_a_time_are_refused(tmp_path, single_file, lock):
    path = tmp_path / "f"
    write_flows([capture([1])], path, selection=EVERYTHING, single_file=single_file)
    with ingest_lock(tmp_path / lock, dataset=path), pytest.raises(StoreError, match="another ingest") as refusal:
        write_flows([capture([2])], path, selection=EVERYTHING, single_file=single_file)
    assert str(path) in str(refusal.value)
    write_flows([capture([2])], path, selection=EVERYTHING, single_file=single_file)
    assert rows_of(path, "flows") == 2


@FORMS
def test_a_folder_that_cannot_be_written_is_a_message(tmp_path, monkeypatch, single_file):
    def refuse(*_arguments, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.open", refuse)
    with pytest.raises(StoreError, match="Permission denied"):
        write_flows([capture([1])], tmp_path / "f", selection=EVERYTHING, single_file=single_file)


@FORMS
def test_a_decoder_that_fails_leaves_everything_as_it_was(tmp_path, single_file):
    def failing():
        yield capture([5])
        raise ValueError("broken stream")

    for path, existing in ((tmp_path / "old", True), (tmp_path / "new", False)):
        if existing:
            write_flows([capture([1])], path, selection=EVERYTHING, single_file=single_file)
        before = listing(tmp_path)
        with pytest.raises(ValueError, match="broken stream"):
            write_flows(failing(), path, selection=EVERYTHING, single_file=single_file)
        assert listing(tmp_path) == before
        assert path.exists() == existing


@FORMS
def test_a_dataset_opened_before_an_ingest_stays_readable_after_it(tmp_path, single_file):
    path = tmp_path / "f"
    write_flows([capture([1])], path, selection=EVERYTHING, single_file=single_file)
    opened = open_dataset(path)
    write_flows([capture([2])], path, selection=EVERYTHING, single_file=single_file)
    with duckdb.connect() as connection:
        opened.register(connection, EVERYTHING)
        (count,) = connection.execute("SELECT count(*) FROM flows").fetchone()
    # A folder keeps the old parts; of one file only the newest content exists.
    assert count == (2 if single_file else 1)


def test_registering_again_replaces_the_views(tmp_path):
    write_flows([capture(range(8))], tmp_path / "f", selection=EVERYTHING)
    dataset = open_dataset(tmp_path / "f")
    with duckdb.connect() as connection:
        for selection, expected in ((EVERYTHING, 8), (only("type", "policy-verdict"), 2), (EVERYTHING, 8)):
            dataset.register(connection, selection)
            assert connection.execute("SELECT count(*) FROM flows").fetchall() == [(expected,)]


def test_records_written_and_read_are_equal(tmp_path):
    write_flows([capture(range(8))], tmp_path / "f", selection=EVERYTHING)
    record = open_dataset(tmp_path / "f").record
    assert type(record).from_json(record.to_json(), where="") == record
    assert replace(record, repeats=3) != record


def test_the_share_with_verdicts_is_known_where_the_mask_leaves_out_the_event_type(tmp_path):
    masked = {"event_type": None}
    told = [{"verdict": "AUDIT"}, {"verdict": "FORWARDED", "policy_match_type": 2}, {"verdict": "FORWARDED"}]
    flows = [flow(number, **masked, **columns) for number, columns in enumerate(told)]
    assert write_flows([batch(flows)], tmp_path / "f", selection=EVERYTHING).verdict_flows == 2
