"""What every shape works with: one sheet, and the ids of the import."""

from collections.abc import Iterable
from typing import Any

from attrs import define, field

from idocore import Finding, Line, Origin, Severity
from idocore_excel.identity import Identities
from idocore_excel.records import Record, Rows, Translator
from idocore_excel.tables import Entry, Table


def hint(code: str, path: str = "", **parameters: object) -> Finding:
    """A finding that stops nothing."""
    return Finding(code, path, Severity.HINT, parameters)


@define
class Reading:
    """One sheet being read by its profile."""

    table: Table
    translator: Translator
    identities: Identities
    rows: Rows = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.rows = Rows(self.table, self.translator)

    def skipped(self, entry: Entry, finding: Finding, items: int, index: int = 0) -> Line:
        """A line for so many rows or cells that hold no record."""
        return Line(entry.number, None, finding, origin=Origin(self.table.sheet, entry.at(index), items))

    def identify(self, record: Record, kind: str, key: Iterable[Any]) -> None:
        """Give the record its id: of the sheet's own id column, else made of `key`."""
        own = record.raw.get("id")
        record.raw["id"] = self.identities.given(str(own)) if own else self.identities.next(kind, key)
        record.cells.setdefault("id", record.first)

    def line(self, number: int, record: Record, items: int = 1, notes: tuple[Finding, ...] = ()) -> Line:
        """A line for a record."""
        origin = Origin(self.table.sheet, record.first, items, record.cells)
        return Line(number, record.raw, notes=notes, origin=origin)
