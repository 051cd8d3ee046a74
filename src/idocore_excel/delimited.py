"""CSV files as Dutch offices make them: semicolons or commas, several encodings, a line ``sep=;`` at the top."""

import csv
import re
from collections.abc import Iterator
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Final, TextIO

from idocore import ExchangeError
from idocore.text_files import encoding_of

_DELIMITERS: Final = ";\t,|"
_SAMPLE: Final = 50
_LONGEST: Final = 4_000_000
_BEGINNING: Final = 200_000
_DECLARED: Final = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
# No office program writes these; a picture or a PDF is full of them.
_BINARY: Final = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")

Cells = tuple[str | None, ...]


def read_delimited(path: Path) -> Iterator[tuple[int, Cells]]:
    """The records that hold something, with the number that a spreadsheet program would give their row.

    The file is read piece by piece; what is longer than a cell can be is refused before it is taken in as a whole.
    """
    start = _start(path)
    declared = _DECLARED.match(start)
    delimiter = declared[1] if declared else _delimiter(start)
    csv.field_size_limit(_LONGEST)
    number = 0
    try:
        with _opened(path) as file:
            if declared:
                file.readline()
            for number, record in enumerate(csv.reader(_lines(file), delimiter=delimiter), start=1):
                cells = [value or None for value in record]
                while cells and cells[-1] is None:
                    cells.pop()
                if cells:
                    yield number, tuple(cells)
    except csv.Error as error:
        raise ExchangeError("csv-broken", path=str(path), row=number + 1, reason=str(error)) from error
    except UnicodeDecodeError as error:
        raise ExchangeError("not-a-table", path=str(path)) from error


def _opened(path: Path) -> TextIO:
    encoding = encoding_of(path)
    return path.open(encoding=encoding, errors="strict" if encoding.startswith("utf") else "replace", newline="")


def _lines(file: TextIO) -> Iterator[str]:
    while line := file.readline(_LONGEST + 1):
        if len(line) > _LONGEST:
            raise csv.Error(f"a line of more than {_LONGEST} characters")
        yield line.replace("\0", "")


def _start(path: Path) -> str:
    """The beginning of the text; raises ExchangeError when it is none."""
    try:
        with _opened(path) as file:
            text = file.read(_BEGINNING)
    except UnicodeDecodeError as error:
        raise ExchangeError("not-a-table", path=str(path)) from error
    if len(_BINARY.findall(text, 0, 10_000)) > 2:
        raise ExchangeError("not-a-table", path=str(path))
    return text.replace("\0", "")


def _delimiter(text: str) -> str:
    """The one that splits most records of the beginning alike, and into most cells."""

    def evenness(delimiter: str) -> tuple[int, int]:
        try:
            widths = [len(one) for one in islice(csv.reader(StringIO(text), delimiter=delimiter), _SAMPLE) if one]
        except csv.Error:
            return 0, 0
        split = [width for width in widths if width > 1]
        most = max(split, key=split.count, default=0)
        return split.count(most), most

    return max(_DELIMITERS, key=evenness)
