"""Hours and days that a service point was open: unknown is not zero, and zero is not unknown."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idocore import ServicePoint
from idocore.open_hours import open_days, open_hours
from idocore.rules import opening_hours

TEXTS = st.sampled_from(["Mo-Fr 10:00-17:00; PH off", "Tu 13:00-17:00,18:00-20:00", "Sa 22:00-02:00", "off", "24/7"])
DAYS = st.dates(date(2023, 1, 1), date(2024, 12, 1))
START, END = date(2024, 1, 1), date(2025, 1, 1)


def ticks(start: date, days: int) -> list[datetime]:
    """Every half hour of so many days."""
    first = datetime.combine(start, time())
    return [first + timedelta(minutes=30 * number) for number in range(days * 48)]


@given(TEXTS, DAYS, st.integers(0, 40), st.integers(0, 30), st.integers(0, 40))
def test_hours_and_days_are_those_of_the_clock(text: str, start: date, days: int, opens: int, lasts: int) -> None:
    """As many half hours as the opening hours say within the life of the point, looked at one by one."""
    opened = start + timedelta(days=opens)
    closed = opened + timedelta(days=lasts)
    point = ServicePoint("p", "P", opening_hours=text, opened=opened, closed=closed)
    open_ticks = [
        tick for tick in ticks(start, days) if opened <= tick.date() < closed and opening_hours(text).is_open(tick)
    ]
    end = start + timedelta(days=days)
    assert open_hours(point, start, end) == len(open_ticks) / 2
    assert open_days(point, start, end) == {tick.date() for tick in open_ticks}


@given(DAYS, st.integers(0, 400), st.integers(0, 400))
def test_hours_add_up(start: date, first: int, second: int) -> None:
    """The hours of two stretches that follow on each other are those of both together."""
    point = ServicePoint("p", "P", opening_hours="Mo-Fr 09:30-17:15; PH off")
    middle, end = start + timedelta(days=first), start + timedelta(days=first + second)
    parts = open_hours(point, start, middle), open_hours(point, middle, end)
    assert sum(part or 0.0 for part in parts) == pytest.approx(open_hours(point, start, end))


@pytest.mark.parametrize("text", [None, ""])
def test_unknown_is_not_zero(text: str | None) -> None:
    """Nobody wrote the hours down: there is no number, and there are no days to count."""
    point = ServicePoint("p", "P", opening_hours=text)
    assert open_hours(point, START, END) is None
    assert open_days(point, START, END) is None


@pytest.mark.parametrize("text", [None, "Mo-Fr 10:00-17:00", "off"])
def test_closed_is_zero(text: str | None) -> None:
    """A point that never opens, or did not exist then, was open for no hours, whatever is known of its hours."""
    point = ServicePoint("p", "P", opening_hours=text, opened=END if text != "off" else None)
    assert open_hours(point, START, END) == 0.0
    assert open_days(point, START, END) == frozenset()
