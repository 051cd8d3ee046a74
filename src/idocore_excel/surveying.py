"""An unknown sheet looked over: where its header is, what its columns hold, what shape it has."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice, pairwise
from typing import Any, Final

from attrs import define, evolve, field

from idocore_excel.books import Book, Merged, Row
from idocore_excel.guessing import Column, Guess, Vocabulary, filled, guess
from idocore_excel.headers import heading, joined
from idocore_excel.labels import words
from idocore_excel.profiles import TOTALS, Shape
from idocore_excel.tables import others, seen
from idocore_excel.values import Order, folded, is_blank, moment, number, plain

_SAMPLE: Final = 3000
_HEADER_WITHIN: Final = 20
_ACROSS: Final = 3
_YEAR: Final = re.compile(r"(?:19|20)\d{2}")


@define
class Survey:
    """What was seen of one sheet."""

    sheet: str
    is_first: bool
    header: tuple[int, ...]
    guesses: list[Guess]
    columns: list[Column] = field(repr=False)
    shape: Shape = Shape.VISITS
    dates_across: bool = False
    order: Order = "dmy"
    year: int | None = None
    by_month: bool = False
    unavailable: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    largest_step: int | None = None
    nameless: tuple[int, ...] = ()
    """The columns that hold something under no header."""
    others: tuple[str, ...] = ()
    """The other visible sheets that hold something."""

    def guessed(self, to: str) -> Column | None:
        """The column that goes to that path."""
        return next((self.columns[n] for n, one in enumerate(self.guesses) if one.to == to), None)


def survey(book: Book, vocabulary: Vocabulary, name: str) -> Survey | None:
    """The first visible sheet that holds something; None when there is none. `name` is that of the file."""
    visible = seen(book)
    for number_, sheet in enumerate(visible):
        rows = list(islice(book.rows(sheet), _SAMPLE))
        if rows:
            found = _survey(rows, book.merged(sheet), vocabulary)
            found.sheet, found.is_first = sheet, number_ == 0
            found.others = tuple(others(book, visible[: number_ + 1]))
            _date(found, f"{sheet} {name}")
            return found
    return None


def _survey(rows: Sequence[Row], merged: Sequence[Merged], vocabulary: Vocabulary) -> Survey:
    header = _header(rows, merged, vocabulary)
    above = joined([one for one in rows if one.number <= header[-1]], header, merged)
    body = [one.cells for one in rows if one.number > header[-1] and not _is_total(one.cells)]
    columns = [
        Column(index, heading(parts), plain(parts[-1]), filled(_nth(cells, index) for cells in body))
        for index, parts in above.items()
    ]
    across = sum(moment(parts[-1], year=2000) is not None for parts in above.values()) >= _ACROSS
    guesses = [Guess(one.index, one.header) if across and _is_date(one) else guess(one, vocabulary) for one in columns]
    found = Survey("", True, header, guesses, columns, dates_across=across)
    found.nameless = tuple(
        sorted({n for cells in body for n, value in enumerate(cells) if not is_blank(value)} - above.keys())
    )
    _shape(found)
    return found


def _is_date(column: Column) -> bool:
    return moment(column.last_line, year=2000) is not None


def _nth(cells: Sequence[Any], index: int) -> Any:
    return cells[index] if index < len(cells) else None


def _is_total(cells: Sequence[Any]) -> bool:
    first = next((folded(one) for one in cells if not is_blank(one)), "")
    return any(first == word or first.startswith(f"{word} ") for word in TOTALS)


def _header(rows: Sequence[Row], merged: Sequence[Merged], vocabulary: Vocabulary) -> tuple[int, ...]:
    """The numbers of the header rows: the row that says most that we know, and a line of groups above or below it."""
    first = rows[:_HEADER_WITHIN]
    best = max(first, key=lambda row: (_score(row.cells, vocabulary), -row.number))
    near = {row.number: filled(row.cells) for row in first}
    wide = len(near[best.number])
    groups = {top for top, left, bottom, right in merged if top == bottom and 1 < right - left + 1 < max(wide, 3)}
    if best.number - 1 in near and best.number - 1 in groups:
        return best.number - 1, best.number
    below = near.get(best.number + 1, [])
    if best.number in groups and below and all(isinstance(one, str) for one in below):
        return best.number, best.number + 1
    return (best.number,)


def _score(cells: Sequence[Any], vocabulary: Vocabulary) -> float:
    texts = filled(cells)
    dates = sum(moment(one, year=2000) is not None for one in texts)
    score = 2.0 * dates if dates >= _ACROSS else -1.0 * dates
    for one in texts:
        if isinstance(one, str) and moment(one, year=2000) is None:
            known = 4 if vocabulary.path(one) else 2 if vocabulary.code(one) else 1
            score += known if number(one) is None else -1
        elif not isinstance(one, str) and moment(one) is None:
            score -= 1
    return score


def _shape(found: Survey) -> None:
    """Settle the shape, and with it what the columns of numbers are."""
    texts = [one for one in found.guesses if one.to and one.to.startswith("inquiries.") and one.code is None]
    numbers = [n for n, one in enumerate(found.guesses) if _counts(one, found.columns[n])]
    reading = [n for n in range(len(found.guesses)) if _is_counter(found, n)]
    if found.dates_across:
        found.shape = Shape.CROSSTAB
    elif reading and not texts and found.guessed("moment"):
        found.shape = Shape.COUNTER
        for n in reading:
            found.guesses[n] = evolve(found.guesses[n], to="reading", code=None)
        _steps(found, found.columns[reading[0]])
    elif numbers and not texts and found.guessed("moment"):
        found.shape = Shape.CROSSTAB
    elif found.guessed("visitor") and _repeats(found.guessed("visitor")):
        found.shape = Shape.INQUIRIES
    _unavailable(found)
    _only_once(found, texts)


def _counts(one: Guess, column: Column) -> bool:
    return one.to in ("count", "inquiries.count") or (one.code is not None and not column.is_crosses)


def _is_counter(found: Survey, n: int) -> bool:
    """Whether the numbers go on and on: by what is said above them, or by their size."""
    column, one = found.columns[n], found.guesses[n]
    if one.to == "reading":
        return True
    if one.to not in (None, "count") or not column.is_numbers:
        return False
    numbers = [value for value in map(number, column.values) if value is not None]
    steps = [b - a for a, b in pairwise(numbers)]
    rising = [step for step in steps if step >= 0]
    if len(rising) < 5 or len(rising) < 0.8 * len(steps):
        return False
    typical = sorted(rising)[len(rising) // 2]
    return sorted(numbers)[len(numbers) // 2] > 20 * max(typical, 1)


def _steps(found: Survey, column: Column) -> None:
    numbers = [value for value in map(number, column.values) if value is not None]
    steps = sorted(int(b - a) for a, b in pairwise(numbers) if b >= a)
    if steps:
        usual = steps[int(len(steps) * 0.95)]
        found.largest_step = max(100, -(-usual * 10 // 100) * 100)


def _repeats(column: Column | None) -> bool:
    """Whether neighbours have the same value, as the questions of one visitor."""
    return column is not None and any(folded(a) == folded(b) for a, b in pairwise(column.values))


def _unavailable(found: Survey) -> None:
    """The texts among numbers and dates that mean that nothing is known, or that nobody came."""
    known = {folded(one) for one in words()["skip"]["unknown"]}
    shut = {folded(one) for one in words()["skip"]["closed"]}
    seen: Counter[str] = Counter()
    for one, column in zip(found.guesses, found.columns, strict=True):
        if _counts(one, column) or one.to in ("reading", "moment") or found.dates_across:
            seen.update(plain(value).strip("\"' ") for value in column.values if isinstance(value, str))
    found.unavailable = tuple(one for one in seen if folded(one) in known)
    found.closed = tuple(one for one in seen if folded(one) in shut)


def _only_once(found: Survey, texts: Sequence[Guess]) -> None:
    """Several columns for one path: questions are numbered, of others only the first counts."""
    seen: set[Any] = set()
    for n, one in enumerate(found.guesses):
        if one.to == "count" and texts and found.shape is not Shape.INQUIRIES:
            one = found.guesses[n] = evolve(one, to="inquiries.count")
        if one.to is None or one.code is not None:
            continue
        inquiry = one.inquiry
        while (one.to, inquiry) in seen and one.to.startswith("inquiries."):
            inquiry += 1
        if (one.to, inquiry) in seen and one.to != "reading":
            found.guesses[n] = evolve(one, to=None)
            continue
        seen.add((one.to, inquiry))
        found.guesses[n] = evolve(one, inquiry=inquiry)


def _date(found: Survey, name: str) -> None:
    """In which order dates are written, whether they lack a year, and whether they are months."""
    column = found.guessed("moment")
    values = [one.last_line for one in found.columns if _is_date(one)] if found.dates_across else []
    values = values or (list(column.values) if column else [])
    if sum(moment(one, "mdy") is not None for one in values) > sum(moment(one) is not None for one in values):
        found.order = "mdy"
    years = _YEAR.findall(name)
    lines = {moment(one.header) for one in found.columns if _is_date(one)} if found.dates_across else {None}
    if values and years and lines == {None} and all(moment(one, found.order) is None for one in values):
        found.year = int(years[0])
    days = {moment(one, found.order) or "" for one in values}
    found.by_month = len(days) > 1 and all(len(day) == 10 and day.endswith("-01") for day in days)
