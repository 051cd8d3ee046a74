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


@frozen
class FactRows:
    """The rows of one registration, each without the surrogate key that comes first, in the order of the columns."""

    registration: Row
    inquiries: list[Row]
    choices: list[Row]


def rows(fact: Fact, tables: FactTables) -> FactRows:
    """The rows of `fact`; the same for the same fact."""
    registration = fact.registration
    choices: list[Row] = []
    inquiries = []
    own = _own(fact)
    own += _answers(0, registration.answers, tables.of_registration, choices)
    for ordinal, inquiry in enumerate(registration.inquiries, start=1):
        answered = _answers(ordinal, inquiry.answers, tables.of_inquiry, choices)
        inquiries.append([ordinal, inquiry.count, *answered])
    return FactRows(own, inquiries, choices)


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


def _answers(ordinal: int, answers: Mapping[str, Value], answered: Answered, choices: list[Row]) -> Row:
    """A value for every column, answered or not; the codes of multiple choice go to `choices`."""
    for key in answered.choices:
        codes = answers.get(key)
        if isinstance(codes, tuple):
            choices += [[ordinal, key, code] for code in codes]
    return list(map(answers.get, answered.columns))
