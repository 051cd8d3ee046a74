"""Codes of periods and of the clock as numbers (202404, 20242), the way that engines keep and compare them."""

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from idocore.statistics.cells import Dimension, Origin

NUMBERED: Final = (Origin.PERIOD, Origin.CLOCK)
"""The dimensions whose codes are kept as numbers; a day is kept as a date."""

_NUMBERS: Final[dict[str, Callable[[str], Any]]] = {
    "day": date.fromisoformat,
    "week": lambda code: int(code[:4] + code[6:]),
    "month": lambda code: int(code.replace("-", "")),
    "quarter": lambda code: int(code.replace("-Q", "")),
    "half_year": lambda code: int(code.replace("-H", "")),
    "year": int,
    "weekday": int,
    "hour": int,
}
_CODES: Final[dict[str, Callable[[Any], str]]] = {
    "day": str,
    "week": lambda number: f"{number // 100}-W{number % 100:02}",
    "month": lambda number: f"{number // 100}-{number % 100:02}",
    "quarter": lambda number: f"{number // 10}-Q{number % 10}",
    "half_year": lambda number: f"{number // 10}-H{number % 10}",
    "hour": lambda number: f"{number:02}",
}


def number_of(dimension: Dimension, code: str) -> Any:
    """The number (or date) that `code` is kept as; None for a text that no record can have, ``202404`` for one."""
    try:
        number = _NUMBERS[dimension.name](code)
    except ValueError:
        return None
    return number if code_of(dimension, number) == code else None


def code_of(dimension: Dimension, value: Any) -> str | None:
    """The code that a value of `dimension` stands for, as an engine gives it; None stays None."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if dimension.origin in NUMBERED:
        return _CODES.get(dimension.name, str)(value)
    return str(value)
