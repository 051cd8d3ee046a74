"""From a registration to its rows in the fact tables."""

from typing import Any

from attrs import frozen

from idocore.registrations import Precision, Registration, Value
from idocore_sql.tables import FactTables

Row = dict[str, Any]


@frozen
class FactRows:
    """The rows of one registration, without its surrogate key."""

    registration: Row
    inquiries: tuple[Row, ...]
    choices: tuple[Row, ...]


def rows(registration: Registration, tables: FactTables) -> FactRows:
    """The rows of `registration`; the same for the same registration."""
    choices = _choices(0, registration.answers)
    inquiries = []
    for ordinal, inquiry in enumerate(registration.inquiries, start=1):
        row = {"ordinal": ordinal, "count": inquiry.count}
        inquiries.append(_with_answers(row, inquiry.answers, tables.inquiry.columns.keys()))
        choices += _choices(ordinal, inquiry.answers)
    own = _with_answers(_own(registration), registration.answers, tables.registration.columns.keys())
    return FactRows(own, tuple(inquiries), tuple(choices))


def _own(registration: Registration) -> Row:
    day = registration.local_date
    by_month = registration.precision is Precision.MONTH
    iso = day.isocalendar()
    return {
        "id": registration.id,
        "theme": registration.theme,
        "service_point": registration.service_point,
        "moment": registration.moment.isoformat(),
        "precision": registration.precision.value,
        "local_date": day,
        "month": day.year * 100 + day.month,
        "week": None if by_month else iso.year * 100 + iso.week,
        "weekday": None if by_month else iso.weekday,
        "hour": registration.moment.hour if registration.precision is Precision.INSTANT else None,
        "kind": registration.kind.value,
        "channel": registration.channel,
        "status": registration.status.value,
        "revision": registration.revision,
        "count": registration.count,
    }


def _with_answers(row: Row, answers: Any, columns: list[str]) -> Row:
    """Every column of the table, answered or not, so that many rows go through one prepared statement."""
    found = {column: answers.get(column) for column in columns if column not in ("key", "registration")}
    return found | row


def _choices(ordinal: int, answers: Any) -> list[Row]:
    several: list[tuple[str, Value]] = [(key, value) for key, value in answers.items() if isinstance(value, tuple)]
    return [
        {"ordinal": ordinal, "field": key, "code": code}
        for key, codes in several
        for code in (codes if isinstance(codes, tuple) else ())
    ]
