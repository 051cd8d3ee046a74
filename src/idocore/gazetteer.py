"""All places that a register knows, as one immutable whole, and the ancestry table made from it."""

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from functools import cache, cached_property
from importlib import resources
from typing import Any, Final, TypeVar

import attrs

from idocore.codec import converter
from idocore.errors import NotFoundError
from idocore.places import (
    Ancestry,
    Municipality,
    Organisation,
    Province,
    ServicePoint,
    Succession,
    SuccessionStatus,
    spans,
)

Place = Province | Municipality | Succession | Organisation | ServicePoint

_KINDS: Final[Mapping[str, type[Place]]] = {
    "province": Province,
    "municipality": Municipality,
    "succession": Succession,
    "organisation": Organisation,
    "service_point": ServicePoint,
}
PlaceT = TypeVar("PlaceT", Province, Municipality, Succession, Organisation, ServicePoint)
_NAMES: Final = {cls: name for name, cls in _KINDS.items()}


def place_key(place: Place) -> str:
    """What names a place for ever: its kind and its code or id."""
    name = _NAMES[type(place)]
    if isinstance(place, Succession):
        return f"{name}/{place.source}/{place.target}"
    return f"{name}/{place.id if isinstance(place, Organisation | ServicePoint) else place.code}"


def place_to_json(place: Place) -> dict[str, Any]:
    """`place` as plain JSON values, with its kind under ``place``."""
    return {"place": _NAMES[type(place)], **converter.unstructure(place)}


def place_from_json(content: Mapping[str, Any]) -> Place:
    """The place that `place_to_json` wrote."""
    values = dict(content)
    return converter.structure(values, _KINDS[values.pop("place")])


@attrs.frozen
class Gazetteer:
    """Provinces, municipalities with their successions, organisations and service points."""

    places: Mapping[str, Place] = attrs.field(factory=dict)

    @classmethod
    def default(cls) -> "Gazetteer":
        """Our provinces and municipalities (source: CBS), without organisations and service points."""
        return _default()

    def with_places(self, added: Iterable[Place]) -> "Gazetteer":
        """These places, with `added` put in or replacing those of the same kind and code."""
        return Gazetteer({**self.places, **{place_key(place): place for place in added}})

    @property
    def provinces(self) -> tuple[Province, ...]:
        """All provinces, by code."""
        return self._of(Province)

    @property
    def organisations(self) -> tuple[Organisation, ...]:
        """All organisations, by id."""
        return self._of(Organisation)

    @property
    def service_points(self) -> tuple[ServicePoint, ...]:
        """All service points, by id."""
        return self._of(ServicePoint)

    @property
    def successions(self) -> tuple[Succession, ...]:
        """All successions, planned ones too."""
        return self._of(Succession)

    def municipalities(self, on: date | None = None) -> tuple[Municipality, ...]:
        """The municipalities that existed on `on` (None: all that ever did), by code."""
        return tuple(one for one in self._municipalities.values() if on is None or one.is_valid(on))

    def service_point(self, point_id: str) -> ServicePoint:
        """The service point with this id; raises NotFoundError that names the nearest and how to add it."""
        found = self.find_service_point(point_id)
        if found is None:
            near = get_close_matches(point_id, [point.id for point in self.service_points], n=3)
            raise NotFoundError("unknown-service-point", value=point_id, known=near)
        return found

    def find_service_point(self, point_id: str) -> ServicePoint | None:
        """The service point with this id, or None."""
        found = self.places.get(f"service_point/{point_id}")
        return found if isinstance(found, ServicePoint) else None

    def organisation(self, organisation_id: str) -> Organisation:
        """The organisation with this id; raises NotFoundError."""
        found = self.places.get(f"organisation/{organisation_id}")
        if not isinstance(found, Organisation):
            raise NotFoundError("unknown-organisation", value=organisation_id)
        return found

    def municipality(self, code_or_name: str, on: date | None = None) -> Municipality:
        """The municipality with this CBS code or name (on `on`, if given); raises NotFoundError with the nearest."""
        wanted = code_or_name.strip().casefold()
        known = self.municipalities(on)
        for one in known:
            if wanted in (one.code.casefold(), one.name.casefold()):
                return one
        near = get_close_matches(code_or_name, [one.name for one in known], n=3)
        raise NotFoundError("unknown-municipality", value=code_or_name, known=near)

    def ancestry(self, place_date: date | None) -> Ancestry:
        """The ancestors of every service point over time.

        With `place_date` None each visit counts for the places as they were that day ("then"); with a date, for the
        places as they were on that date, wherever the visit took place in time.
        """
        municipalities = self._municipalities
        steps = tuple(step for step in self.successions if step.status is SuccessionStatus.CONFIRMED)
        return Ancestry(
            tuple(span for point in self.service_points for span in spans(point, municipalities, steps, place_date))
        )

    @cached_property
    def then(self) -> Ancestry:
        """The ancestors of every service point over time, as they were on the day itself; made once."""
        return self.ancestry(None)

    def name(self, level: str, code: str) -> str:
        """What people call the place; the code itself when it is not known."""
        found = self.places.get(f"{level}/{code}")
        return code if found is None or isinstance(found, Succession) else found.name

    @cached_property
    def _municipalities(self) -> Mapping[str, Municipality]:
        """The municipalities by code, ended where a confirmed succession ended them."""
        ends = {step.source: step.date for step in self.successions if step.status is SuccessionStatus.CONFIRMED}
        found = {}
        for one in self._of(Municipality):
            end = one.valid_until or ends.get(one.code)
            found[one.code] = attrs.evolve(one, valid_until=end)
        return found

    def _of(self, cls: type[PlaceT]) -> tuple[PlaceT, ...]:
        chosen = {key: place for key, place in self.places.items() if isinstance(place, cls)}
        return tuple(chosen[key] for key in sorted(chosen))


@cache
def _default() -> Gazetteer:
    table = {
        "provinces.csv": Province,
        "municipalities.csv": Municipality,
        "successions.csv": Succession,
    }
    places: list[Place] = []
    for name, cls in table.items():
        text = resources.files("idocore.data").joinpath("places", name).read_text(encoding="utf-8")
        places.extend(converter.structure(_row(row), cls) for row in csv.DictReader(text.splitlines()))
    return Gazetteer().with_places(places)


def _row(row: Mapping[str, str]) -> dict[str, str]:
    names = {"from": "source", "to": "target"}
    return {names.get(key, key): value for key, value in row.items() if value}
