"""When and where visitors come by: the published curve, the season, and the hours of the points."""

import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import accumulate, pairwise

import attrs
from attrs import frozen

from idocore.simulation.figures import QUESTIONS, SEASON
from idocore.simulation.hours import HOLIDAYS, Window
from idocore.simulation.network import Desk


@frozen
class _Weekday:
    """The desks that are open on one day of the week, in order of opening, with the sums of how busy they are."""

    desks: tuple[Desk, ...]
    opened: tuple[date, ...]
    sums: tuple[float, ...]

    @classmethod
    def of(cls, desks: tuple[Desk, ...], weekday: int) -> "_Weekday":
        found = tuple(desk for desk in desks if weekday in desk.hours.windows)
        weights = (desk.size * _minutes(desk.hours.windows[weekday]) for desk in found)
        return cls(found, tuple(desk.opened for desk in found), tuple(accumulate(weights)))

    def total(self, day: date) -> float:
        known = bisect_right(self.opened, day)
        return self.sums[known - 1] if known else 0.0

    def draw(self, chance: random.Random, day: date) -> Desk:
        last = bisect_right(self.opened, day) - 1
        return self.desks[bisect_right(self.sums, chance.random() * self.sums[last], 0, last)]


def _minutes(windows: tuple[Window, ...]) -> int:
    return sum(last - first for first, last in windows)


@frozen
class Call:
    """Somebody came by: the desk, the day, and the minute of that day."""

    desk: Desk
    day: date
    minute: int


@attrs.define
class Crowd:
    """Everybody who comes by, in order of time."""

    _chance: random.Random
    _weekdays: tuple[_Weekday, ...]

    @classmethod
    def of(cls, chance: random.Random, desks: tuple[Desk, ...]) -> "Crowd":
        """The crowd at `desks`, which are in order of opening."""
        return cls(chance, tuple(_Weekday.of(desks, weekday) for weekday in range(7)))

    def calls(self, count: int) -> Iterator[Call]:
        """Exactly `count` calls, spread over time as the published curve is."""
        final = QUESTIONS[-1][1]
        done = 0
        for (before, _), (last, questions) in pairwise(QUESTIONS):
            wanted = round(count * questions / final)
            yield from self._stretch(before + timedelta(days=1), last, wanted - done)
            done = wanted

    def _stretch(self, first: date, last: date, count: int) -> Iterator[Call]:
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        sums = list(accumulate(self._busy(day) for day in days))
        per_day = Counter(self._chance.choices(days, cum_weights=sums, k=count))
        for day in sorted(per_day):
            yield from self._day(day, per_day[day])

    def _busy(self, day: date) -> float:
        if day in HOLIDAYS:
            return 0.0
        return SEASON.get(day.month, 1.0) * self._weekdays[day.weekday()].total(day)

    def _day(self, day: date, count: int) -> list[Call]:
        weekday = self._weekdays[day.weekday()]
        desks = [weekday.draw(self._chance, day) for _ in range(count)]
        calls = [Call(desk, day, self._minute(desk.hours.windows[day.weekday()])) for desk in desks]
        return sorted(calls, key=lambda call: call.minute)

    def _minute(self, windows: tuple[Window, ...]) -> int:
        """A minute within `windows`, each as likely as the other."""
        place = int(self._chance.random() * _minutes(windows))
        for first, last in windows:
            if place < last - first:
                return first + place
            place -= last - first
        raise AssertionError("a place beyond the last window")
