"""Rows into tables by the quickest way that each driver has.

COPY on PostgreSQL, one prepared statement on SQLite; MariaDB's driver makes one statement of many rows by itself.
"""

from collections.abc import Callable, Iterable
from itertools import chain, islice
from typing import Any

import attrs
from sqlalchemy import Connection, Table, insert
from sqlalchemy.engine import Dialect

from idocore_sql.quick import binder, in_sqlalchemys_words, name_of, numbered, on_sqlite, process, schema_of

Row = list[Any]

_WORTH_A_COPY = 20
"""From how many rows on COPY pays off on PostgreSQL."""


def insert_rows(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Insert `rows`, each with a value for every column of `table`, in order; the rows are used up.

    They are best made as they are asked for: in a COPY the database then works on those that it has meanwhile. Making
    them must not use the connection, which is busy with them.
    """
    waiting = iter(rows)
    first = list(islice(waiting, _WORTH_A_COPY))
    if not first:
        return
    if connection.dialect.driver == "psycopg" and len(first) == _WORTH_A_COPY:
        _copy(connection, table, chain(first, waiting))
        return
    _execute(connection, table, first + list(waiting))


def _execute(connection: Connection, table: Table, rows: list[Row]) -> None:
    if connection.dialect.name == "sqlite":
        prepared = _prepared(connection, table)
        process(rows, prepared.processors)
        on_sqlite(connection, "executemany", prepared.statement, rows)
    else:
        names = table.columns.keys()
        connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])


@attrs.frozen
class _Prepared:
    """An INSERT as the driver takes it, and how the values of some columns are handed to it."""

    statement: str
    processors: tuple[tuple[int, Callable[[Any], Any]], ...]


def _prepared(connection: Connection, table: Table) -> _Prepared:
    key = ("idocore_insert", connection.dialect.name, schema_of(connection))
    if key not in table.info:
        table.info[key] = _prepare(connection, table)
    found: _Prepared = table.info[key]
    return found


def _prepare(connection: Connection, table: Table) -> _Prepared:
    dialect: Dialect = connection.dialect
    schema = schema_of(connection)
    options: Any = {"schema_translate_map": {None: schema}, "render_schema_translate": True} if schema else {}
    compiled: Any = insert(table).compile(dialect=dialect, **options)
    if list(compiled.positiontup) != table.columns.keys():
        raise AssertionError("an INSERT without values names every column in order")
    return _Prepared(str(compiled), numbered(binder(column.type, dialect) for column in table.columns))


def _copy(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    names = tuple(column.name for column in table.columns)
    columns = ", ".join(map(connection.dialect.identifier_preparer.quote, names))
    statement = f"COPY {name_of(connection, table)} ({columns}) FROM STDIN"
    driver: Any = connection.connection.dbapi_connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:
        raise in_sqlalchemys_words(connection.dialect, statement, error) from error
