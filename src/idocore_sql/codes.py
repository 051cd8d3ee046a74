"""Codes as expressions of the database: of periods, of answers, and of what takes several."""

from collections.abc import Iterable
from typing import Any

from attrs import frozen
from sqlalchemy import ColumnElement, Select, Table, case, literal, null, select, union
from sqlalchemy.types import Boolean

from idocore.statistics.cells import Dimension, Source
from idocore.statistics.numbering import NUMBERED, number_of
from idocore_sql.tables import FactTables

Expression = ColumnElement[Any]


@frozen
class Choices:
    """The codes of what takes several: registration, ordinal (0: of the registration itself) and code of each."""

    tables: FactTables

    def of(self, dimension: Dimension) -> Any:
        """Each code of `dimension` once for each registration, or each inquiry."""
        if not dimension.sources:
            table = self.tables.choice
            code = recoded(table.c.code, dimension).label("code")
            several = select(table.c.registration, table.c.ordinal, code).where(table.c.field == dimension.name)
            return several.distinct() if dimension.recode else several
        parts = [
            self._part(source, dimension, number)
            for source in dimension.sources
            for number in range(max([1, *map(len, source.codes.values())]))
        ]
        return union(*parts)

    def _part(self, source: Source, dimension: Dimension, number: int) -> Select[Any]:
        """What the codes of a source stand for, the `number`-th of each."""
        registration = self.tables.registration
        inquiry = self.tables.inquiry if dimension.of_inquiry else registration
        owner = self.tables.choice if source.multiple else inquiry
        given: Expression = owner.c.code if source.multiple else text_of(owner.c[source.key])
        ordinal: Expression = literal(0) if owner is registration else owner.c.ordinal
        key = registration.c.key
        tables = registration if owner is registration else registration.join(owner, owner.c.registration == key)
        code = mapped(given, source, number)
        part = select(key.label("registration"), ordinal.label("ordinal"), code.label("code")).select_from(tables)
        if source.multiple:
            part = part.where(owner.c.field == source.key)
        return part.where(registration.c.theme.in_(sorted(source.themes)), code.is_not(None))


def text_of(column: Any) -> Expression:
    """An answer as its code."""
    if isinstance(column.type, Boolean):
        return case((column.is_(True), literal("yes")), (column.is_(False), literal("no")), else_=null())
    return column  # type: ignore[no-any-return]


def mapped(given: Expression, source: Source, number: int) -> Expression:
    """The `number`-th code that each of `source` stands for, empty where there is none; one not listed is the first."""
    listed = [
        (given == code, literal(became[number]) if number < len(became) else null())
        for code, became in sorted(source.codes.items())
    ]
    rest = given if number == 0 else null()
    return case(*listed, else_=rest) if listed else rest


def recoded(column: Any, dimension: Dimension) -> Expression:
    """A library's own codes as the ones they count as."""
    if not dimension.recode:
        return column  # type: ignore[no-any-return]
    return case(*((column == own, literal(base)) for own, base in sorted(dimension.recode.items())), else_=column)


def period_number(name: str, table: Table) -> Expression:
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


def stored(dimension: Dimension, codes: Iterable[str]) -> set[Any]:
    """The codes as the expression of `dimension` gives them, periods as numbers; without what no record can have."""
    if dimension.origin not in NUMBERED:
        return set(codes)
    return {number_of(dimension, code) for code in codes} - {None}
