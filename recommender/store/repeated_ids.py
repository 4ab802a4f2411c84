"""Which event ids come more than once? Found on the ids alone, in memory that does not grow with the dataset.

Ids are hashes, so cutting their range into equal pieces cuts the ids into equal parts: each piece is sorted on its own.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, BinaryIO, Final

import numpy as np
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import numpy.typing as npt

    Ids = npt.NDArray[np.uint64]

IDS_AT_A_TIME: Final = 4 * 2**20
"""How many ids are sorted together: 32 MiB."""
_ID_BITS: Final = 64
_MOST_BITS: Final = 8
"""So many pieces that a billion ids fit; more would need more open files than a process may have."""


def repeated_ids(new: Iterable[Path], stored: Iterable[Path], *, rows: int, spill: Path) -> Iterator[tuple[Ids, Ids]]:
    """The ids of new files that another new row or a stored one has too, ascending, piece by piece.

    Args:
        new: Parquet files with a column `event_id`.
        stored: files whose rows stay whatever the new ones hold.
        rows: how many both have together.
        spill: an empty folder for ids that do not fit into memory.

    Yields:
        Ids met in stored files, and ids of several new rows that are in no stored file.
    """
    bits = (max(rows, 1) - 1).bit_length() - (IDS_AT_A_TIME - 1).bit_length()
    bits = min(max(bits, 0), _MOST_BITS)
    if bits == 0:
        yield _repeats(_gathered(_ids(new)), _gathered(_ids(stored)))
        return
    with ExitStack() as stack:
        pieces = [_Pieces(spill, name, bits, stack) for name in ("new", "stored")]
        for side, files in zip(pieces, (new, stored), strict=True):
            for chunk in _ids(files):
                side.add(chunk)
        for number in range(1 << bits):
            yield _repeats(*(side.take(number) for side in pieces))


def _repeats(new: Ids, stored: Ids) -> tuple[Ids, Ids]:
    new = np.sort(new)
    several = np.unique(new[1:][new[1:] == new[:-1]])
    known = np.sort(stored)
    found = np.unique(new[_holds(known, new)])
    return found, several[~_holds(found, several)]


def _holds(ascending: Ids, wanted: Ids) -> npt.NDArray[np.bool_]:
    """Which of the wanted ids, ascending too, are among the others?"""
    if not len(ascending):
        return np.zeros(len(wanted), np.bool_)
    places = np.minimum(np.searchsorted(ascending, wanted), len(ascending) - 1)
    found: npt.NDArray[np.bool_] = ascending[places] == wanted
    return found


def _ids(files: Iterable[Path]) -> Iterator[Ids]:
    for file in files:
        with pq.ParquetFile(file) as parquet:
            for batch in parquet.iter_batches(batch_size=2**17, columns=["event_id"]):
                yield batch.column("event_id").to_numpy()


def _gathered(chunks: Iterable[Ids]) -> Ids:
    found = list(chunks)
    return np.concatenate(found) if found else np.zeros(0, np.uint64)


class _Pieces:
    """Ids on disk, a file for each piece of their range."""

    def __init__(self, folder: Path, name: str, bits: int, stack: ExitStack) -> None:
        self._paths = [folder / f"{name}-ids-{number:05}" for number in range(1 << bits)]
        self._files: list[BinaryIO] = [stack.enter_context(path.open("wb")) for path in self._paths]
        step = 1 << (_ID_BITS - bits)
        self._bounds = np.array([number * step for number in range(1, 1 << bits)], np.uint64)

    def add(self, ids: Ids) -> None:
        ascending = np.sort(ids)
        for file, part in zip(self._files, np.split(ascending, np.searchsorted(ascending, self._bounds)), strict=True):
            file.write(part.tobytes())

    def take(self, number: int) -> Ids:
        self._files[number].close()
        found: Ids = np.fromfile(self._paths[number], np.uint64)
        self._paths[number].unlink()
        return found
