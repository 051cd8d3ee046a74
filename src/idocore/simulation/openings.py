"""Which organisation opens a point in which year, so that the published numbers come out."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

import attrs
from attrs import frozen

from idocore.gazetteer import Gazetteer
from idocore.places import Municipality
from idocore.simulation.chance import allot
from idocore.simulation.figures import LARGE_ORGANISATIONS, ORGANISATIONS, SERVICE_POINTS

FIRST_DAY: Final = date(2019, 6, 3)
"""The first point opens; ours (mid 2019 is known)."""

_PIONEERS: Final = (
    *("GM0363", "GM0796", "GM0439", "GM0599", "GM0344"),
    *("GM0518", "GM0014", "GM0268", "GM0080", "GM0153"),
    *("GM0106", "GM0034", "GM0687", "GM0935", "GM0758"),
)
"""Where the organisations of 2019 have their seat, larger ones first; at least one in each province; ours."""

_SOON_MERGED: Final = (
    (2020, "GM0788", "GM0796"),
    (2020, "GM0788", "GM0796"),
    (2021, "GM0370", "GM0439"),
    (2021, "GM0416", "GM0439"),
    (2021, "GM0457", "GM0363"),
    (2021, "GM0786", "GM0796"),
    (2022, "GM0530", "GM0599"),
)
"""Points opened in municipalities that ended later (year, municipality, seat of the organisation), so that the date
of the places matters: Haaren, Beemster, Langedijk, Weesp, Grave, Hellevoetsluis."""

_SMALL: Final = (1, 2, 2, 3, 3, 4)
_FULL_YEAR: Final = 2022
_WITHOUT_ORGANISATION: Final = {2022: 4, 2023: 2, 2024: 2}
"""Provisional points, made at the desk; ours."""


@frozen
class Opening:
    """A point that opens: the day, the number of its organisation (None: not known yet), and where."""

    opened: date
    organisation: int | None
    municipality: Municipality


@attrs.define
class Plan:
    """Seats and areas of all organisations, and how many points each may still open."""

    dice: random.Random
    municipalities: tuple[Municipality, ...]
    seats: list[Municipality] = attrs.field(factory=list)
    areas: list[list[Municipality]] = attrs.field(factory=list)
    left: list[int] = attrs.field(factory=list)

    @classmethod
    def draw(cls, dice: random.Random) -> "Plan":
        """A plan with one organisation after another, in the order in which they start."""
        plan = cls(dice, Gazetteer.default().municipalities())
        plan._seat()
        plan._divide()
        plan._size()
        return plan

    def _seat(self) -> None:
        by_code = {one.code: one for one in self.municipalities}
        lasting = [one for one in self.municipalities if not one.valid_from and not one.valid_until]
        others = [one for one in lasting if one.code not in _PIONEERS]
        count = ORGANISATIONS[_FULL_YEAR] - len(_PIONEERS)
        self.seats = [by_code[code] for code in _PIONEERS] + self.dice.sample(others, count)

    def _divide(self) -> None:
        """Each municipality without a seat goes to an organisation of its own province."""
        self.areas = [[seat] for seat in self.seats]
        seats = {seat.code for seat in self.seats}
        for one in self.municipalities:
            if one.code not in seats:
                near = [area for area in self.areas if area[0].province == one.province]
                self.dice.choice(near).append(one)

    def _size(self) -> None:
        """How many points each has at the end of 2022: a few large ones, many small, as published."""
        count = len(self.seats)
        small = [_SMALL[number % len(_SMALL)] for number in range(count - LARGE_ORGANISATIONS)]
        total = SERVICE_POINTS[_FULL_YEAR] - _WITHOUT_ORGANISATION[_FULL_YEAR]
        extra = total - sum(small) - 5 * LARGE_ORGANISATIONS
        large = [5 + more for more in allot(extra, [1 / (rank + 3) for rank in range(LARGE_ORGANISATIONS)])]
        later = large[len(_PIONEERS) :] + small
        self.dice.shuffle(later)
        self.left = large[: len(_PIONEERS)] + later
        for _, _, seat in _SOON_MERGED:
            self.left[_PIONEERS.index(seat)] -= 1

    def openings(self) -> Iterator[Opening]:
        """All openings, in order of time."""
        before, active = 0, 0
        for year, total in SERVICE_POINTS.items():
            started, active = active, ORGANISATIONS.get(year, active)
            chosen = list(self._chosen(year, total - before, started, active))
            days = self._days(year, len(chosen))
            self.dice.shuffle(chosen)
            for day, (organisation, code) in zip(days, chosen, strict=True):
                yield Opening(day, organisation, self._place(day, organisation, code))
            before = total

    def _chosen(self, year: int, count: int, started: int, active: int) -> Iterator[tuple[int | None, str | None]]:
        """Organisation and, where it is fixed, municipality of each point of `year`, in no order."""
        fixed = [(_PIONEERS.index(seat), code) for when, code, seat in _SOON_MERGED if when == year]
        yield from fixed
        loose = _WITHOUT_ORGANISATION.get(year, 0)
        yield from ((None, None) for _ in range(loose))
        for organisation in range(started, active):
            self.left[organisation] -= 1
            yield organisation, None
        for _ in range(count - len(fixed) - loose - (active - started)):
            weights = self.left[:active] if year <= _FULL_YEAR else [len(area) for area in self.areas]
            organisation = self.dice.choices(range(active), weights)[0]
            self.left[organisation] -= 1
            yield organisation, None

    def _days(self, year: int, count: int) -> list[date]:
        """Working days of `year`, in order; in 2019 the first is the very first day."""
        first = FIRST_DAY if year == FIRST_DAY.year else date(year, 1, 4)
        span = (date(year, 12, 20) - first).days
        days = [first + timedelta(days=self.dice.randrange(span)) for _ in range(count)]
        working = sorted(day - timedelta(days=max(0, day.weekday() - 4)) for day in days)
        return [first, *working[1:]] if year == FIRST_DAY.year else working

    def _place(self, day: date, organisation: int | None, code: str | None) -> Municipality:
        area = self.municipalities if organisation is None else tuple(self.areas[organisation])
        if code is not None:
            return next(one for one in self.municipalities if one.code == code)
        valid = [one for one in area if one.is_valid(day)]
        return self.dice.choices(valid, [3] + [1] * (len(valid) - 1))[0]
