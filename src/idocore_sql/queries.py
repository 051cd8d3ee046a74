"""Cuts pushed down to the database; the same cells as the reference evaluator."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import (
    Connection,
    FromClause,
    Select,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    null,
    select,
)
from sqlalchemy.schema import CreateTable

from idocore.places import NATION, Ancestry
from idocore.registrations import Kind, Status
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
from idocore_sql.codes import (
    Choices,
    Expression,
    mapped,
    period_number,
    recoded,
    text_of,
)
from idocore_sql.shapes import bound, bound_day, shape_of, values_of
from idocore_sql.tables import FactTables, ancestry, ancestry_made


def evaluate(connection: Connection, cut: Cut, tables: FactTables) -> list[Cell]:
    """The cells of `cut`; counts that look at the same rows in one statement."""
    cells: dict[Key, dict[str, int]] = defaultdict(dict)
    if _needs_ancestry(cut):
        put_ancestry(connection, cut)
    values = values_of(cut)
    for measures, statement in _statements(shape_of(cut), tables):
        for row in connection.execute(statement, values):
            counts = row[-len(measures) :]
            if any(counts):
                found = {name: int(count) for name, count in zip(measures, counts, strict=True) if count}
                cells[_key(cut, row[: -len(measures)])].update(found)
    return list(cells.items())


def _key(cut: Cut, codes: Sequence[Any]) -> Key:
    """The codes of a key; those of a pair in alphabetical order, which a database may take for another."""
    own = tuple(map(code_of, cut.dimensions, codes))
    return own if cut.together is None else (*own, *sorted(map(str, codes[len(own) :])))


_placed: WeakKeyDictionary[Connection, tuple[object, Ancestry]] = WeakKeyDictionary()
"""The ancestry table that each connection has beside the facts, and the transaction in which it was put there."""


def put_ancestry(connection: Connection, cut: Cut) -> None:
    """The ancestry table beside the facts, for this question only; several of one transaction may share it."""
    transaction = connection.get_transaction()
    if _placed.get(connection) == (transaction, cut.ancestry):
        return
    # A temporary table is the connection's own, in no schema of the host.
    connection.execute(CreateTable(ancestry_made, if_not_exists=True), execution_options={"schema_translate_map": {}})
    connection.execute(delete(ancestry))
    columns = ancestry.columns.keys()
    rows = [{name: getattr(span, name) for name in columns} for span in cut.ancestry.spans]
    if rows:
        connection.execute(insert(ancestry), rows)
    _placed[connection] = transaction, cut.ancestry


def _needs_ancestry(cut: Cut) -> bool:
    looked_at = [*cut.dimensions, *(one.dimension for one in cut.filters)]
    return any(dimension.origin is Origin.PLACE and dimension.name != "service_point" for dimension in looked_at)


@lru_cache(maxsize=1024)
def _statements(shape: Cut, tables: FactTables) -> tuple[tuple[tuple[str, ...], Select[Any]], ...]:
    """The statements for cuts of this shape: putting one together costs more than running it on a few facts."""
    return tuple(_Plan(shape, tables).statements())


class _Plan:
    """The statements that answer cuts of one shape."""

    def __init__(self, shape: Cut, tables: FactTables) -> None:
        self.cut = shape
        self.tables = tables
        self.choices = Choices(tables)
        self.needs_ancestry = _needs_ancestry(shape)

    def statements(self) -> Iterator[tuple[tuple[str, ...], Select[Any]]]:
        """The statements with the counts that each gives, in the columns after the codes of a key."""
        if self.cut.together is not None:
            yield (REGISTRATIONS,), self._paired(self.cut.together)
            return
        splits, filtered = self.cut.splits_inquiries, bool(self.cut.inquiry_filters)
        of_inquiries: dict[str, Expression] = self._of_inquiries() if splits else {}
        of_records = self._of_records(splits, filtered)
        asked = [name for name in of_inquiries if name in self.cut.measures]
        if asked:
            yield tuple(asked), self._grouped([of_inquiries[name] for name in asked], "inner" if filtered else "outer")
        asked = [name for name in of_records if name in self.cut.measures]
        if asked:
            yield tuple(asked), self._grouped([of_records[name] for name in asked], None)
        if INQUIRIES in self.cut.measures and not splits:
            yield (INQUIRIES,), self._grouped([func.sum(self.tables.inquiry.c.count)], "inner")

    def _of_inquiries(self) -> dict[str, Expression]:
        """What is counted over inquiries: a registration has a row for each, and counts once for each key."""
        registration = self.tables.registration
        visit = case((registration.c.kind == Kind.VISIT.value, registration.c.key))
        return {REGISTRATIONS: func.count(visit.distinct()), INQUIRIES: func.sum(self.tables.inquiry.c.count)}

    def _of_records(self, splits: bool, filtered: bool) -> dict[str, Expression]:
        """What is counted over registrations as such; with a filter on inquiries tallies are left out."""
        kind, count = self.tables.registration.c.kind, self.tables.registration.c.count
        is_tally = kind == Kind.TALLY.value
        visits: dict[str, Expression] = (
            {} if splits else {REGISTRATIONS: func.sum(case((kind == Kind.VISIT.value, 1), else_=0))}
        )
        tallies: dict[str, Expression] = {
            TALLIED: func.sum(case((is_tally, count), else_=0)),
            UNCOUNTED: func.sum(case((and_(is_tally, count.is_(None)), 1), else_=0)),
        }
        return visits if filtered else visits | tallies

    def _paired(self, together: Dimension) -> Select[Any]:
        """The registrations by each pair of codes that they have, both looked for in the same table of codes."""
        registration = self.tables.registration
        one, other = self._had(together).subquery("one"), self._had(together).subquery("other")
        source: FromClause = registration.join(one, one.c.registration == registration.c.key).join(
            other, and_(other.c.registration == one.c.registration, other.c.code > one.c.code)
        )
        source, keys = self._keyed(source, joined=False)
        keys += [one.c.code, other.c.code]
        names = [key.label(f"key_{position}") for position, key in enumerate(keys)]
        counted = select(*names, func.count()).select_from(source).where(registration.c.kind == Kind.VISIT.value)
        return counted.where(*self._conditions(joined=False)).group_by(*keys)

    def _had(self, together: Dimension) -> Select[Any]:
        """Each registration with each code that it has in `together`; of inquiries, only of those that pass."""
        registration, inquiry = self.tables.registration, self.tables.inquiry
        source: FromClause = registration
        if together.of_inquiry or self.cut.inquiry_filters:
            source = source.join(inquiry, inquiry.c.registration == registration.c.key)
        code = self._expression(together) if not together.multiple else None
        if code is None:
            source, code = self._exploded(source, together, "several")
        had = select(registration.c.key.label("registration"), code.label("code")).select_from(source)
        passes = (self._passes(one) for one in self.cut.inquiry_filters)
        return had.where(code.is_not(None), *passes).distinct()

    def _grouped(self, numbers: Sequence[Expression], join: str | None) -> Select[Any]:
        """These numbers for each key; `join` is how inquiries are put beside registrations, if they are."""
        registration, inquiry = self.tables.registration, self.tables.inquiry
        source: FromClause = registration
        if join is not None:
            source = source.join(inquiry, inquiry.c.registration == registration.c.key, isouter=join == "outer")
        source, keys = self._keyed(source, join is not None)
        names = [key.label(f"key_{position}") for position, key in enumerate(keys)]
        statement: Select[Any] = select(*names, *numbers).select_from(source).where(*self._conditions(join is not None))
        if join is None and self.cut.splits_inquiries:
            statement = statement.where(registration.c.kind == Kind.TALLY.value)
        grouped = [key for key in keys if not isinstance(key, type(null()))]
        return statement.group_by(*grouped) if grouped else statement

    def _keyed(self, source: FromClause, joined: bool) -> tuple[FromClause, list[Expression]]:
        """The source with what the dimensions look at joined to it, and the code of each."""
        if self.needs_ancestry:
            source = source.join(ancestry, self._valid_then(), isouter=True)
        keys: list[Expression] = []
        for number, dimension in enumerate(self.cut.dimensions):
            if dimension.of_inquiry and not joined:
                keys.append(null())
            elif dimension.multiple:
                source, key = self._exploded(source, dimension, f"choice_{number}")
                keys.append(key)
            else:
                keys.append(self._expression(dimension))
        return source, keys

    def _valid_then(self) -> Expression:
        registration = self.tables.registration
        return and_(
            ancestry.c.service_point == registration.c.service_point,
            ancestry.c.valid_from <= registration.c.local_date,
            registration.c.local_date < ancestry.c.valid_until,
        )

    def _conditions(self, joined: bool) -> Iterator[Expression]:
        registration = self.tables.registration
        yield registration.c.status == Status.FINAL.value
        if self.cut.start is not None:
            yield registration.c.local_date >= bound_day("start")
        if self.cut.end is not None:
            yield registration.c.local_date < bound_day("end")
        for one in self.cut.record_filters:
            yield self._passes(one)
        if joined:
            for one in self.cut.inquiry_filters:
                yield self._passes(one)

    def _passes(self, one: Filter) -> Expression:
        if one.dimension.multiple:
            return self._chosen_one_of(one)
        code = self._expression(one.dimension)
        return code.is_not(None) if one.codes is None else code.in_(bound(one.codes))

    def _chosen_one_of(self, one: Filter) -> Expression:
        choice = self.choices.of(one.dimension).subquery()
        found = exists().where(self._belongs(choice, one.dimension))
        return found if one.codes is None else found.where(choice.c.code.in_(bound(one.codes)))

    def _belongs(self, choice: Any, dimension: Dimension) -> Expression:
        ordinal: Any = self.tables.inquiry.c.ordinal if dimension.of_inquiry else 0
        return and_(choice.c.registration == self.tables.registration.c.key, choice.c.ordinal == ordinal)

    def _exploded(self, source: FromClause, dimension: Dimension, name: str) -> tuple[FromClause, Expression]:
        """The source with a row for each code of a multiple choice, and the code."""
        choice = self.choices.of(dimension).subquery(name)
        return source.join(choice, self._belongs(choice, dimension), isouter=True), choice.c.code

    def _expression(self, dimension: Dimension) -> Expression:
        match dimension.origin:
            case Origin.PERIOD:
                return period_number(dimension.name, self.tables.registration)
            case Origin.CLOCK:
                return self.tables.registration.c[dimension.name]
            case Origin.PLACE:
                return self._place(dimension.name)
            case Origin.RECORD:
                return recoded(self.tables.registration.c[dimension.name], dimension)
            case Origin.BOOKING:
                amended = self.tables.registration.c.amendment.is_(True)
                return case((amended, literal("yes")), else_=literal("no"))
            case Origin.ANSWER:
                return self._answer(dimension)

    def _answer(self, dimension: Dimension) -> Expression:
        table = self.tables.inquiry if dimension.of_inquiry else self.tables.registration
        if not dimension.sources:
            return recoded(text_of(table.c[dimension.name]), dimension)
        theme = self.tables.registration.c.theme
        given = [
            (theme.in_(sorted(source.themes)), mapped(text_of(table.c[source.key]), source, 0))
            for source in dimension.sources
        ]
        return case(*given, else_=null())

    def _place(self, level: str) -> Expression:
        if level == "service_point":
            return self.tables.registration.c.service_point
        if level == "nation":
            return case((ancestry.c.service_point.is_not(None), literal(NATION)), else_=null())
        return ancestry.c[level]
