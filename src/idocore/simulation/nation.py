"""The demo nation: its places, and the stream of its records."""

import random
from bisect import bisect_right
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, Final

import attrs
from attrs import field, frozen

from idocore.exchange import Line, dumps
from idocore.gazetteer import Place
from idocore.knowledge import default_themes
from idocore.moments import midnight
from idocore.periods import LOCAL_ZONE
from idocore.places import Organisation, ServicePoint
from idocore.simulation.chance import dice, version_7
from idocore.simulation.crowd import Call, Crowd
from idocore.simulation.figures import ENTERED_BY_DAY, QUESTIONS, TALLIES
from idocore.simulation.form import Form
from idocore.simulation.network import Network, draw_network
from idocore.theme_files import Themes

_INQUIRIES: Final = {"2019": (97, 3, 0), "2021": (97, 3, 0), "2022": (97, 3, 0), "2024": (87, 11, 2)}
"""Of a hundred visits, how many have one, two and three inquiries, for each version of the form; ours."""


@frozen
class Nation:
    """The places of an invented nation, and the records made there."""

    registrations: int
    seed: int
    network: Network = field(repr=False)

    @property
    def organisations(self) -> tuple[Organisation, ...]:
        """The organisations, in the order in which they started."""
        return self.network.organisations

    @property
    def service_points(self) -> tuple[ServicePoint, ...]:
        """The service points, in order of opening."""
        return tuple(desk.point for desk in self.network.desks)

    @property
    def places(self) -> tuple[Place, ...]:
        """Organisations, then service points."""
        return (*self.organisations, *self.service_points)

    def lines(self) -> Iterator[Line]:
        """Exactly as many records as asked for, in order of moment, in the form of the exchange format."""
        crowd = Crowd.of(dice(self.seed, "crowd"), self.network.desks)
        clerk = Clerk.of(dice(self.seed, "answers"), default_themes())
        day, waiting = date.min, list[dict[str, Any]]()
        number = 1
        for call in crowd.calls(self.registrations):
            if call.day != day:
                yield from _numbered(waiting, number)
                day, number, waiting = call.day, number + len(waiting), []
            waiting.append(clerk.record(call))
        yield from _numbered(waiting, number)


def simulate(registrations: int, seed: int) -> Nation:
    """A nation with exactly that many records; the same arguments give the same nation, byte for byte."""
    if registrations < 0:
        raise ValueError(f"{registrations} registrations")
    return Nation(registrations, seed, draw_network(seed))


def _numbered(records: list[dict[str, Any]], first: int) -> Iterator[Line]:
    """The lines of one day in order of moment: those known by day only come first."""
    ordered = sorted(records, key=lambda raw: str(raw["moment"]))
    for number, raw in enumerate(ordered, start=first):
        yield Line(number, raw, None, dumps(raw))


@attrs.define
class Clerk:
    """Writes down each call on the form of that day."""

    _chance: random.Random
    _days: tuple[date, ...]
    _forms: tuple[Form, ...]

    @classmethod
    def of(cls, chance: random.Random, themes: Themes) -> "Clerk":
        """A clerk with every form; also from each New Year on, when codes may come and go."""
        first, last = QUESTIONS[0][0], QUESTIONS[-1][0]
        starts = {theme.valid_from for theme in themes.versions("ido")}
        starts |= {date(year, 1, 1) for year in range(first.year + 1, last.year + 1)}
        days = tuple(sorted(day for day in starts if first < day <= last))
        return cls(chance, days, tuple(Form.of(chance, themes, day) for day in days))

    def record(self, call: Call) -> dict[str, Any]:
        """The record of `call`, as it is exchanged."""
        form = self._forms[bisect_right(self._days, call.day) - 1]
        by_day = self._chance.random() < ENTERED_BY_DAY[form.theme.version]
        clock = time(call.minute // 60, call.minute % 60)
        moment = midnight(call.day) if by_day else datetime.combine(call.day, clock, LOCAL_ZONE)
        is_tally = self._chance.random() < TALLIES
        count = self._chance.randint(2, 12) if is_tally else 1
        return {
            "id": str(version_7(self._chance, moment)),
            "kind": "tally" if is_tally else "visit",
            "theme": form.theme.id,
            "service_point": call.desk.point.id,
            "moment": moment.isoformat(),
            "precision": "day" if by_day else "instant",
            "channel": form.channel(),
            "status": "final",
            "revision": 1,
            "count": count,
            "answers": {} if is_tally else form.visit(),
            "inquiries": form.counted(count) if is_tally else self._inquiries(form),
        }

    def _inquiries(self, form: Form) -> list[dict[str, Any]]:
        often = _INQUIRIES[form.theme.version]
        count = self._chance.choices((1, 2, 3), often)[0]
        return [{**form.inquiry(), "count": 1} for _ in range(count)]
