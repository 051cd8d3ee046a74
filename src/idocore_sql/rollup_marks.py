"""Marks of what was written since the rollups were counted.

A mark is a row of its own, written in the transaction of the facts that it is about, so writers never wait for each
other's. Whoever counts anew takes away only the marks that it saw before it began to count; what came since stays.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final

from attrs import frozen
from sqlalchemy import Connection, bindparam, func, insert, select
from sqlalchemy.types import Date

from idocore_sql.quick import Quick
from idocore_sql.tables import FactTables
from idocore_sql.tables import rollup_mark as table

_MANY: Final = 500
"""From how many days of service points on a transaction marks whole months."""

_ONE: Final = Quick(
    insert(table).values(
        theme=bindparam("theme"),
        month=bindparam("month"),
        service_point=bindparam("point"),
        day=bindparam("on", type_=Date()),
    )
)

Touched = Mapping[str, Iterable[tuple[str, date]]]
"""By theme the service points and days of which facts were written, or taken away."""


def month_of(day: date) -> int:
    """The month as a number: 202405."""
    return day.year * 100 + day.month


def first_of(month: int) -> date:
    """The first day of a month."""
    return date(month // 100, month % 100, 1)


def after(month: int) -> int:
    """The month that follows."""
    return month + 1 if month % 100 < 12 else month + 89


def before(month: int) -> int:
    """The month that goes before."""
    return month - 1 if month % 100 > 1 else month - 89


def months(first: int, last: int) -> Iterable[int]:
    """The months from `first` to `last`, which is one of them."""
    while first <= last:
        yield first
        first = after(first)


@frozen
class Mark:
    """Facts of a theme were written in a month: of all service points or one, on any day or one."""

    id: int
    month: int
    service_point: str | None
    day: date | None


def mark(connection: Connection, touched: Touched) -> None:
    """Mark these as not counted yet."""
    for theme, places in sorted(touched.items()):
        several = sorted(set(places))
        if len(several) == 1:
            ((point, day),) = several
            _ONE(connection, theme=theme, month=month_of(day), point=point, on=day)
        elif len(several) >= _MANY:
            mark_months(connection, theme, sorted({month_of(day) for _, day in several}))
        else:
            rows = [
                {"theme": theme, "month": month_of(day), "service_point": point, "day": day} for point, day in several
            ]
            if rows:
                connection.execute(insert(table), rows)


def mark_months(connection: Connection, theme: str, several: Iterable[int], point: str | None = None) -> None:
    """Mark whole months as not counted yet, of one service point or all."""
    rows = [{"theme": theme, "month": month, "service_point": point, "day": None} for month in several]
    if rows:
        connection.execute(insert(table), rows)


def mark_all(connection: Connection, theme: str, known: FactTables) -> None:
    """Mark every month that may have facts."""
    day = known.registration.c.local_date
    first = connection.execute(select(func.min(day))).scalar()
    last = connection.execute(select(func.max(day))).scalar()
    if first is not None and last is not None:
        mark_months(connection, theme, months(month_of(first), month_of(last)))


def marks(connection: Connection, theme: str, limit: int | None = None, *, only_days: bool = False) -> list[Mark]:
    """The marks of a theme, the oldest first."""
    chosen = select(table.c.id, table.c.month, table.c.service_point, table.c.day).where(table.c.theme == theme)
    if only_days:
        chosen = chosen.where(table.c.day.is_not(None))
    return [Mark(*row) for row in connection.execute(chosen.order_by(table.c.id).limit(limit))]


class Spans:
    """Days of service points, no two of them with a day in common: what has to be counted from the facts."""

    def __init__(self) -> None:
        self.of_all: list[tuple[date, date]] = []
        self.of_points: dict[tuple[date, date], set[str]] = defaultdict(set)

    def add_all(self, start: date, end: date) -> None:
        """All service points from `start` up to `end`, which follows what was added before, or leaves a gap."""
        if self.of_all and self.of_all[-1][1] == start:
            start = self.of_all.pop()[0]
        self.of_all.append((start, end))

    def __iter__(self) -> Iterator[tuple[date, date, frozenset[str] | None]]:
        for start, end in self.of_all:
            yield start, end, None
        for (start, end), points in sorted(self.of_points.items()):
            yield start, end, frozenset(points)

    def __len__(self) -> int:
        return len(self.of_all) + len(self.of_points)
