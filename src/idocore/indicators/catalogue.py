"""The catalogue of indicators, read from data and checked as one whole."""

import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import cattrs
from attrs import field, frozen

from idocore.codec import converter
from idocore.errors import NotFoundError, ThemeError
from idocore.statistics.measures import MEASURES, Kind
from idocore.text_files import decode
from idocore.themes import Label


class PartKind(StrEnum):
    """What a part of an indicator adds up."""

    COUNT = "count"
    POINTS = "points"
    ORGANISATIONS = "organisations"
    HOURS = "hours"


def _codes(value: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    return {name: tuple(codes) for name, codes in value.items()}


@frozen
class Part:
    """A numerator or denominator.

    `count` is a measure, kept by `where`; `points` are the service points that registered ("registering") or existed
    ("open"); `organisations` those with at least that many registering service points; `hours` those that points were
    open. With `same` "hours" only service points whose opening hours are known are counted.
    """

    count: str | None = None
    where: Mapping[str, tuple[str, ...]] = field(factory=dict, converter=_codes, hash=False)
    points: str | None = None
    organisations: int | None = None
    hours: str | None = None
    same: str | None = None

    @property
    def kind(self) -> PartKind:
        """What is added up."""
        return next(kind for kind in PartKind if getattr(self, kind.value) is not None)

    def faults(self, place: str) -> Iterator[str]:
        """What makes no sense in it."""
        named = [kind.value for kind in PartKind if getattr(self, kind.value) is not None]
        if len(named) != 1:
            yield f"{place}: name one of {', '.join(PartKind)}, not {', '.join(named) or 'none'}"
        counts = [name for name, measure in MEASURES.items() if measure.kind is Kind.COUNT]
        if self.count is not None and self.count not in counts:
            yield f"{place}.count: {self.count} is not one of {', '.join(counts)}"
        if self.points not in (None, "registering", "open"):
            yield f"{place}.points: {self.points} is not one of registering, open"


@frozen
class Indicator:
    """A named statistic; without a denominator it is a number, with one what there is of the one for each of the other.

    `period` is the kind of period that it is meant for (``year``), or ``any``; `unit` says what the value is in.
    """

    id: str
    version: int
    label: Label
    definition: Label
    unit: str
    numerator: Part
    denominator: Part | None = None
    period: str = "any"

    @property
    def key(self) -> str:
        """The indicator with its version, ``share-digid@1``."""
        return f"{self.id}@{self.version}"

    @property
    def parts(self) -> tuple[Part, ...]:
        """The numerator, and the denominator if there is one."""
        return (self.numerator,) if self.denominator is None else (self.numerator, self.denominator)


@frozen
class Catalogue:
    """Every indicator by its key."""

    by_key: Mapping[str, Indicator]

    @classmethod
    def default(cls) -> "Catalogue":
        """Our indicators."""
        return _default()

    def with_file(self, path: str | Path) -> "Catalogue":
        """These and those of a TOML file of yours; raises ThemeError with every fault, and for a key that is taken."""
        added = _read(decode(Path(path)), Path(path).name)
        taken = sorted(set(added) & set(self.by_key))
        if taken:
            raise ThemeError(
                Path(path).name, tuple(f"{key}: exists; a new definition is a new version" for key in taken)
            )
        return Catalogue({**self.by_key, **added})

    def __iter__(self) -> Iterator[Indicator]:
        """The newest version of each, in the order of the data."""
        return iter({one.id: one for one in self.by_key.values()}.values())

    def get(self, name: str) -> Indicator:
        """The indicator ``id`` (its newest version) or ``id@version``; raises NotFoundError that names the nearest."""
        newest = {one.id: one for one in sorted(self.by_key.values(), key=lambda one: one.version)}
        found = self.by_key.get(name) or newest.get(name)
        if found is None:
            near = get_close_matches(name, newest, n=3, cutoff=0.4) or list(newest)
            raise NotFoundError("unknown-indicator", value=name, known=near)
        return found


def _read(text: str, source: str) -> dict[str, Indicator]:
    try:
        tables = tomllib.loads(text).get("indicator", [])
        found = converter.structure(tables, list[Indicator])
    except tomllib.TOMLDecodeError as error:
        raise ThemeError(source, (str(error),)) from error
    except cattrs.BaseValidationError as error:
        raise ThemeError(source, tuple(cattrs.transform_error(error))) from error
    faults = [fault for one in found for part in one.parts for fault in part.faults(f"{source}: {one.key}")]
    if faults:
        raise ThemeError(source, tuple(faults))
    return {one.key: one for one in found}


@cache
def _default() -> Catalogue:
    text = resources.files("idocore.data").joinpath("indicators.toml").read_text(encoding="utf-8")
    return Catalogue(_read(text, "indicators.toml"))
