"""A new workbook with the same rows at the same addresses, for a source that cannot hold marks itself."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import IO, Any, Final

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, WriteOnlyCell

from idocore_excel.books import Book, Value

_FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\]")
_LONGEST_TITLE: Final = 31
_LONGEST: Final = 32_767
_FIRST_DAY: Final = date(1900, 3, 1)
"""Before it, spreadsheets count days in different ways."""


def copy(book: Book, target: IO[bytes]) -> Mapping[str, str]:
    """Write the rows of `book` to a new workbook; what each sheet is called there."""
    workbook = Workbook(write_only=True)
    titles = dict(_titles(book))
    for info in book.sheets:
        sheet: Any = workbook.create_sheet(titles[info.name])
        sheet.sheet_state = "hidden" if info.is_hidden else "visible"
        at = 0
        for row in book.rows(info.name):
            for _ in range(at + 1, row.number):
                sheet.append(())
            sheet.append([_cell(sheet, value) for value in row.cells])
            at = row.number
    workbook.save(target)
    return titles


def _titles(book: Book) -> Iterator[tuple[str, str]]:
    taken: set[str] = set()
    for info in book.sheets:
        title = wanted = _FORBIDDEN.sub("_", info.name).strip("'")[:_LONGEST_TITLE] or "_"
        number = 2
        while title.casefold() in taken:
            title = f"{wanted[: _LONGEST_TITLE - 4]} {number}"
            number += 1
        taken.add(title.casefold())
        yield info.name, title


def _cell(sheet: Any, value: Value) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, date) and (value.date() if isinstance(value, datetime) else value) < _FIRST_DAY:
        value = value.isoformat()
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value)[:_LONGEST])
        cell.data_type = "s"  # text, whatever it begins with
        return cell
    moment: Any = value  # all kinds of them can be written, unlike what the stubs say
    cell = WriteOnlyCell(sheet, moment)
    cell.number_format = _format(value)
    return cell


def _format(value: date | time | timedelta) -> str:
    match value:
        case datetime():
            return "dd-mm-yyyy hh:mm:ss" if value.second else "dd-mm-yyyy hh:mm"
        case date():
            return "dd-mm-yyyy"
        case time():
            return "hh:mm:ss" if value.second else "hh:mm"
        case _:
            return "[h]:mm:ss"
