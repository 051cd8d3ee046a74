"""A table for other programs: as Arrow, and so for polars, pandas and DuckDB, which take over its columns as they are.

Codes are strings, counts whole numbers that may be absent (int64), shares and other quotients float64. What a table
says beside its rows (base, unknowns, notes, query, as of when) travels in the metadata of the schema.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import attrs

from idocore.messages import LANGUAGES, Language
from idocore.plugins import library
from idocore.statistics.query import Query
from idocore.statistics.wording import in_words
from idocore.themes import Label

if TYPE_CHECKING:
    import duckdb
    import pandas
    import polars
    import pyarrow

    from idocore.statistics.table import Table

PREFIX: Final = "idocore."
"""What the keys of our metadata begin with."""


def to_arrow(table: "Table", labels: Language | None = None, *, categories: bool = False) -> "pyarrow.Table":
    """The rows as an Arrow table; with `labels`, headings and names instead of codes."""
    arrow = library("pyarrow")
    names = headings(table, labels)
    columns = [_codes(table, number, labels, categories) for number in range(len(table.code_columns))]
    columns += [_numbers(table, number) for number in range(len(table.measures))]
    fields = [
        arrow.field(name, column.type, metadata=_about_column(table, key))
        for name, key, column in zip(names, table.columns, columns, strict=True)
    ]
    found: pyarrow.Table = arrow.table(columns, schema=arrow.schema(fields, metadata=_as_metadata(about(table))))
    return found


def to_polars(table: "Table", labels: Language | None = None, *, categories: bool = False) -> "polars.DataFrame":
    """The rows as a polars frame; with `categories`, codes are an Enum in the order of their list."""
    kit = library("polars")
    frame: polars.DataFrame = kit.DataFrame(to_arrow(table, labels))
    if not categories:
        return frame
    kinds = [
        kit.col(name).cast(kit.Enum(list(dict.fromkeys(_texts(table, dimension, labels).values()))))
        for name, dimension in zip(frame.columns, table.code_columns, strict=False)
    ]
    return frame.with_columns(kinds)


def to_pandas(table: "Table", labels: Language | None = None, *, categories: bool = False) -> "pandas.DataFrame":
    """The rows as a pandas frame with nullable types; what the table says beside them is in its ``attrs``."""
    kit, arrow = library("pandas"), library("pyarrow")
    nullable = {arrow.int64(): kit.Int64Dtype(), arrow.float64(): kit.Float64Dtype()}
    frame: pandas.DataFrame = to_arrow(table, labels, categories=categories).to_pandas(types_mapper=nullable.get)
    frame.attrs["idocore"] = about(table)
    return frame


def to_duckdb(
    table: "Table", connection: "duckdb.DuckDBPyConnection | None" = None, labels: Language | None = None
) -> "duckdb.DuckDBPyRelation":
    """The rows as a relation of `connection`, or of DuckDB's own connection."""
    found: duckdb.DuckDBPyRelation = (connection or library("duckdb")).from_arrow(to_arrow(table, labels))
    return found


def about(table: "Table") -> dict[str, Any]:
    """What the table says beside its rows, as plain values that can be written as JSON."""
    return {
        "query": plain_query(table.query),
        "labels": {name: {one: table.heading(name, one) for one in LANGUAGES} for name in table.columns},
        "base": dict(table.base),
        "unknown": {name: dict(counts) for name, counts in table.unknown.items()},
        "unlinked": table.unlinked,
        "notes": [
            {"code": note.code, **{one: in_words(note, table, one).message(one) for one in LANGUAGES}}
            for note in table.notes
        ],
        "as_of": dict(table.as_of),
    }


def plain_query(query: Query) -> dict[str, Any]:
    """The query as plain values, days in ISO 8601."""
    return attrs.asdict(query, value_serializer=_plain)


def _plain(_: object, __: object, value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def headings(table: "Table", labels: Language | None) -> list[str]:
    """The names of the columns, each different: a heading that comes twice has its code behind it."""
    if labels is None:
        return list(table.columns)
    found = [table.heading(name, labels) for name in table.columns]
    return [
        f"{heading} ({name})" if found.count(heading) > 1 else heading
        for heading, name in zip(found, table.columns, strict=True)
    ]


def in_order(table: "Table", dimension: str) -> list[str]:
    """The codes of `dimension` that occur in the table, as their list has them; what is not in it last."""
    position = table.code_columns.index(dimension)
    seen = {row.codes[position] for row in table.rows}
    listed = [code for code in listed_codes(table, dimension) if code in seen]
    return listed + sorted(code for code in seen.difference(listed) if code is not None)


def listed_codes(table: "Table", dimension: str) -> Mapping[str, Label]:
    """The codes that a dimension may have, with their names; empty when they are not of a list."""
    return table.labels.get(dimension.removeprefix("and_"), {})


def is_whole(table: "Table", number: int) -> bool:
    """Whether the column of measure `number` holds counts rather than shares."""
    return table.measures[number].is_whole


def _texts(table: "Table", dimension: str, labels: Language | None) -> Mapping[str, str]:
    codes = in_order(table, dimension)
    return {code: table.label(dimension, code, labels) if labels else code for code in codes}


def _codes(table: "Table", position: int, labels: Language | None, categories: bool) -> Any:
    arrow = library("pyarrow")
    codes: Iterable[str | None] = (row.codes[position] for row in table.rows)
    if labels is None and not categories:
        return arrow.array(list(codes), arrow.string())
    texts = _texts(table, table.code_columns[position], labels)
    if not categories:
        return arrow.array([code if code is None else texts[code] for code in codes], arrow.string())
    places = {text: place for place, text in enumerate(dict.fromkeys(texts.values()))}
    indices = arrow.array([None if code is None else places[texts[code]] for code in codes], arrow.int32())
    return arrow.DictionaryArray.from_arrays(indices, arrow.array(list(places), arrow.string()), ordered=True)


def _numbers(table: "Table", position: int) -> Any:
    arrow = library("pyarrow")
    kind = arrow.int64() if is_whole(table, position) else arrow.float64()
    return arrow.array([row.numbers[position] for row in table.rows], kind)


def _about_column(table: "Table", name: str) -> dict[str, str]:
    """The heading of a column, and the names of the codes in it, when they have any."""
    found: dict[str, Any] = {one: table.heading(name, one) for one in LANGUAGES}
    if name in table.code_columns and listed_codes(table, name):
        codes = in_order(table, name)
        found["codes"] = {code: {one: table.label(name, code, one) for one in LANGUAGES} for code in codes}
    return _as_metadata(found)


def _as_metadata(content: Mapping[str, Any]) -> dict[str, str]:
    return {
        PREFIX + name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in content.items()
    }
