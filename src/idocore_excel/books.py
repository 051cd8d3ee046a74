"""Workbooks and CSV files opened by what they are, whatever they are called, and read as rows of typed values.

A native reader does the work, in a process of its own (see `idocore_excel.reading_process`), after a look at the file
(see `idocore_excel.guard`). Every fault is an ExchangeError.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Protocol

from attrs import field, frozen
from openpyxl.utils import get_column_letter

from idocore_excel.delimited import read_delimited
from idocore_excel.guard import check_ole, check_zip, kind_of
from idocore_excel.limits import LIMITS, Limits
from idocore_excel.reading_process import ReadingProcess, borrowed

Value = None | str | bool | int | float | date | datetime | time | timedelta
Merged = tuple[int, int, int, int]


@frozen
class Row:
    """A row that holds something: its number from 1, its cells from column A to the last one that is filled.

    Dates, times, durations, whole numbers, decimals and booleans have their types; text is as it stands; an empty cell,
    and one with an error, is None. In a CSV file every value is text.
    """

    number: int
    cells: tuple[Value, ...]


@frozen
class SheetInfo:
    """A sheet by name, and whether people do not see it."""

    name: str
    is_hidden: bool


class Book(Protocol):
    """What is open for reading."""

    @property
    def sheets(self) -> tuple[SheetInfo, ...]:
        """The sheets in order."""

    def rows(self, name: str | None = None) -> Iterator[Row]:
        """The rows that hold something of a sheet (None: the first), in order; may be asked for again."""

    def is_filled(self, name: str) -> bool:
        """Whether a sheet holds anything."""

    def merged(self, name: str) -> tuple[Merged, ...]:
        """The ranges of merged cells: first row, first column, last row, last column, from 1."""


def address(row: int, column: int) -> str:
    """The address of a cell, both from 1: ``C7``."""
    return f"{get_column_letter(column)}{row}"


@contextmanager
def open_book(path: str | Path, limits: Limits = LIMITS) -> Iterator[Book]:
    """The workbook (xlsx, xlsm, xlsb, xls, ods) or CSV file at `path`; raises ExchangeError for what cannot be read."""
    path = Path(path)
    kind = kind_of(path, limits)
    if kind == "text":
        yield _Text(path, (SheetInfo(path.stem, False),))
        return
    size = check_zip(path, limits) if kind == "zip" else check_ole(path)
    with borrowed(path, limits) as process:
        sheets = tuple(SheetInfo(*one) for one in process.ask("open", (str(path.resolve()), limits.room_for(size))))
        yield _Workbook(process, sheets)


@frozen
class _Text:
    path: Path
    sheets: tuple[SheetInfo, ...]

    def rows(self, name: str | None = None) -> Iterator[Row]:
        return (Row(number, cells) for number, cells in read_delimited(self.path))

    def is_filled(self, name: str) -> bool:
        return any(True for _ in self.rows())

    def merged(self, name: str) -> tuple[Merged, ...]:
        return ()


@frozen
class _Workbook:
    _process: ReadingProcess
    sheets: tuple[SheetInfo, ...]
    _passes: list[None] = field(factory=list, init=False)

    def rows(self, name: str | None = None) -> Iterator[Row]:
        if not self.sheets:
            return
        self._passes.append(None)
        number = len(self._passes)
        self._process.ask("begin", (number, name or self.sheets[0].name))
        while found := self._process.ask("more", number):
            for row, cells in found:
                yield Row(row, cells)

    def is_filled(self, name: str) -> bool:
        return bool(self._process.ask("is_filled", name))

    def merged(self, name: str) -> tuple[Merged, ...]:
        return tuple(self._process.ask("merged", name))
