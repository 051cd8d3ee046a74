"""Rows of the first sheet of a workbook, as they stand."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from idocore import ExchangeError


def read_rows(path: str | Path) -> Iterator[tuple[int, list[Any]]]:
    """The rows of the first sheet with their numbers (from 1); raises ExchangeError for what is no workbook."""
    try:
        workbook = load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, OSError, ValueError) as error:
        raise ExchangeError("workbook-unreadable", path=str(path), reason=type(error).__name__) from error
    try:
        rows = workbook.worksheets[0].iter_rows(values_only=True)
        yield from ((number, list(row)) for number, row in enumerate(rows, start=1))
    finally:
        workbook.close()
