"""From a registration to its rows in the fact tables."""

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from idocore.codec import instant
from idocore.journal import Revision, Standing
from idocore.registrations import Precision, Registration, Value
from idocore_sql.tables import Answered, FactTables

Row = list[Any]


@frozen
class Fact:
    """What is counted of a registration: its latest revision, and whether that was an amendment of a closed period."""

    registration: Registration
    is_amendment: bool = False

    @classmethod
    def of(cls, revision: Revision, standing: Standing = Standing.APPLIED) -> "Fact":
        """The fact that `revision` makes, in an entry with `standing`."""
        return cls(revision.registration, revision.is_amendment or standing is Standing.AMENDMENT)


def registration_row(fact: Fact, tables: FactTables) -> Row:
    """The row of a registration; like all rows here in order of column, without the key that comes first."""
    return [*_own(fact), *map(fact.registration.answers.get, tables.of_registration.columns)]


def inquiry_rows(fact: Fact, tables: FactTables) -> list[Row]:
    """A row for each inquiry, with a value for every column, answered or not."""
    columns = tables.of_inquiry.columns
    return [
        [ordinal, inquiry.count, *map(inquiry.answers.get, columns)]
        for ordinal, inquiry in enumerate(fact.registration.inquiries, start=1)
    ]


def choice_rows(fact: Fact, tables: FactTables) -> list[Row]:
    """A row for each code of multiple choice: those of the registration itself, then those of its inquiries."""
    registration = fact.registration
    found = _choices(0, registration.answers, tables.of_registration)
    for ordinal, inquiry in enumerate(registration.inquiries, start=1):
        found += _choices(ordinal, inquiry.answers, tables.of_inquiry)
    return found


def _own(fact: Fact) -> Row:
    registration = fact.registration
    moment, precision = registration.moment, registration.precision
    day = moment.date()
    by_month = precision is Precision.MONTH
    year, week, weekday = day.isocalendar()
    return [
        registration.id,
        registration.theme,
        registration.service_point,
        instant(moment),
        str(precision),
        day,
        day.year * 100 + day.month,
        None if by_month else year * 100 + week,
        None if by_month else weekday,
        moment.hour if precision is Precision.INSTANT else None,
        str(registration.kind),
        registration.channel,
        str(registration.status),
        registration.revision,
        fact.is_amendment,
        registration.count,
    ]


def _choices(ordinal: int, answers: Mapping[str, Value], answered: Answered) -> list[Row]:
    return [
        [ordinal, key, code]
        for key in answered.choices
        if isinstance(codes := answers.get(key), tuple)
        for code in codes
    ]
