"""One row per question: the rows of one visitor, on one day at one service point, are one registration.

A row without a visitor and a moment goes with the row above it. What the rows say of the visit as a whole is taken from
the first that says it; when a later one says something else, the registration carries a remark.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from attrs import define, field

from idocore import Finding, Line
from idocore_excel import asked
from idocore_excel.records import Found, Record
from idocore_excel.shapes.reading import Reading, hint
from idocore_excel.tables import Entry
from idocore_excel.values import is_blank, plain


@define
class _Visit:
    number: int
    record: Record
    key: tuple[Any, ...]
    natural: Sequence[Any]
    """What its id is made of."""
    day: date | None = None
    rows: int = 0
    notes: list[Finding] = field(factory=list)


def read(reading: Reading) -> Iterator[Line]:
    """A line for every visitor, in the order of their first rows, and for every row that holds nothing."""
    visits: dict[tuple[Any, ...], _Visit] = {}
    lines: list[_Visit | Line] = []
    last: _Visit | None = None
    for entry in reading.table.entries():
        if entry.why:
            lines.append(reading.skipped(entry, hint(entry.why), entry.rows))
            continue
        last = _visit(reading, entry, visits, last)
        if last.rows == 0:
            lines.append(last)
        _add(reading, last, entry)
    for one in lines:
        yield one if isinstance(one, Line) else _line(reading, one)


def _visit(reading: Reading, entry: Entry, visits: dict[tuple[Any, ...], _Visit], last: _Visit | None) -> _Visit:
    """The visit that the row belongs to."""
    places = reading.rows.places
    visitor = plain(entry.value(places["visitor"])) if "visitor" in places else ""
    dated = [index for path, index in places.items() if path in ("moment", "moment.date")]
    has_moment = any(not is_blank(entry.value(index)) for index in dated)
    if last is not None and not has_moment and visitor in ("", last.key[0]):
        return last
    record, day = reading.rows.start(entry)
    reading.rows.fill(record, entry, day)
    when, where = str(day or record.raw["moment"]), str(record.raw.get("service_point", ""))
    if last is not None and visitor and not where and (visitor, when) == last.key[:2]:
        return last
    # A row without a number is a visitor of its own.
    key = (visitor, when, where) if visitor else (entry.number,)
    natural = reading.rows.visitor(entry, visitor) if visitor else reading.rows.source(entry)
    return visits.setdefault(key, _Visit(entry.number, record, key, natural, day))


def _add(reading: Reading, visit: _Visit, entry: Entry) -> None:
    visit.rows += 1
    record = visit.record
    if visit.rows > 1:
        _compare(reading, visit, entry)
    asked.add(record, reading.rows, entry, visit.day)


def _compare(reading: Reading, visit: _Visit, entry: Entry) -> None:
    """What a further row says of the visit: taken where nothing was said yet, remarked upon where it differs."""
    other = Record()
    reading.rows.fill(other, entry, visit.day)
    answers = {f"answers.{key}": value for key, value in other.raw.pop("answers", {}).items()}
    for path, value in {**other.raw, **answers}.items():
        part, _, key = path.partition(".")
        known = visit.record.raw.get(part, {}).get(key) if key else visit.record.raw.get(part)
        if known is None:
            visit.record.put(path, Found(value, other.cells[path]))
        elif known != value:
            visit.notes.append(hint("row-differs", path, cell=other.cells[path]))


def _line(reading: Reading, visit: _Visit) -> Line:
    record = visit.record
    reading.identify(record, "visit", visit.natural)
    return reading.line(visit.number, record, visit.rows, tuple(visit.notes))
