"""How long a service point was open in a stretch of time, and on which days.

Three things are kept apart: hours that nobody wrote down (None), a point that was closed all the time (0.0, no days),
and a point that was open. Outside the life of a point, from `opened` until `closed`, it is closed, whatever is known
of its hours.
"""

from collections.abc import Iterable, Iterator, Mapping
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


def daily_hours(point: ServicePoint, start: date, end: date) -> Mapping[date, float] | None:
    """How many hours `point` was open on each day from `start` up to, not including, `end`; closed days are absent.

    None when its opening hours are not known; empty when it was closed all the time, or did not exist.
    """
    first, last = life(point, start, end)
    if last <= first:
        return {}
    return _by_day(_intervals(point.opening_hours, first, last)) if point.opening_hours else None


def life(point: ServicePoint, start: date, end: date) -> tuple[date, date]:
    """The part of the days from `start` until `end` in which `point` existed; empty when the second is not later."""
    return max(start, point.opened or start), min(end, point.closed or end)


@lru_cache(maxsize=16_384)
def _hours(text: str, start: date, end: date) -> float:
    return sum(((until - begin) / _HOUR for begin, until in _intervals(text, start, end)), 0.0)


def _by_day(intervals: Iterable[tuple[datetime, datetime]]) -> dict[date, float]:
    """The hours of `intervals` by day, what lasts past midnight divided over both."""
    found: dict[date, float] = {}
    for begin, until in intervals:
        while begin < until:
            midnight = datetime.combine(begin.date() + timedelta(days=1), time())
            found[begin.date()] = found.get(begin.date(), 0.0) + (min(until, midnight) - begin) / _HOUR
            begin = midnight
    return found


def _intervals(text: str, start: date, end: date) -> Iterator[tuple[datetime, datetime]]:
    midnight = time()
    intervals = opening_hours(text).intervals(datetime.combine(start, midnight), datetime.combine(end, midnight))
    return ((begin, until) for begin, until, state, _ in intervals if state == State.OPEN)
