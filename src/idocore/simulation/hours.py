"""Opening hours of invented points: the text in OpenStreetMap's notation beside the windows that it stands for."""

import random
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import Final

from attrs import field, frozen

Window = tuple[int, int]
"""From the one minute of the day up to, not including, the other."""

_WEEKDAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_DAYS: Final = ("Mo-Fr", "Tu-Fr", "Mo,We,Fr", "Mo,Th", "Tu,Th", "Tu", "We", "Th", "Fr")
_TIMES: Final = ("10:00-12:30", "13:00-17:00", "10:00-17:00", "09:30-12:00", "14:00-16:30", "10:00-12:00,13:30-16:00")
_SATURDAY: Final = "Sa 10:00-13:00"
_EVENING: Final = "18:00-20:00"

_EASTER: Final = (
    date(2019, 4, 21),
    date(2020, 4, 12),
    date(2021, 4, 4),
    date(2022, 4, 17),
    date(2023, 4, 9),
    date(2024, 3, 31),
)


def _holidays() -> frozenset[date]:
    """Days on which nobody comes by, whether a point's hours say so or not; Good Friday and 5 May among them."""
    movable = {easter + timedelta(days=days) for easter in _EASTER for days in (-2, 0, 1, 39, 49, 50)}
    fixed = ((1, 1), (4, 26), (4, 27), (5, 5), (12, 25), (12, 26))
    return frozenset(movable | {date(easter.year, month, day) for easter in _EASTER for month, day in fixed})


HOLIDAYS: Final = _holidays()


@frozen
class Hours:
    """Opening hours, as text and as windows by weekday (Monday is 0)."""

    text: str
    windows: Mapping[int, tuple[Window, ...]] = field(hash=False)


def draw_hours(dice: random.Random, *, wide: bool) -> Hours:
    """Some opening hours; `wide` ones are those of the library itself."""
    if wide:
        rules = ["Mo-Fr 10:00-17:00", _SATURDAY]
    else:
        rules = [f"{dice.choice(_DAYS)} {dice.choice(_TIMES)}"]
        if dice.random() < 0.15:
            rules.append(_SATURDAY)
        elif dice.random() < 0.1:
            rules = [f"{dice.choice(('Tu', 'We', 'Th'))} 13:00-17:00,{_EVENING}"]
    closed = ["PH off"] if dice.random() < 0.8 else []
    return Hours("; ".join(rules + closed), windows_of(tuple(rules)))


@cache
def windows_of(rules: tuple[str, ...]) -> Mapping[int, tuple[Window, ...]]:
    """The windows by weekday of rules as this module makes them: days, a space, times; no day twice."""
    found: dict[int, tuple[Window, ...]] = {}
    for rule in rules:
        days, _, times = rule.partition(" ")
        found |= dict.fromkeys(_weekdays(days), tuple(_window(text) for text in times.split(",")))
    return found


def _weekdays(text: str) -> tuple[int, ...]:
    first, dash, last = text.partition("-")
    if dash:
        return tuple(range(_WEEKDAYS.index(first), _WEEKDAYS.index(last) + 1))
    return tuple(_WEEKDAYS.index(day) for day in text.split(","))


def _window(text: str) -> Window:
    first, last = (int(clock[:2]) * 60 + int(clock[3:]) for clock in text.split("-"))
    return first, last
