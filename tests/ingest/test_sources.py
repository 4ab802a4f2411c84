from __future__ import annotations

import gzip
import io
import sys

import pytest
import zstandard

from recommender.errors import SourceError
from recommender.ingest import Source, expand_sources


def names(sources, root):
    return [source.name.removeprefix(f"{root}/") for source in sources]


@pytest.fixture
def tree(tmp_path):
    for name in ("b.json", "a.log.gz", "deep/er/c", ".hidden", ".git/config"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"123")
    return tmp_path


def test_files_directories_patterns_and_stdin(tree):
    assert names(expand_sources([str(tree)]), tree) == ["a.log.gz", "b.json", "deep/er/c"]
    assert names(expand_sources([f"{tree}/*.json", "-", f"{tree}/a.log.gz"]), tree) == ["b.json", "-", "a.log.gz"]
    assert names(expand_sources([f"{tree}/**/c"]), tree) == ["deep/er/c"]
    assert expand_sources([str(tree / "b.json")])[0].size == 3
    assert expand_sources([]) == ()


def test_a_file_named_twice_is_read_once(tree):
    assert names(expand_sources([str(tree / "b.json"), str(tree), str(tree / "b.json")]), tree) == [
        "b.json",
        "a.log.gz",
        "deep/er/c",
    ]


def test_the_dataset_that_is_written_is_not_read(tree):
    for part in ("flows.parquet/flows/part-1.parquet", "flows.parquet/manifest.json"):
        (tree / part).parent.mkdir(parents=True, exist_ok=True)
        (tree / part).write_bytes(b"PAR1")
    dataset = tree / "flows.parquet"
    expected = ["a.log.gz", "b.json", "deep/er/c"]
    assert names(expand_sources([str(tree)], without=dataset), tree) == expected
    assert names(expand_sources([f"{tree}/[!d]*"], without=dataset), tree) == expected[:2]
    assert len(expand_sources([str(tree)])) == 5
    assert len(expand_sources([str(tree / "b.json")], without=tree / "b.json")) == 1


def test_a_name_with_pattern_characters_is_a_file_first(tmp_path):
    (tmp_path / "flows[1].json").write_bytes(b"")
    (tmp_path / "flows1.json").write_bytes(b"")
    assert names(expand_sources([f"{tmp_path}/flows[1].json"]), tmp_path) == ["flows[1].json"]


@pytest.mark.parametrize("missing", ["nowhere.json", "*.nothing", "", "nul\x00", "x" * 5000])
def test_what_does_not_exist_is_an_error_with_a_hint(missing, tree):
    with pytest.raises(SourceError) as caught:
        expand_sources([str(tree / "b.json"), missing])
    assert "hubble observe" in caught.value.hint


def test_a_device_is_an_error():
    with pytest.raises(SourceError, match="may never end"):
        expand_sources(["/dev/zero"])


def test_a_directory_without_files_is_an_error(tmp_path):
    with pytest.raises(SourceError):
        expand_sources([str(tmp_path)])


def test_a_file_that_vanishes_is_an_error(tree, decode_sources):
    sources = expand_sources([str(tree / "b.json")])
    (tree / "b.json").unlink()
    with pytest.raises(SourceError, match=r"b\.json"):
        decode_sources(sources)


def test_stdin_is_read(monkeypatch, make_flow, wrap, decode_sources):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(wrap(make_flow()))))
    assert len(decode_sources(expand_sources(["-"])).flows) == 1


def zstd(content):
    return zstandard.ZstdCompressor().compress(content)


@pytest.fixture
def lines(make_flow, wrap):
    return [wrap(make_flow(uuid=f"00000000-0000-4000-8000-{n * 7919:012d}")) + b"\n" for n in range(400)]


@pytest.mark.parametrize("pack", [gzip.compress, zstd, lambda content: content])
def test_packing_is_told_by_magic_bytes_also_in_several_members(pack, lines, decode_bytes):
    content = b"".join(map(pack, (b"".join(lines[:100]), b"".join(lines[100:250]), b"".join(lines[250:]))))
    decoded = decode_bytes(content)
    assert len(decoded.event_ids) == 400
    assert decoded.rejects == []
    assert decoded.bytes_read == len(content)


def test_utf16_as_powershell_writes_it(lines, decode_bytes):
    assert len(decode_bytes(b"".join(lines).decode().encode("utf-16")).flows) == 400


def test_zero_padding_after_gzip_is_ignored(lines, decode_bytes):
    assert decode_bytes(gzip.compress(lines[0]) + b"\x00" * 512).rejects == []


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9, 0.999])
def test_a_truncated_file_keeps_the_lines_before_the_cut(pack, share, lines, decode_bytes):
    whole = pack(b"".join(lines))
    decoded = decode_bytes(whole[: int(len(whole) * share)])
    assert decoded.reasons == ["truncated compression"]
    assert decoded.rejects[0]["line"] == len(decoded.flows) + 1
    assert len(decoded.flows) < 400 or share > 0.99
    if share > 0.8 and pack is gzip.compress:
        assert len(decoded.flows) > 100


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
def test_damage_is_counted(pack, lines, decode_bytes):
    whole = bytearray(pack(b"".join(lines)))
    whole[len(whole) // 2 : len(whole) // 2 + 40] = b"\xff" * 40
    assert set(decode_bytes(bytes(whole)).reasons) & {"corrupt compression", "truncated compression"}
    assert decode_bytes(pack(lines[0]) + b"garbage garbage").reasons == ["corrupt compression"]


def test_a_decompression_bomb_is_bounded():
    from recommender.ingest import decode  # noqa: PLC0415 - next to its only use

    bomb = zstandard.ZstdCompressor(level=19).compress(b" " * (256 * 2**20))
    batches = list(decode([Source(name="bomb", stream=io.BytesIO(bomb))]))
    assert [row["reason"] for batch in batches for row in batch.rejects.to_pylist()] == ["record too long"]
