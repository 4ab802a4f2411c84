"""Work that a process of its own does beside this one."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import traceback
import warnings
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Generic, NoReturn, Self, TypeVar

from recommender.errors import ProcessError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

Told = TypeVar("Told")
Answer = TypeVar("Answer")

MAY_FORK: Final = sys.platform == "linux"
"""Elsewhere the system's own libraries may not outlive a fork (macOS), or there is none."""


class Aside(Generic[Told, Answer]):
    """Work that needs one more value on its way: done by a process of its own, or here once its answer is asked for.

    The process is a fork: it has everything that this one has, costs only what either changes, and no script of a
    caller is run again. It is gone when the `with` block ends.
    """

    def __init__(self, work: Callable[[Callable[[], Told]], Answer], *, name: str, apart: bool) -> None:
        """Begin `work`, which is handed a function that waits for the value; `name` is what errors call it."""
        self._work = None if apart and MAY_FORK else work
        self._child = None if self._work else _Child(work, name)
        self._told: list[Told] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._child is not None:
            self._child.end()

    def tell(self, value: Told) -> None:
        """Hand over the value that the work waits for; once."""
        if self._child is not None:
            self._child.tell(value)
        else:
            self._told.append(value)

    def answer(self) -> Answer:
        """What came of the work, once the value was told.

        Raises:
            ProcessError: the process ended before its work was done.
            Exception: what the work raised.
        """
        if self._work is not None:
            return self._work(self._told.pop)
        assert self._child is not None  # noqa: S101 - one of both is there
        answer: Answer = self._child.answer()
        return answer


class _Child:
    """The process as the one that started it sees it."""

    def __init__(self, work: Callable[[Callable[[], Told]], Answer], name: str) -> None:
        self._name = name
        hear, tell = os.pipe()
        listen, answer = os.pipe()
        with warnings.catch_warnings():
            # Of other threads (Arrow's), from Python 3.12 on: the child asks nothing of them.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process = os.fork()
        if self._process == 0:
            os.close(tell)
            os.close(listen)
            _serve(work, hear, answer)
        os.close(hear)
        os.close(answer)
        self._tell = os.fdopen(tell, "wb")
        self._answers = os.fdopen(listen, "rb")
        self._ended = False

    def tell(self, value: object) -> None:
        """Send the value without waiting: the process reads it when it gets there."""
        text = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
        Thread(target=_send, args=(self._tell, text), daemon=True).start()

    def answer(self) -> Any:
        """Wait for the answer."""
        try:
            succeeded, value = pickle.load(self._answers)  # noqa: S301 - written by our own fork
        except (EOFError, pickle.UnpicklingError) as gone:
            raise ProcessError(
                f"a process of ours ended before its work was done ({self._ending()})",
                where=self._name,
                hint="more memory, or --jobs 1: then nothing is done beside the rest",
            ) from gone
        self._ending()
        if not succeeded:
            raise value
        return value

    def end(self) -> None:
        """End the process, whatever it is at."""
        if not self._ended:
            os.kill(self._process, signal.SIGKILL)
            self._ending()
        for stream in (self._tell, self._answers):
            with suppress(OSError):
                stream.close()

    def _ending(self) -> str:
        code = os.waitstatus_to_exitcode(os.waitpid(self._process, 0)[1])
        self._ended = True
        return f"signal {-code}" if code < 0 else f"exit code {code}"


def _send(stream: BinaryIO, text: bytes) -> None:
    with suppress(OSError, ValueError):  # The answer tells that the process has gone.
        stream.write(text)
        stream.flush()


def _serve(work: Callable[[Callable[[], Told]], Answer], hear: int, answer: int) -> NoReturn:
    """The life of the child: it says nothing but its answer, and nothing of its parent's is finished by it."""
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # The parent, which is interrupted too, ends it.
        with os.fdopen(hear, "rb") as told, os.fdopen(answer, "wb") as answers:
            answers.write(_outcome(work, lambda: pickle.load(told)))  # noqa: S301 - written by our own parent
        code = 0
    finally:
        os._exit(code)


def _outcome(work: Callable[[Callable[[], Told]], Answer], told: Callable[[], Told]) -> bytes:
    """Whether the work succeeded, and its answer or what it raised, with where."""
    try:
        return pickle.dumps((True, work(told)), pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # noqa: BLE001 - it is raised again where the answer is taken
        error.add_note(f"In a process of its own:\n{traceback.format_exc()}")
        try:
            return pickle.dumps((False, error), pickle.HIGHEST_PROTOCOL)
        except Exception:  # noqa: BLE001 - one that cannot be handed over is told in words
            return pickle.dumps((False, RuntimeError(traceback.format_exc())))
