"""What is seen of the registrations while they pass by once: counts for each service point and day, and no more."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Final
from uuid import UUID

from attrs import define, field, frozen

from idocore.closings import AMENDS
from idocore.errors import NotFoundError
from idocore.gazetteer import Gazetteer
from idocore.journal import Revision
from idocore.periods import Period, PeriodKind, to_local
from idocore.places import NATION
from idocore.quality.answers import Asked, asked_by
from idocore.quality.figures import LATENESS, Answered
from idocore.quality.thresholds import Thresholds
from idocore.registrations import Kind, Precision, Registration
from idocore.theme_files import Themes

_MOST_DOUBLES: Final = 1000
_LARGE_TALLY: Final = 5
_ROUND_MINUTES: Final = (0, 30)


@frozen(order=True)
class Key:
    """A service point, with who ran it and the province that it lay in on the day; empty when not known."""

    service_point: str
    organisation: str = ""
    province: str = ""

    def value(self, level: str) -> str:
        """The place at `level` that it lies in."""
        return NATION if level == "nation" else str(getattr(self, level))


def key_on(places: Gazetteer, service_point: str, day: date) -> Key:
    """What `service_point` was on `day`."""
    for span in places.then.by_point.get(service_point, ()):
        if span.valid_from <= day < span.valid_until:
            return Key(service_point, span.organisation or "", span.province or "")
    return Key(service_point)


@frozen
class Double:
    """A registration that looks just like an earlier one."""

    registration: Registration
    earlier: UUID


@define
class Entered:
    """What was entered on one day: how many, how many of them late, and the first and last day of their visits."""

    count: int = 0
    late: int = 0
    first: date = date.max
    last: date = date.min

    def add(self, visit: date, *, is_late: bool) -> None:
        """One more, of a visit on that day."""
        self.count += 1
        self.late += is_late
        self.first, self.last = min(self.first, visit), max(self.last, visit)


@define
class Watched:
    """What was seen of one service point."""

    counts: Counter[str] = field(factory=Counter)
    """By the names of `Figures`."""
    late: Counter[int] = field(factory=Counter)
    days: Counter[date] = field(factory=Counter)
    """Records by day, as far as the day is known."""
    tallied: Counter[date] = field(factory=Counter)
    """Visitors in tallies, by day."""
    months: Counter[date] = field(factory=Counter)
    """Records of which only the month is known, by its first day."""
    entered: dict[date, Entered] = field(factory=dict)
    answers: dict[str, Answered] = field(factory=dict)


@define
class Watcher:
    """Looks at registrations in passing, in order of local date; the order within a day does not matter."""

    places: Gazetteer
    themes: Themes
    thresholds: Thresholds = field(factory=Thresholds)
    seen: dict[Key, Watched] = field(factory=dict)
    double: int = 0
    doubles: list[Double] = field(factory=list)
    """The first of them."""
    first_day: date | None = None
    last_day: date | None = None
    _today: dict[object, UUID] = field(factory=dict)
    _minutes: set[tuple[str, datetime]] = field(factory=set)
    _asked: dict[str, tuple[Asked, ...]] = field(factory=dict)

    @classmethod
    def of(cls, places: Gazetteer, themes: Themes, theme: str, thresholds: Thresholds | None = None) -> "Watcher":
        """A watcher for registrations of `theme`; raises NotFoundError for one that is not known."""
        if theme not in themes.names():
            raise NotFoundError("unknown-theme", value=theme, known=themes.names())
        return cls(places, themes, thresholds or Thresholds())

    def watch(self, revisions: Iterable[Revision]) -> Iterator[Revision]:
        """`revisions` as they are, each looked at in passing."""
        for revision in revisions:
            self.add(revision)
            yield revision

    def add(self, revision: Revision) -> None:
        """Look at one more."""
        one = revision.registration
        day = one.local_date
        self.first_day = self.first_day or day
        if day != self.last_day:
            self.last_day, self._today, self._minutes = day, {}, set()
        found = self.seen.setdefault(key_on(self.places, one.service_point, day), Watched())
        self._count(found, one)
        self._time(found, one)
        self._enter(found, revision)
        if one.kind is Kind.VISIT:
            self._answer(found, one)

    def _count(self, found: Watched, one: Registration) -> None:
        found.counts["registrations"] += 1
        if one.precision is Precision.MONTH:
            found.months[one.local_date.replace(day=1)] += 1
        else:
            found.days[one.local_date] += 1
        visitors = one.count or 0
        if one.kind is Kind.TALLY and visitors >= _LARGE_TALLY:
            found.counts["tallies"] += 1
            found.counts["round_tallies"] += visitors % 5 == 0
        if one.kind is Kind.TALLY and visitors and one.precision is not Precision.MONTH:
            found.tallied[one.local_date] += visitors

    def _time(self, found: Watched, one: Registration) -> None:
        if one.kind is not Kind.VISIT or one.precision is not Precision.INSTANT:
            return
        found.counts["timed"] += 1
        found.counts["round_moments"] += one.moment.minute in _ROUND_MINUTES
        minute = (one.service_point, one.moment.replace(second=0))
        found.counts["same_minute"] += minute in self._minutes
        self._minutes.add(minute)
        earlier = self._today.setdefault(_looks(one), one.id)
        if earlier != one.id:
            found.counts["doubles"] += 1
            self.double += 1
            if len(self.doubles) < _MOST_DOUBLES:
                self.doubles.append(Double(one, earlier))

    def _enter(self, found: Watched, revision: Revision) -> None:
        found.counts["amended"] += AMENDS in revision.overrides
        if revision.number > 1:
            found.counts["changed"] += 1
            return
        one, entered = revision.registration, to_local(revision.recorded_at).date()
        days = (entered - _last_day(one)).days
        found.late[next((index for index, most in enumerate(LATENESS) if days <= most), len(LATENESS))] += 1
        is_late = days > self.thresholds.late_days
        found.entered.setdefault(entered, Entered()).add(one.local_date, is_late=is_late)

    def _answer(self, found: Watched, one: Registration) -> None:
        if one.theme not in self._asked:
            self._asked[one.theme] = asked_by(self.themes, one.theme)
        for asked in self._asked[one.theme]:
            counted = asked.of(one)
            if counted.asked:
                found.answers[asked.key] = found.answers.get(asked.key, Answered()) + counted


def _last_day(one: Registration) -> date:
    """The last day that the visit may have been on."""
    if one.precision is Precision.MONTH:
        return date.fromordinal(Period.of(PeriodKind.MONTH, one.local_date).end.toordinal() - 1)
    return one.local_date


def _looks(one: Registration) -> object:
    """What two registrations share that look just alike."""
    inquiries = tuple((_listed(inquiry.answers), inquiry.count) for inquiry in one.inquiries)
    return one.service_point, one.moment, one.channel, _listed(one.answers), inquiries


def _listed(answers: Mapping[str, object]) -> tuple[tuple[str, object], ...]:
    return tuple(answers.items())
