"""One decoding process, as the process that started it sees it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, BinaryIO, Final

import recommender
from recommender import errors
from recommender.errors import SourceError
from recommender.frugal_arrow import FRUGAL_ARROW
from recommender.ingest.frames import Done, Failed, Task, TextEnd, read_answer, write_frame, write_message
from recommender.ingest.range_reader import RangeOutcome
from recommender.ingest.rejects import RejectedRecordError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recommender.ingest.range_jobs import RangeJob
    from recommender.model.decoded import DecodedBatch

_PACKAGE_FOLDER: Final = str(Path(recommender.__file__).parents[1])


@dataclass(slots=True, kw_only=True)
class Text:
    """The text of a range that is no plain file."""

    blocks: list[bytes] = field(default_factory=list)
    rest: Iterator[bytes] | None = None
    """What is not read yet."""
    used_up: Event = field(default_factory=Event)


class WorkerProcess:
    """Starts the process."""

    def __init__(self) -> None:
        path = os.pathsep.join(filter(None, (_PACKAGE_FOLDER, os.environ.get("PYTHONPATH"))))
        self._process = subprocess.Popen(
            (sys.executable, "-P", "-m", "recommender.ingest.worker"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**dict([FRUGAL_ARROW]), **os.environ, "PYTHONPATH": path},
        )
        assert self._process.stdin is not None  # noqa: S101 - they are pipes
        assert self._process.stdout is not None  # noqa: S101
        self._tasks: BinaryIO = self._process.stdin  # type: ignore[assignment] # a buffered writer
        self._answers: BinaryIO = self._process.stdout  # type: ignore[assignment] # a buffered reader

    def decode(self, job: RangeJob, text: Text) -> Iterator[DecodedBatch | RangeOutcome]:
        """The batches of a range, then its outcome.

        Raises:
            NetpolRecommendError: as decoding here would.
            SourceError: also if the process ended.
        """
        sender = _Sender(self._tasks, job, text)
        sender.start()
        try:
            while not isinstance(answer := read_answer(self._answers), Done | Failed):
                yield answer
        except EOFError as gone:
            raise SourceError(
                f"a decoding process ended before its work was done ({self._ending()})",
                where=job.name,
                hint="more memory for this process, or --jobs 1",
            ) from gone
        finally:
            sender.join()
        if sender.failure is not None:
            raise sender.failure
        if isinstance(answer, Failed):
            raise getattr(errors, answer.kind)(answer.what, where=answer.where, hint=answer.hint)
        yield RangeOutcome(lines=answer.lines, whole=answer.whole, tail=answer.tail, tail_rejects=answer.tail_rejects)

    def end(self) -> None:
        """End the process, whatever it is at; who waits for its answers is told so."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Let go of its pipes, once nobody uses them."""
        for stream in (self._tasks, self._answers):
            with contextlib.suppress(OSError, ValueError):
                stream.close()

    def _ending(self) -> str:
        code = self._process.wait()
        return f"signal {-code}" if code < 0 else f"exit code {code}"


class _Sender(Thread):
    """Sends one task, while its answers are read."""

    def __init__(self, tasks: BinaryIO, job: RangeJob, text: Text) -> None:
        super().__init__(daemon=True)
        self._tasks = tasks
        self._job = job
        self._text = text
        self.failure: SourceError | None = None

    def run(self) -> None:
        with contextlib.suppress(BrokenPipeError):  # The answers tell that the process has gone.
            job = self._job
            path = None if job.path is None else str(job.path.absolute())
            write_message(
                self._tasks, Task(name=job.name, continued=job.continued, path=path, start=job.start, end=job.end)
            )
            if path is None:
                self._send_text()

    def _send_text(self) -> None:
        end = TextEnd()
        blocks = iter(self._text.blocks)
        try:
            for block in blocks:
                write_frame(self._tasks, block)
            self._text.blocks.clear()
            for block in self._text.rest or ():
                write_frame(self._tasks, block)
        except RejectedRecordError as cut:
            end = TextEnd(reason=cut.reason, detail=cut.detail)
        except SourceError as failure:
            self.failure = failure
        write_frame(self._tasks, b"")
        write_message(self._tasks, end)
