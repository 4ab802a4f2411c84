from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.errors import NetpolRecommendError
from recommender.ingest.block_text import PADDING, BlockText
from recommender.ingest.block_times import read_times
from recommender.ingest.event_id import uuid_event_id, uuid_event_ids
from recommender.ingest.rejects import RejectedRecordError
from recommender.ingest.timestamps import parse_time

TEXTS = st.binary(max_size=120)


def block(content: bytes) -> BlockText:
    return BlockText(content + bytes(PADDING))


def at(*places: int):
    return np.array(places, np.int64)


@given(TEXTS, st.binary(min_size=1, max_size=1))
def test_positions(content, character):
    (found,) = block(content).positions(character, end=len(content))
    assert found.tolist() == [place for place in range(len(content)) if content[place : place + 1] == character]


@given(TEXTS, st.binary(min_size=1, max_size=20), st.data())
def test_equals(content, wanted, data):
    content += wanted
    places = data.draw(st.lists(st.integers(0, len(content)), min_size=1))
    padded = content + bytes(PADDING)
    assert block(content).equals(at(*places), wanted).tolist() == [
        padded[place : place + len(wanted)] == wanted for place in places
    ]


@given(st.from_regex(rb"[0-9]{0,7}x?", fullmatch=True))
def test_numbers(content):
    values, ends = block(content).numbers(at(0), longest=6)
    digits = content.rstrip(b"x")[:6]
    assert (values[0], ends[0]) == (int(digits or b"0"), len(digits))


@given(st.from_regex(rb"[a-f]{0,70}", fullmatch=True))
def test_until(content):
    found = block(content + b'"').until(at(0), b'"', longest=48)
    assert found[0] == (len(content) if len(content) < 48 else 0)


@given(st.lists(TEXTS, min_size=1, max_size=9))
def test_views_are_the_texts(texts):
    ends = np.cumsum([len(text) for text in texts])
    views = block(b"".join(texts)).views(ends - [len(text) for text in texts], ends)
    assert views.to_pylist() == texts
    assert views.dictionary_encode().dictionary.to_pylist() == list(dict.fromkeys(texts))


@given(st.uuids().map(str) | st.from_regex(r"[0-9a-fA-FgG\-`:@/]{36}", fullmatch=True))
def test_uuids(uuid):
    ids, fits = uuid_event_ids(block(uuid.encode()), at(0))
    parts = [len(part) for part in uuid.split("-")]
    hexadecimal = set(uuid) <= set("0123456789abcdef-")
    assert fits[0] == (parts == [8, 4, 4, 4, 12] and hexadecimal)
    assert not fits[0] or ids[0] == uuid_event_id(uuid)


@given(st.datetimes(min_value=None, max_value=None), st.integers(0, 999_999_999))
def test_times(moment, nanoseconds):
    text = f"{moment:%Y-%m-%dT%H:%M:%S}".rjust(19, "0") + f".{nanoseconds:09}Z"
    times, fits = read_times(block(text.encode()), at(0))
    assert bool(fits[0]) == (2000 <= moment.year <= 2100)
    assert not fits[0] or times[0] == parse_time(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-29T00:00:00.000000000Z",
        "2026-00-10T00:00:00.000000000Z",
        "2026-13-10T00:00:00.000000000Z",
        "2026-04-31T00:00:00.000000000Z",
        "2026-04-30T24:00:00.000000000Z",
        "2026-04-30 10:00:00.000000000Z",
        "2026-04-30T10:00:00.00000000xZ",
        "2026-04-30T10:00:00.000000000+",
    ],
)
def test_what_is_no_time_does_not_fit(text):
    _, fits = read_times(block(text.encode()), at(0))
    assert not fits[0]
    with pytest.raises((RejectedRecordError, NetpolRecommendError)):
        parse_time(text.replace(" ", "_"))
