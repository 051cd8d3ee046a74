"""The moment of a record, read from what people and programs write."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from attrs import frozen

from idocore.errors import InvalidValueError
from idocore.findings import Finding
from idocore.periods import Period, PeriodKind, to_local, wall_times
from idocore.registrations import Precision

_MONTH: Final = re.compile(r"\d{4}-\d{2}")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_YEARS: Final = range(date.min.year + 1, date.max.year)
"""Without the first and the last year of the calendar, beyond which an offset, a week or a month may reach."""


@frozen
class Moment:
    """A local moment with how exactly it is known."""

    moment: datetime
    precision: Precision

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day that the record may be of."""
        first = self.moment.date()
        if self.precision is not Precision.MONTH:
            return first, first
        return first, Period.of(PeriodKind.MONTH, first).end - timedelta(days=1)


def read_moment(value: Any, precision: Any = None) -> Moment | Finding:
    """`value` as a local moment: ISO 8601 with an offset, or without one, or only a day or a month.

    Without an offset local time is meant; an hour that does not exist or comes twice is a finding. A day or month
    sets the precision, unless `precision` is given; it then cuts the moment to the start of that day or month.
    """
    if isinstance(value, (datetime, date)):
        value = value.isoformat()
    if not isinstance(value, str):
        return Finding("invalid-moment", "moment", parameters={"value": type(value).__name__})
    wanted = _precision(precision)
    if isinstance(wanted, Finding):
        return wanted
    text = value.strip()
    implied = _implied(text)
    local = _local(text if implied is not Precision.MONTH else f"{text}-01")
    if isinstance(local, Finding):
        return local
    return _cut(local, wanted or implied)


def _precision(value: Any) -> Precision | Finding | None:
    if value is None:
        return None
    try:
        return Precision(value)
    except ValueError:
        return Finding("unknown-value", "precision", parameters={"value": str(value)[:40], "known": list(Precision)})


def _implied(text: str) -> Precision:
    if _MONTH.fullmatch(text):
        return Precision.MONTH
    return Precision.DAY if _DAY.fullmatch(text) else Precision.INSTANT


def _local(text: str) -> datetime | Finding:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            moment = to_local(moment)
    except (ValueError, OverflowError):
        return _invalid(text)
    if not is_in_range(moment):
        return _invalid(text)
    return moment if moment.tzinfo is not None else _on_the_wall(moment, text)


def is_in_range(moment: datetime) -> bool:
    """Whether one can reckon with `moment`: with its week, its month, and its time elsewhere."""
    return moment.year in _YEARS


def _invalid(text: str) -> Finding:
    return Finding("invalid-moment", "moment", parameters={"value": text[:40]})


def _on_the_wall(moment: datetime, text: str) -> datetime | Finding:
    candidates = wall_times(moment.replace(microsecond=0))
    if not candidates:
        return Finding("moment-skipped", "moment", parameters={"value": text})
    if len(candidates) > 1:
        return Finding("moment-twice", "moment", parameters={"value": text})
    return candidates[0]


def _cut(moment: datetime, precision: Precision) -> Moment:
    if precision is Precision.INSTANT:
        return Moment(moment, precision)
    day = moment.date().replace(day=1) if precision is Precision.MONTH else moment.date()
    return Moment(midnight(day), precision)


def midnight(day: date) -> datetime:
    """The local moment at which `day` begins; raises InvalidValueError if a clock never showed it."""
    candidates = wall_times(datetime.combine(day, time()))
    if not candidates:
        raise InvalidValueError("invalid-moment", value=day.isoformat())
    return candidates[0]
