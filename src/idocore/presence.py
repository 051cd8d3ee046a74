"""Which service points there were within a place in a stretch of time, and how long they were open."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from itertools import pairwise

from attrs import frozen

from idocore.gazetteer import Gazetteer
from idocore.open_hours import life, open_hours
from idocore.periods import Period
from idocore.places import ServicePoint, Span
from idocore.scopes import Scope

Stretch = tuple[date, date]
"""Days from the first up to, not including, the second."""


@frozen
class Stay:
    """A service point in days, not none, with the same places around it."""

    point: ServicePoint
    span: Span
    start: date
    end: date

    def pieces(self, kinds: Iterable[str]) -> Iterator[Stretch]:
        """These days, cut where a period of one of `kinds` begins."""
        found = {self.start, self.end}
        for kind in kinds:
            day = Period.of(kind, self.start).end
            while day < self.end:
                found.add(day)
                day = Period.of(kind, day).end
        return pairwise(sorted(found))


def stays(
    spans: Iterable[Span], places: Gazetteer, start: date, end: date, *, beyond_life: bool = False
) -> Iterator[Stay]:
    """Where service points were from `start` until `end`, in the order of `spans`, without points that are not known.

    With `beyond_life` also before they were opened and after they were closed.
    """
    for span in spans:
        point = places.find_service_point(span.service_point)
        if point is None:
            continue
        first, last = max(start, span.valid_from), min(end, span.valid_until)
        if not beyond_life:
            first, last = life(point, first, last)
        if first < last:
            yield Stay(point, span, first, last)


@frozen
class Presence:
    """A service point, and the stretches in which it existed within the place: not empty, in order of time."""

    point: ServicePoint
    stretches: tuple[Stretch, ...]

    @property
    def hours(self) -> float | None:
        """How many hours it was open; None when its opening hours are not known."""
        found = [open_hours(self.point, *stretch) for stretch in self.stretches]
        return None if None in found else sum(hours for hours in found if hours is not None)

    def during(self, start: date, end: date) -> bool:
        """Whether it existed on some day from `start` up to, not including, `end`."""
        return any(first < end and start < last for first, last in self.stretches)


def present(places: Gazetteer, level: str, codes: Collection[str] | None, start: date, end: date) -> list[Presence]:
    """The points that existed from `start` until `end` within the places `codes` (None: all) of `level`, by id."""
    found = []
    for point in places.service_points:
        there = stays(places.then.by_point.get(point.id, ()), places, start, end)
        stretches = tuple((stay.start, stay.end) for stay in there if codes is None or stay.span.value(level) in codes)
        if stretches:
            found.append(Presence(point, stretches))
    return found


def within(places: Gazetteer, scope: Scope, start: date, end: date) -> list[Presence]:
    """The points that existed within `scope` from `start` until `end`, by id."""
    return present(places, scope.level, None if scope.level == "nation" else {scope.code}, start, end)
