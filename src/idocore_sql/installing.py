"""Room for the facts of a theme: tables made, and columns added when a version brings new fields."""

from typing import Any

from sqlalchemy import Column, Connection, Executable, inspect, text
from sqlalchemy.schema import CreateColumn, CreateIndex, CreateTable

from idocore.theme_files import Themes
from idocore.themes import Field
from idocore_sql.access import Access
from idocore_sql.migrating import changing
from idocore_sql.quick import name_of
from idocore_sql.tables import FactTables, fact_tables
from idocore_sql.types import MARIADB


def tables_of(themes: Themes) -> dict[str, FactTables]:
    """The fact tables of every theme, with the fields of all its versions, by the theme's name."""
    return {name: fact_tables(name, _fields(themes, name)) for name in themes.names()}


def _fields(themes: Themes, name: str) -> tuple[Field, ...]:
    return tuple({entry.key: entry for version in themes.versions(name) for entry in version.fields}.values())


def install(access: Access, wanted: dict[str, FactTables], schema: str | None) -> None:
    """Make the tables and columns of `wanted` that are not there yet; none are ever taken away."""
    with access.reading() as connection:
        lacking = _lacking(connection, wanted, schema)
    if not lacking:
        return
    with changing(access, schema) as connection:
        for statement in _lacking(connection, wanted, schema):
            connection.execute(statement)


def _lacking(connection: Connection, wanted: dict[str, FactTables], schema: str | None) -> list[Executable]:
    """What makes the tables, columns and indexes that are not there."""
    inspector = inspect(connection)
    there = set(inspector.get_table_names(schema=schema))
    found: list[Executable] = []
    for table in (table for tables in wanted.values() for table in tables.all):
        if table.name not in there:
            found += [CreateTable(table), *map(CreateIndex, table.indexes)]
            continue
        known = {column["name"] for column in inspector.get_columns(table.name, schema=schema)}
        found += [_addition(connection, column) for column in table.columns if column.name not in known]
        if connection.dialect.name in MARIADB and table.indexes:
            # Nowhere else can a table be there without its indexes: elsewhere they come in one transaction.
            indexes = {index["name"] for index in inspector.get_indexes(table.name, schema=schema)}
            found += [CreateIndex(index) for index in table.indexes if index.name not in indexes]
    return found


def _addition(connection: Connection, column: Column[Any]) -> Executable:
    name = name_of(connection, column.table)
    definition = CreateColumn(column).compile(dialect=connection.dialect)
    return text(f"ALTER TABLE {name} ADD COLUMN {definition}".replace(":", "\\:"))
