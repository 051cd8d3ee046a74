"""Rows of the first sheet of a workbook, as they stand."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any


def read_rows(path: str | Path) -> Iterator[tuple[int, list[Any]]]:
    """The rows of the first sheet that hold something, with their numbers (from 1); raises ExchangeError."""
    from idocore_excel.books import open_book

    with open_book(path) as book:
        for row in book.rows():
            yield row.number, list(row.cells)
