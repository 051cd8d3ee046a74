"""Cuts pushed down to the database; the same cells as the reference evaluator."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Table,
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
from sqlalchemy.types import Boolean

from idocore.places import NATION
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
from idocore_sql.tables import FactTables, ancestry, ancestry_made

Expression = ColumnElement[Any]


def evaluate(connection: Connection, cut: Cut, tables: FactTables) -> list[Cell]:
    """The cells of `cut`, one statement for each count."""
    cells: dict[Key, dict[str, int]] = defaultdict(dict)
    plan = _Plan(cut, tables)
    if plan.needs_ancestry:
        put_ancestry(connection, cut)
    for measure, statement in plan.statements():
        for *codes, count in connection.execute(statement):
            if count:
                key = tuple(map(key_of, cut.dimensions, codes))
                cells[key][measure] = int(count)
    return list(cells.items())


def put_ancestry(connection: Connection, cut: Cut) -> None:
    """The ancestry table beside the facts, for this question only."""
    # A temporary table is the connection's own, in no schema of the host.
    connection.execute(CreateTable(ancestry_made, if_not_exists=True), execution_options={"schema_translate_map": {}})
    connection.execute(delete(ancestry))
    columns = ancestry.columns.keys()
    rows = [{name: getattr(span, name) for name in columns} for span in cut.ancestry.spans]
    if rows:
        connection.execute(insert(ancestry), rows)


class _Plan:
    """The statements that answer a cut."""

    def __init__(self, cut: Cut, tables: FactTables) -> None:
        self.cut = cut
        self.tables = tables
        looked_at = [*cut.dimensions, *(one.dimension for one in cut.filters)]
        self.needs_ancestry = any(
            dimension.origin is Origin.PLACE and dimension.name != "service_point" for dimension in looked_at
        )

    def statements(self) -> Iterator[tuple[str, Select[Any]]]:
        """For each count that is asked, the statement with the codes of a key and then the count."""
        registration, inquiry = self.tables.registration, self.tables.inquiry
        splits, filtered = self.cut.splits_inquiries, bool(self.cut.inquiry_filters)
        if REGISTRATIONS in self.cut.measures:
            visits = registration.c.kind == Kind.VISIT.value
            number = func.count(registration.c.key.distinct()) if splits else func.count()
            yield REGISTRATIONS, self._grouped(number, visits, join="outer" if splits and not filtered else splits)
        if TALLIED in self.cut.measures and not filtered:
            tallies = registration.c.kind == Kind.TALLY.value
            yield TALLIED, self._grouped(func.sum(registration.c.count), tallies, join=False)
        if UNCOUNTED in self.cut.measures and not filtered:
            unknown = and_(registration.c.kind == Kind.TALLY.value, registration.c.count.is_(None))
            yield UNCOUNTED, self._grouped(func.count(), unknown, join=False)
        if INQUIRIES in self.cut.measures:
            yield INQUIRIES, self._grouped(func.sum(inquiry.c.count), None, join=True)

    def _grouped(self, number: Expression, only: Expression | None, join: bool | str) -> Select[Any]:
        registration, inquiry = self.tables.registration, self.tables.inquiry
        source: FromClause = registration
        if join:
            on = inquiry.c.registration == registration.c.key
            source = source.join(inquiry, on, isouter=join == "outer")
        if self.needs_ancestry:
            source = source.join(ancestry, self._valid_then(), isouter=True)
        keys: list[Expression] = []
        for number_of, dimension in enumerate(self.cut.dimensions):
            if dimension.of_inquiry and not join:
                keys.append(null())
            elif dimension.multiple:
                source, key = self._exploded(source, dimension, f"choice_{number_of}")
                keys.append(key)
            else:
                keys.append(self._expression(dimension))
        names = [key.label(f"key_{position}") for position, key in enumerate(keys)]
        statement: Select[Any] = select(*names, number).select_from(source).where(*self._conditions(bool(join)))
        if only is not None:
            statement = statement.where(only)
        grouped = [key for key, one in zip(keys, names, strict=True) if not isinstance(key, type(null()))]
        return statement.group_by(*grouped) if grouped else statement

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
            yield registration.c.local_date >= self.cut.start
        if self.cut.end is not None:
            yield registration.c.local_date < self.cut.end
        for one in self.cut.record_filters:
            yield self._passes(one)
        if joined:
            for one in self.cut.inquiry_filters:
                yield self._passes(one)

    def _passes(self, one: Filter) -> Expression:
        if one.dimension.multiple:
            return self._chosen_one_of(one)
        code = self._expression(one.dimension)
        return code.is_not(None) if one.codes is None else code.in_(sorted(self._stored(one)))

    def _stored(self, one: Filter) -> set[Any]:
        """The codes of a filter as its expression gives them: periods as numbers."""
        return {number_of(one.dimension, code) for code in one.codes or ()} - {None}

    def _chosen_one_of(self, one: Filter) -> Expression:
        choice = self.tables.choice.alias()
        found = exists().where(self._belongs(choice, one.dimension))
        if one.codes is None:
            return found
        return found.where(_recoded(choice.c.code, one.dimension).in_(sorted(one.codes)))

    def _belongs(self, choice: Any, dimension: Dimension) -> Expression:
        ordinal: Any = self.tables.inquiry.c.ordinal if dimension.of_inquiry else 0
        owner = choice.c.registration == self.tables.registration.c.key
        return and_(owner, choice.c.ordinal == ordinal, choice.c.field == dimension.name)

    def _exploded(self, source: FromClause, dimension: Dimension, name: str) -> tuple[FromClause, Expression]:
        """The source with a row for each code of a multiple choice, and the code."""
        table = self.tables.choice
        code = _recoded(table.c.code, dimension).label("code")
        several = select(table.c.registration, table.c.ordinal, table.c.field, code).where(
            table.c.field == dimension.name
        )
        choice = (several.distinct() if dimension.recode else several).subquery(name)
        return source.join(choice, self._belongs(choice, dimension), isouter=True), choice.c.code

    def _expression(self, dimension: Dimension) -> Expression:
        match dimension.origin:
            case Origin.PERIOD:
                return period(dimension.name, self.tables.registration)
            case Origin.CLOCK:
                return self.tables.registration.c[dimension.name]
            case Origin.PLACE:
                return self._place(dimension.name)
            case Origin.RECORD:
                return _recoded(self.tables.registration.c[dimension.name], dimension)
            case Origin.BOOKING:
                amended = self.tables.registration.c.amendment.is_(True)
                return case((amended, literal("yes")), else_=literal("no"))
            case Origin.ANSWER:
                table = self.tables.inquiry if dimension.of_inquiry else self.tables.registration
                return _answer(table.c[dimension.name], dimension)

    def _place(self, level: str) -> Expression:
        if level == "service_point":
            return self.tables.registration.c.service_point
        if level == "nation":
            return case((ancestry.c.service_point.is_not(None), literal(NATION)), else_=null())
        return ancestry.c[level]


def _answer(column: Any, dimension: Dimension) -> Expression:
    if isinstance(column.type, Boolean):
        return case((column.is_(True), literal("yes")), (column.is_(False), literal("no")), else_=null())
    return _recoded(column, dimension)


def _recoded(column: Any, dimension: Dimension) -> Expression:
    """A library's own codes as the ones they count as."""
    if not dimension.recode:
        return column  # type: ignore[no-any-return]
    return case(*((column == own, literal(base)) for own, base in sorted(dimension.recode.items())), else_=column)


def period(name: str, table: Table) -> Expression:
    """The period as a number (202404, 20242) from the columns of the facts; a day as itself."""
    month = table.c.month
    match name:
        case "day":
            return case((table.c.precision != "month", table.c.local_date), else_=null())
        case "week":
            return table.c.week
        case "month":
            return month
        case "quarter":
            return (month // 100) * 10 + (month % 100 + 2) // 3
        case "half_year":
            return (month // 100) * 10 + (month % 100 + 5) // 6
    return month // 100


_NUMBERED: Final = (Origin.PERIOD, Origin.CLOCK)
_ENCODERS: Final[dict[str, Callable[[str], Any]]] = {
    "day": date.fromisoformat,
    "week": lambda code: int(code[:4] + code[6:]),
    "month": lambda code: int(code.replace("-", "")),
    "quarter": lambda code: int(code.replace("-Q", "")),
    "half_year": lambda code: int(code.replace("-H", "")),
    "year": int,
    "weekday": int,
    "hour": int,
}
_DECODERS: Final[dict[str, Callable[[Any], str]]] = {
    "day": str,
    "week": lambda number: f"{number // 100}-W{number % 100:02}",
    "month": lambda number: f"{number // 100}-{number % 100:02}",
    "quarter": lambda number: f"{number // 10}-Q{number % 10}",
    "half_year": lambda number: f"{number // 10}-H{number % 10}",
    "hour": lambda number: f"{number:02}",
}


def number_of(dimension: Dimension, code: str) -> Any:
    """The code as its expression gives it, periods as numbers; None for a text that no record can have."""
    encode = _ENCODERS.get(dimension.name, str) if dimension.origin in _NUMBERED else str
    try:
        return encode(code)
    except ValueError:
        return None


def key_of(dimension: Dimension, value: Any) -> str | None:
    """The code of what a statement gave for `dimension`."""
    if value is None:
        return None
    if dimension.origin in _NUMBERED:
        return _DECODERS.get(dimension.name, str)(value)
    return str(value)
