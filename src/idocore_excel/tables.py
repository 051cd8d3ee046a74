"""A sheet as a profile sees it: its columns found, merged cells filled in, and every row either read or told why not.

The rows that count are those from the profile's first row to the last one that is filled in. Rows above it (titles,
headers) hold no records and are not counted.
"""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Final

from attrs import define, field, frozen

from idocore import ExchangeError
from idocore_excel.books import Book, Merged, Row
from idocore_excel.cells import at, column_index, is_letters
from idocore_excel.headers import Bound, bind, heading, joined
from idocore_excel.own_sheets import REMARKS
from idocore_excel.profiles import Profile
from idocore_excel.targets import counts
from idocore_excel.values import folded, is_blank, moment

BLANK: Final = "row-blank"
_KEYS: Final = ("id", "visitor")


@frozen
class Entry:
    """A row of the sheet; with `why` it holds no record, and stands for so many `rows` of the kind."""

    number: int
    cells: Sequence[Any] = ()
    why: str | None = None
    rows: int = 1

    def value(self, index: int) -> Any:
        """What the cell in that column holds; None for an empty one."""
        return self.cells[index] if index < len(self.cells) else None

    def at(self, index: int) -> str:
        """The address of the cell in that column."""
        return at(self.number, index)


def seen(book: Book) -> list[str]:
    """The sheets that people see, but for those of ours."""
    return [one.name for one in book.sheets if not one.is_hidden and one.name not in REMARKS.values()]


def others(book: Book, known: Collection[str]) -> Iterator[str]:
    """The sheets that people see and that hold something, beside those that are known."""
    return (name for name in seen(book) if name not in known and book.is_filled(name))


def chosen(book: Book, profile: Profile) -> tuple[str, ...]:
    """The sheets that the profile means: by name, visible ones by pattern, else the first visible."""
    visible = seen(book)
    if not profile.sheets:
        return tuple(visible[:1])
    every = [one.name for one in book.sheets]
    found = {
        name: None
        for wanted in profile.sheets
        for name in every
        if name == wanted or (name in visible and fnmatchcase(folded(name), folded(wanted)))
    }
    if not found:
        raise ExchangeError("sheet-not-found", wanted=profile.sheets, known=visible)
    return tuple(name for name in every if name in found)


@define
class Table:
    """One sheet, read by `profile`."""

    book: Book
    sheet: str
    profile: Profile
    bound: tuple[Bound, ...] = field(init=False, default=())
    headers: Mapping[int, str] = field(init=False, factory=dict)
    raw_headers: Mapping[int, tuple[Any, ...]] = field(init=False, factory=dict)
    _merged: tuple[Merged, ...] = field(init=False, default=())
    _kept: dict[Merged, Any] = field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        self._merged = tuple(self.book.merged(self.sheet))
        above: list[Any] = []
        for row in self.book.rows(self.sheet):
            if row.number >= self.profile.first:
                break
            above.append(row)
        self.raw_headers = joined(above, self.profile.header, self._merged)
        self.headers = {index: heading(parts) for index, parts in self.raw_headers.items()}
        self.bound = bind(self.profile, self.sheet, self.headers, self._nameless)

    def _nameless(self, bound: tuple[Bound, ...]) -> list[int]:
        """The columns without a header, neither mapped nor ignored, that hold something in a row with a record."""
        self.bound = bound
        known = {*self.headers, *(one.index for one in bound)}
        known |= set(map(column_index, filter(is_letters, self.profile.ignore)))
        found: set[int] = set()
        for row in self._body():
            more = {n for n, value in enumerate(row.cells) if n not in known and not is_blank(value)}
            if more - found and self._why(row.cells) is None:
                found |= more
        return sorted(found)

    def _body(self) -> Iterator[Row]:
        """The rows that may hold records."""
        for row in self.book.rows(self.sheet):
            if self.profile.last_row is not None and row.number > self.profile.last_row:
                return
            if row.number >= self.profile.first:
                yield row

    def entries(self) -> Iterator[Entry]:
        """Every row from the first to the last one filled in, in order; runs of blank rows as one."""
        expected = self.profile.first
        waiting, ranges = deque(sorted(self._merged)), list[Merged]()
        for row in self._body():
            if row.number > expected:
                yield Entry(expected, why=BLANK, rows=row.number - expected)
            expected = row.number + 1
            while waiting and waiting[0][0] <= row.number:
                ranges.append(waiting.popleft())
            ranges = [one for one in ranges if row.number <= one[2]]
            yield self._entry(row.number, row.cells, ranges)

    def _entry(self, number: int, cells: Sequence[Any], ranges: Sequence[Merged]) -> Entry:
        if self._is_heading(ranges):
            return Entry(number, cells, "row-heading")
        filled = self._filled(number, cells, ranges) if ranges else cells
        return Entry(number, filled, self._why(filled))

    def _filled(self, number: int, cells: Sequence[Any], ranges: Iterable[Merged]) -> Sequence[Any]:
        """`cells` with the value of a merged range in each of its cells; numbers that count stay where they are."""
        counting = {one.index for one in self.bound if counts(one.column)}
        found = dict(enumerate(cells))
        for range_ in ranges:
            value = self._value_of(range_, number, cells)
            found |= {index: value for index in range(range_[1] - 1, range_[3]) if index not in counting}
        return [found.get(index) for index in range(max(found, default=-1) + 1)]

    def _value_of(self, range_: Merged, number: int, cells: Sequence[Any]) -> Any:
        if number == range_[0]:
            index = range_[1] - 1
            self._kept[range_] = cells[index] if index < len(cells) else None
        return self._kept.get(range_)

    def _is_heading(self, ranges: Iterable[Merged]) -> bool:
        """Whether one text goes across the columns that a record is read from."""
        for top, left, bottom, right in ranges:
            inside = {one.index for one in self.bound if left <= one.index + 1 <= right}
            keys = {one.index for one in self.bound if one.column.to.startswith("moment")}
            if top == bottom and len(inside) > 1 and keys & inside:
                return True
        return False

    def _why(self, cells: Sequence[Any]) -> str | None:
        """Why a row holds no record, if it does not."""
        mapped = {one.index: cells[one.index] for one in self.bound if one.index < len(cells)}
        filled = [one for one in self.bound if not is_blank(mapped.get(one.index))]
        across = self.profile.dates_across and any(not is_blank(value) for value in cells)
        if not filled and not across:
            return BLANK
        if self._is_header(cells):
            return "row-header"
        if self._is_total(cells):
            return "row-total"
        if not across and all(one.column.to in _KEYS for one in filled):
            return "row-unused"
        return None

    def _is_header(self, cells: Sequence[Any]) -> bool:
        """Whether the headers stand there once more."""
        texts = {index: folded(value) for index, value in enumerate(cells) if not is_blank(value)}
        lasts = {index: {folded(one) for one in parts} for index, parts in self.raw_headers.items()}
        same = sum(text in lasts.get(index, ()) for index, text in texts.items())
        return len(texts) > 1 and same * 2 > len(texts) and same == sum(not _is_number(one) for one in texts.values())

    def _is_total(self, cells: Sequence[Any]) -> bool:
        words = tuple(folded(one) for one in self.profile.totals)
        first = next((value for value in cells if isinstance(value, str) and not is_blank(value)), None)
        text = folded(first)
        if not any(text == word or text.startswith(f"{word} ") for word in words):
            return False
        dates = [one.index for one in self.bound if one.column.to in ("moment", "moment.date")]
        return all(index >= len(cells) or self.moment(cells[index]) is None for index in dates)

    def moment(self, value: Any) -> str | None:
        """A moment as the profile reads it."""
        return moment(value, self.profile.dates, self.profile.year)


def _is_number(text: str) -> bool:
    return text.replace(".", "").replace(",", "").isdigit()
