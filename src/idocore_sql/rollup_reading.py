"""Cuts answered from what was counted before, and from the facts where those were written since.

Everything is read as of one moment, in which marks, kept counts and facts belong together.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Final

import attrs
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, literal, not_, null, select

from idocore.places import NATION, Ancestry
from idocore.statistics.cells import (
    INQUIRIES,
    REGISTRATIONS,
    TALLIED,
    UNCOUNTED,
    Cell,
    Cut,
    Dimension,
    Filter,
    Key,
    Origin,
)
from idocore.statistics.numbering import code_of
from idocore.statistics.rollups import Rollup, fitting
from idocore_sql.codes import period_number, stored
from idocore_sql.queries import evaluate as scan
from idocore_sql.queries import put_ancestry
from idocore_sql.rollup_marks import Mark, Spans, after, first_of, marks, month_of
from idocore_sql.tables import FactTables, ancestry, rollup, rollup_days
from idocore_sql.tables import rollup_cell as cell

Expression = ColumnElement[Any]

MOST_SPANS: Final = 40
"""Into how many pieces a question may fall that are counted from the facts; with more, all of it is."""

SERVICE_POINT: Final = Dimension("service_point", Origin.PLACE)
_COUNTS: Final = (REGISTRATIONS, TALLIED, UNCOUNTED, INQUIRIES)


def answered(connection: Connection, cut: Cut, known: FactTables, rollups: Iterable[Rollup]) -> list[Cell] | None:
    """The cells of `cut`, or None when no rollup answers it or too much of it would come from the facts anyway."""
    fit = fitting(cut, rollups)
    kept = None if fit is None else _kept(connection, fit)
    if fit is None or kept is None:
        return None
    question = _Question(cut, kept.open_from, _by_day(connection))
    spans = question.spans(connection, known)
    if spans is None:
        return None
    parts = [(key, counts) for span in spans for key, counts in scan(connection, _within(cut, *span), known)]
    if question.first <= question.last:
        parts += _kept_cells(connection, _Reading(cut, fit, kept.id, question, spans))
    return _added(parts)


def _kept(connection: Connection, wanted: Rollup) -> Row[Any] | None:
    """The row of a rollup, if its dimensions still mean what they do to us."""
    chosen = select(rollup).where(
        rollup.c.theme == wanted.theme,
        rollup.c.names == ",".join(wanted.names),
        rollup.c.fingerprint == wanted.fingerprint,
    )
    return connection.execute(chosen).first()


def _by_day(connection: Connection) -> set[tuple[str, int]]:
    return {(row.service_point, row.month) for row in connection.execute(select(rollup_days))}


def _within(cut: Cut, start: date, end: date, points: frozenset[str] | None) -> Cut:
    only = () if points is None else (Filter(SERVICE_POINT, points),)
    return attrs.evolve(cut, start=start, end=end, filters=(*cut.filters, *only))


def _added(parts: Iterable[Cell]) -> list[Cell]:
    found: dict[Key, dict[str, int]] = {}
    for key, counts in parts:
        there = found.setdefault(key, {})
        for measure, count in counts.items():
            there[measure] = there.get(measure, 0) + count
    return list(found.items())


def boundaries(places: Ancestry) -> set[tuple[str, int]]:
    """The months within which a service point came to lie elsewhere, or to belong to somebody else."""
    return {
        (span.service_point, month_of(span.valid_from))
        for span in places.spans
        if span.valid_from > date.min and span.valid_from.day > 1
    }


class _Question:
    """A cut in whole months, and what in it the kept counts cannot tell."""

    def __init__(self, cut: Cut, open_from: int, by_day: set[tuple[str, int]]) -> None:
        self.cut = cut
        self._open_from = open_from
        self._by_day = by_day
        self.first = 0 if cut.start is None else _first_whole(cut.start)
        self.last = 999912 if cut.end is None else month_of(cut.end.replace(day=1) - timedelta(days=1))

    @property
    def needs_ancestry(self) -> bool:
        """Whether it matters where service points lie."""
        looked_at = [*self.cut.dimensions, *(one.dimension for one in self.cut.filters)]
        return any(one.origin is Origin.PLACE and one.name != "service_point" for one in looked_at)

    def is_by_day(self, point: str, month: int) -> bool:
        """Whether the counts of a service point in a month are kept by day."""
        return month >= self._open_from or (point, month) in self._by_day

    def spans(self, connection: Connection, known: FactTables) -> Spans | None:
        """What has to be counted from the facts; None when that is too much."""
        spans = Spans()
        seen = [one for one in marks(connection, self.cut.theme) if self.first <= one.month <= self.last]
        whole = {one.month for one in seen if one.service_point is None}
        self._add_whole_months(spans, whole)
        self._add_points(spans, seen, whole)
        return spans if len(spans) <= MOST_SPANS else None

    def _add_whole_months(self, spans: Spans, whole: set[int]) -> None:
        start, end = self.cut.start, self.cut.end
        if self.first > self.last:
            # Within a month or two, none of them whole: there is a start and an end, since an open one has no last.
            spans.add_all(start or date.min, end or date.max)
            return
        if start is not None and start < first_of(self.first):
            spans.add_all(start, first_of(self.first))
        for month in sorted(whole):
            spans.add_all(first_of(month), first_of(after(month)))
        if end is not None and end.day > 1:
            spans.add_all(end.replace(day=1), end)

    def _add_points(self, spans: Spans, seen: Sequence[Mark], whole: set[int]) -> None:
        places = boundaries(self.cut.ancestry) if self.needs_ancestry else set()
        of_month = {
            (point, month)
            for point, month in places
            if self.first <= month <= self.last and not self.is_by_day(point, month)
        }
        for one in seen:
            if one.service_point is not None and (one.day is None or not self.is_by_day(one.service_point, one.month)):
                of_month.add((one.service_point, one.month))
        for point, month in of_month:
            if month not in whole:
                spans.of_points[first_of(month), first_of(after(month))].add(point)
        for one in seen:
            if one.service_point is None or one.day is None or one.month in whole:
                continue
            if (one.service_point, one.month) not in of_month:
                spans.of_points[one.day, one.day + timedelta(days=1)].add(one.service_point)


def _first_whole(start: date) -> int:
    month = month_of(start)
    return month if start.day == 1 else after(month)


@attrs.frozen
class _Reading:
    """A statement over the kept counts."""

    cut: Cut
    fit: Rollup
    rollup: int
    question: _Question
    spans: Spans

    @property
    def measures(self) -> tuple[str, ...]:
        """The counts that are asked; filters on inquiries never let a tally through, which has no code there."""
        return tuple(name for name in _COUNTS if name in self.cut.measures)

    def statement(self) -> Select[Any]:
        """Codes of a key, then the counts."""
        keys = [self._key(one).label(f"key_{number}") for number, one in enumerate(self.cut.dimensions)]
        source: Any = cell
        if self.question.needs_ancestry:
            valid = and_(
                ancestry.c.service_point == cell.c.service_point,
                ancestry.c.valid_from <= cell.c.day,
                cell.c.day < ancestry.c.valid_until,
            )
            source = source.join(ancestry, valid, isouter=True)
        counts = [func.sum(cell.c[name]) for name in self.measures]
        return select(*keys, *counts).select_from(source).where(*self._conditions()).group_by(*keys)

    def _conditions(self) -> Iterable[Expression]:
        yield cell.c.rollup == self.rollup
        points = self._points()
        if points is not None:
            yield cell.c.service_point.in_(sorted(points))
        yield cell.c.month.between(self.question.first, self.question.last)
        for start, end, several in self.spans:
            apart = and_(cell.c.day >= start, cell.c.day < end)
            yield not_(apart if several is None else and_(apart, cell.c.service_point.in_(sorted(several))))
        for one in self.cut.filters:
            yield self._passes(one)

    def _points(self) -> set[str] | None:
        """The service points that the filters on places leave: few to look up where there are many to read."""
        found: set[str] | None = None
        for one in self.cut.filters:
            if one.dimension.origin is Origin.PLACE and one.codes is not None:
                left = _points_in(self.cut.ancestry, one.dimension.name, one.codes)
                found = left if found is None else found & left
        return found

    def _passes(self, one: Filter) -> Expression:
        key = self._key(one.dimension)
        if one.codes is None:
            return key.is_not(None)
        codes = stored(one.dimension, one.codes) if one.dimension.origin is Origin.PERIOD else one.codes
        return key.in_(sorted(codes))

    def _key(self, dimension: Dimension) -> Expression:
        match dimension.origin:
            case Origin.PERIOD:
                return period_number(dimension.name, cell)
            case Origin.BOOKING:
                return case((cell.c.amendment.is_(True), literal("yes")), else_=literal("no"))
            case Origin.PLACE if dimension.name == "service_point":
                return cell.c.service_point
            case Origin.PLACE if dimension.name == "nation":
                return case((ancestry.c.service_point.is_not(None), literal(NATION)), else_=null())
            case Origin.PLACE:
                return ancestry.c[dimension.name]
        number = self.fit.dimensions.index(dimension) + 1
        return func.nullif(cell.c[f"code_{number}"], "")


def _points_in(places: Ancestry, level: str, codes: frozenset[str]) -> set[str]:
    if level == "service_point":
        return set(codes)
    return {span.service_point for span in places.spans if span.value(level) in codes}


def _kept_cells(connection: Connection, reading: _Reading) -> Iterable[Cell]:
    if reading.question.needs_ancestry:
        put_ancestry(connection, reading.cut)
    width = len(reading.cut.dimensions)
    of_period = [one if one.origin is Origin.PERIOD else None for one in reading.cut.dimensions]
    for row in connection.execute(reading.statement()):
        codes = tuple(
            code_of(one, code) if one is not None else code for one, code in zip(of_period, row[:width], strict=True)
        )
        counts = {name: int(count) for name, count in zip(reading.measures, row[width:], strict=True) if count}
        if counts:
            yield codes, counts
