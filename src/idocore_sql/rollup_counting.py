"""Counts of service points over spans of days, made from the facts and put in the place of what was kept."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from attrs import frozen
from sqlalchemy import Connection, delete, func, select

from idocore.places import Ancestry
from idocore.statistics.cells import INQUIRIES, REGISTRATIONS, TALLIED, UNCOUNTED, Cut, Dimension, Filter, Origin
from idocore.statistics.query import AMENDMENT
from idocore.statistics.rollups import MOST_DIMENSIONS, Rollup
from idocore_sql.inserting import insert_rows
from idocore_sql.journals import slices
from idocore_sql.queries import evaluate
from idocore_sql.rollup_marks import after, first_of, month_of
from idocore_sql.rollup_reading import SERVICE_POINT
from idocore_sql.tables import FactTables
from idocore_sql.tables import rollup_cell as cell

COUNTS: Final = (REGISTRATIONS, TALLIED, UNCOUNTED, INQUIRIES)
_DAY: Final = Dimension("local_date", Origin.CLOCK)
"""The local day of every registration, also of those of which only the month is known."""

_WIDTH: Final = 5 + MOST_DIMENSIONS
"""How many columns come before the counts."""

Points = frozenset[str] | None
Counted = dict[tuple[Any, ...], tuple[int, ...]]
"""Counts by service point, day, amendment and codes."""


@frozen
class Keeper:
    """A rollup with its number in the database, and the facts that it counts."""

    number: int
    rollup: Rollup
    known: FactTables

    def counted(self, connection: Connection, start: date, end: date, points: Points, *, by_day: bool) -> Counted:
        """The counts from the facts; without `by_day` they stand at `start`."""
        only = () if points is None else (Filter(SERVICE_POINT, points),)
        split = (SERVICE_POINT, *((_DAY,) if by_day else ()), AMENDMENT, *self.rollup.dimensions)
        cut = Cut(self.rollup.theme, split, frozenset(COUNTS), Ancestry(()), only, start, end)
        found: Counted = {}
        for (point, *codes), counts in evaluate(connection, cut, self.known):
            day = date.fromisoformat(str(codes.pop(0))) if by_day else start
            amended, *own = codes
            found[point, day, amended == "yes", *own] = tuple(counts.get(name, 0) for name in COUNTS)
        return found

    def kept(self, connection: Connection, start: date, end: date, points: Points = None) -> Counted:
        """The counts that are kept, as `counted` gives them."""
        chosen = select(cell).where(*self._where(start, end))
        if points is not None:
            chosen = chosen.where(cell.c.service_point.in_(sorted(points)))
        width = 5 + len(self.rollup.dimensions)
        return {
            (row[1], row[3], bool(row[4]), *(code or None for code in row[5:width])): tuple(row[_WIDTH:])
            for row in connection.execute(chosen)
        }

    def recount(self, connection: Connection, start: date, end: date, points: Points, *, by_day: bool) -> None:
        """Put counts from the facts in the place of what was kept of these days, within one month."""
        self.put(connection, start, end, points, self.counted(connection, start, end, points, by_day=by_day))

    def put(self, connection: Connection, start: date, end: date, points: Points, counts: Counted) -> None:
        """Keep these counts, in order of their key, and nothing else of these days."""
        if points is None:
            connection.execute(delete(cell).where(*self._where(start, end)))
        for part in slices(sorted(points or ())):
            connection.execute(delete(cell).where(*self._where(start, end), cell.c.service_point.in_(part)))
        insert_rows(connection, cell, sorted(self._row(key, several) for key, several in counts.items()))

    def _row(self, key: tuple[Any, ...], counts: tuple[int, ...]) -> list[Any]:
        point, day, amended, *codes = key
        padded = [code or "" for code in codes] + [""] * (MOST_DIMENSIONS - len(codes))
        return [self.number, point, month_of(day), day, amended, *padded, *counts]

    def fold(self, connection: Connection, month: int, by_day: Iterable[str]) -> None:
        """Add the days of a month up, but for the service points that are kept by day."""
        start, end = first_of(month), first_of(after(month))
        kept, apart = self.kept(connection, start, end), set(by_day)
        folded = added_up({key: counts for key, counts in kept.items() if key[0] not in apart}, start)
        points = frozenset(key[0] for key in folded)
        if points:
            self.put(connection, start, end, points, folded)

    def _where(self, start: date, end: date) -> Iterable[Any]:
        # The service points first, as the key has them: one by one it finds the days of each.
        yield cell.c.rollup == self.number
        yield cell.c.month.between(month_of(start), month_of(end))
        yield cell.c.day >= start
        yield cell.c.day < end


def added_up(counts: Mapping[tuple[Any, ...], tuple[int, ...]], start: date) -> Counted:
    """These counts with all their days together, at `start`."""
    found: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0] * len(COUNTS))
    for (point, _, *rest), several in counts.items():
        there = found[point, start, *rest]
        for number, count in enumerate(several):
            there[number] += count
    return {key: tuple(several) for key, several in found.items()}


def newest_day(connection: Connection, known: FactTables) -> date | None:
    """The last day that has any facts."""
    found: date | None = connection.execute(select(func.max(known.registration.c.local_date))).scalar()
    return found
