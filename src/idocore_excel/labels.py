"""Words in cells matched with codes: labels in Dutch and English, the codes themselves, and synonyms."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, Final

from attrs import field, frozen

from idocore import Code, CodeList
from idocore.gazetteer import Gazetteer
from idocore.theme_files import Themes
from idocore_excel.values import folded, number

_ASIDE: Final = re.compile(r"\s*\([^)]*\)")
_UNIT: Final = re.compile(r"^([\d.,]+)\s*(min|minuten|minutes|minuut|jaar|year|years)\.?$")


@cache
def words() -> Mapping[str, Any]:
    """The synonyms that come with us: of paths by path, of codes by list and code."""
    source = resources.files("idocore_excel").joinpath("words.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


def _spellings(entry: Code, synonyms: Iterable[str]) -> set[str]:
    """Every way to write a code: itself, its labels, those without what stands in brackets, and synonyms."""
    labels = (entry.label.nl, entry.label.en)
    whole = (entry.code, entry.code.replace("-", " "), *labels, *synonyms)
    return {folded(text) for text in (*whole, *(_ASIDE.sub("", label) for label in labels))} - {""}


@frozen
class Labels:
    """Finds the code that is meant by a cell, in one code list or several of the same kind."""

    codes: Mapping[str, tuple[Code, ...]] = field(repr=False)
    ranges: tuple[Code, ...] = ()

    @classmethod
    def of(cls, *lists: CodeList) -> "Labels":
        """For the codes of `lists`."""
        found: dict[str, dict[str, Code]] = {}
        for codelist in lists:
            synonyms = words()["codes"].get(codelist.id, {})
            for entry in codelist.codes:
                for text in _spellings(entry, synonyms.get(entry.code, ())):
                    found.setdefault(text, {})[entry.code] = entry
        ranges = tuple(entry for one in lists for entry in one.codes if _bounds(entry))
        return cls({text: tuple(one.values()) for text, one in found.items()}, ranges)

    def find(self, value: Any, day: date | None = None) -> str | None:
        """The code for `value` on `day`: by what it says, or as a number within a class; None when it is not one."""
        text = folded(value)
        return _only(self.codes.get(text, ()), text, day) or self._within(value, day)

    def _within(self, value: Any, day: date | None) -> str | None:
        if not self.ranges:
            return None
        unit = _UNIT.match(folded(value)) if isinstance(value, str) else None
        size = number(unit.group(1) if unit else value)
        if size is None:
            return None
        inside = [one for one in self.ranges if _holds(one, size)]
        return _only(inside, "", day)


def _only(found: Iterable[Code], text: str, day: date | None) -> str | None:
    """The one code that is meant: the code itself before any label, one valid that day (or still) before others."""
    known = list(found)
    if len(known) > 1:
        known = [one for one in known if one.code == text] or known
    if len(known) > 1:
        known = [one for one in known if (one.is_valid(day) if day else one.valid_until is None)]
    return known[0].code if len(known) == 1 else None


def _bounds(entry: Code) -> tuple[float, float] | None:
    lower = [value for key, value in entry.properties.items() if key.endswith("_from")]
    upper = [value for key, value in entry.properties.items() if key.endswith("_until")]
    return (lower[0], upper[0] if upper else float("inf")) if lower else None


def _holds(entry: Code, size: float) -> bool:
    bounds = _bounds(entry)
    return bounds is not None and bounds[0] <= size < bounds[1]


@frozen
class Points:
    """Finds the service point that is meant by a cell: by id or by name."""

    ids: Mapping[str, str]

    @classmethod
    def of(cls, places: Gazetteer) -> "Points":
        """For the service points of `places`; a name that two of them have finds neither."""
        found: dict[str, set[str]] = {}
        for point in places.service_points:
            for text in {folded(point.name), folded(point.public_name or "")} - {""}:
                found.setdefault(text, set()).add(point.id)
        names = {text: next(iter(ids)) for text, ids in found.items() if len(ids) == 1}
        return cls(names | {folded(point.id): point.id for point in places.service_points})

    def find(self, value: Any) -> str | None:
        """The id for `value`; None when it is not the name of one."""
        return self.ids.get(folded(value))


def channels(themes: Themes, theme: str) -> Labels:
    """The ways of contact of all versions of `theme`."""
    ids = dict.fromkeys(one.channels for one in themes.versions(theme.partition("@")[0]))
    return Labels.of(*(themes.codelist(one) for one in ids))
