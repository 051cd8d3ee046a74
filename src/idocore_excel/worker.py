"""A process of its own that reads workbooks: when a native reader gives up on a hostile file, it gives up alone.

Run as a script, with nothing of ours imported, so that it starts quickly. Answers requests from stdin on stdout (but
for ``close``, which has no answer), both as pickled messages of `multiprocessing.connection`; ends when stdin does.
"""

import os
import sys
from collections.abc import Iterator
from itertools import islice
from multiprocessing.connection import Connection
from typing import Any

import python_calamine

Cells = tuple[Any, ...]
Batch = list[tuple[int, Cells]]
_SIZE = "/proc/self/statm"


def main(memory: int, batch: int) -> None:
    """Answer until there is nobody to answer; `memory` is the most bytes that may be taken (0: all there is)."""
    _limit(memory)
    requests, answers = _channel()
    service = _Service(batch)
    while True:
        try:
            name, argument = requests.recv()
        except EOFError:
            return
        if name == "close":
            service.close()
            continue
        try:
            answer = "ok", getattr(service, name)(argument)
        except MemoryError:
            os._exit(3)
        except BaseException as error:
            answer = type(_borne(error)).__name__, str(error)[:200]
        answers.send(answer)
        service.look_ahead()


def _borne(error: BaseException) -> BaseException:
    """An error after which one may go on: any of Python's own, and a native reader's that gave up in good order."""
    if isinstance(error, Exception) or type(error).__name__ == "PanicException":
        return error
    raise error


def _limit(memory: int) -> None:
    if memory and os.name == "posix":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _make_room(room: int) -> None:
    """Take at most so many bytes more than now, as far as the limit of the process goes."""
    if os.name == "posix" and os.path.exists(_SIZE):
        import resource

        with open(_SIZE, encoding="ascii") as file:
            taken = int(file.read().split()[0]) * resource.getpagesize()
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        most = taken + room if hard == resource.RLIM_INFINITY else min(taken + room, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def _channel() -> tuple[Connection, Connection]:
    """Both ends; what a library prints must not get in between the answers."""
    answers = Connection(os.dup(1), readable=False)
    os.dup2(2, 1)
    return Connection(os.dup(0), writable=False), answers


def _opened(path: str) -> Any:
    """The workbook; its ending is believed first, and when that misleads, its content is."""
    try:
        return python_calamine.CalamineWorkbook.from_path(path)
    except (MemoryError, python_calamine.PasswordError):
        raise
    except Exception as error:
        try:
            with open(path, "rb") as file:
                return python_calamine.CalamineWorkbook.from_filelike(file)
        except MemoryError:
            raise
        except Exception:
            raise error from None


class _Service:
    """One workbook at a time, and the rows of its sheets as they are asked for."""

    def __init__(self, batch: int) -> None:
        self._batch = batch
        self._book: Any = None
        self._sheet: Any = None
        self._rows: dict[int, Iterator[tuple[int, Cells]]] = {}
        self._latest = 0
        self._ahead: dict[int, Batch | BaseException] = {}

    def open(self, request: tuple[str, int]) -> list[tuple[str, bool]]:
        """The sheets by name, and whether each is hidden; sheets of charts and macros are none.

        The request is the path, and how many bytes may be taken for it.
        """
        self.close()
        path, room = request
        _make_room(room)
        self._book = _opened(path)
        kinds, seen = python_calamine.SheetTypeEnum, python_calamine.SheetVisibleEnum.Visible
        return [(one.name, one.visible != seen) for one in self._book.sheets_metadata if one.typ == kinds.WorkSheet]

    def close(self) -> None:
        """Let go of the workbook."""
        self._rows.clear()
        self._ahead.clear()
        if self._book is not None:
            self._book.close()
        self._book = self._sheet = None

    def begin(self, request: tuple[int, str]) -> None:
        """Begin with the rows of a sheet, under a number of the caller's."""
        number, name = request
        self._rows[number] = _filled(self._sheet_of(name))
        self._latest = number

    def more(self, number: int) -> Batch:
        """The next rows that were begun under this number; none at the end."""
        self._latest = number
        found = self._ahead.pop(number) if number in self._ahead else self._next(number)
        if isinstance(found, BaseException):
            raise found
        return found

    def look_ahead(self) -> None:
        """Prepare the rows that will be asked for next, while those who asked are busy with the last ones."""
        if self._latest in self._rows and self._latest not in self._ahead:
            try:
                self._ahead[self._latest] = self._next(self._latest)
            except BaseException as error:
                self._ahead[self._latest] = _borne(error)

    def _next(self, number: int) -> Batch:
        found = list(islice(self._rows[number], self._batch))
        if not found:
            del self._rows[number]
        return found

    def _sheet_of(self, name: str) -> Any:
        """The sheet, kept until another is asked for: it is taken in as a whole, which is most of the work."""
        if self._sheet is None or self._sheet.name != name:
            self._sheet = None
            self._sheet = self._book.get_sheet_by_name(name)
        return self._sheet

    def is_filled(self, name: str) -> bool:
        """Whether a sheet holds anything."""
        return any(True for _ in _filled(self._sheet_of(name)))

    def merged(self, name: str) -> list[tuple[int, int, int, int]]:
        """The ranges of merged cells of a sheet, counted from 1; where the format does not tell, none."""
        ranges = self._sheet_of(name).merged_cell_ranges or []
        return [(top + 1, left + 1, bottom + 1, right + 1) for (top, left), (bottom, right) in ranges]


def _filled(sheet: Any) -> Iterator[tuple[int, Cells]]:
    """The rows that hold something, with their numbers, from column A to the last cell that holds something."""
    before = (None,) * (sheet.start[1] if sheet.start else 0)
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [
            value or None
            if (kind := type(value)) is str
            else int(value)
            if kind is float and value.is_integer()
            else value
            for value in row
        ]
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            yield number, (*before, *cells)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
