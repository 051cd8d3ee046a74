"""Cuts as Ibis expressions over the rows of a snapshot; the same cells as the reference evaluator."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

import ibis
import ibis.expr.types as ir
from attrs import frozen

from idocore.registrations import Kind
from idocore.statistics.cells import INQUIRIES, REGISTRATIONS, TALLIED, UNCOUNTED, Cell, Cut, Dimension, Key, Origin
from idocore_lake.connections import Connection
from idocore_lake.dimensions import code_of, codes, expression, passes
from idocore_lake.places import POINT, TURN, Places, column

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
            yield self._grouped(self._inquiries(), {**_distinct(measures), **_asked(measures)})
        if measures & {TALLIED, UNCOUNTED} and not self.cut.inquiry_filters:
            tallies = self._rows().filter(ibis._.kind == Kind.TALLY.value, ibis._.ordinal == 1)
            yield self._grouped(tallies, _of_tallies(measures), has_inquiries=False)

    def _rows(self) -> ir.Table:
        """The rows of registrations that pass, but for filters on places, which come after counting."""
        rows = self.table
        if self.cut.start is not None:
            rows = rows.filter(rows.local_date >= self.cut.start)
        if self.cut.end is not None:
            rows = rows.filter(rows.local_date < self.cut.end)
        points = self.places.points if self.places else None
        if points is not None:
            rows = rows.filter(rows.service_point.isin(sorted(points)))
        late = self.places.filters if self.places else ()
        for one in self.cut.record_filters:
            if one not in late:
                rows = rows.filter(passes(rows, one))
        return rows

    def _inquiries(self) -> ir.Table:
        rows = self._rows()
        for one in self.cut.inquiry_filters:
            rows = rows.filter(passes(rows, one))
        return rows

    def _grouped(self, rows: ir.Table, counts: _Counts, has_inquiries: bool = True) -> tuple[tuple[str, ...], ir.Table]:
        rows, early = self._keyed(rows, has_inquiries)
        return tuple(counts), self._placed(rows, early, counts)

    def _pairs(self, together: Dimension) -> tuple[tuple[str, ...], ir.Table]:
        """Each visit with each pair of codes that it has: codes beside each other by the number of the visit."""
        rows = self._inquiries().filter(ibis._.kind == Kind.VISIT.value)
        rows, early = self._keyed(rows, has_inquiries=True)
        rows = rows.mutate(_first=codes(rows, together).unnest() if together.multiple else expression(rows, together))
        rows = rows.filter(rows["_first"].notnull())
        left = rows.select(*early, "registration", "_first").distinct()
        right = rows.select(_other=rows.registration, _second=rows["_first"]).distinct()
        both = left.join(right, [left.registration == right["_other"], left["_first"] < right["_second"]])
        pairs = both.select(*early, "_first", "_second")
        counts: _Counts = {REGISTRATIONS: lambda one: one.count()}
        return tuple(counts), self._placed(pairs, early, counts, ("_first", "_second"))

    def _placed(self, rows: ir.Table, early: list[str], counts: _Counts, last: tuple[str, ...] = ()) -> ir.Table:
        """The rows counted by their keys and `last`: first by service point, and then by the places of those."""
        grouped = _summed(rows, [*early, *last], {name: make(rows) for name, make in counts.items()})
        names = [
            column(one.name) if self._is_late(one) else f"_key_{number}"
            for number, one in enumerate(self.cut.dimensions)
        ]
        if self.places and self.beside is not None:
            how = "inner" if self.places.filters else "left"
            grouped = grouped.join(self.beside, [(POINT, POINT), (TURN, TURN)], how=how)
            keys = {f"_of_{number}": grouped[name] for number, name in enumerate([*names, *last])}
            grouped = grouped.select(*counts, **keys)
            grouped = _summed(grouped, list(keys), {name: grouped[name].sum() for name in counts})
            return grouped.select(*keys, *counts)
        return grouped.select(*names, *last, *counts)

    def _keyed(self, rows: ir.Table, has_inquiries: bool) -> tuple[ir.Table, list[str]]:
        """The rows with a column for each key, exploded where one answer has several codes; and those columns."""
        keys: dict[str, ir.Value] = {}
        if self.places:
            keys |= {POINT: rows.service_point, TURN: self.places.turn(rows.local_date)}
        several: list[str] = []
        for number, one in enumerate(self.cut.dimensions):
            if self._is_late(one):
                continue
            name = f"_key_{number}"
            if one.of_inquiry and not has_inquiries:
                keys[name] = ibis.null("string")
            elif one.multiple:
                keys[name] = codes(rows, one)
                several.append(name)
            else:
                keys[name] = expression(rows, one)
        rows = rows.mutate(**keys)
        for name in several:
            rows = rows.mutate(**{name: rows[name].unnest()})
        return rows, list(keys)

    def _is_late(self, dimension: Dimension) -> bool:
        """Whether the code is found after counting, by the service point."""
        return dimension.origin is Origin.PLACE and dimension.name != "service_point"


def _summed(rows: ir.Table, keys: list[str], counts: Mapping[str, ir.Value]) -> ir.Table:
    return rows.group_by(keys).agg(**counts) if keys else rows.agg(**counts)


def _of_visits(measures: frozenset[str]) -> _Counts:
    if REGISTRATIONS not in measures:
        return {}
    return {REGISTRATIONS: lambda rows: rows.count(where=(rows.kind == Kind.VISIT.value) & (rows.ordinal == 1))}


def _distinct(measures: frozenset[str]) -> _Counts:
    """Distinct visits. A registration of one row needs no looking for others: that is most of them."""
    if REGISTRATIONS not in measures:
        return {}

    def count(rows: ir.Table) -> ir.Value:
        visit, alone = rows.kind == Kind.VISIT.value, rows["_rows"] == 1
        return rows.count(where=visit & alone) + rows.registration.nunique(where=visit & ~alone)

    return {REGISTRATIONS: count}


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
