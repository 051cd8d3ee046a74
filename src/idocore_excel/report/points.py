"""Which service points there were, within a place and a stretch of time, and how long they were open."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, time
from functools import lru_cache
from typing import Final

from attrs import frozen
from opening_hours import State

from idocore import Scope, ServicePoint
from idocore.gazetteer import Gazetteer
from idocore.rules import opening_hours

SIZES: Final = ((1, 4), (5, None))
"""The size classes of organisations: from so many service points up to and including so many (None: no end)."""

Stretch = tuple[date, date]
"""Days from the first up to, not including, the second."""


@frozen
class Presence:
    """A service point, and the stretches in which it existed within the place."""

    point: ServicePoint
    stretches: tuple[Stretch, ...]

    @property
    def hours(self) -> float | None:
        """How many hours it was open; None when its opening hours are not known."""
        text = self.point.opening_hours
        return sum(_open_hours(text, *stretch) for stretch in self.stretches) if text else None

    def during(self, start: date, end: date) -> bool:
        """Whether it existed on some day from `start` up to, not including, `end`."""
        return any(first < end and start < last for first, last in self.stretches)


def present(places: Gazetteer, level: str, codes: Collection[str] | None, start: date, end: date) -> list[Presence]:
    """The points that existed from `start` until `end` within the places `codes` (None: all) of `level`, by id."""
    found = []
    for point in places.service_points:
        stretches = tuple(_stretches(places, point, level, codes, start, end))
        if stretches:
            found.append(Presence(point, stretches))
    return found


def within(places: Gazetteer, scope: Scope, start: date, end: date) -> list[Presence]:
    """The points that existed within `scope` from `start` until `end`, by id."""
    return present(places, scope.level, None if scope.level == "nation" else {scope.code}, start, end)


def _stretches(
    places: Gazetteer, point: ServicePoint, level: str, codes: Collection[str] | None, start: date, end: date
) -> Iterator[Stretch]:
    first, last = max(start, point.opened or start), min(end, point.closed or end)
    for span in places.then.by_point.get(point.id, ()):
        begin, until = max(first, span.valid_from), min(last, span.valid_until)
        if begin < until and (codes is None or span.value(level) in codes):
            yield begin, until


@lru_cache(maxsize=16_384)
def _open_hours(text: str, start: date, end: date) -> float:
    midnight = time()
    intervals = opening_hours(text).intervals(datetime.combine(start, midnight), datetime.combine(end, midnight))
    seconds = sum((until - begin).total_seconds() for begin, until, state, _ in intervals if state == State.OPEN)
    return seconds / 3600


def sizes(places: Gazetteer, day: date) -> Mapping[str, int]:
    """How many service points each organisation had on `day`; those with none are not there."""
    runners = (point.siting(day).organisation for point in places.service_points if point.exists_on(day))
    return Counter(runner for runner in runners if runner is not None)


def size_class(points: int) -> tuple[int, int | None]:
    """The class of an organisation with so many points."""
    return next((low, high) for low, high in SIZES if low <= points and (high is None or points <= high))


def called(size: tuple[int, int | None]) -> str:
    """A size class as it is written: ``1-4`` or ``5+``."""
    low, high = size
    return f"{low}+" if high is None else f"{low}-{high}"
