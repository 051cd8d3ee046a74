"""Readings of a running counter: what was counted between two of them is a tally on the day of the later one.

Readings are compared in the order of their moments, whatever the order of the rows. The first only starts the count.
Days without a known reading make the next interval longer than a day: it is then known by month alone, and says so.

A counter that falls, or leaps by more than the profile's `largest_step`, was replaced or reset, or the reading is a
slip. Nothing is counted then, never less than nothing: the reading is to be looked at (a reason in the profile's
overrides for ``counter-fell`` or ``counter-leapt`` lets it be). Counting goes on from it, or, when the next reading
shows that it was a slip, from the one before it.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from typing import Any, Final

from attrs import define, field, frozen

from idocore import Finding, Line, Severity
from idocore_excel.records import day_of, moment_of
from idocore_excel.shapes.crosstab import Cell, down, tally
from idocore_excel.shapes.reading import Reading, hint
from idocore_excel.values import folded, is_blank

_MONTH: Final = len("2022-03")
_LONGEST_MONTH: Final = 31


@frozen
class Read:
    """A cell with its moment, and its number if it has one."""

    order: int
    cell: Cell
    moment: str
    day: date
    number: int | None = None
    is_closed: bool = False


def read(reading: Reading) -> Iterator[Line]:
    """A line for every cell with a reading, in the order of the sheet."""
    cells = down(reading)
    numbers = count()
    lines: dict[int, Line] = {}
    series: dict[int, list[Read]] = {one.bound.index: [] for one in cells}
    for entry in reading.table.entries():
        if entry.why:
            lines[next(numbers)] = reading.skipped(entry, hint(entry.why), entry.rows * len(cells))
            continue
        moment = moment_of(reading.table, entry, reading.rows.places)
        for one in cells:
            cell, order = Cell(entry, one.bound, moment), next(numbers)
            placed = _read(reading, cell, order)
            if placed is not None:
                series[one.bound.index].append(placed)
            if placed is None or placed.number is None:
                lines[order] = _other(reading, cell)
    for readings in series.values():
        lines |= _Series(reading).lines(sorted(readings, key=lambda one: (one.moment, one.order)))
    return (line for _, line in sorted(lines.items()))


def _read(reading: Reading, cell: Cell, order: int) -> Read | None:
    """The cell with its day, when it has one and holds a reading or says that there is none."""
    moment = str(cell.moment.value) if cell.moment else ""
    day = day_of(moment)
    absent = reading.translator.is_absent(cell.value)
    value = None if absent else reading.translator.read("reading", cell.value, {}, None)
    if day is None or not (absent or type(value) is int):
        return None
    closed = {folded(one) for one in reading.table.profile.counter.closed}
    return Read(order, cell, moment, day, value, not is_blank(cell.value) and folded(cell.value) in closed)


def _other(reading: Reading, cell: Cell) -> Line:
    """The line for a cell without a reading: skipped, or as it stands for the core to say what is wrong with it."""
    if is_blank(cell.value):
        return reading.skipped(cell.entry, hint("cell-blank"), 1, cell.bound.index)
    if reading.translator.is_absent(cell.value):
        return reading.skipped(cell.entry, hint("cell-skipped"), 1, cell.bound.index)
    value = reading.translator.read("reading", cell.value, {}, None)
    record = tally(reading, cell, value)
    if type(value) is int:
        record.raw["count"] = None  # a reading of no day: the number itself counts nobody
    return reading.line(cell.entry.number, record)


@define
class _Series:
    """One counter through time."""

    reading: Reading
    base: Read | None = None
    before: Read | None = None
    """The reading before a doubtful one, to which counting may go back."""
    closed: set[date] = field(factory=set)

    def lines(self, series: list[Read]) -> dict[int, Line]:
        """The line for every reading, by its order in the sheet."""
        found = {}
        for one in series:
            if one.number is None:
                self.closed |= {one.day} if one.is_closed else set()
            else:
                found[one.order] = self._line(one, one.number)
        return found

    def _line(self, one: Read, number: int) -> Line:
        if self.base is None:
            self.base = one
            return self._skipped(one, hint("counter-start"))
        for since in (self.base, self.before):
            step = self._step(since, number)
            if since is not None and step is not None:
                self.base, self.before = one, None
                return self._counted(one, since, step)
        last = self.base.number or 0
        self.base, self.before = one, self.before or self.base
        code = "counter-fell" if number < last else "counter-leapt"
        parameters = {"value": number, "last": last, "most": self.reading.table.profile.counter.largest_step}
        return self._skipped(one, self._doubt(code, parameters))

    def _step(self, since: Read | None, number: int) -> int | None:
        """How many were counted since that reading; None when it cannot be told."""
        if since is None or since.number is None:
            return None
        counter = self.reading.table.profile.counter
        step = number - since.number
        if step < 0 and counter.wraps_at:
            step += counter.wraps_at
        too_large = counter.largest_step is not None and step > counter.largest_step
        return None if step < 0 or too_large else step

    def _doubt(self, code: str, parameters: dict[str, Any]) -> Finding:
        reason = self.reading.table.profile.overrides.get(code, "").strip()
        return Finding(code, "count", Severity.HINT if reason else Severity.WARNING, parameters)

    def _skipped(self, one: Read, finding: Finding) -> Line:
        return self.reading.skipped(one.cell.entry, finding, 1, one.cell.bound.index)

    def _counted(self, one: Read, since: Read, step: int) -> Line:
        """The tally: of the day that it is about, or of the month when it may be about several days."""
        record = tally(self.reading, one.cell, step)
        if len(one.moment) == _MONTH and (one.day - since.day).days <= _LONGEST_MONTH:
            return self.reading.line(one.cell.entry.number, record)
        # The id is that of the reading; which day it counts for may become known later.
        back = timedelta(days=int(self.reading.table.profile.counter.read_in_the == "morning"))
        days = [since.day + timedelta(days=n + 1) - back for n in range((one.day - since.day).days)]
        open_days = [day for day in days if day not in self.closed]
        notes: tuple[Finding, ...] = ()
        record.raw["moment"] = (open_days[-1] if open_days else one.day - back).isoformat()
        if len(open_days) > 1:
            record.raw["precision"] = "month"
            notes = (hint("counter-interval", "moment", since=since.day, days=len(open_days)),)
        return self.reading.line(one.cell.entry.number, record, 1, notes)
