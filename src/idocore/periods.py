"""Days, ISO weeks, months, quarters, half-years and years, always in the register's local time.

Periods are half-open: `end` is the first day that no longer belongs to them. Their codes are
``2024-04-01``, ``2024-W14``, ``2024-04``, ``2024-Q2``, ``2024-H1`` and ``2024``.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final, Self
from zoneinfo import ZoneInfo

from attrs import frozen

from idocore.errors import InvalidValueError

LOCAL_ZONE: Final = ZoneInfo("Europe/Amsterdam")


class PeriodKind(StrEnum):
    """The kinds of period that a table can be split by."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"

    @property
    def months(self) -> int | None:
        """How many calendar months such a period spans; None for days and weeks."""
        return _MONTHS.get(self)


_MONTHS: Final = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.HALF_YEAR: 6, PeriodKind.YEAR: 12}
_MONTH_BASED: Final = re.compile(r"(?P<year>\d{4})(?:-(?P<letter>[QH]?)(?P<number>\d{1,2}))?")
_YEARS: Final = range(1900, date.max.year)
"""Those that a period may begin in: nobody means an earlier one, and the last one has no end that a date can name."""
_LETTERS: Final = {"": PeriodKind.MONTH, "Q": PeriodKind.QUARTER, "H": PeriodKind.HALF_YEAR}


@frozen(order=True)
class Period:
    """One period, for instance the second quarter of 2024."""

    start: date
    end: date
    kind: PeriodKind

    @classmethod
    def of(cls, kind: PeriodKind | str, day: date) -> Self:
        """The period of `kind` that `day` falls in."""
        kind = PeriodKind(kind)
        if kind is PeriodKind.DAY:
            return cls(day, day + timedelta(days=1), kind)
        if kind is PeriodKind.WEEK:
            start = day - timedelta(days=day.isoweekday() - 1)
            return cls(start, start + timedelta(days=7), kind)
        months = _MONTHS[kind]
        first = (day.month - 1) // months * months
        return cls(_month(day.year, first), _month(day.year, first + months), kind)

    @classmethod
    def parse(cls, code: str) -> Self:
        """The period that somebody means by `code`.

        Raises InvalidValueError when there is none such, and for one before 1900 or after 9998: that is a slip.
        """
        found = cls.of_code(code)
        if found.start.year not in _YEARS:
            raise InvalidValueError("invalid-period", value=code)
        return found

    @classmethod
    def of_code(cls, code: str) -> Self:
        """The period of which `code` is the code, in whatever year; raises InvalidValueError when there is none such.

        For codes of what was counted: a visit may lie in a year that nobody would ask for.
        """
        try:
            return cls._parse(code.strip().upper())
        except (ValueError, OverflowError):
            raise InvalidValueError("invalid-period", value=code) from None

    @classmethod
    def _parse(cls, code: str) -> Self:
        matched = _MONTH_BASED.fullmatch(code)
        if matched is None:
            kind = PeriodKind.WEEK if "W" in code else PeriodKind.DAY
            return cls.of(kind, date.fromisoformat(code))
        year, number = int(matched["year"]), matched["number"]
        if number is None:
            return cls.of(PeriodKind.YEAR, date(year, 1, 1))
        kind = _LETTERS[matched["letter"]]
        return cls.of(kind, date(year, (int(number) - 1) * _MONTHS[kind] + 1, 1))

    @property
    def code(self) -> str:
        """The period's name, which sorts in time within its kind."""
        year = f"{self.start.year:04}"
        match self.kind:
            case PeriodKind.DAY:
                return self.start.isoformat()
            case PeriodKind.WEEK:
                iso = self.start.isocalendar()
                return f"{iso.year:04}-W{iso.week:02}"
            case PeriodKind.MONTH:
                return f"{year}-{self.start.month:02}"
            case PeriodKind.QUARTER:
                return f"{year}-Q{(self.start.month + 2) // 3}"
            case PeriodKind.HALF_YEAR:
                return f"{year}-H{(self.start.month + 5) // 6}"
            case PeriodKind.YEAR:
                return year

    def shifted(self, number: int) -> Self:
        """The period of the same kind, months or longer, that lies `number` of them later (earlier when negative)."""
        months = (self.kind.months or 0) * number
        if not self.kind.months:
            raise InvalidValueError("invalid-period", value=self.code)
        whole = self.start.year * 12 + self.start.month - 1 + months
        return self.of(self.kind, date(whole // 12, whole % 12 + 1, 1))

    def year_before(self) -> Self:
        """The same period of the year before: the week of the same number, the day of the same date.

        Raises InvalidValueError when that year had none such: 29 February, week 53.
        """
        if self.kind is PeriodKind.DAY:
            return self.of_code(f"{self.start.year - 1}{self.code[4:]}")
        if self.kind is PeriodKind.WEEK:
            return self.of_code(f"{int(self.code[:4]) - 1}{self.code[4:]}")
        return self.of(self.kind, self.start.replace(year=self.start.year - 1))

    def next(self) -> Self:
        """The period of the same kind that follows."""
        return self.of(self.kind, self.end)

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def __str__(self) -> str:
        return self.code


def year_before(day: date) -> date:
    """The same date of the year before; of 29 February, the 28th."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28) if is_leap_day else day.replace(year=day.year - 1)


def _month(year: int, months: int) -> date:
    return date(year + months // 12, months % 12 + 1, 1)


def days(start: date, end: date) -> Iterator[date]:
    """Each day from `start` up to, not including, `end`."""
    for number in range(start.toordinal(), end.toordinal()):
        yield date.fromordinal(number)


def to_local(moment: datetime) -> datetime:
    """`moment` (which must carry an offset) in the register's local time, to the second."""
    return moment.astimezone(LOCAL_ZONE).replace(microsecond=0)


def wall_times(naive: datetime) -> tuple[datetime, ...]:
    """The local moments that a clock on the wall showed as `naive`: none, one or two.

    None in the hour that is skipped in March, two in the hour that comes twice in October.
    """
    both = (naive.replace(tzinfo=LOCAL_ZONE, fold=0), naive.replace(tzinfo=LOCAL_ZONE, fold=1))
    real = [moment for moment in both if _exists(moment)]
    distinct = {moment.astimezone(UTC): moment for moment in real}
    return tuple(distinct.values())


def _exists(moment: datetime) -> bool:
    there_and_back = moment.astimezone(UTC).astimezone(LOCAL_ZONE)
    return there_and_back.replace(tzinfo=None, fold=0) == moment.replace(tzinfo=None, fold=0)


def now() -> datetime:
    """This moment in local time; the clock that a register uses unless it is given another."""
    return datetime.now(LOCAL_ZONE).replace(microsecond=0)
