"""The rows of a form put together: which of them are about the same visit."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from attrs import define, field

from idocore import ExchangeError, Finding
from idocore_excel import values
from idocore_excel.books import Row, Value, address
from idocore_excel.form_identity import Identity
from idocore_excel.form_layout import DAY, ID, INQUIRIES, MOST_ROWS, POINT, VISITOR


@define
class Visit:
    """The rows of one visit; the first has its id, and says when and where it was.

    `fault` is what stands in the way of reading it, found in the cell `fault_at`.
    """

    rows: list[Row]
    fault: Finding | None = None
    fault_at: str = ""


@define
class Visits:
    """Puts the rows of a form together, in the order of the sheet."""

    identity: Identity
    visits: list[Visit] = field(factory=list, init=False)
    blank: list[int] = field(factory=list, init=False)
    """The rows that nothing was filled in on."""
    _latest: dict[str, Visit] = field(factory=dict, init=False)
    _ids: set[str] = field(factory=set, init=False)

    def add(self, row: Row) -> None:
        """Take in one row; raises ExchangeError when there are more than any form has."""
        if all(values.is_blank(self.identity.cell(row, one)) for one in self.identity.columns if one.path != ID):
            self.blank.append(row.number)
            return
        if len(self.visits) >= MOST_ROWS:
            raise ExchangeError("form-too-long", sheet=self.identity.sheet, row=row.number, most=MOST_ROWS)
        code = self._identity_fault(row)
        visit = self._joined(row) if code is None else None
        if visit is None:
            visit = Visit([row], Finding(code) if code else None, address(row.number, self.identity.first_column))
            self.visits.append(visit)
        else:
            visit.rows.append(row)
            self._compare(visit, row)
        number = values.folded(self.identity.at(row, VISITOR))
        if number and code is None:
            self._latest[number] = visit

    def _identity_fault(self, row: Row) -> str | None:
        """What is wrong with a row's id: without one, or with one that was there, it could be counted twice."""
        one = values.plain(self.identity.at(row, ID))
        try:
            UUID(one)
        except ValueError:
            return "form-row-outside"
        if one in self._ids:
            return "form-row-copied"
        self._ids.add(one)
        return None

    def _joined(self, row: Row) -> Visit | None:
        """The visit that the row belongs to: of the same number, day and place.

        Where the day is left out it has to be that of the row above, so that a number used again on another day never
        joins two visitors.
        """
        visit = self._latest.get(values.folded(self.identity.at(row, VISITOR)))
        if visit is None:
            return None
        told = {path: value for path, value in self._about_visit(row).items() if path in (DAY, POINT)}
        first = self._about_visit(visit.rows[0])
        if any(_comparable(path, value) != _comparable(path, first.get(path)) for path, value in told.items()):
            return None
        return visit if DAY in told or visit is self.visits[-1] else None

    def _about_visit(self, row: Row) -> Mapping[str, Value]:
        """What a row says about the whole visit, by path."""
        return dict(self._filled(row))

    def _filled(self, row: Row) -> Iterator[tuple[str, Value]]:
        for one in self.identity.columns:
            value = self.identity.cell(row, one)
            if one.path not in (ID, VISITOR) and not one.path.startswith(INQUIRIES) and not values.is_blank(value):
                yield one.path, value

    def _compare(self, visit: Visit, row: Row) -> None:
        """Note what a further row says otherwise about the visit than its first row."""
        first = self._about_visit(visit.rows[0])
        for path, value in self._about_visit(row).items():
            if visit.fault is None and _comparable(path, value) != _comparable(path, first.get(path)):
                visit.fault = Finding("form-contradicts", path, parameters={"row": visit.rows[0].number})
                visit.fault_at = address(row.number, self.identity.number_of(path))


def _comparable(path: str, value: Value) -> Any:
    read = values.moment(value) if path == DAY else None
    return read[:10] if read else values.folded(value)
