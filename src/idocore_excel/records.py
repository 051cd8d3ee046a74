"""One row made into a record of the exchange format, with the address of the cell behind every path."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from attrs import define, field, frozen

from idocore import Field, FieldType, SheetRequest
from idocore_excel.fingerprints import Fingerprint, said
from idocore_excel.headers import Bound
from idocore_excel.labels import Labels, Points, channels
from idocore_excel.profiles import SHEET, Column, Profile
from idocore_excel.tables import Entry, Table
from idocore_excel.targets import NUMBERS, fields
from idocore_excel.values import boolean, clock, folded, is_blank, number, parts, plain


@frozen
class Found:
    """A value that was read, and the address of its cell."""

    value: Any
    cell: str


@define
class Record:
    """A record in the making: raw values and the cells behind them."""

    raw: dict[str, Any] = field(factory=dict)
    cells: dict[str, str] = field(factory=dict)
    first: str = ""

    def put(self, path: str, found: Found) -> None:
        """Set the value at a path of the record itself (``channel``) or of its answers (``answers.duration``)."""
        part, _, key = path.partition(".")
        self.cells.setdefault(path, found.cell)
        if found.value is None:
            return
        self.cells[path] = found.cell
        if key:
            self.raw.setdefault(part, {})[key] = found.value
        else:
            self.raw[part] = found.value


@frozen
class Translator:
    """Makes of cells what the core reads; what it cannot make anything of passes as it stands."""

    profile: Profile
    fields: Mapping[str, Field]
    labels: Mapping[str, Labels]
    points: Points
    skip: frozenset[str]

    @classmethod
    def of(cls, profile: Profile, request: SheetRequest) -> "Translator":
        """For the themes and places of `request`."""
        found = fields(request.themes, profile.theme)
        labels = {
            path: Labels.of(request.themes.codelist(entry.codelist)) for path, entry in found.items() if entry.codelist
        }
        labels["channel"] = channels(request.themes, profile.theme)
        skip = frozenset(folded(one) for one in (*profile.skip, *profile.counter.closed))
        return cls(profile, found, labels, Points.of(request.places), skip)

    def is_absent(self, value: Any) -> bool:
        """Whether a cell is blank or says that there is nothing to say."""
        return is_blank(value) or (isinstance(value, str) and folded(value) in self.skip)

    def fixed(self, path: str, sheet: str) -> Any:
        """The fixed value at `path`; None when there is none."""
        value = self.profile.fixed.get(path)
        return None if value is None else self.read(path, value.replace(SHEET, sheet), {}, None)

    def values(self, column: Column, value: Any, day: date | None) -> list[Any]:
        """What a cell of `column` says, as values of its path: none, one, or several codes."""
        if self.is_absent(value):
            return []
        if column.code is not None:
            return self._marked(column, value)
        codes = {folded(key): code for key, code in column.codes.items()}
        pieces = self._pieces(column, value, codes, day)
        found = (self.read(column.to, piece, codes, day) for piece in pieces)
        return [one for one in found if one is not None]

    def _marked(self, column: Column, value: Any) -> list[Any]:
        """The column's own code when there is an ``x``; something else is passed on."""
        given = boolean(value)
        if given is None and folded(value) != folded(column.code):
            return [plain(value)]
        return [] if given is False else [column.code]

    def _pieces(self, column: Column, value: Any, codes: Mapping[str, str], day: date | None) -> list[Any]:
        if not isinstance(value, str):
            return [value]
        if column.separator:
            return list(parts(value, column.separator))
        entry = self.fields.get(column.to)
        several = entry is not None and entry.type is FieldType.CODES
        if not several or folded(value) in codes or self.labels[column.to].find(value, day):
            return [value]
        for separator in ("\n", ";", "|", ","):
            if separator in value:
                return list(parts(value, separator))
        return [value]

    def read(self, path: str, value: Any, codes: Mapping[str, str], day: date | None) -> Any:
        """`value` as it belongs at `path`; as it stands when it cannot be read."""
        translated = codes.get(folded(value))
        if translated is not None:
            value = translated
        if is_blank(value):
            return None
        if path == "service_point":
            return self.points.find(value) or plain(value)
        if path in self.labels:
            return self.labels[path].find(value, day) or plain(value)
        if path in NUMBERS:
            return _or(number(value), value)
        return self._typed(path, value)

    def _typed(self, path: str, value: Any) -> Any:
        entry = self.fields.get(path)
        match entry.type if entry else None:
            case FieldType.BOOLEAN:
                return _or(boolean(value), plain(value))
            case FieldType.INTEGER:
                return _or(number(value), plain(value))
        return plain(value)


def _or(found: Any, otherwise: Any) -> Any:
    return otherwise if found is None else found


def moment_of(table: Table, entry: Entry, places: Mapping[str, int]) -> Found:
    """The moment of a row, from one column or from a day and a time; with the cell that is at fault, if one is."""
    index = places.get("moment", places.get("moment.date"))
    if index is None:
        return Found(table.profile.fixed.get("moment", ""), entry.at(0))
    value = entry.value(index)
    day = table.moment(value)
    if day is None:
        return Found("" if is_blank(value) else plain(value), entry.at(index))
    at = places.get("moment.time")
    hour = entry.value(at) if at is not None else None
    if at is None or is_blank(hour) or len(day) != 10:
        return Found(day, entry.at(index))
    found = clock(hour)
    if found is None:
        return Found(f"{day}T{plain(hour)}", entry.at(at))
    return Found(f"{day}T{found.isoformat()}", entry.at(index))


def day_of(moment: Any) -> date | None:
    """The first day that a moment in the exchange format may be of; None when it is none."""
    try:
        return date.fromisoformat(str(moment)[:10] if len(str(moment)) > 7 else f"{moment}-01")
    except ValueError:
        return None


@define
class Rows:
    """Makes records of the rows of one table."""

    table: Table
    translator: Translator
    sheet: str = field(init=False)
    places: dict[str, int] = field(init=False)
    fixed: dict[str, Any] = field(init=False)
    fingerprint: Fingerprint = field(init=False)
    of_sheet: list[list[Any]] = field(init=False)
    """The fixed service point, and what is fixed by the sheet's name: equal rows of two sheets differ in it."""

    def __attrs_post_init__(self) -> None:
        self.sheet = self.table.sheet
        self.places = {one.column.to: one.index for one in reversed(self.table.bound)}
        self.fixed = {path: self.translator.fixed(path, self.sheet) for path in self.table.profile.fixed}
        self.fingerprint = Fingerprint.of_table(self.table)
        said = self.table.profile.fixed.items()
        by_sheet = {path for path, value in said if path == "service_point" or SHEET in value}
        self.of_sheet = [[path, self.fixed[path]] for path in sorted(by_sheet)]

    def start(self, entry: Entry) -> tuple[Record, date | None]:
        """A record with what holds for the whole row: theme, overrides, fixed values, the moment."""
        profile = self.table.profile
        record = Record({"theme": profile.theme}, first=self.first(entry))
        if profile.overrides:
            record.raw["overrides"] = dict(profile.overrides)
        for path, value in self.fixed.items():
            if not path.startswith("inquiries"):
                record.put(path, Found(value, record.first))
                record.cells.pop(path)
        moment = moment_of(self.table, entry, self.places)
        record.put("moment", moment)
        return record, day_of(moment.value)

    def first(self, entry: Entry) -> str:
        """The address of the first mapped cell of the row that is filled in."""
        filled = sorted(one.index for one in self.table.bound if not is_blank(entry.value(one.index)))
        return entry.at(filled[0] if filled else 0)

    def of_visit(self, wanted: Callable[[Bound], bool] = lambda _: True) -> Iterator[Bound]:
        """The columns about the visit as a whole."""
        for bound in self.table.bound:
            to = bound.column.to
            if not to.startswith(("moment", "inquiries.")) and to not in ("visitor", "reading") and wanted(bound):
                yield bound

    def fill(self, record: Record, entry: Entry, day: date | None) -> None:
        """Put in what the row says of the visit as a whole."""
        for bound in self.of_visit():
            self._fill_one(record, bound, Found(entry.value(bound.index), entry.at(bound.index)), day)

    def _fill_one(self, record: Record, bound: Bound, cell: Found, day: date | None) -> None:
        path = bound.column.to
        found = self.translator.values(bound.column, cell.value, day)
        if not found:
            record.cells.setdefault(path, cell.cell)
            return
        before = record.raw.get("answers", {}).get(path.partition(".")[2]) if path in self.translator.fields else None
        entry = self.translator.fields.get(path)
        record.put(path, Found(_together(entry, before, found), cell.cell))

    def source(self, entry: Entry) -> list[list[Any]]:
        """What the row is known by: all that stands in it, and what its sheet stands for."""
        return [*self.of_sheet, *self.fingerprint.of(entry)]

    def visitor(self, entry: Entry, visitor: str) -> list[Any]:
        """What a visitor of several rows is known by: number, day and service point, as they stand there."""
        day = self.said_at(entry, "moment") or self.said_at(entry, "moment.date")
        return [visitor, day[:_DAY] or self.fixed.get("moment"), self.said_at(entry, "service_point"), *self.of_sheet]

    def said_at(self, entry: Entry, path: str) -> str:
        """What the cell for `path` says, whatever the profile makes of it; empty without such a column."""
        return said(entry.value(self.places[path])) if path in self.places else ""


_DAY: Final = len("2024-05-01")


def _together(entry: Field | None, before: Any, found: list[Any]) -> Any:
    """The values of one path, from one cell or several columns; two codes where one fits are left to be found."""
    if entry is not None and entry.type is FieldType.CODES:
        return list(dict.fromkeys([*(before or ()), *found]))
    if entry is not None and entry.type is FieldType.TEXT:
        return "; ".join([*([before] if before else ()), *map(str, found)])
    every = [*([before] if before is not None else ()), *found]
    return every[0] if len(set(map(str, every))) == 1 else every
