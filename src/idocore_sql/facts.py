"""From a registration to its rows in the fact tables."""

from typing import Any

from attrs import frozen

from idocore.journal import Revision, Standing
from idocore.registrations import Precision, Registration, Value
from idocore_sql.tables import FactTables

Row = dict[str, Any]


@frozen
class Fact:
    """What is counted of a registration: its latest revision, and whether that was an amendment of a closed period."""

    registration: Registration
    is_amendment: bool = False

    @classmethod
    def of(cls, revision: Revision, standing: Standing = Standing.APPLIED) -> "Fact":
        """The fact that `revision` makes, in an entry with `standing`."""
        return cls(revision.registration, revision.is_amendment or standing is Standing.AMENDMENT)


@frozen
class FactRows:
    """The rows of one registration, without its surrogate key."""

    registration: Row
    inquiries: tuple[Row, ...]
    choices: tuple[Row, ...]


def rows(fact: Fact, tables: FactTables) -> FactRows:
    """The rows of `fact`; the same for the same fact."""
    registration = fact.registration
    choices = _choices(0, registration.answers)
    inquiries = []
    for ordinal, inquiry in enumerate(registration.inquiries, start=1):
        row = {"ordinal": ordinal, "count": inquiry.count}
        inquiries.append(_with_answers(row, inquiry.answers, tables.answers_of_inquiry))
        choices += _choices(ordinal, inquiry.answers)
    own = _with_answers(_own(fact), registration.answers, tables.answers_of_registration)
    return FactRows(own, tuple(inquiries), tuple(choices))


def _own(fact: Fact) -> Row:
    registration = fact.registration
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
        "amendment": fact.is_amendment,
        "count": registration.count,
    }


def _with_answers(row: Row, answers: Any, columns: tuple[str, ...]) -> Row:
    """Every column of the table, answered or not, so that many rows go through one prepared statement."""
    for column in columns:
        row[column] = answers.get(column)
    return row


def _choices(ordinal: int, answers: Any) -> list[Row]:
    several: list[tuple[str, Value]] = [(key, value) for key, value in answers.items() if isinstance(value, tuple)]
    return [
        {"ordinal": ordinal, "field": key, "code": code}
        for key, codes in several
        for code in (codes if isinstance(codes, tuple) else ())
    ]
