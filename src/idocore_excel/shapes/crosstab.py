"""Counts per day or month: every cell with a number is a tally, known by its day, its labels and its header.

The days go down the rows, or across the header (`dates_across`); the codes go the other way.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from idocore import Finding, Line, Origin
from idocore_excel.fingerprints import said
from idocore_excel.headers import Bound, is_ignored
from idocore_excel.profiles import Column
from idocore_excel.records import Found, Record, day_of
from idocore_excel.shapes.reading import Reading, hint
from idocore_excel.tables import Entry
from idocore_excel.targets import counts
from idocore_excel.values import folded, is_blank


@frozen
class Cell:
    """A cell that counts: in which row, in which column, of which moment, and what it holds."""

    entry: Entry
    bound: Bound
    moment: Found | None = None

    @property
    def value(self) -> Any:
        """What it holds."""
        return self.entry.value(self.bound.index)

    @property
    def address(self) -> str:
        """Where it stands."""
        return self.entry.at(self.bound.index)


def read(reading: Reading) -> Iterator[Line]:
    """A line for every cell that counts; those of one row that hold nothing go together."""
    cells = _across(reading) if reading.table.profile.dates_across else down(reading)
    for entry in reading.table.entries():
        if entry.why:
            yield reading.skipped(entry, hint(entry.why), entry.rows * max(len(cells), 1))
            continue
        blank = [one for one in cells if is_blank(entry.value(one.bound.index))]
        if blank:
            yield reading.skipped(entry, hint("cell-blank"), len(blank), blank[0].bound.index)
        nameless = _nameless(reading, entry)
        for one in cells:
            cell = Cell(entry, one.bound, one.moment)
            if not is_blank(cell.value):
                yield _line(reading, cell) if nameless is None else _unnamed(reading, cell, nameless)


def down(reading: Reading) -> tuple[Cell, ...]:
    """The columns that count, where each row has its own moment."""
    return tuple(Cell(Entry(0), one) for one in reading.table.bound if counts(one.column))


def _across(reading: Reading) -> tuple[Cell, ...]:
    """The columns that count, where the header has the moments; headers of totals are left out."""
    table = reading.table
    mapped = {one.index for one in table.bound}
    ignored = is_ignored(table.profile, table.headers)
    totals = {folded(one) for one in table.profile.totals}
    row = max(table.profile.header, default=1)
    found = []
    for index, parts in table.raw_headers.items():
        if index in mapped or index in ignored or folded(parts[-1]) in totals:
            continue
        text = table.moment(table.headers[index]) or table.moment(parts[-1]) or table.headers[index]
        bound = Bound(Column("inquiries.count", header=table.headers[index]), index)
        found.append(Cell(Entry(0), bound, Found(text, Entry(row).at(index))))
    return tuple(found)


def _nameless(reading: Reading, entry: Entry) -> Bound | None:
    """The label column of a table with the days across, when the row leaves open what it counts."""
    labels = [one for one in reading.table.bound if reading.table.profile.dates_across]
    blank = all(is_blank(entry.value(one.index)) for one in labels)
    return labels[0] if labels and blank else None


def _unnamed(reading: Reading, cell: Cell, label: Bound) -> Line:
    """A number of which nobody knows what it counts."""
    path, address = label.column.to, cell.entry.at(label.index)
    finding = Finding("required", path, parameters={"label": label.header})
    origin = Origin(reading.table.sheet, cell.address, cells={path: address})
    return Line(cell.entry.number, None, finding, origin=origin)


def _line(reading: Reading, cell: Cell) -> Line:
    value = reading.translator.read("count", cell.value, {}, None)
    if reading.translator.is_absent(cell.value):
        return reading.skipped(cell.entry, hint("cell-skipped"), 1, cell.bound.index)
    if value == 0 and not isinstance(value, bool):
        return reading.skipped(cell.entry, hint("cell-zero"), 1, cell.bound.index)
    record = tally(reading, cell, value)
    return reading.line(cell.entry.number, record)


def tally(reading: Reading, cell: Cell, value: Any) -> Record:
    """The tally of `value` visitors or inquiries that a cell stands for; what it is known by depends on no code."""
    record, day = reading.rows.start(cell.entry)
    if cell.moment is not None:
        record.put("moment", cell.moment)
        day = day_of(cell.moment.value)
    record.first = cell.address
    record.raw |= {"kind": "tally", "count": None}
    about = _about(reading, cell, day)
    asked = {path: found for path, found in about.items() if path.startswith("inquiries.")}
    for path, found in about.items():
        if path not in asked:
            record.put(path, found)
    if asked or cell.bound.column.to == "inquiries.count":
        _ask(record, asked, Found(value, cell.address))
    else:
        record.put("count", Found(value, cell.address))
    record.raw["id"] = reading.identities.next("cell", [reading.rows.of_sheet, *_known_by(reading, cell)])
    record.cells["id"] = cell.address
    return record


def _known_by(reading: Reading, cell: Cell) -> Iterator[list[Any]]:
    """What a cell is known by: the day and the labels of its row, and the header above it; never their meaning."""
    table, headers = reading.table, reading.rows.fingerprint.columns
    for bound in table.bound:
        if not counts(bound.column):
            yield [*headers.get(bound.index, ("", bound.index)), said(cell.entry.value(bound.index))]
    # A month that only the profile tells: the next month's sheet may have the same labels.
    yield [reading.rows.fixed.get("moment")]
    if table.profile.dates_across:
        yield [said(table.headers[cell.bound.index])]
    else:
        yield [*headers.get(cell.bound.index, ("", cell.bound.index))]


def _ask(record: Record, asked: Mapping[str, Found], count: Found) -> None:
    inquiry: dict[str, Any] = {"count": count.value}
    record.cells["inquiries[0].count"] = count.cell
    for path, found in asked.items():
        key = path.partition(".")[2]
        inquiry[key] = found.value
        record.cells[f"inquiries[0].{key}"] = found.cell
    record.raw["inquiries"] = [inquiry]


def _about(reading: Reading, cell: Cell, day: Any) -> dict[str, Found]:
    """What is counted, by path: what the profile says of the column, and the labels that stand in the row."""
    translator, column, entry = reading.translator, cell.bound.column, cell.entry
    fixed = {path: code for path, code in reading.rows.fixed.items() if path.startswith("inquiries.")}
    found = {path: Found(code, cell.address) for path, code in fixed.items()}
    for path, code in column.fixed.items():
        found[path] = Found(translator.read(path, code, {}, day), cell.address)
    if column.code is not None:
        found[column.to] = Found(translator.read(column.to, column.code, {}, day), cell.address)
    for bound in reading.table.bound:
        if counts(bound.column) or bound.column.to.startswith("moment"):
            continue
        values = translator.values(bound.column, entry.value(bound.index), day)
        if values:
            found[bound.column.to] = Found(_shaped(reading, bound.column.to, values), entry.at(bound.index))
    listed = {path: one for path, one in found.items() if _is_list(reading, path)}
    return found | {path: Found(_as_list(one.value), one.cell) for path, one in listed.items()}


def _is_list(reading: Reading, path: str) -> bool:
    entry = reading.translator.fields.get(path)
    return entry is not None and entry.type == "codes"


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _shaped(reading: Reading, path: str, values: list[Any]) -> Any:
    return values[0] if len(values) == 1 or not _is_list(reading, path) else values
