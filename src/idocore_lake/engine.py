"""Cuts as Ibis expressions over the rows of a snapshot; the same cells as the reference evaluator."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

import ibis
import ibis.expr.types as ir
from attrs import frozen

from idocore.registrations import Kind
from idocore.statistics.cells import INQUIRIES, REGISTRATIONS, TALLIED, UNCOUNTED, Cell, Cut, Dimension, Key
from idocore.statistics.numbering import code_of
from idocore_lake.columns import first_of
from idocore_lake.connections import Connection
from idocore_lake.dimensions import codes, expression, passes
from idocore_lake.places import POINT, TURN, Places, column, is_above

_Counts = Mapping[str, Callable[[ir.Table], ir.Value]]
"""How each count is made of the rows."""


def cells(table: ir.Table, cut: Cut, connection: Connection) -> list[Cell]:
    """The cells of `cut` over the rows of one snapshot of its theme."""
    found: dict[Key, dict[str, int]] = defaultdict(dict)
    by = [*cut.dimensions, *([cut.together] * 2 if cut.together else [])]
    with ExitStack() as stack:
        places = Places.of(cut)
        plan = _Plan(cut, table, places, stack.enter_context(connection.beside(places.table())) if places else None)
        for measures, grouped in plan.expressions():
            for row in connection.ask(grouped):
                key = tuple(code_of(dimension, value) for dimension, value in zip(by, row, strict=False))
                for measure, count in zip(measures, row[len(by) :], strict=True):
                    if count:
                        found[key][measure] = int(count)
    return list(found.items())


@frozen
class _Plan:
    """The expressions that answer a cut: each with its keys, then its counts."""

    cut: Cut
    table: ir.Table
    places: Places | None
    beside: ir.Table | None

    def expressions(self) -> Iterator[tuple[tuple[str, ...], ir.Table]]:
        """The names of the counts, and the table that has them after the keys."""
        measures = self.cut.measures
        if self.cut.together:
            yield self._pairs(self.cut.together)
        elif not self.cut.splits_inquiries:
            yield self._grouped(self._rows(), {**_of_visits(measures), **_of_tallies(measures), **_asked(measures)})
        else:
            yield from self._of_inquiries(measures)

    def _of_inquiries(self, measures: frozenset[str]) -> Iterator[tuple[tuple[str, ...], ir.Table]]:
        if measures & {REGISTRATIONS, INQUIRIES}:
            first = self._first()
            yield self._distinct(self._inquiries(), measures) if first is None else self._by_first(first, measures)
        if measures & {TALLIED, UNCOUNTED} and not self.cut.inquiry_filters:
            tallies = self._rows().filter(ibis._.kind == Kind.TALLY.value, ibis._.ordinal == 1)
            yield self._grouped(tallies, _of_tallies(measures), has_inquiries=False)

    def _rows(self) -> ir.Table:
        """The rows of registrations that pass, with their places."""
        rows = self.table
        if self.cut.start is not None:
            rows = rows.filter(rows.local_date >= self.cut.start)
        if self.cut.end is not None:
            rows = rows.filter(rows.local_date < self.cut.end)
        points = self.places.points if self.places else None
        if points is not None:
            rows = rows.filter(rows.service_point.isin(sorted(points)))
        placed = self.places.filters if self.places else ()
        for one in self.cut.record_filters:
            if one not in placed:
                rows = rows.filter(passes(rows, one))
        return self._placed(rows)

    def _placed(self, rows: ir.Table) -> ir.Table:
        """The rows with the places of their service points; only those that pass, when there are filters on places."""
        if self.places is None or self.beside is None:
            return rows
        how = "inner" if self.places.filters else "left"
        if not self.places.days:  # the join on one column is the quicker one
            beside = self.beside.drop(TURN)
            return rows.join(beside, rows.service_point == beside[POINT], how=how).drop(POINT)
        rows = rows.mutate(_at=self.places.turn(rows.local_date))
        on = [rows.service_point == self.beside[POINT], rows["_at"] == self.beside[TURN]]
        return rows.join(self.beside, on, how=how).drop(POINT, TURN, "_at")

    def _inquiries(self) -> ir.Table:
        rows = self._rows()
        for one in self.cut.inquiry_filters:
            rows = rows.filter(passes(rows, one))
        return rows

    def _grouped(self, rows: ir.Table, counts: _Counts, has_inquiries: bool = True) -> tuple[tuple[str, ...], ir.Table]:
        rows, keys = self._keyed(rows, has_inquiries)
        counted = _summed(rows, keys, {name: make(rows) for name, make in counts.items()})
        return tuple(counts), counted.select(*keys, *counts)

    def _first(self) -> str | None:
        """The column that says of which rows visits count once for each key, where there is one.

        It is there for one plain answer of inquiries; a cut that looks at another one, too, or adds codes up, needs the
        numbers of the visits.
        """
        filters = self.cut.inquiry_filters
        looked_at = {one for one in (*self.cut.dimensions, *(one.dimension for one in filters)) if one.of_inquiry}
        if len(looked_at) != 1:
            return None
        (only,) = looked_at
        adds_up = only not in self.cut.dimensions and any(one.codes is None or len(one.codes) != 1 for one in filters)
        is_plain = not (only.multiple or only.recode or only.sources)
        name = first_of(only.name)
        return name if is_plain and not adds_up and name in self.table.columns else None

    def _by_first(self, first: str, measures: frozenset[str]) -> tuple[tuple[str, ...], ir.Table]:
        counts: _Counts = {REGISTRATIONS: lambda rows: rows.count(where=(rows.kind == Kind.VISIT.value) & rows[first])}
        asked = counts if REGISTRATIONS in measures else {}
        return self._grouped(self._inquiries(), {**asked, **_asked(measures)})

    def _distinct(self, rows: ir.Table, measures: frozenset[str]) -> tuple[tuple[str, ...], ir.Table]:
        """Visits by their keys, each once, and inquiries.

        Only the rows of visits that have several are grouped by the number of the visit first; most have one.
        """
        rows, keys = self._keyed(rows, has_inquiries=True)
        rows = rows.mutate(_visit=ibis.ifelse(rows["_rows"] == 1, ibis.literal(-1, "int64"), rows.registration))
        visit, alone = rows.kind == Kind.VISIT.value, rows["_rows"] == 1
        parts = {"_alone": rows.count(where=visit & alone), "_several": (visit & ~alone).cast("int64").max()}
        parts |= {name: make(rows) for name, make in _asked(measures).items()}
        once = _summed(rows, [*keys, "_visit"], parts)
        counts = {REGISTRATIONS: (once["_alone"] + once["_several"]).sum()} if REGISTRATIONS in measures else {}
        counts |= {name: once[name].sum() for name in _asked(measures)}
        return tuple(counts), _summed(once, keys, counts).select(*keys, *counts)

    def _pairs(self, together: Dimension) -> tuple[tuple[str, ...], ir.Table]:
        """Each visit with each pair of codes that it has: codes beside each other by the number of the visit."""
        rows = self._inquiries().filter(ibis._.kind == Kind.VISIT.value)
        rows, keys = self._keyed(rows, has_inquiries=True)
        rows = rows.mutate(_first=codes(rows, together).unnest() if together.multiple else expression(rows, together))
        rows = rows.filter(rows["_first"].notnull())
        left = rows.select(*keys, "registration", "_first").distinct()
        right = rows.select(_other=rows.registration, _second=rows["_first"]).distinct()
        both = left.join(right, [left.registration == right["_other"], left["_first"] < right["_second"]])
        pairs = both.select(*keys, "_first", "_second")
        keys = [*keys, "_first", "_second"]
        return (REGISTRATIONS,), _summed(pairs, keys, {REGISTRATIONS: pairs.count()}).select(*keys, REGISTRATIONS)

    def _keyed(self, rows: ir.Table, has_inquiries: bool) -> tuple[ir.Table, list[str]]:
        """The rows with a column for each key, exploded where one answer has several codes; and those columns."""
        keys: dict[str, ir.Value] = {}
        several: list[str] = []
        for number, one in enumerate(self.cut.dimensions):
            name = f"_key_{number}"
            if one.of_inquiry and not has_inquiries:
                keys[name] = ibis.null("string")
            elif one.multiple:
                keys[name] = codes(rows, one)
                several.append(name)
            elif is_above(one):
                keys[name] = rows[column(one.name)]
            else:
                keys[name] = expression(rows, one)
        rows = rows.mutate(**keys) if keys else rows
        for name in several:
            rows = rows.mutate(**{name: rows[name].unnest()})
        return rows, list(keys)


def _summed(rows: ir.Table, keys: list[str], counts: Mapping[str, ir.Value]) -> ir.Table:
    return rows.group_by(keys).agg(**counts) if keys else rows.agg(**counts)


def _of_visits(measures: frozenset[str]) -> _Counts:
    if REGISTRATIONS not in measures:
        return {}
    return {REGISTRATIONS: lambda rows: rows.count(where=(rows.kind == Kind.VISIT.value) & (rows.ordinal == 1))}


def _of_tallies(measures: frozenset[str]) -> _Counts:
    found: dict[str, Callable[[ir.Table], ir.Value]] = {}
    if TALLIED in measures:
        found[TALLIED] = lambda rows: rows["count"].sum(where=_is_tally(rows)).fill_null(0)
    if UNCOUNTED in measures:
        found[UNCOUNTED] = lambda rows: rows.count(where=_is_tally(rows) & rows["count"].isnull())
    return found


def _is_tally(rows: ir.Table) -> ir.BooleanValue:
    return (rows.kind == Kind.TALLY.value) & (rows.ordinal == 1)


def _asked(measures: frozenset[str]) -> _Counts:
    return {INQUIRIES: lambda rows: rows.inquiries.sum().fill_null(0)} if INQUIRIES in measures else {}
