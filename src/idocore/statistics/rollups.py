"""Counts that a store keeps ready: by which dimensions, and which cuts they answer exactly.

A registration lies in exactly one service point and on one day, so counts by service point and span of days add up,
also those of distinct registrations, as long as nothing else is added up. What may be added up besides are dimensions
of which every registration has exactly one code.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, Final

import attrs
from attrs import field, frozen

from idocore.errors import InvalidQueryError
from idocore.statistics.cells import Cut, Dimension, Filter, Origin
from idocore.statistics.query import AMENDMENT, dimensions, named_dimension
from idocore.theme_files import Themes

MOST_DIMENSIONS: Final = 3
"""How many dimensions one rollup may have beside period, place and amendment, which every rollup has."""

_OF_MONTHS: Final = frozenset({"month", "quarter", "half_year", "year"})
_EVERYWHERE: Final = (Origin.PERIOD, Origin.PLACE, Origin.BOOKING)


def _by_name(value: Iterable[Dimension]) -> tuple[Dimension, ...]:
    return tuple(sorted(value, key=lambda one: one.name))


@frozen
class Rollup:
    """A set of dimensions of a theme by which counts are kept, for every service point and local month."""

    theme: str
    dimensions: tuple[Dimension, ...] = field(default=(), converter=_by_name)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the dimensions, in order of the alphabet."""
        return tuple(one.name for one in self.dimensions)

    @property
    def fingerprint(self) -> str:
        """What tells this meaning of the dimensions from others that they had before a theme or code list changed."""
        meanings = [attrs.asdict(one) for one in self.dimensions]
        text = json.dumps(meanings, default=_plain, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    return sorted(value) if isinstance(value, frozenset) else str(value)


def rollup_of(themes: Themes, theme: str, names: Iterable[str]) -> Rollup:
    """The rollup of `theme` by the dimensions with these names; raises InvalidQueryError that names the nearest."""
    if not themes.versions(theme):
        raise InvalidQueryError("unknown-theme", value=theme, known=themes.names())
    known = dimensions(themes, theme)
    chosen = [named_dimension(known, name) for name in dict.fromkeys(names)]
    wrong = [one.name for one in chosen if one.origin in _EVERYWHERE]
    if wrong or len(chosen) > MOST_DIMENSIONS:
        raise InvalidQueryError("invalid-rollup", value=wrong or [one.name for one in chosen], most=MOST_DIMENSIONS)
    return Rollup(theme, chosen)


def default_rollups(themes: Themes, theme: str) -> tuple[Rollup, ...]:
    """The rollups that a register begins with, by name."""
    known = dimensions(themes, theme)
    named = [(), *(names for names in _declared().get(theme, ()) if known.keys() >= set(names))]
    return tuple(rollup_of(themes, theme, names) for names in named)


@cache
def _declared() -> dict[str, tuple[tuple[str, ...], ...]]:
    text = resources.files("idocore.data").joinpath("rollups.toml").read_text(encoding="utf-8")
    return {theme: tuple(map(tuple, found["sets"])) for theme, found in tomllib.loads(text).items()}


def fitting(cut: Cut, rollups: Iterable[Rollup]) -> Rollup | None:
    """The smallest of `rollups` that answers `cut` exactly for whole months, or None: then the facts are scanned."""
    found = [one for one in rollups if one.theme == cut.theme and answers(one, cut)]
    return min(found, key=lambda one: (len(one.dimensions), one.names), default=None)


def answers(rollup: Rollup, cut: Cut) -> bool:
    """Whether the counts of `rollup` give the cells of `cut` exactly.

    Every dimension that the cut looks at is kept, and with the same meaning. A registration may have several codes of
    a dimension of inquiries or with multiple choice, so such a one is never added up: the cut splits by it, or asks for
    one code of it.
    """
    if cut.together is not None:
        return False
    looked_at = [*cut.dimensions, *(one.dimension for one in cut.filters)]
    if any(one.origin is Origin.PERIOD and one.name not in _OF_MONTHS for one in looked_at):
        return False
    if any(one.origin is Origin.BOOKING and one != AMENDMENT for one in looked_at):
        return False
    asked = {one for one in looked_at if one.origin not in _EVERYWHERE}
    # With == as well as by hash, since what a code counts as is no part of the hash.
    if not all(one in rollup.dimensions for one in asked):
        return False
    split = [one for one in rollup.dimensions if not has_one_code(one) and one not in cut.dimensions]
    return all(_asks_one_code(one, cut.filters) for one in split) and all(
        _adds_nothing(one, cut) for one in rollup.dimensions if not has_one_code(one)
    )


def has_one_code(dimension: Dimension) -> bool:
    """Whether every registration has exactly one code of `dimension` (or that it is not known)."""
    return not dimension.of_inquiry and not dimension.multiple


def _asks_one_code(dimension: Dimension, filters: Sequence[Filter]) -> bool:
    mine = [one.codes for one in filters if one.dimension == dimension]
    return len(mine) == 1 and mine[0] is not None and len(mine[0]) == 1


def _adds_nothing(dimension: Dimension, cut: Cut) -> bool:
    """Whether filters on `dimension` choose among the codes that the cut splits by, if it does.

    With multiple choice a filter chooses registrations or inquiries, which keep their other codes.
    """
    is_split = dimension in cut.dimensions
    return not (is_split and dimension.multiple and any(one.dimension == dimension for one in cut.filters))
