"""Rows into tables by the quickest way that each driver has: COPY on PostgreSQL, one prepared statement on SQLite."""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

import attrs
from sqlalchemy import Connection, Table, insert
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError

Row = dict[str, Any]

_WORTH_A_COPY = 20
"""From how many rows on COPY pays off on PostgreSQL."""


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert `rows`, each with a value for every column of `table`."""
    if not rows:
        return
    dialect = connection.dialect
    if dialect.name == "sqlite":
        prepared = _prepared(connection, table)
        connection.exec_driver_sql(prepared.statement, prepared.values(rows))
    elif dialect.driver == "psycopg" and len(rows) >= _WORTH_A_COPY:
        _copy(connection, table, rows)
    else:
        connection.execute(insert(table), list(rows))


@attrs.frozen
class _Prepared:
    """An INSERT as the driver takes it, and how each value is handed to it."""

    statement: str
    names: tuple[str, ...]
    processors: tuple[tuple[str, Callable[[Any], Any]], ...]

    def values(self, rows: Sequence[Row]) -> list[tuple[Any, ...]]:
        """The rows as tuples of what the driver understands."""
        for row in rows:
            for name, process in self.processors:
                row[name] = process(row[name])
        chosen = itemgetter(*self.names)
        return list(map(chosen, rows))


def _schema(connection: Connection) -> str | None:
    options = connection.get_execution_options().get("schema_translate_map") or {}
    found: str | None = options.get(None)
    return found


def _prepared(connection: Connection, table: Table) -> _Prepared:
    key = ("idocore_insert", connection.dialect.name, _schema(connection))
    if key not in table.info:
        table.info[key] = _prepare(connection, table)
    found: _Prepared = table.info[key]
    return found


def _prepare(connection: Connection, table: Table) -> _Prepared:
    dialect: Dialect = connection.dialect
    schema = _schema(connection)
    options: Any = {"schema_translate_map": {None: schema}, "render_schema_translate": True} if schema else {}
    compiled: Any = insert(table).compile(dialect=dialect, **options)
    columns = {column.name: column for column in table.columns}
    found = {name: columns[name].type.dialect_impl(dialect).bind_processor(dialect) for name in columns}
    processors = tuple((name, _but_none(process)) for name, process in found.items() if process is not None)
    return _Prepared(str(compiled), tuple(compiled.positiontup), processors)


def _but_none(process: Any) -> Callable[[Any], Any]:
    return lambda value: None if value is None else process(value)


def _copy(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    names = tuple(column.name for column in table.columns)
    preparer = connection.dialect.identifier_preparer
    schema = _schema(connection)
    target = preparer.quote(table.name) if schema is None else f"{preparer.quote(schema)}.{preparer.quote(table.name)}"
    statement = f"COPY {target} ({', '.join(map(preparer.quote, names))}) FROM STDIN"
    chosen = itemgetter(*names)
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(chosen(row))
    except _driver_error(connection) as error:
        # A raw driver call: SQLAlchemy's own wrapping, so that every failure is translated in one place.
        wrapped = DBAPIError.instance(statement, None, error, type(error), dialect=connection.dialect)
        raise wrapped from error


def _driver_error(connection: Connection) -> type[Exception]:
    found: type[Exception] = connection.dialect.loaded_dbapi.Error
    return found
