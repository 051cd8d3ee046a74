"""An invented nation of help points, calibrated on published figures; the same seed gives the same nation.

It serves the demo, the tests and the benchmarks. Nobody in it exists. Sources of the figures: the national library's
and partners' public reports on the help points (numbers of locations, organisations and questions), in our own words.
"""

import random
from bisect import bisect
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import accumulate, pairwise
from typing import Any, Final
from uuid import UUID

from attrs import frozen

from idocore.exchange import Line
from idocore.gazetteer import Gazetteer, Place
from idocore.knowledge import default_themes
from idocore.periods import LOCAL_ZONE
from idocore.places import Organisation, ServicePoint, Siting
from idocore.themes import Code, Condition, FieldType, Level, Theme

LOCATIONS: Final = {2019: 29, 2020: 73, 2021: 439, 2022: 664, 2023: 690, 2024: 700}
"""Library locations with a help point at the end of the year; published to 2022, continued by us."""

ORGANISATIONS: Final = {2019: 15, 2020: 39, 2021: 120, 2022: 139}
"""Organisations that take part; 15 (10%) in 2019, 39 in 2020, all in 2022; 2021 and the last number are ours."""

CUMULATIVE: Final = (
    (date(2019, 6, 3), 0),
    (date(2021, 6, 24), 2_000),
    (date(2021, 12, 1), 16_000),
    (date(2022, 2, 1), 26_000),
    (date(2022, 4, 15), 36_000),
    (date(2023, 7, 10), 100_000),
    (date(2024, 12, 21), 175_000),
)
"""Questions counted by that day; published from December 2021 to July 2023, the ends are ours."""

AGED_65: Final = 0.60
DIGID: Final = 0.24
LONGER_THAN_20: Final = 0.38
"""Shares over the first 100,000 registrations, as published."""

TALLIES: Final = 0.03
UNKNOWN: Final = 0.05
_HOURS: Final = (("Mo-Fr 10:00-17:00", range(5)), ("Mo,We,Fr 10:00-13:00", (0, 2, 4)), ("Tu,Th 13:00-17:00", (1, 3)))
_OPENS: Final = {"Mo-Fr 10:00-17:00": (10, 17), "Mo,We,Fr 10:00-13:00": (10, 13), "Tu,Th 13:00-17:00": (13, 17)}


@frozen
class Nation:
    """The places of an invented nation, and the records made there."""

    registrations: int
    seed: int
    organisations: tuple[Organisation, ...]
    service_points: tuple[ServicePoint, ...]

    @property
    def places(self) -> tuple[Place, ...]:
        """Organisations, then service points."""
        return (*self.organisations, *self.service_points)

    def lines(self) -> Iterator[Line]:
        """Exactly as many records as asked for, in order of time, in the form of the exchange format."""
        desk = _Desk(_dice(self.seed, "visits"), self.service_points)
        for number, day in enumerate(_days(self.registrations), start=1):
            yield Line(number, desk.record(day))


def simulate(registrations: int, seed: int) -> Nation:
    """A nation with that many records; the same arguments give the same nation."""
    dice = _dice(seed, "places")
    organisations = tuple(_organisation(number) for number in range(max(ORGANISATIONS.values())))
    return Nation(registrations, seed, organisations, tuple(_service_points(dice, organisations)))


def _dice(seed: int, purpose: str) -> random.Random:
    return random.Random(f"{seed}/{purpose}")  # noqa: S311 - invented data need a seed, not secrecy


def _organisation(number: int) -> Organisation:
    return Organisation(f"org-{number + 1:03}", f"Bibliotheek {number + 1} (demo)", f"NL-08{number + 1:04}0000")


def _service_points(dice: random.Random, organisations: tuple[Organisation, ...]) -> Iterator[ServicePoint]:
    """The service points in order of opening, each in a municipality that existed then."""
    places = Gazetteer.default()
    # Haaren was split over four; where its points went is for a coordinator to say, so the demo has none there.
    homes = [place.code for place in places.municipalities(date(2019, 6, 1)) if place.code != "GM0788"]
    dice.shuffle(homes)
    # Places that merged, in the first years, so that "as then" and "as now" differ.
    homes[3:3] = ["GM0370", "GM0457"]
    number = 0
    for year, total in LOCATIONS.items():
        active = ORGANISATIONS.get(year, max(ORGANISATIONS.values()))
        while number < total:
            opened = _opening(dice, year)
            chosen = _runner(dice, number, active)
            home = places.municipality(homes[chosen % len(homes)])
            while not home.is_valid(opened):
                step = next(one for one in places.successions if one.source == home.code)
                home = places.municipality(step.target)
            yield _service_point(dice, number, opened, home.code, home.name, organisations[chosen].id)
            number += 1


def _opening(dice: random.Random, year: int) -> date:
    """A day in that year; what opened in 2019 was there from the start, so that every day has a place to go."""
    return date(2019, 6, 1) if year == 2019 else date(year, 1, 1) + timedelta(days=dice.randrange(365))


def _runner(dice: random.Random, number: int, active: int) -> int:
    """Every organisation first gets one, then the larger ones more; over a third ends with five or more."""
    return number if number < active else int(active * dice.random() ** 1.6)


def _service_point(
    dice: random.Random, number: int, opened: date, municipality: str, name: str, organisation: str
) -> ServicePoint:
    outside = dice.random() < 0.08
    siting = Siting(
        municipality=municipality,
        organisation=organisation,
        inside=not outside,
        variant=dice.choices(("basic", "always-available", "broad-services"), (70, 20, 10))[0],
        host="buurthuis (demo)" if outside else None,
    )
    hours, _ = dice.choice(_HOURS)
    return ServicePoint(
        f"ido-{number + 1:03}", f"IDO {name} {number + 1} (demo)", (siting,), opening_hours=hours, opened=opened
    )


def _days(registrations: int) -> Iterator[date]:
    """The day of each record: the cumulative curve, read backwards."""
    total = CUMULATIVE[-1][1]
    legs = list(pairwise(CUMULATIVE))
    ends = [count for _, (_, count) in legs]
    for number in range(registrations):
        wanted = (number + 0.5) * total / registrations
        (start, before), (end, after) = legs[bisect(ends, wanted)]
        yield start + (end - start) * ((wanted - before) / (after - before))


@frozen
class _Form:
    """A theme version with its choices and their cumulative weights, made once for each year."""

    theme: Theme
    choices: dict[str, tuple[list[str], list[float]]]


class _Desk:
    """Writes down who comes by."""

    def __init__(self, dice: random.Random, points: tuple[ServicePoint, ...]) -> None:
        self._dice = dice
        self._points = sorted(points, key=lambda point: point.opened or date.min)
        self._opened = [point.opened or date.min for point in self._points]
        self._weights = list(accumulate(1 / (rank + 3) ** 0.5 for rank in range(len(points))))
        self._themes = default_themes()
        self._forms: dict[tuple[str, int], _Form] = {}

    def record(self, day: date) -> dict[str, Any]:
        """One visitor, or now and then a tally, on the first day from `day` on that some point is open."""
        point, moment = self._visit(day)
        form = self._form(moment.date())
        tally = self._dice.random() < TALLIES
        inquiries = [self._answers(form, Level.INQUIRY) for _ in range(self._how_many(form, tally))]
        raw: dict[str, Any] = {
            "id": str(self._id(moment)),
            "kind": "tally" if tally else "visit",
            "theme": form.theme.id,
            "service_point": point.id,
            "moment": moment.isoformat(),
            "channel": "desk" if self._dice.random() < 0.9 else "appointment",
            "answers": self._answers(form, Level.REGISTRATION),
            "inquiries": inquiries,
        }
        if tally:
            raw |= {"count": self._dice.randint(2, 12), "inquiries": [{**one, "count": 2} for one in inquiries]}
        return raw

    def _visit(self, day: date) -> tuple[ServicePoint, datetime]:
        known = bisect(self._opened, day)
        while True:
            point = self._dice.choices(self._points[:known], cum_weights=self._weights[:known])[0]
            hours = point.opening_hours or ""
            days = next(weekdays for text, weekdays in _HOURS if text == hours)
            if day.weekday() in days:
                first, last = _OPENS[hours]
                minutes = self._dice.randrange((last - first) * 60)
                clock = time(first + minutes // 60, minutes % 60)
                return point, datetime.combine(day, clock, LOCAL_ZONE)
            if day.weekday() >= 5:
                day += timedelta(days=7 - day.weekday())

    def _how_many(self, form: _Form, tally: bool) -> int:
        several = form.theme.version == "2024" or tally
        return 1 + (several and self._dice.random() < 0.13) + (several and self._dice.random() < 0.02)

    def _id(self, moment: datetime) -> UUID:
        """A UUIDv7 of the moment, its random part from the seed."""
        milliseconds = int(moment.timestamp() * 1000)
        value = milliseconds << 80 | self._dice.getrandbits(80)
        value = value & ~(0xF << 76) | 0x7 << 76
        return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)

    def _answers(self, form: _Form, level: Level) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for entry in form.theme.of_level(level):
            required = entry.required or entry.key == "topic"
            if entry.key not in form.choices or (not required and self._dice.random() < UNKNOWN):
                continue
            if not _is_asked(entry.when, found):
                continue
            codes, weights = form.choices[entry.key]
            code = self._dice.choices(codes, cum_weights=weights)[0]
            if entry.type is FieldType.BOOLEAN:
                found[entry.key] = code == "yes"
            else:
                found[entry.key] = [code] if entry.type is FieldType.CODES else code
        return found

    def _form(self, day: date) -> _Form:
        theme = self._themes.at("ido", day)
        if theme is None:
            raise ValueError(day)
        key = theme.id, day.year
        if key not in self._forms:
            self._forms[key] = self._weighted(theme, day.year)
        return self._forms[key]

    def _weighted(self, theme: Theme, year: int) -> _Form:
        """The codes that held all the time that the form was in use that year."""
        first = max(theme.valid_from, date(year, 1, 1))
        last = min(theme.valid_until or date.max, date(year + 1, 1, 1)) - timedelta(days=1)
        choices: dict[str, tuple[list[str], list[float]]] = {}
        for entry in theme.fields:
            if entry.type is FieldType.BOOLEAN:
                choices[entry.key] = (["yes", "no"], [0.3, 1.0])
            elif entry.codelist and not entry.derive_from:
                codes = [one for one in self._themes.codelist(entry.codelist).valid_on(first) if one.is_valid(last)]
                choices[entry.key] = ([one.code for one in codes], list(accumulate(_weights(entry.key, codes))))
        return _Form(theme, choices)


def _is_asked(condition: Condition | None, answers: dict[str, Any]) -> bool:
    if condition is None:
        return True
    given = answers.get(condition.field)
    return any(code in condition.codes for code in (given if isinstance(given, list) else [given]))


def _weights(key: str, codes: list[Code]) -> list[float]:
    """Zipf-like by place in the list, but for the three shares that were published."""
    plain = [1 / (rank + 1) for rank in range(len(codes))]
    match key:
        case "topic":
            return _with_share(plain, [one.code == "digid" for one in codes], DIGID)
        case "duration":
            return _with_share(plain, [one.properties["minutes_from"] >= 20 for one in codes], LONGER_THAN_20)
        case "age_group":
            return _with_share(plain, [one.properties["age_from"] >= 65 for one in codes], AGED_65)
    return plain


def _with_share(weights: list[float], chosen: list[bool], share: float) -> list[float]:
    """`weights` scaled so that the chosen ones together have `share` of the whole."""
    inside = sum(weight for weight, one in zip(weights, chosen, strict=True) if one)
    outside = sum(weights) - inside
    pairs = zip(weights, chosen, strict=True)
    return [weight * share / inside if one else weight * (1 - share) / outside for weight, one in pairs]
