"""What a dimension is in the columns of a snapshot: its expression, its filter, and its code for the table."""

from collections.abc import Mapping
from functools import reduce
from typing import Any

import attrs
import ibis
import ibis.expr.types as ir

from idocore.statistics.cells import Dimension, Filter, Origin, Source
from idocore.statistics.numbering import NUMBERED, number_of


def expression(rows: ir.Table, dimension: Dimension) -> ir.Value:
    """The value of a dimension with one code: periods and hours as numbers, yes and no as themselves.

    A field that this snapshot does not have yet is null everywhere.
    """
    if dimension.origin is Origin.PERIOD:
        return _period(rows, dimension.name)
    if dimension.sources:
        return _of_sources(rows, dimension)
    if dimension.name not in rows.columns:
        return ibis.null("string")
    found = rows[dimension.name]
    if not dimension.recode or found.type().is_boolean():
        return found
    return _recoded(found, dimension.recode)


def _of_sources(rows: ir.Table, dimension: Dimension) -> ir.Value:
    """The code of the one source that a theme version has."""
    known = [source for source in dimension.sources if source.key in rows.columns]
    several = [(rows.theme.isin(sorted(one.themes)), _carried(_text(rows[one.key]), one, 0)) for one in known]
    return ibis.cases(*several) if several else ibis.null("string")


def codes(rows: ir.Table, dimension: Dimension) -> ir.ArrayValue:
    """The codes of what takes several, each once; one null where there are none, so that the row is kept."""
    found = several(rows, dimension)
    nothing = ibis.array([ibis.null("string")])
    return nothing if found is None else ibis.ifelse(found.length() > 0, found, nothing)


def several(rows: ir.Table, dimension: Dimension) -> ir.ArrayValue | None:
    """The codes of what takes several, each once; null or empty where there are none, None without such a field."""
    if dimension.sources:
        parts = [_of_source(rows, one) for one in dimension.sources if one.key in rows.columns]
        return reduce(lambda before, after: before.concat(after), parts).unique() if parts else None
    if dimension.name not in rows.columns:
        return None
    found = rows[dimension.name]
    if dimension.recode:
        found = found.map(lambda code: _recoded(code, dimension.recode)).unique()
    return found


def _of_source(rows: ir.Table, source: Source) -> ir.ArrayValue:
    """What the codes of a source stand for; none in the versions that are not its own."""
    given = rows[source.key] if source.multiple else ibis.array([_text(rows[source.key])])
    most = max([1, *map(len, source.codes.values())])
    meant = [given.map(lambda code, number=number: _carried(code, source, number)) for number in range(most)]
    found = reduce(lambda before, after: before.concat(after), meant).filter(lambda code: code.notnull())
    none = ibis.array([], type="array<string>")
    return ibis.ifelse(rows.theme.isin(sorted(source.themes)) & found.notnull(), found, none)


def _carried(given: Any, source: Source, number: int) -> Any:
    """The `number`-th code that each of `source` stands for, null where there is none; one not listed is the first."""
    null = ibis.null("string")
    listed = [
        (given == code, ibis.literal(became[number]) if number < len(became) else null)
        for code, became in sorted(source.codes.items())
    ]
    rest = given if number == 0 else null
    return ibis.cases(*listed, else_=rest) if listed else rest


def _text(answer: Any) -> Any:
    """An answer as its code."""
    return ibis.cases((answer, "yes"), (~answer, "no")) if answer.type().is_boolean() else answer


def _recoded(code: Any, recode: Mapping[str, str]) -> Any:
    """A library's own codes as the ones they count as."""
    return ibis.cases(*((code == own, counted) for own, counted in sorted(recode.items())), else_=code)


def _period(rows: ir.Table, name: str) -> Any:
    month = rows.month
    match name:
        case "day":
            return ibis.ifelse(rows.precision != "month", rows.local_date, ibis.null("date"))
        case "week":
            return rows.week
        case "month":
            return month
        case "quarter":
            return (month // 100) * 10 + (month % 100 + 2) // 3
        case "half_year":
            return (month // 100) * 10 + (month % 100 + 5) // 6
    return month // 100


def passes(rows: ir.Table, one: Filter) -> ir.BooleanValue:
    """Whether a row passes `one`; what is null never does."""
    dimension = one.dimension
    if dimension.multiple:
        return _has_one_of(rows, one)
    value = expression(rows, dimension)
    if one.codes is None:
        return value.notnull()
    wanted = [
        stored for stored in (_stored(value, dimension, code) for code in sorted(one.codes)) if stored is not None
    ]
    return value.isin(wanted) if wanted else ibis.literal(False)


def _has_one_of(rows: ir.Table, one: Filter) -> ir.BooleanValue:
    dimension = one.dimension
    plain = dimension if dimension.sources else attrs.evolve(dimension, recode={})
    found = several(rows, plain)
    if found is None:
        return ibis.literal(False)
    if one.codes is None:
        return found.length() > 0
    own = {code for code, counted in dimension.recode.items() if counted in one.codes}
    wanted = one.codes if dimension.sources else own | (one.codes - set(dimension.recode))
    return ibis.or_(ibis.literal(False), *(found.contains(code) for code in sorted(wanted)))


def _stored(value: ir.Value, dimension: Dimension, code: str) -> Any:
    """The code as its column has it; None for a text that no record can have."""
    if value.type().is_boolean():
        return {"yes": True, "no": False}.get(code)
    return number_of(dimension, code) if dimension.origin in NUMBERED else code
