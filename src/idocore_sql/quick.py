"""Statements of the way of every record, compiled once.

At a desk a record is one small transaction, in which SQLAlchemy's work for a statement outweighs SQLite's many times.
On SQLite they go to the driver as they are; elsewhere, where a network lies between, through SQLAlchemy as ever.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import attrs
from sqlalchemy import Connection
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError

Processor = Callable[[Any], Any] | None


def schema_of(connection: Connection) -> str | None:
    """The schema that a host wants our tables in."""
    options = connection.get_execution_options().get("schema_translate_map") or {}
    found: str | None = options.get(None)
    return found


def with_driver(connection: Connection, statement: str, call: Callable[[Any], Any]) -> Any:
    """What `call` gives for the driver's own connection; its errors as SQLAlchemy's, to be translated in one place."""
    errors: type[Exception] = connection.dialect.loaded_dbapi.Error
    try:
        return call(connection.connection.driver_connection)
    except errors as error:
        wrapped = DBAPIError.instance(statement, None, error, errors, dialect=connection.dialect)
        raise wrapped from error


@attrs.frozen
class _Compiled:
    """A statement as SQLite's driver takes it."""

    text: str
    constants: Mapping[str, Any]
    binders: tuple[tuple[str, Processor], ...]
    readers: tuple[Processor, ...]

    def run(self, connection: Connection, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
        given = {**self.constants, **parameters}
        values = [_processed(process, given[name]) for name, process in self.binders]
        rows = with_driver(connection, self.text, lambda driver: driver.execute(self.text, values).fetchall())
        return [tuple(map(_processed, self.readers, row)) for row in rows]


def _processed(process: Processor, value: Any) -> Any:
    return value if process is None or value is None else process(value)


class Quick:
    """A statement with named parameters; calling it gives the rows as tuples, or none for a change."""

    def __init__(self, statement: Any) -> None:
        self._statement = statement
        self._compiled: _Compiled | None = None

    def __call__(self, connection: Connection, **parameters: Any) -> Sequence[Sequence[Any]]:
        if connection.dialect.name != "sqlite" or schema_of(connection):
            result = connection.execute(self._statement, parameters)
            return result.all() if result.returns_rows else ()
        if self._compiled is None:
            self._compiled = _compile(self._statement, connection.dialect)
        return self._compiled.run(connection, parameters)


def _compile(statement: Any, dialect: Dialect) -> _Compiled:
    compiled = statement.compile(dialect=dialect)
    binders = ((name, _bound(compiled.binds[name].type, dialect)) for name in compiled.positiontup)
    columns: Iterable[Any] = getattr(statement, "selected_columns", ())
    readers = (one.type.dialect_impl(dialect).result_processor(dialect, None) for one in columns)
    return _Compiled(str(compiled), compiled.params, tuple(binders), tuple(readers))


def _bound(kind: Any, dialect: Dialect) -> Processor:
    found: Processor = kind.dialect_impl(dialect).bind_processor(dialect)
    return found
