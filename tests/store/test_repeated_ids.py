"""Repeated ids are found whether or not the ids fit into memory together."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.store import repeated_ids as module
from recommender.store.repeated_ids import repeated_ids

IDS = st.lists(
    st.lists(st.sampled_from([0, 1, 2, 2**31, 2**63 - 1, 2**63, 2**64 - 2, 2**64 - 1]), max_size=8), max_size=4
)


def written(folder, name, lists):
    files = []
    for number, ids in enumerate(lists):
        files.append(folder / f"{name}{number}.parquet")
        pq.write_table(pa.table({"event_id": pa.array(ids, pa.uint64())}), files[-1])
    return files


@pytest.mark.parametrize("at_a_time", [4 * 2**20, 2, 1])
@settings(max_examples=25, deadline=None)
@given(new=IDS, stored=IDS)
def test_repeats_are_those_that_counting_finds(tmp_path_factory, at_a_time, new, stored):
    folder = tmp_path_factory.mktemp("ids")
    spill = folder / "spill"
    spill.mkdir()
    rows = sum(map(len, new + stored))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "IDS_AT_A_TIME", at_a_time)
        pieces = list(
            repeated_ids(written(folder, "new", new), written(folder, "stored", stored), rows=rows, spill=spill)
        )
    counts = Counter(number for ids in new for number in ids)
    there = {number for ids in stored for number in ids}
    known = np.concatenate([piece[0] for piece in pieces]).tolist()
    several = np.concatenate([piece[1] for piece in pieces]).tolist()
    assert known == sorted(counts.keys() & there)
    assert several == sorted(number for number, times in counts.items() if times > 1 and number not in there)
    assert list(spill.iterdir()) == []
