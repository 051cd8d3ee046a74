"""What a column of an unknown sheet may mean, by what stands above it and in it."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from typing import Any, Final

from attrs import evolve, field, frozen

from idocore import Field, FieldType, SheetRequest
from idocore_excel.labels import Labels, Points, channels, words
from idocore_excel.targets import NUMBERS, fields
from idocore_excel.values import boolean, clock, folded, is_blank, moment, number, plain

_MOST: Final = 0.6
_NEARLY_ALL: Final = 0.8
_NUMBERED: Final = re.compile(r"^(.*?)[ _-]*([1-9])$")
_ASIDE: Final = re.compile(r"\s*\([^)]*\)|[*?.]+$")


@frozen
class Guess:
    """What a column may mean: the path it goes to (None: nobody knows), its code if it stands for one."""

    index: int
    header: str
    to: str | None = None
    code: str | None = None
    inquiry: int = 1
    is_sure: bool = True
    unknown: tuple[str, ...] = ()
    """Values that no code was found for, the most frequent first."""


@frozen
class Vocabulary:
    """Every word that a theme, its code lists, the service points and our synonyms know."""

    fields: Mapping[str, Field]
    labels: Mapping[str, Labels]
    points: Points
    paths: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(cls, request: SheetRequest) -> "Vocabulary":
        """The words for `request`: its theme, its places."""
        found = fields(request.themes, request.theme)
        labels = {
            path: Labels.of(request.themes.codelist(entry.codelist)) for path, entry in found.items() if entry.codelist
        }
        labels["channel"] = channels(request.themes, request.theme)
        known = {**words()["paths"]}
        paths = {folded(text): path for path, texts in known.items() for text in texts if _is_there(path, found)}
        for path, entry in found.items():
            for text in (entry.key, entry.key.replace("_", " "), entry.label.nl, entry.label.en):
                paths.setdefault(folded(text).rstrip("?"), path)
        return cls(found, labels, Points.of(request.places), paths)

    def path(self, header: str) -> str | None:
        """The path that a header names."""
        text = folded(header)
        return self.paths.get(text) or self.paths.get(folded(_ASIDE.sub("", text)))

    def code(self, header: str) -> tuple[str, str] | None:
        """The path and code that a header names: a service point, or a code of a list."""
        point = self.points.find(header)
        if point:
            return "service_point", point
        for path, labels in self.labels.items():
            code = None if number(header) is not None else labels.find(header)
            if code:
                return path, code
        return None


def _is_there(path: str, known: Mapping[str, Field]) -> bool:
    return path in known or not path.startswith(("answers.", "inquiries.")) or path == "inquiries.count"


@frozen
class Column:
    """A column as it stands: its header (the last line of it apart) and the values under it."""

    index: int
    header: str
    last_line: str
    values: Sequence[Any] = field(repr=False)

    def share(self, wanted: Callable[[Any], Any]) -> float:
        """The share of the values that `wanted` can make something of."""
        return sum(wanted(one) is not None for one in self.values) / len(self.values) if self.values else 0.0

    @property
    def is_crosses(self) -> bool:
        """Whether it holds nothing but x, yes, no, 1 and 0."""
        return bool(self.values) and self.share(boolean) == 1

    @property
    def is_numbers(self) -> bool:
        """Whether it holds numbers, but for some that are not available."""
        found = [one for one in self.values if folded(one) not in _unavailable()]
        return bool(found) and sum(number(one) is not None for one in found) >= _NEARLY_ALL * len(found)


@cache
def _unavailable() -> frozenset[str]:
    return frozenset(folded(text) for texts in words()["skip"].values() for text in texts)


def guess(column: Column, vocabulary: Vocabulary) -> Guess:
    """What `column` may mean."""
    found = Guess(column.index, column.header)
    code = vocabulary.code(column.last_line) or vocabulary.code(column.header)
    path = vocabulary.path(column.header) or vocabulary.path(column.last_line)
    if code and (column.is_crosses or column.is_numbers) and path not in NUMBERS:
        return evolve(found, to=code[0], code=code[1])
    if path is None:
        numbered = _NUMBERED.match(folded(column.header))
        path = vocabulary.path(numbered.group(1)) if numbered else None
        if path and path.startswith("inquiries.") and numbered:
            found = evolve(found, inquiry=int(numbered.group(2)))
    if path is not None and _fits(column, path, vocabulary):
        return _checked(evolve(found, to=path), column, vocabulary)
    other = _by_values(column, vocabulary)
    return found if other is None else _checked(evolve(found, to=other, is_sure=False), column, vocabulary)


def _fits(column: Column, path: str, vocabulary: Vocabulary) -> bool:
    """Whether the values may well be what the header says."""
    if not column.values:
        return True
    if path == "moment":
        return column.share(_moment) >= _MOST
    if path == "moment.time":
        return column.share(clock) >= _MOST
    if path in NUMBERS:
        return column.is_numbers
    labels = vocabulary.labels.get(path)
    if labels is not None:
        return column.share(partial(_coded, labels)) > 0 and not column.is_crosses
    entry = vocabulary.fields.get(path)
    return entry is None or entry.type is not FieldType.BOOLEAN or column.is_crosses


def _by_values(column: Column, vocabulary: Vocabulary) -> str | None:
    """What the values look like, whatever the header."""
    if not column.values or column.is_numbers or column.is_crosses:
        return None
    if column.share(_moment) >= _NEARLY_ALL:
        return "moment"
    if column.share(clock) >= _NEARLY_ALL:
        return "moment.time"
    if column.share(vocabulary.points.find) >= _NEARLY_ALL:
        return "service_point"
    shares = {path: column.share(partial(_coded, labels)) for path, labels in vocabulary.labels.items()}
    best = max(shares, key=lambda path: shares[path], default=None)
    return best if best is not None and shares[best] >= _MOST else None


def _moment(value: Any) -> str | None:
    return moment(value) or moment(value, year=2000) or moment(value, "mdy")


def _coded(labels: Labels, value: Any) -> str | None:
    """The code of a value, or of the first of several in one cell."""
    return labels.find(value) or next((code for code in map(labels.find, pieces(value)) if code), None)


def pieces(value: Any) -> list[str]:
    """The values in a cell, if it holds several."""
    text = plain(value) if not isinstance(value, str) else value
    return [one for one in map(plain, re.split(r"[;|,\n]", text)) if one]


def _checked(found: Guess, column: Column, vocabulary: Vocabulary) -> Guess:
    """The guess with the values that could not be placed."""
    labels = vocabulary.labels.get(found.to or "")
    if found.to == "service_point":
        odd = Counter(plain(one) for one in column.values if vocabulary.points.find(one) is None)
    elif labels is not None:
        odd = Counter(plain(one) for one in column.values if _coded(labels, one) is None and not _ranged(labels, one))
    else:
        return found
    return evolve(found, unknown=tuple(text for text, _ in odd.most_common()), is_sure=found.is_sure and not odd)


def _ranged(labels: Labels, value: Any) -> bool:
    return bool(labels.ranges) and number(value) is not None


def filled(values: Iterable[Any]) -> list[Any]:
    """The values that are not blank."""
    return [one for one in values if not is_blank(one)]
