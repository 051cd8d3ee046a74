"""Statements of the way of every record, compiled once.

At a desk a record is one small transaction, in which SQLAlchemy's work for a statement outweighs SQLite's many times.
On SQLite they go to the driver as they are; elsewhere, where a network lies between, through SQLAlchemy as ever.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import Connection, Date, LargeBinary, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError

from idocore_sql.types import Uuid16

Processor = Callable[[Any], Any]


def schema_of(connection: Connection) -> str | None:
    """The schema that a host wants our tables in."""
    options = connection.get_execution_options().get("schema_translate_map")
    found: str | None = options.get(None) if options else None
    return found


def name_of(connection: Connection, table: Table) -> str:
    """The name of `table` as a statement of our own wording has it: in the schema of the host, quoted where it must."""
    quote = connection.dialect.identifier_preparer.quote
    return ".".join(quote(part) for part in (schema_of(connection), table.name) if part)


def on_sqlite(connection: Connection, method: str, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """The rows that ``execute`` or ``executemany`` of SQLite's driver gives for `statement`.

    Its errors are raised as SQLAlchemy's, to be translated in one place.
    """
    try:
        found: Any = getattr(connection.connection.dbapi_connection, method)(statement, values)
        return found.fetchall()  # type: ignore[no-any-return]
    except connection.dialect.loaded_dbapi.Error as error:
        raise in_sqlalchemys_words(connection.dialect, statement, error) from error
    except (OverflowError, UnicodeEncodeError) as error:  # Python's own, of a value that SQLite has no room for
        raise DBAPIError(statement, None, error) from error


def in_sqlalchemys_words(dialect: Dialect, statement: str, error: Exception) -> Exception:
    """What SQLAlchemy would have raised for an error of the driver."""
    return DBAPIError.instance(statement, None, error, dialect.loaded_dbapi.Error, dialect=dialect)


@attrs.frozen
class _Compiled:
    """A statement as SQLite's driver takes it; values that it takes as they are need no processing."""

    text: str
    constants: Mapping[str, Any]
    names: tuple[str, ...]
    binders: tuple[tuple[int, Processor], ...]
    readers: tuple[tuple[int, Processor], ...]


def process(rows: Iterable[list[Any]], processors: Iterable[tuple[int, Processor]]) -> None:
    """Put in the place of each value at these indexes what its processor makes of it; None stays."""
    for index, processor in processors:
        for row in rows:
            if row[index] is not None:
                row[index] = processor(row[index])


class Quick:
    """A statement with named parameters; calling it gives the rows, or none for a change."""

    def __init__(self, statement: Any) -> None:
        self._statement = statement
        self._compiled: _Compiled | None = None

    def __call__(self, connection: Connection, **parameters: Any) -> Sequence[Sequence[Any]]:
        if connection.dialect.name != "sqlite" or "schema_translate_map" in connection.get_execution_options():
            result = connection.execute(self._statement, parameters)
            return result.all() if result.returns_rows else ()
        compiled = self._compiled
        if compiled is None:
            compiled = self._compiled = _compile(self._statement, connection.dialect)
        given = {**compiled.constants, **parameters}
        values = list(map(given.__getitem__, compiled.names))
        if compiled.binders:
            process([values], compiled.binders)
        found = on_sqlite(connection, "execute", compiled.text, values)
        if not compiled.readers or not found:
            return found
        rows = list(map(list, found))
        process(rows, compiled.readers)
        return rows


def _compile(statement: Any, dialect: Dialect) -> _Compiled:
    compiled = statement.compile(dialect=dialect)
    names = tuple(compiled.positiontup)
    binders = (binder(compiled.binds[name].type, dialect) for name in names)
    columns: Iterable[Any] = getattr(statement, "selected_columns", ())
    readers = (_reader(one.type, dialect) for one in columns)
    return _Compiled(str(compiled), compiled.params, names, numbered(binders), numbered(readers))


def binder(kind: Any, dialect: Dialect) -> Processor | None:
    """What makes of a value of this type what SQLite's driver takes; None when it takes the value as it is.

    As SQLAlchemy would, only quicker. A bytearray is bound at once; for bytes the driver first looks for an adapter,
    which takes three times as long.
    """
    if isinstance(kind, Date):
        return date.isoformat
    if isinstance(kind, Uuid16):
        return _blob
    if isinstance(kind, LargeBinary):
        return bytearray
    return kind.dialect_impl(dialect).bind_processor(dialect)  # type: ignore[no-any-return]


def _blob(given: UUID) -> bytearray:
    return bytearray(given.bytes)


def _reader(kind: Any, dialect: Dialect) -> Processor | None:
    if isinstance(kind, Uuid16):
        return _uuid
    if isinstance(kind, LargeBinary):
        return None
    return kind.dialect_impl(dialect).result_processor(dialect, None)  # type: ignore[no-any-return]


def _uuid(found: bytes) -> UUID:
    return UUID(bytes=found)


def numbered(processors: Iterable[Processor | None]) -> tuple[tuple[int, Processor], ...]:
    """Those that there are, each with its index."""
    return tuple((index, one) for index, one in enumerate(processors) if one is not None)
