"""Forms read back, by what they say of themselves: no profile is needed, and an older version reads as it was."""

from collections.abc import Iterator
from datetime import time
from typing import Any, Final
from uuid import UUID, uuid5

from attrs import frozen

from idocore import ExchangeError, Finding, Line, Origin, Severity, SheetRequest
from idocore_excel import values
from idocore_excel.books import Book, Row, Value, address
from idocore_excel.form_identity import AskedColumn, Identity
from idocore_excel.form_layout import ANSWERS, CHANNEL, COUNT, DAY, ID, INQUIRIES, POINT, TIME, Kind
from idocore_excel.form_visits import Visit, Visits
from idocore_excel.own_sheets import IDENTITY

_SEPARATOR: Final = ";"


def is_form(book: Book) -> bool:
    """Whether `book` is a form of ours."""
    return any(sheet.name == IDENTITY for sheet in book.sheets)


def read_form(book: Book, request: SheetRequest) -> Iterator[Line]:
    """The visits in a form, each from one or more rows; the rows that were left blank are one skipped line.

    Raises ExchangeError for a form of a later version, or one that lost what it is read by.
    """
    identity = Identity.read(row.cells for row in book.rows(IDENTITY))
    if identity.theme not in request.themes.themes:
        raise ExchangeError("form-theme", sheet=identity.sheet, value=identity.theme[:40])
    if identity.sheet not in {sheet.name for sheet in book.sheets}:
        raise ExchangeError("form-damaged", sheet=identity.sheet[:40], reason="sheet")
    found = Visits(identity)
    for row in book.rows(identity.sheet):
        if row.number >= identity.first_row:
            found.add(row)
    asks_inquiries = request.themes.get(identity.theme).min_inquiries > 0
    records = _Records(identity, request.source, asks_inquiries)
    yield from map(records.line, found.visits)
    if found.blank:
        yield _skipped(identity, found.blank)


def _skipped(identity: Identity, rows: list[int]) -> Line:
    finding = Finding("form-rows-blank", severity=Severity.HINT)
    origin = Origin(identity.sheet, address(rows[0], identity.first_column), len(rows))
    return Line(rows[0], None, finding, origin=origin)


@frozen
class _Records:
    """Makes records of visits; without `asks_inquiries` a row may be about the visit alone."""

    identity: Identity
    source: str
    asks_inquiries: bool

    def line(self, visit: Visit) -> Line:
        number = visit.rows[0].number
        first = address(number, self.identity.first_column)
        origin = Origin(self.identity.sheet, first, len(visit.rows), dict(self._cells(visit)))
        raw = None if visit.fault else self._raw(visit)
        return Line(number, raw, visit.fault, origin=origin)

    def _cells(self, visit: Visit) -> Iterator[tuple[str, str]]:
        first = visit.rows[0].number
        for one in reversed(self.identity.columns):  # of several columns of a field the first one has it
            if one.path.startswith(INQUIRIES):
                for ordinal, row in enumerate(visit.rows):
                    key = one.path.removeprefix(INQUIRIES)
                    yield f"inquiries[{ordinal}].{key}", address(row.number, one.number)
            elif one.path != ID:
                yield "moment" if one.path == DAY else one.path, address(first, one.number)
        if visit.fault:
            yield visit.fault.path, visit.fault_at

    def _raw(self, visit: Visit) -> dict[str, Any]:
        first = visit.rows[0]
        raw: dict[str, Any] = {
            "id": self._id(values.plain(self.identity.at(first, ID))),
            "theme": self.identity.theme,
            "service_point": self.identity.point or self._choice(POINT, self.identity.at(first, POINT)),
            "moment": _moment(self.identity.at(first, DAY), self.identity.at(first, TIME)),
        }
        if self.identity.has(COUNT):
            count = self.identity.at(first, COUNT)
            raw |= {"kind": "tally", "count": values.number(count) if values.number(count) is not None else count}
        raw["channel"] = self._choice(CHANNEL, self.identity.at(first, CHANNEL))
        raw["answers"] = self._answers(first, ANSWERS)
        inquiries = [self._answers(row, INQUIRIES) for row in visit.rows]
        raw["inquiries"] = inquiries if self.asks_inquiries else [one for one in inquiries if one]
        always = ("service_point", "moment", "count")
        return {key: value for key, value in raw.items() if value or key in always}

    def _id(self, one: str) -> str:
        return str(uuid5(UUID(one), self.source)) if self.source else one

    def _answers(self, row: Row, prefix: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for column in self.identity.columns:
            value = self.identity.cell(row, column)
            if column.path.startswith(prefix) and not values.is_blank(value):
                key = column.path.removeprefix(prefix)
                answer = self._answer(column, value)
                found[key] = [*found.get(key, ()), *answer] if column.kind is Kind.CHOICES else answer
        return found

    def _answer(self, column: AskedColumn, value: Value) -> Any:
        read: Any
        match column.kind:
            case Kind.CHOICE:
                read = self._choice(column.path, value)
            case Kind.CHOICES:
                read = self._several(column.path, value)
            case Kind.YES_NO:
                read = _YES_NO.get(self._choice(column.path, value), values.boolean(value))
            case Kind.NUMBER:
                read = values.number(value)
            case _:
                read = value if isinstance(value, str) else values.plain(value)
        return value if read is None else read

    def _several(self, path: str, value: Value) -> list[str]:
        """The codes in one cell: mostly one, or several that somebody pasted together."""
        if values.folded(value) in self.identity.choices.get(path, {}):
            return [self._choice(path, value)]
        return [self._choice(path, one) for one in values.parts(values.plain(value), _SEPARATOR)]

    def _choice(self, path: str, value: Value) -> str:
        """The code behind a label; what is no choice stays as it is, and is found to be none."""
        return self.identity.choices.get(path, {}).get(values.folded(value), values.plain(value))


_YES_NO: Final = {"true": True, "false": False}


def _moment(day: Value, at: Value) -> str:
    """The moment of a visit; what cannot be read stays as it is, and is found to be no moment."""
    read = values.moment(day) or values.plain(day)
    if values.is_blank(at) or "T" in read:
        return read
    clock = values.clock(at) or (time() if at == 0 else None)
    return f"{read}T{clock.isoformat() if clock else values.plain(at)}"
