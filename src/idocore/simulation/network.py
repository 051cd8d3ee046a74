"""The invented network: organisations, and service points with their hours, hosts and history."""

import random
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Final

import attrs
from attrs import field, frozen

from idocore.places import Municipality, Organisation, ServicePoint, Siting
from idocore.simulation.chance import dice
from idocore.simulation.hours import Hours, draw_hours
from idocore.simulation.openings import Opening, Plan

# All names, shares and sizes in this module are ours.
_PARTS: Final = ("Noord", "Oost", "Zuid", "West", "Centrum", "Dorp", "Stationsplein", "Park", "Haven", "Plein")
_HOSTS: Final = ("Buurthuis", "Wijkcentrum", "Gemeentehuis", "Supermarkt", "Gezondheidscentrum", "Dorpshuis")
_STAFFING: Final = ("paid", "volunteers", "paid and volunteers")
_VARIANTS: Final = ("basic", "always-available", "broad-services")
_OUTSIDE: Final = 0.12
_CHANGED: Final = 0.04
_FIRST_ENTITY: Final = 9000
_HAAREN_HEIRS: Final = ("GM0824", "GM0865")
"""Oisterwijk and Vught: two of the four among which Haaren was divided on 1 January 2021."""


@frozen
class Desk:
    """A service point with what the simulator must know of it: its hours as windows, and how busy it is."""

    point: ServicePoint
    hours: Hours
    size: float = field(repr=False)

    @property
    def opened(self) -> date:
        """The first day on which somebody may come by."""
        return self.point.opened or date.min


@frozen
class Network:
    """All organisations and desks, the latter in order of opening."""

    organisations: tuple[Organisation, ...]
    desks: tuple[Desk, ...]


def draw_network(seed: int) -> Network:
    """The network for `seed`."""
    chance = dice(seed, "places")
    plan = Plan.draw(chance)
    organisations = tuple(_organisation(number, seat) for number, seat in enumerate(plan.seats))
    return Network(organisations, tuple(_desks(chance, plan, organisations)))


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _isil(organisation: int, position: int) -> str:
    return f"NL-08{_FIRST_ENTITY + organisation}{position:04}"


def _organisation(number: int, seat: Municipality) -> Organisation:
    return Organisation(f"bibliotheek-{_slug(seat.name)}", f"Bibliotheek {seat.name} (demo)", _isil(number, 0))


def _desks(chance: random.Random, plan: Plan, organisations: tuple[Organisation, ...]) -> Iterator[Desk]:
    openings = list(plan.openings())
    ranks = chance.sample(range(len(openings)), len(openings))
    points, branches = Counter[str](), Counter[int]()
    for opening, rank in zip(openings, ranks, strict=True):
        slug = _slug(opening.municipality.name)
        points[slug] += 1
        if opening.organisation is not None:
            branches[opening.organisation] += 1
        yield _desk(chance, opening, points[slug], branches, organisations, 1 / (rank + 10) ** 0.8)


def _desk(
    chance: random.Random,
    opening: Opening,
    number: int,
    branches: Counter[int],
    organisations: tuple[Organisation, ...],
    size: float,
) -> Desk:
    where, runner = opening.municipality, opening.organisation
    first = _siting(chance, where, None if runner is None else organisations[runner].id)
    hours = draw_hours(chance, wide=first.variant == "always-available")
    name = _name(chance, where, number, first.host)
    point = ServicePoint(
        id=f"{_slug(where.name)}-{number}",
        name=name,
        sitings=(first, *_changes(chance, first, opening, number)),
        public_name=f"Informatiepunt Digitale Overheid {where.name}" if chance.random() < 0.6 else None,
        isil=_isil(runner, 1000 + branches[runner]) if runner is not None and first.inside else None,
        opening_hours=hours.text,
        staffing=chance.choices(_STAFFING, (60, 10, 30))[0],
        work_area_size=chance.randrange(8_000, 120_000, 1_000),
        opened=opening.opened,
        provisional=runner is None,
    )
    return Desk(point, hours, size)


def _siting(chance: random.Random, where: Municipality, runner: str | None) -> Siting:
    outside = chance.random() < _OUTSIDE
    return Siting(
        municipality=where.code,
        organisation=runner,
        inside=not outside,
        variant=chance.choices(_VARIANTS, (70, 18, 12))[0],
        host=f"{chance.choice(_HOSTS)} {where.name} (demo)" if outside else None,
    )


def _name(chance: random.Random, where: Municipality, number: int, host: str | None) -> str:
    if host is not None:
        return f"IDO {host.removesuffix(' (demo)')} {number} (demo)"
    part = "" if number == 1 else f" {chance.choice(_PARTS)} {number}"
    return f"Bibliotheek {where.name}{part} (demo)"


def _changes(chance: random.Random, first: Siting, opening: Opening, number: int) -> Iterator[Siting]:
    """Later sitings: where Haaren's points went, and a few points that left the library or offer more."""
    if opening.municipality.code == "GM0788":
        heir = _HAAREN_HEIRS[number % len(_HAAREN_HEIRS)]
        yield attrs.evolve(first, valid_from=date(2021, 1, 1), municipality=heir)
    elif first.inside and opening.opened.year < 2023 and chance.random() < _CHANGED:
        place = f"{chance.choice(_HOSTS)} {opening.municipality.name} (demo)"
        yield attrs.evolve(first, valid_from=_change_day(chance), inside=False, host=place)
    elif first.variant == "basic" and opening.opened.year < 2023 and chance.random() < _CHANGED:
        yield attrs.evolve(first, valid_from=_change_day(chance), variant="broad-services")


def _change_day(chance: random.Random) -> date:
    return date(2023, chance.randrange(1, 13), 1)
