"""How large organisations are, by their number of service points."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Final

from idocore.gazetteer import Gazetteer

SIZES: Final = ((1, 4), (5, None))
"""The size classes of organisations: from so many service points up to and including so many (None: no end)."""


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
