"""The fixed tables brought to the revision that this program works with, through Alembic."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select, text

from idocore.errors import StoreUnavailableError
from idocore.journal import Purpose
from idocore.registrations import new_id
from idocore_sql.access import Access
from idocore_sql.failures import shown
from idocore_sql.journals import open_stream, own_stream
from idocore_sql.tables import HEAD, VERSION_TABLE

if TYPE_CHECKING:
    from alembic.config import Config

_LOCK = 0x1D0C0DE


def migrate(access: Access, schema: str | None) -> None:
    """Make or upgrade the fixed tables, in one transaction; refuses a database of a newer version."""
    with access.reading() as connection:
        found = _revision(connection, schema)
    if found == HEAD:
        return
    with access.writing() as connection:
        one_at_a_time(connection)
        found = _revision(connection, schema)
        if found is not None and found not in _known():
            raise StoreUnavailableError("store-newer", url=shown(access.url), found=found)
        if found != HEAD:
            _upgrade(connection, schema)
        for purpose in Purpose:
            if own_stream(connection, purpose) is None:
                open_stream(connection, new_id(), purpose, is_own=True)


def one_at_a_time(connection: Connection) -> None:
    """Wait until nobody else changes our tables; SQLite's writers take turns anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _revision(connection: Connection, schema: str | None) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE, schema=schema):
        return None
    table = Table(VERSION_TABLE, MetaData(), Column("version_num", String), schema=schema)
    found: str | None = connection.execute(select(table.c.version_num)).scalar()
    return found


def config(connection: Connection | None = None, schema: str | None = None) -> "Config":
    """Alembic's configuration for our migrations, on `connection`."""
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", "idocore_sql:migrations")
    settings.attributes.update({"connection": connection, "schema": schema})
    return settings


def _known() -> set[str]:
    from alembic.script import ScriptDirectory

    script: Any = ScriptDirectory.from_config(config())
    return {revision.revision for revision in script.walk_revisions()}


def _upgrade(connection: Connection, schema: str | None) -> None:
    from alembic import command

    command.upgrade(config(connection, schema), "head")
