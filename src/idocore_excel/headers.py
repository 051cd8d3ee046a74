"""The columns of a profile found in a sheet, by what stands above them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from attrs import frozen

from idocore import ExchangeError
from idocore_excel.books import Merged, Row
from idocore_excel.cells import column_index, letters
from idocore_excel.profiles import ALL, Column, Profile
from idocore_excel.targets import ignores_rest
from idocore_excel.values import folded, is_blank, plain


@frozen
class Bound:
    """A column of the profile at its place (from 0) in the sheet; `header` is what stands above it."""

    column: Column
    index: int
    header: str = ""


def joined(rows: Iterable[Row], header: Sequence[int], merged: Sequence[Merged]) -> dict[int, tuple[Any, ...]]:
    """What stands above each column, from top to bottom; merged headers hold for all their columns."""
    found: dict[int, dict[int, Any]] = {}
    for row in rows:
        if row.number in header:
            cells = {index: value for index, value in enumerate(row.cells) if not is_blank(value)}
            for index, value in cells.items():
                found.setdefault(index, {})[row.number] = value
    for top, left, bottom, right in merged:
        value = found.get(left - 1, {}).get(top)
        for number in header:
            if value is not None and top <= number <= bottom:
                for index in range(left - 1, right):
                    found.setdefault(index, {}).setdefault(number, value)
    return {index: tuple(parts[number] for number in sorted(parts)) for index, parts in sorted(found.items())}


def heading(parts: Iterable[Any]) -> str:
    """Header lines as one text; a line that repeats the one above it counts once."""
    texts = [plain(part) for part in parts]
    return " ".join(text for number, text in enumerate(texts) if number == 0 or texts[number - 1] != text)


def bind(
    profile: Profile, sheet: str, headers: Mapping[int, str], nameless: Callable[[tuple[Bound, ...]], Iterable[int]]
) -> tuple[Bound, ...]:
    """The columns of `profile` at their places; raises ExchangeError that names all that are missing or left over.

    `nameless` gives the places of the columns that hold something under no header, once those of the profile are known.
    """
    found: list[Bound] = []
    missing: list[str] = []
    for column in profile.columns:
        places = _places(column, headers)
        if len(places) > 1:
            raise ExchangeError(
                "column-ambiguous", sheet=sheet, column=column.name, letters=[letters(one) for one in places]
            )
        if not places:
            missing.append(column.name)
        found += [Bound(column, index, headers.get(index, "")) for index in places]
    left = _left_over(profile, headers, {one.index for one in found})
    if missing:
        raise ExchangeError("columns-missing", sheet=sheet, missing=missing, known=left or list(headers.values()))
    left = [] if profile.dates_across else left
    if not ignores_rest(profile):
        left += [letters(index) for index in nameless(tuple(found))]
    if left:
        raise ExchangeError("columns-left-over", sheet=sheet, left=left)
    return tuple(found)


def _places(column: Column, headers: Mapping[int, str]) -> list[int]:
    if column.letter is not None:
        return [column_index(column.letter)]
    wanted = folded(column.header)
    same = [index for index, text in headers.items() if folded(text) == wanted]
    if same or "*" not in wanted:
        return same
    return [index for index, text in headers.items() if fnmatchcase(folded(text), wanted)]


def _left_over(profile: Profile, headers: Mapping[int, str], bound: set[int]) -> list[str]:
    """The headers of the columns that are neither mapped nor ignored."""
    if ignores_rest(profile):
        return []
    ignored = is_ignored(profile, headers)
    return [text for index, text in headers.items() if index not in bound and index not in ignored]


def is_ignored(profile: Profile, headers: Mapping[int, str]) -> set[int]:
    """The places of the columns that the profile leaves out, by header or letter."""
    return named([name for name in profile.ignore if name != ALL], headers)


def named(wanted: Iterable[str], headers: Mapping[int, str]) -> set[int]:
    """The places of the columns that are meant by these headers, patterns or letters."""
    names = {folded(name) for name in wanted}
    return {
        index
        for index, text in headers.items()
        if folded(text) in names
        or letters(index).casefold() in names
        or any(fnmatchcase(folded(text), n) for n in names)
    }
