"""A process of its own that reads workbooks: when a native reader gives up on a hostile file, it gives up alone.

Run as a script, with nothing of ours imported, so that it starts quickly. Answers requests from stdin on stdout, both
as pickled messages of `multiprocessing.connection`; ends when stdin does.
"""

import os
import sys
from collections.abc import Iterator
from itertools import islice
from multiprocessing.connection import Connection
from typing import Any

import python_calamine

Cells = tuple[Any, ...]


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
        try:
            answers.send(("ok", getattr(service, name)(argument)))
        except MemoryError:
            os._exit(3)
        except Exception as error:
            answers.send((type(error).__name__, str(error)[:200]))


def _limit(memory: int) -> None:
    if memory and os.name == "posix":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _channel() -> tuple[Connection, Connection]:
    """Both ends; what a library prints must not get in between the answers."""
    answers = Connection(os.dup(1), readable=False)
    os.dup2(2, 1)
    return Connection(os.dup(0), writable=False), answers


class _Service:
    """One workbook at a time, and the rows of its sheets as they are asked for."""

    def __init__(self, batch: int) -> None:
        self._batch = batch
        self._book: Any = None
        self._rows: dict[int, Iterator[tuple[int, Cells]]] = {}

    def open(self, path: str) -> list[tuple[str, bool]]:
        """The sheets by name, and whether each is hidden; sheets of charts and macros are none."""
        self.close(None)
        self._book = python_calamine.CalamineWorkbook.from_path(path)
        kinds, seen = python_calamine.SheetTypeEnum, python_calamine.SheetVisibleEnum.Visible
        return [(one.name, one.visible != seen) for one in self._book.sheets_metadata if one.typ == kinds.WorkSheet]

    def close(self, _: None) -> None:
        """Let go of the workbook."""
        self._rows.clear()
        if self._book is not None:
            self._book.close()
        self._book = None

    def begin(self, request: tuple[int, str]) -> None:
        """Begin with the rows of a sheet, under a number of the caller's."""
        number, name = request
        self._rows[number] = _filled(self._book.get_sheet_by_name(name))

    def more(self, number: int) -> list[tuple[int, Cells]]:
        """The next rows that were begun under this number; none at the end."""
        found = list(islice(self._rows[number], self._batch))
        if not found:
            del self._rows[number]
        return found

    def merged(self, name: str) -> list[tuple[int, int, int, int]]:
        """The ranges of merged cells of a sheet, counted from 1; where the format does not tell, none."""
        ranges = self._book.get_sheet_by_name(name).merged_cell_ranges or []
        return [(top + 1, left + 1, bottom + 1, right + 1) for (top, left), (bottom, right) in ranges]


def _filled(sheet: Any) -> Iterator[tuple[int, Cells]]:
    """The rows that hold something, with their numbers, from column A to the last cell that holds something."""
    before = (None,) * (sheet.start[1] if sheet.start else 0)
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [
            None if value == "" else int(value) if type(value) is float and value.is_integer() else value
            for value in row
        ]
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            yield number, (*before, *cells)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
