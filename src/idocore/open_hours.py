"""How long a service point was open in a stretch of time, and on which days.

Three things are kept apart: hours that nobody wrote down (None), a point that was closed all the time (0.0, no days),
and a point that was open. Outside the life of a point, from `opened` until `closed`, it is closed, whatever is known
of its hours.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from opening_hours import State

from idocore.places import ServicePoint
from idocore.rules import opening_hours

_HOUR = timedelta(hours=1)


def open_hours(point: ServicePoint, start: date, end: date) -> float | None:
    """How many hours `point` was open from `start` up to, not including, `end`.

    None when its opening hours are not known; 0.0 when it was closed all the time, or did not exist.
    """
    first, last = life(point, start, end)
    if last <= first:
        return 0.0
    return _hours(point.opening_hours, first, last) if point.opening_hours else None


def open_days(point: ServicePoint, start: date, end: date) -> frozenset[date] | None:
    """The days from `start` up to, not including, `end` on which `point` was open at some time.

    None when its opening hours are not known; empty when it was closed all the time, or did not exist. What lasts
    past midnight counts for both days.
    """
    first, last = life(point, start, end)
    if last <= first:
        return frozenset()
    return _days(point.opening_hours, first, last) if point.opening_hours else None


def life(point: ServicePoint, start: date, end: date) -> tuple[date, date]:
    """The part of the days from `start` until `end` in which `point` existed; empty when the second is not later."""
    return max(start, point.opened or start), min(end, point.closed or end)


@lru_cache(maxsize=16_384)
def _hours(text: str, start: date, end: date) -> float:
    return sum(((until - begin) / _HOUR for begin, until in _intervals(text, start, end)), 0.0)


@lru_cache(maxsize=4096)
def _days(text: str, start: date, end: date) -> frozenset[date]:
    found: set[date] = set()
    for begin, until in _intervals(text, start, end):
        # What ends at midnight does not reach into the day that begins then.
        last = (until - timedelta(microseconds=1)).date()
        found.update(date.fromordinal(number) for number in range(begin.toordinal(), last.toordinal() + 1))
    return frozenset(found)


def _intervals(text: str, start: date, end: date) -> Iterator[tuple[datetime, datetime]]:
    midnight = time()
    intervals = opening_hours(text).intervals(datetime.combine(start, midnight), datetime.combine(end, midnight))
    return ((begin, until) for begin, until, state, _ in intervals if state == State.OPEN)
