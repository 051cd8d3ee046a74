"""Long sheets written row by row: they come back as they were, beside pages that openpyxl made, in constant memory."""

import tracemalloc
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

import openpyxl
import pytest
import python_calamine
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from idocore_excel.streaming import StreamedBook, Value

HEADER = ["a", "b", "c"]
DAYS = st.dates(date(1950, 1, 1), date(2100, 1, 1))
MOMENTS = st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)).map(lambda moment: moment.replace(microsecond=0))
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="_\ufffe\uffff"), min_size=1)
VALUES = st.one_of(st.none(), TEXTS, st.booleans(), st.integers(-(10**9), 10**9), st.floats(-1e9, 1e9), DAYS, MOMENTS)
ROWS = st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=20)


def written(rows: Iterable[Sequence[Value]], last_row: int = 1_048_576) -> BytesIO:
    """A book with a page before the long sheets, and one that was made after them."""
    book, target = Workbook(), BytesIO()
    first: Any = book.active
    first.title, first["A1"] = "Page", "first"

    def make(number: int) -> Worksheet:
        sheet: Worksheet = book.create_sheet(f"Rows {number}")
        sheet.append(HEADER)
        sheet.freeze_panes, sheet.auto_filter.ref = "A2", "A1:C1"
        sheet.column_dimensions["B"].width = 33
        return sheet

    with StreamedBook(book, target, last_row) as long:
        long.stream(make, rows)
        book.create_sheet("Later")["A1"] = "later"
        long.save()
    target.seek(0)
    return target


def sheets(target: BytesIO) -> list[Any]:
    return [sheet for sheet in openpyxl.load_workbook(target) if sheet.title.startswith("Rows")]


def as_read(value: Value) -> object:
    """What a reader makes of `value`: a sheet knows no day without a time."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time())
    return value


@settings(deadline=None)
@given(ROWS, st.integers(2, 8))
def test_rows_come_back_as_they_were(rows: list[tuple[Value, ...]], last_row: int) -> None:
    """In their order, over as many sheets as they need, each with the header; text, numbers, days and yes or no."""
    found = sheets(written(rows, last_row))
    each = [[[cell.value for cell in row] for row in sheet.iter_rows(max_col=3)] for sheet in found]
    assert [one[0] for one in each] == [HEADER] * max(1, -(-len(rows) // (last_row - 1)))
    back = [row for one in each for row in one[1:]]
    assert back == [[as_read(value) for value in row] for row in rows]
    kinds = [[type(value) for value in row] for row in back]
    assert kinds == [[type(as_read(value)) for value in row] for row in rows]


@settings(deadline=None)
@given(st.lists(st.tuples(TEXTS, st.booleans(), DAYS), min_size=1, max_size=20))
def test_a_second_reader_finds_the_same(rows: list[tuple[Value, ...]]) -> None:
    """python-calamine, which goes by other parts of the file, agrees."""
    book = python_calamine.load_workbook(written(rows))
    assert book.get_sheet_by_name("Rows 1").to_python()[1:] == [list(row) for row in rows]


@pytest.mark.parametrize(("count", "last"), [(0, 1), (7, 8)])
def test_what_surrounds_the_rows_stays(count: int, last: int) -> None:
    """The filter reaches the last row; header, frozen row and widths are kept; pages come first."""
    target = written([("x", 1, True)] * count)
    book = openpyxl.load_workbook(target)
    assert book.sheetnames == ["Page", "Later", "Rows 1"]
    assert (book["Page"]["A1"].value, book["Later"]["A1"].value) == ("first", "later")
    sheet = book["Rows 1"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", f"A1:C{last}")
    assert (sheet.column_dimensions["B"].width, sheet.max_row) == (33, last)


def test_memory_does_not_grow_with_the_rows() -> None:
    """Ten times the rows take no more memory than some buffers."""

    def peak(count: int) -> int:
        tracemalloc.start()
        rows = ((f"text {number}", number, date(2024, 1, 1)) for number in range(count))
        long_one = written(rows).getbuffer().nbytes
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest - 2 * long_one  # what is written stays in memory here, and not in a file

    assert peak(50_000) < peak(5_000) + 6_000_000
