"""The digest of a dataset tells contents apart, not files, order or releases."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest

from recommender.model.flow_schema import FLOW_SCHEMA
from recommender.store import flow_parts, open_dataset, parquet_format, write_flows
from recommender.store.content_digest import RowsDigest, rows_digest
from tests.store.rows import EVERYTHING, batch, endpoint, event, flow, label_set


def capture(numbers):
    return batch(
        [flow(number, source_endpoint=number % 3 or None) for number in numbers],
        endpoints=[endpoint(1), endpoint(2, label_set_id=4)],
        label_sets=[label_set(4, "k8s:app=web")],
        events=[event(number, kind="agent_log" if number % 2 else "lost_events") for number in numbers],
    )


def test_order_and_cutting_change_nothing_and_values_do():
    rows = [flow(number, source_endpoint=number % 3 or None) for number in range(40)]
    whole = rows_digest(pa.Table.from_pylist(rows, schema=FLOW_SCHEMA), table="flows")
    pieces = [pa.Table.from_pylist(rows[at : at + 7], schema=FLOW_SCHEMA) for at in range(0, 40, 7)]
    assert sum((rows_digest(piece, table="flows") for piece in reversed(pieces)), start=RowsDigest()) == whole
    assert RowsDigest.from_text(whole.to_text()) == whole
    for column, value in (("source_endpoint", 2), ("destination_endpoint", 1), ("time", 5), ("events", 9)):
        changed = [{**rows[0], column: value}, *rows[1:]]
        assert rows_digest(pa.Table.from_pylist(changed, schema=FLOW_SCHEMA), table="flows") != whole


def test_agent_log_lines_and_rejects_do_not_count():
    with_log = capture(range(4)).events
    assert rows_digest(with_log, table="events").rows == 2
    assert rows_digest(capture(range(4)).rejects, table="rejects") == RowsDigest()


@pytest.mark.parametrize("single_file", [False, True])
def test_a_dataset_of_an_earlier_release_has_the_same_digest(tmp_path, single_file):
    path = tmp_path / "flows.parquet"
    write_flows([capture(range(30))], path, selection=EVERYTHING, single_file=single_file)
    dataset = open_dataset(path)
    older = type(dataset.record).from_json(without_digests(dataset.record.to_json()), where="")
    assert older.digests is None
    assert older.verdict_flows is None
    assert type(dataset)(path=dataset.path, record=older).digest() == dataset.digest()


def test_a_dataset_of_an_earlier_release_is_added_to(tmp_path):
    for name in ("older", "now"):
        write_flows([capture(range(30))], tmp_path / name, selection=EVERYTHING)
    manifest = tmp_path / "older/manifest.json"
    manifest.write_text(without_digests(manifest.read_text()))
    for name in ("older", "now"):
        write_flows([capture(range(20, 50))], tmp_path / name, selection=EVERYTHING)
    older, now = (json.loads(open_dataset(tmp_path / name).record.to_json()) for name in ("older", "now"))
    del older["tables"]["flows"]["files"], now["tables"]["flows"]["files"]  # The older part's window is not known.
    assert older == now


def without_digests(text):
    document = json.loads(text)
    del document["verdict_flows"]
    for table in document["tables"].values():
        del table["digest"]
        for file in table["files"]:
            file.pop("first_seen_ns", None)
            file.pop("last_seen_ns", None)
    return json.dumps(document)


def test_many_small_parts_hold_what_one_holds(tmp_path, monkeypatch):
    write_flows([capture(range(200))], tmp_path / "one", selection=EVERYTHING)
    monkeypatch.setattr(parquet_format, "ROWS_PER_GROUP", 7)
    monkeypatch.setattr(flow_parts, "GROUPS_A_PART", 2)
    for numbers in (range(90), range(60, 150), range(140, 200)):
        write_flows([capture(numbers)], tmp_path / "many", selection=EVERYTHING)
    assert len(open_dataset(tmp_path / "many").record.parts) > 15
    assert open_dataset(tmp_path / "many").digest() == open_dataset(tmp_path / "one").digest()
