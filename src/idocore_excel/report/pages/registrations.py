"""The registrations themselves: a row for each inquiry, streamed, since there may be a million."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from idocore import Inquiry, Precision, Registration
from idocore_excel.report import styles
from idocore_excel.report.paper import set_up, write
from idocore_excel.streaming import Value

_ANSWER, _INQUIRY = "answers.", "inquiry."
_WIDTHS = {"id": 37, "moment": 16, "service_point": 26, "theme": 11, "kind": 8, "status": 8, "revision": 9, "count": 8}
_PAGES_WIDE = 3
_NOTHING = Inquiry({}, 1)

Getter = Callable[[Registration, Inquiry], Any]


def sheet_with(sheet: Worksheet, names: Sequence[str]) -> Worksheet:
    """`sheet` with its header, widths, filter and print set-up."""
    for number, name in enumerate(names, start=1):
        write(sheet, 1, number, name, styles.HEADING)
        sheet.column_dimensions[get_column_letter(number)].width = _WIDTHS.get(name, 22)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(names))}1"
    set_up(sheet, 1, is_wide=True, across=_PAGES_WIDE)
    return sheet


def rows(registration: Registration, getters: Sequence[Getter]) -> Iterator[list[Value]]:
    """A row for each inquiry, or a single one for a registration without any."""
    for inquiry in registration.inquiries or (_NOTHING,):
        yield [getter(registration, inquiry) for getter in getters]


def getters_of(names: Sequence[str]) -> list[Getter]:
    """How the cell of each column is found; the columns are those of the format ``csv``."""
    return [_getter(name) for name in names]


def _getter(name: str) -> Getter:
    if name.startswith(_ANSWER):
        key = name.removeprefix(_ANSWER)
        return lambda registration, _: _cell(registration.answers.get(key))
    if name == "inquiry.count":
        return lambda registration, inquiry: inquiry.count if registration.inquiries else None
    if name.startswith(_INQUIRY):
        key = name.removeprefix(_INQUIRY)
        return lambda _, inquiry: _cell(inquiry.answers.get(key))
    if name == "moment":
        return lambda registration, _: _moment(registration)
    return lambda registration, _: _plain(getattr(registration, name))


def _moment(registration: Registration) -> date | datetime:
    """Local time; only the day (the first of its month) where no more is known."""
    if registration.precision is Precision.INSTANT:
        return registration.moment.replace(tzinfo=None)
    return registration.local_date


def _plain(value: Any) -> Value:
    return value if value is None or isinstance(value, int) else str(value)


def _cell(value: Any) -> Value:
    return " | ".join(value) if isinstance(value, tuple) else value
