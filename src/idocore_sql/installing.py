"""Room for the facts of a theme: tables made, and columns added when a version brings new fields."""

from sqlalchemy import Connection, Table, inspect
from sqlalchemy.schema import CreateColumn, CreateTable

from idocore.theme_files import Themes
from idocore.themes import Field
from idocore_sql.access import Access
from idocore_sql.migrating import changing
from idocore_sql.quick import schema_of
from idocore_sql.tables import FactTables, fact_tables


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
        for table, missing in _lacking(connection, wanted, schema):
            _supply(connection, table, missing)


def _lacking(
    connection: Connection, wanted: dict[str, FactTables], schema: str | None
) -> list[tuple[Table, list[str] | None]]:
    """The tables that are not there (None), or that lack the columns listed."""
    inspector = inspect(connection)
    there = set(inspector.get_table_names(schema=schema))
    found: list[tuple[Table, list[str] | None]] = []
    for table in (table for tables in wanted.values() for table in tables.all):
        if table.name not in there:
            found.append((table, None))
            continue
        known = {column["name"] for column in inspector.get_columns(table.name, schema=schema)}
        missing = [column.name for column in table.columns if column.name not in known]
        if missing:
            found.append((table, missing))
    return found


def _supply(connection: Connection, table: Table, missing: list[str] | None) -> None:
    if missing is None:
        connection.execute(CreateTable(table))
        for index in table.indexes:
            index.create(connection)
        return
    preparer = connection.dialect.identifier_preparer
    schema = schema_of(connection)
    name = preparer.quote(table.name) if schema is None else f"{preparer.quote(schema)}.{preparer.quote(table.name)}"
    for column in missing:
        definition = CreateColumn(table.c[column]).compile(dialect=connection.dialect)
        connection.exec_driver_sql(f"ALTER TABLE {name} ADD COLUMN {definition}")
