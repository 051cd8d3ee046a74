"""One service point as it is judged: where and when it existed, when it was open, and what was seen of it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import cached_property

from attrs import define, field, frozen

from idocore.findings import Finding, Severity
from idocore.gazetteer import Gazetteer
from idocore.open_hours import daily_hours
from idocore.periods import Period, PeriodKind, days
from idocore.places import ServicePoint
from idocore.presence import Stretch, within
from idocore.quality.figures import Figures
from idocore.quality.watching import Key, Watched, key_on
from idocore.scopes import Scope

Hours = Mapping[date, float]
"""The hours that a point was open on each day; days on which it was closed are absent."""


@define(slots=False)
class Case:
    """A service point under one organisation and in one province; `point` is None when no such place is known.

    `hours` is None when they are not known: then there is no telling which days are missing.
    """

    key: Key
    point: ServicePoint | None
    stretches: tuple[Stretch, ...]
    watched: Watched = field(factory=Watched)

    @cached_property
    def hours(self) -> Hours | None:
        """The hours of each open day within the stretches."""
        if self.point is None or not self.point.opening_hours:
            return None
        parts = (daily_hours(self.point, *stretch) or {} for stretch in self.stretches)
        return {day: hours for part in parts for day, hours in part.items()}

    @cached_property
    def heard(self) -> frozenset[date]:
        """The days of which something is known: with registrations, or in a month with some of unknown day."""
        months = (Period.of(PeriodKind.MONTH, first) for first in self.watched.months)
        return frozenset(self.watched.days) | {day for month in months for day in days(month.start, month.end)}

    @property
    def registrations(self) -> int:
        """How many records there are."""
        return self.watched.counts["registrations"]

    @property
    def is_silent(self) -> bool:
        """Whether it existed, was not closed all the time as far as is known, and nothing was registered."""
        return bool(self.stretches) and not self.registrations and self.hours != {}

    @cached_property
    def monthly(self) -> Counter[date]:
        """Records by the first day of the month."""
        found = Counter(self.watched.months)
        for day, count in self.watched.days.items():
            found[day.replace(day=1)] += count
        return found

    def figures(self, outlying: int) -> Figures:
        """The figures, of which `outlying` days stand out."""
        watched, opened = self.watched, self.hours or {}
        return Figures(
            points=1,
            silent=int(self.is_silent),
            hours_unknown=int(self.hours is None),
            open_days=len(opened),
            open_hours=sum(opened.values()),
            heard_days=sum(day in self.heard for day in opened),
            days=len(watched.days),
            empty_months=len(self.empty(PeriodKind.MONTH)),
            empty_weeks=len(self.empty(PeriodKind.WEEK)),
            outlying_days=outlying,
            late=tuple(watched.late[index] for index in range(len(Figures().late))),
            answers=dict(sorted(watched.answers.items())),
            **watched.counts,
        )

    def empty(self, kind: PeriodKind) -> list[Period]:
        """The months or weeks, wholly within the stretches, in which the point was open and nothing was registered."""
        heard, opened = ({_first(kind, day) for day in known} for known in (self.heard, self.hours or ()))
        found = (Period.of(kind, first) for first in sorted(opened - heard))
        return [one for one in found if self.holds(one.start, one.end)]

    def holds(self, start: date, end: date) -> bool:
        """Whether the point existed here on all days from `start` until `end`."""
        return any(first <= start and end <= last for first, last in self.stretches)

    def finding(self, code: str, severity: Severity, **parameters: object) -> Finding:
        """A finding on this point; `from` and `until` (the last day) are those of the case unless they are given."""
        seen = sorted(self.watched.days) or sorted(self.watched.months) or [date.min]
        first = self.stretches[0][0] if self.stretches else seen[0]
        last = self.stretches[-1][1] - timedelta(days=1) if self.stretches else seen[-1]
        where = {"value": self.key.service_point, "name": self.point.name if self.point else self.key.service_point}
        more = {"organisation": self.key.organisation or None, "from": first, "until": last}
        return Finding(code, f"service_point/{self.key.service_point}", severity, {**where, **more, **parameters})


def _first(kind: PeriodKind, day: date) -> date:
    """The first day of the month, or else of the ISO week, that `day` lies in."""
    return day.replace(day=1) if kind is PeriodKind.MONTH else day - timedelta(days=day.weekday())


def cases(
    places: Gazetteer, scopes: Iterable[Scope], seen: Mapping[Key, Watched], start: date, end: date
) -> list[Case]:
    """A case for each point that existed within all `scopes` from `start` until `end`, or was registered at."""
    asked, *others = scopes
    stretches: dict[Key, list[Stretch]] = {key: [] for key in seen}
    for presence in within(places, asked, start, end):
        for begin, until in presence.stretches:
            key = key_on(places, presence.point.id, begin)
            if all(scope.level == "nation" or key.value(scope.level) == scope.code for scope in others):
                stretches.setdefault(key, []).append((begin, until))
    return [
        Case(key, places.find_service_point(key.service_point), tuple(_joined(found)), seen.get(key, Watched()))
        for key, found in sorted(stretches.items())
    ]


def _joined(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """`stretches`, those that follow on each other without a day between as one."""
    pending: Stretch | None = None
    for begin, until in stretches:
        if pending and pending[1] == begin:
            pending = pending[0], until
            continue
        if pending:
            yield pending
        pending = begin, until
    if pending:
        yield pending


@frozen
class Month:
    """A whole month of one case: its records, and how long the point was open (days when hours are not known)."""

    records: int
    exposure: float


def months(case: Case) -> dict[date, Month]:
    """The whole months in which the point existed, by their first day."""
    found = {}
    opened: Counter[date] = Counter()
    for day, hours in (case.hours or {}).items():
        opened[day.replace(day=1)] += hours  # type: ignore[assignment]
    for begin, until in case.stretches:
        month = Period.of(PeriodKind.MONTH, begin)
        month = month if month.start == begin else month.next()
        while month.end <= until:
            length = float((month.end - month.start).days)
            exposure = length if case.hours is None else opened[month.start]
            found[month.start] = Month(case.monthly[month.start], exposure)
            month = month.next()
    return found
