"""Several processes that decode ranges side by side; their results come in the order of the ranges.

Processes of their own rather than `multiprocessing`: a script of a caller without a main guard is not run again.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, Full, Queue
from threading import Event, Semaphore, Thread
from typing import TYPE_CHECKING, Final, Self

from recommender.errors import SourceError
from recommender.ingest.range_jobs import RangeJob
from recommender.ingest.range_reader import RangeOutcome
from recommender.ingest.rejects import RejectedRecordError
from recommender.ingest.text_ranges import CUT_WINDOW, RANGE_BYTES
from recommender.ingest.worker_process import Text, WorkerProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from recommender.ingest.range_jobs import Step
    from recommender.model.decoded import DecodedBatch

_AHEAD: Final = 1
"""Ranges that wait, read, for a process that is free."""
_POLL_S: Final = 0.2


@dataclass(slots=True, kw_only=True)
class Result:
    """A step that is done; of a range, its rows and what it was."""

    step: Step
    batches: list[DecodedBatch] = field(default_factory=list)
    outcome: RangeOutcome = field(default_factory=RangeOutcome)
    error: BaseException | None = None
    finished: Event = field(default_factory=Event)


class _End:
    """Nothing follows."""


class _ClosedError(Exception):
    """The pool is closed; its threads end."""


class WorkerPool:
    """Starts the processes, which are gone when the `with` block ends."""

    def __init__(self, processes: int) -> None:
        self._workers = [WorkerProcess() for _ in range(processes)]
        self._waiting: Queue[tuple[Result, Text] | _End] = Queue(maxsize=_AHEAD)
        self._ordered: Queue[Result | BaseException | _End] = Queue()
        self._room = Semaphore(processes + 2 * _AHEAD)
        """For ranges that are decoded and not taken yet."""
        self._threads: list[Thread] = []
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        for worker in self._workers:
            worker.end()
        for thread in self._threads:
            thread.join(timeout=10 * _POLL_S)  # One may wait for standard input, which nothing can end.
        for worker in self._workers:
            worker.close()

    def results(self, steps: Iterator[Step]) -> Iterator[Result]:
        """The results of all steps, in their order.

        Raises:
            NetpolRecommendError: as decoding in one process would, at the same place.
        """
        self._start(partial(self._produce, steps))
        for worker in self._workers:
            self._start(partial(self._serve, worker))
        while not isinstance(result := self._ordered.get(), _End):
            if isinstance(result, BaseException):
                raise result
            result.finished.wait()
            if result.error is not None:
                raise result.error
            yield result
            if isinstance(result.step, RangeJob):
                self._room.release()

    def _start(self, work: Callable[[], None]) -> None:
        def run() -> None:
            with contextlib.suppress(_ClosedError):
                work()

        thread = Thread(target=run, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _produce(self, steps: Iterator[Step]) -> None:
        """Hand on the ranges; what is unpacked here is unpacked beside the decoding of the ranges before."""
        try:
            for step in steps:
                result = Result(step=step)
                if isinstance(step, RangeJob):
                    self._until(lambda: self._room.acquire(timeout=_POLL_S))
                    self._ordered.put(result)
                    self._hand_on(result, step)
                else:
                    result.finished.set()
                    self._ordered.put(result)
            self._ordered.put(_End())
        except _ClosedError:
            raise
        except Exception as error:  # noqa: BLE001 - it is raised again where results are taken
            self._ordered.put(error)
        for _ in self._workers:
            self._put(_End())

    def _hand_on(self, result: Result, job: RangeJob) -> None:
        text = Text() if job.path is not None else _ahead(job.blocks())
        self._put((result, text))
        if text.rest is not None:
            self._until(lambda: text.used_up.wait(_POLL_S))

    def _serve(self, worker: WorkerProcess) -> None:
        while not isinstance(item := self._next(), _End):
            result, text = item
            assert isinstance(result.step, RangeJob)  # noqa: S101 - nothing else waits
            try:
                for answer in worker.decode(result.step, text):
                    if isinstance(answer, RangeOutcome):
                        result.outcome = answer
                    else:
                        result.batches.append(answer)
            except Exception as error:  # noqa: BLE001 - it is raised again where the result is taken
                result.error = error
            text.used_up.set()
            result.finished.set()

    def _put(self, item: tuple[Result, Text] | _End) -> None:
        def offered() -> bool:
            try:
                self._waiting.put(item, timeout=_POLL_S)
            except Full:
                return False
            return True

        self._until(offered)

    def _next(self) -> tuple[Result, Text] | _End:
        while True:
            with contextlib.suppress(Empty):
                return self._waiting.get(timeout=_POLL_S)
            self._check_open()

    def _until(self, done: Callable[[], bool]) -> None:
        while not done():
            self._check_open()

    def _check_open(self) -> None:
        if self._closed:
            raise _ClosedError


def _ahead(blocks: Iterator[bytes]) -> Text:
    """Read one range of a stream; one that has no end where it should is read on as it is decoded."""
    text = Text()
    size = 0
    try:
        for block in blocks:
            text.blocks.append(block)
            size += len(block)
            if size > RANGE_BYTES + CUT_WINDOW:
                text.rest = blocks
                break
    except (RejectedRecordError, SourceError) as error:
        text.rest = _failing(error)
    return text


def _failing(error: Exception) -> Iterator[bytes]:
    yield from ()
    raise error
