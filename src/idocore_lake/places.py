"""The ancestry table as rows are joined with it: by service point, and by turn where places changed.

Within a snapshot places seldom change, and then on a few days. A turn is the number of such days up to a visit, so
that the join is one of equal values, never of days between others.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from attrs import frozen

from idocore.places import Ancestry, Span
from idocore.statistics.cells import Cut, Dimension, Filter, Origin

POINT, TURN = "_point", "_turn"


def column(level: str) -> str:
    """The column that holds the place at `level`."""
    return f"_{level}"


@frozen
class Places:
    """What `cut` needs of its ancestry: `levels`, the days on which any of those changes, and the codes."""

    levels: tuple[str, ...]
    days: tuple[date, ...]
    rows: tuple[tuple[str | int | None, ...], ...]
    filters: tuple[Filter, ...]

    @classmethod
    def of(cls, cut: Cut) -> "Places | None":
        """The places that `cut` looks at; None when it looks at none above service points."""
        filters = tuple(one for one in cut.filters if is_above(one.dimension))
        used = [one for one in cut.dimensions if is_above(one)] + [one.dimension for one in filters]
        if not used:
            return None
        levels = tuple(dict.fromkeys(one.name for one in used))
        days = _turns(cut.ancestry, levels, cut.start or date.min, cut.end or date.max)
        firsts = (cut.start or date.min, *days)
        return cls(levels, days, tuple(_rows(cut.ancestry, levels, firsts)), filters)

    @property
    def points(self) -> frozenset[str] | None:
        """The service points that ever pass the filters; None: there are no filters."""
        if not self.filters:
            return None
        return frozenset(str(row[0]) for row in self.rows if self._passes(row))

    def _passes(self, row: Sequence[str | int | None]) -> bool:
        codes = dict(zip(self.levels, row[2:], strict=True))
        return all(one.keeps((_text(codes[one.dimension.name]),)) for one in self.filters)

    def turn(self, day: ir.DateColumn) -> ir.IntegerColumn:
        """The turn of a visit on `day`, where there are `days`."""
        found = ibis.cases(*((day < turn, number) for number, turn in enumerate(self.days)), else_=len(self.days))
        return found.cast("int32")

    def table(self) -> pa.Table:
        """The codes that pass, one row for each service point and turn."""
        names = [POINT, TURN, *(column(level) for level in self.levels)]
        types = [pa.string(), pa.int32(), *(pa.string() for _ in self.levels)]
        kept = [row for row in self.rows if self._passes(row)]
        columns = [[row[number] for row in kept] for number in range(len(names))]
        arrays = [pa.array(values, type) for values, type in zip(columns, types, strict=True)]
        return pa.Table.from_arrays(arrays, schema=pa.schema(list(zip(names, types, strict=True))))


def is_above(dimension: Dimension) -> bool:
    """Whether the code of `dimension` is that of a place above the service point."""
    return dimension.origin is Origin.PLACE and dimension.name != "service_point"


def _text(code: str | int | None) -> str | None:
    return None if code is None else str(code)


def _turns(ancestry: Ancestry, levels: Sequence[str], start: date, end: date) -> tuple[date, ...]:
    found: set[date] = set()
    for spans in ancestry.by_point.values():
        for before, after in pairwise(spans):
            if start < after.valid_from < end and _codes(before, levels) != _codes(after, levels):
                found.add(after.valid_from)
    return tuple(sorted(found))


def _rows(ancestry: Ancestry, levels: Sequence[str], firsts: Sequence[date]) -> Iterator[tuple[str | int | None, ...]]:
    for point, spans in ancestry.by_point.items():
        for turn, first in enumerate(firsts):
            span = next((one for one in spans if one.valid_from <= first < one.valid_until), None)
            if span is not None:
                yield (point, turn, *_codes(span, levels))


def _codes(span: Span, levels: Sequence[str]) -> tuple[str | None, ...]:
    return tuple(span.value(level) for level in levels)
