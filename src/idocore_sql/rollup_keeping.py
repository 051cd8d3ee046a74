"""Rollups declared, counted anew and looked after, by one program at a time."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select, update

from idocore.findings import Finding
from idocore.places import Ancestry
from idocore.statistics.rollups import Rollup, default_rollups, rollup_of
from idocore.theme_files import Themes
from idocore_sql import rollup_marks
from idocore_sql.journals import slices
from idocore_sql.quick import Quick
from idocore_sql.rollup_counting import Keeper, added_up, newest_day
from idocore_sql.rollup_marks import Mark, after, before, first_of, marks, month_of
from idocore_sql.rollup_reading import boundaries
from idocore_sql.tables import FactTables, guard, rollup, rollup_cell, rollup_days, rollup_mark

Known = Mapping[str, FactTables]

_TURN: Final = Quick(select(guard.c.value).where(guard.c.name == "rollups").with_for_update())
_ALL: Final = select(rollup).order_by(rollup.c.theme, rollup.c.names)


def declared(connection: Connection) -> dict[str, list[Any]]:
    """The rows of the rollups, by theme."""
    found: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(_ALL):
        found[row.theme].append(row)
    return found


def meant(rows: Mapping[str, Sequence[Any]], themes: Themes) -> dict[str, tuple[Rollup, ...]]:
    """The rollups that are declared, as these themes have their dimensions; without those that they do not know."""
    found = {}
    for theme, several in rows.items():
        names = [tuple(filter(None, row.names.split(","))) for row in several]
        found[theme] = tuple(rollup for one in names for rollup in _known(themes, theme, one))
    return found


def _known(themes: Themes, theme: str, names: Iterable[str]) -> Iterator[Rollup]:
    try:
        yield rollup_of(themes, theme, names)
    except ValueError:
        return


def lacking(rows: Mapping[str, Sequence[Any]], themes: Themes) -> list[str]:
    """The themes for which nothing was declared yet."""
    return [theme for theme in themes.names() if theme not in rows]


def begin(connection: Connection, themes: Themes, known: Known) -> None:
    """Declare what a register begins with, for every theme for which nothing was declared yet."""
    _TURN(connection)
    for theme in lacking(declared(connection), themes):
        declare(connection, theme, default_rollups(themes, theme), known)


def declare(connection: Connection, theme: str, wanted: Sequence[Rollup], known: Known) -> None:
    """Keep counts by these, which are made at the next refresh, and by no others any more."""
    _TURN(connection)
    named = {",".join(one.names) for one in wanted} | {""}
    for gone in (row for row in declared(connection)[theme] if row.names not in named):
        _drop(connection, gone.id)
        connection.execute(delete(rollup).where(rollup.c.id == gone.id))
    renew(connection, theme, wanted, known)


def renew(connection: Connection, theme: str, wanted: Sequence[Rollup], known: Known) -> None:
    """Keep counts by these as well, with what their dimensions mean by now."""
    _TURN(connection)
    rows = declared(connection)[theme]
    there = {row.names: row for row in rows}
    named = {",".join(one.names): one for one in (Rollup(theme), *wanted)}
    changed = [one for names, one in named.items() if names not in there or _differs(there[names], one)]
    for one in changed:
        _write(connection, one, there.get(",".join(one.names)), max((row.open_from for row in rows), default=0))
    if changed:
        rollup_marks.mark_all(connection, theme, known[theme])


def _differs(row: Any, wanted: Rollup) -> bool:
    return bool(row.fingerprint != wanted.fingerprint)


def _write(connection: Connection, wanted: Rollup, row: Any, open_from: int) -> None:
    values = {"theme": wanted.theme, "names": ",".join(wanted.names), "fingerprint": wanted.fingerprint}
    if row is None:
        connection.execute(insert(rollup), {**values, "open_from": open_from})
    else:
        _drop(connection, row.id)
        connection.execute(update(rollup).where(rollup.c.id == row.id), values)


def _drop(connection: Connection, number: int) -> None:
    connection.execute(delete(rollup_cell).where(rollup_cell.c.rollup == number))


class Refreshing:
    """One turn at the rollups of a theme; nobody else has one until the transaction ends."""

    def __init__(self, connection: Connection, theme: str, rollups: Iterable[Rollup], known: FactTables) -> None:
        _TURN(connection)
        self._connection = connection
        self.theme = theme
        self.known = known
        rows = declared(connection)[theme]
        wanted = {",".join(one.names): one for one in rollups}
        self.is_ours = bool(rows) and all(row.names in wanted and not _differs(row, wanted[row.names]) for row in rows)
        """Whether all of them mean to us what they meant to who declared them."""
        self.keepers = [Keeper(row.id, wanted[row.names], known) for row in rows] if self.is_ours else []
        self._open_from = max((row.open_from for row in rows), default=0)
        self._by_day = self._days_kept()

    def _days_kept(self) -> dict[int, set[str]]:
        found: dict[int, set[str]] = defaultdict(set)
        for row in self._connection.execute(select(rollup_days)):
            found[row.month].add(row.service_point)
        return found

    def keep_by_day(self, places: Ancestry) -> None:
        """Split the months within which a service point changed; those that were counted whole are marked."""
        new = sorted(one for one in boundaries(places) if one[0] not in self._by_day[one[1]])
        if not new:
            return
        self._connection.execute(
            insert(rollup_days), [{"service_point": point, "month": month} for point, month in new]
        )
        # The days are kept for every theme.
        for theme, rows in declared(self._connection).items():
            open_from = max(row.open_from for row in rows)
            for point, month in new:
                if month < open_from:
                    rollup_marks.mark_months(self._connection, theme, [month], point)
        for point, month in new:
            self._by_day[month].add(point)

    def close_months(self) -> None:
        """Add the days of months up that are over: all but the last two that have facts."""
        newest = newest_day(self._connection, self.known)
        open_from = 0 if newest is None else before(month_of(newest))
        if open_from <= self._open_from:
            return
        if self._open_from:
            for month in rollup_marks.months(self._open_from, before(open_from)):
                for keeper in self.keepers:
                    keeper.fold(self._connection, month, self._by_day[month])
        self._connection.execute(update(rollup).where(rollup.c.theme == self.theme), {"open_from": open_from})
        self._open_from = open_from

    def count_days(self, several: Sequence[Mark]) -> None:
        """Count anew what marks of single days and single service points are about."""
        days: dict[date, set[str]] = defaultdict(set)
        of_month: dict[int, set[str]] = defaultdict(set)
        for one in several:
            if one.service_point is None:
                continue
            if one.day is not None and one.month >= self._open_from:
                days[one.day].add(one.service_point)
            else:
                of_month[one.month].add(one.service_point)
        for day, points in sorted(days.items()):
            self._recount(day, day + timedelta(days=1), frozenset(points), by_day=True)
        for month, points in sorted(of_month.items()):
            self._count_month(month, points)
        self._forget(several)

    def count_month(self, month: int, several: Sequence[Mark]) -> None:
        """Count a month of all service points anew."""
        self._count_month(month, None)
        self._forget([one for one in several if one.month == month])

    def _count_month(self, month: int, points: set[str] | None) -> None:
        start, end = first_of(month), first_of(after(month))
        if month >= self._open_from:
            self._recount(start, end, None if points is None else frozenset(points), by_day=True)
            return
        by_day = self._by_day[month] if points is None else self._by_day[month] & points
        if points is None or points - by_day:
            # All of them whole; and then those again that are kept by day.
            self._recount(start, end, None if points is None else frozenset(points - by_day), by_day=False)
        if by_day:
            self._recount(start, end, frozenset(by_day), by_day=True)

    def _recount(self, start: date, end: date, points: frozenset[str] | None, *, by_day: bool) -> None:
        for keeper in self.keepers:
            keeper.recount(self._connection, start, end, points, by_day=by_day)

    def _forget(self, several: Iterable[Mark]) -> None:
        for part in slices(one.id for one in several):
            self._connection.execute(delete(rollup_mark).where(rollup_mark.c.id.in_(part)))

    def again(self) -> None:
        """Mark everything, and keep nothing: the facts were made anew."""
        self._connection.execute(delete(rollup_mark).where(rollup_mark.c.theme == self.theme))
        for keeper in self.keepers:
            _drop(self._connection, keeper.number)
        rollup_marks.mark_all(self._connection, self.theme, self.known)

    def refresh(self, limit: int | None = None) -> int:
        """Count everything anew that is marked; how many months, or days of service points, that were."""
        self.close_months()
        seen = marks(self._connection, self.theme, limit)
        whole = sorted({one.month for one in seen if one.service_point is None})
        for month in whole:
            self.count_month(month, seen)
        rest = [one for one in seen if one.month not in whole]
        self.count_days(rest)
        return len(whole) + len({(one.service_point, one.month, one.day) for one in rest})


def check(connection: Connection, keepers: Iterable[Keeper], seen: Sequence[Mark]) -> Iterator[Finding]:
    """Each month of a service point in which a rollup differs from a recount, but where marks are waiting."""
    waiting = {one.month for one in seen if one.service_point is None}
    of_points = {(one.service_point, one.month) for one in seen}
    for keeper in keepers:
        for month in sorted(_months(connection, keeper) - waiting):
            for point in sorted(_wrong(connection, keeper, month)):
                if (point, month) not in of_points:
                    names = ", ".join(keeper.rollup.names) or "-"
                    where = {"rollup": names, "service_point": point, "month": f"{month // 100}-{month % 100:02}"}
                    yield Finding("rollup-differs", parameters=where)


def _months(connection: Connection, keeper: Keeper) -> set[int]:
    kept = select(rollup_cell.c.month).where(rollup_cell.c.rollup == keeper.number).distinct()
    facts = select(keeper.known.registration.c.month).distinct()
    return {row[0] for chosen in (kept, facts) for row in connection.execute(chosen)}


def _wrong(connection: Connection, keeper: Keeper, month: int) -> set[str]:
    start, end = first_of(month), first_of(after(month))
    kept = keeper.kept(connection, start, end)
    counted = keeper.counted(connection, start, end, None, by_day=True)
    by_day = {key[0] for key in kept if key[1] != start}
    as_kept = {key: counts for key, counts in counted.items() if key[0] in by_day}
    as_kept |= added_up({key: counts for key, counts in counted.items() if key[0] not in by_day}, start)
    folded = {key: counts for key, counts in kept.items() if key[0] in by_day} | added_up(
        {key: counts for key, counts in kept.items() if key[0] not in by_day}, start
    )
    return {key[0] for key, _ in as_kept.items() ^ folded.items()}
