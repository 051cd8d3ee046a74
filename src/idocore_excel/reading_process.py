"""The process that reads workbooks, from the side of those who ask: kept for the next file, replaced when it died."""

import atexit
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock
from typing import Any, Final

from idocore import ExchangeError
from idocore_excel.limits import Limits

_SCRIPT: Final = Path(__file__).with_name("worker.py")
_BATCH: Final = 500
_GONE: Final = (EOFError, BrokenPipeError, ConnectionError, OSError)
_WRAPPED: Final = "PasswordError"


class ReadingProcess:
    """One process, which has at most one workbook open."""

    def __init__(self, limits: Limits) -> None:
        command = [sys.executable, "-P", str(_SCRIPT), str(limits.memory), str(_BATCH)]
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        self._process = subprocess.Popen(  # noqa: S603  (our own script, by its own path)
            command, stdin=theirs_in, stdout=theirs_out, stderr=subprocess.DEVNULL
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._requests, self._answers = Connection(ours_out, readable=False), Connection(ours_in, writable=False)
        self.limits = limits
        self.path: Path | None = None

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked more."""
        return self._process.poll() is None

    def ask(self, name: str, argument: Any) -> Any:
        """The answer to one question; ExchangeError when the file is at fault, or the process died of it."""
        try:
            self._requests.send((name, argument))
            if not self._answers.poll(self.limits.seconds):
                self.end()
                raise self._fault("workbook-too-slow", seconds=self.limits.seconds)
            result, answer = self._answers.recv()
        except _GONE:
            self.end()
            raise self._fault("workbook-unbearable") from None
        if result == "ok":
            return answer
        code = "workbook-encrypted" if result == _WRAPPED else "workbook-unreadable"
        raise self._fault(code, reason=answer)

    def tell(self, name: str) -> bool:
        """Ask for something without waiting until it is done; whether it was heard."""
        try:
            self._requests.send((name, None))
        except _GONE:
            self.end()
            return False
        return True

    def _fault(self, code: str, **more: Any) -> ExchangeError:
        return ExchangeError(code, path=str(self.path), **more)

    def end(self) -> None:
        """End it; harmless twice."""
        self._process.kill()
        self._process.wait()
        self._requests.close()
        self._answers.close()


_idle: list[ReadingProcess] = []
_lock = Lock()


@contextmanager
def borrowed(path: Path, limits: Limits) -> Iterator[ReadingProcess]:
    """A process for the file at `path`, nobody else's meanwhile; kept for the next one if it lives on."""
    process = _taken(limits)
    process.path = path
    try:
        yield process
    finally:
        _give_back(process)


def _taken(limits: Limits) -> ReadingProcess:
    with _lock:
        waiting = [one for one in _idle if one.is_alive and one.limits == limits]
        if waiting:
            _idle.remove(waiting[0])
            return waiting[0]
    return ReadingProcess(limits)


def _give_back(process: ReadingProcess) -> None:
    if not process.is_alive or not process.tell("close"):
        return
    with _lock:
        # The one that was used last is likely to be wanted next; one with other limits only takes its place.
        is_spare = any(one.limits == process.limits for one in _idle)
        left = [process] if is_spare else _idle[:]
        if not is_spare:
            _idle[:] = [process]
    for one in left:
        one.end()


@atexit.register
def end_all() -> None:
    """End the processes that wait for a next file; done by itself at the end of the program."""
    while _idle:
        _idle.pop().end()
