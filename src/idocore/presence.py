"""Which service points there were within a place in a stretch of time, and how long they were open."""

from collections.abc import Collection, Iterator
from datetime import date

from attrs import frozen

from idocore.gazetteer import Gazetteer
from idocore.open_hours import life, open_hours
from idocore.places import ServicePoint
from idocore.scopes import Scope

Stretch = tuple[date, date]
"""Days from the first up to, not including, the second."""


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
    first, last = life(point, start, end)
    for span in places.then.by_point.get(point.id, ()):
        begin, until = max(first, span.valid_from), min(last, span.valid_until)
        if begin < until and (codes is None or span.value(level) in codes):
            yield begin, until
