"""A decoding process: `python -P -m recommender.ingest.worker`, told what to do by the one that started it.

It ends when its input does, so that it never outlives the process that reads its output, however that may end.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from recommender.errors import NetpolRecommendError
from recommender.ingest.frames import Done, Failed, Task, read_message, read_text, write_batch, write_message
from recommender.ingest.lean_arrow import leave_pandas_out
from recommender.ingest.range_reader import RangeReader
from recommender.ingest.tables import Tables
from recommender.ingest.text_ranges import file_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator


def main() -> None:
    """Answer tasks until there are no more."""
    # An interrupt from the terminal reaches all processes; the one that started this decides what becomes of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    leave_pandas_out()
    tasks, answers = sys.stdin.buffer, sys.stdout.buffer
    tables = Tables(strict=False)
    try:
        while True:
            _answer(read_message(tasks, Task), tasks, answers, tables)
    except (EOFError, BrokenPipeError):
        sys.stderr.close()  # What could not be written any more is nobody's concern.


def _answer(task: Task, tasks: BinaryIO, answers: BinaryIO, tables: Tables) -> None:
    blocks = _blocks(task, tasks)
    reader = RangeReader(file=task.name, tables=tables, continued=task.continued)
    try:
        for batch in reader.batches(blocks):
            write_batch(answers, batch)
        write_batch(answers, tables.take())
    except NetpolRecommendError as error:
        tables.take()
        for _ in blocks:
            pass
        write_message(answers, Failed(kind=type(error).__name__, what=error.what, where=error.where, hint=error.hint))
        return
    outcome = reader.outcome
    write_message(
        answers,
        Done(lines=outcome.lines, whole=outcome.whole, tail=outcome.tail, tail_rejects=outcome.tail_rejects),
    )


def _blocks(task: Task, tasks: BinaryIO) -> Iterator[bytes]:
    if task.path is None:
        return read_text(tasks)
    return file_blocks(Path(task.path), start=task.start, end=task.end, name=task.name)


if __name__ == "__main__":
    main()
