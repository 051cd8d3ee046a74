"""The fixed tables brought to the revision that this program works with, through Alembic."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Connection, MetaData, String, Table, func, inspect, literal, select, text
from sqlalchemy.engine import URL

from idocore.errors import StoreUnavailableError
from idocore.journal import Purpose
from idocore.registrations import new_id
from idocore_sql.access import Access
from idocore_sql.failures import shown
from idocore_sql.journals import open_stream, own_stream
from idocore_sql.tables import HEAD, VERSION_TABLE
from idocore_sql.types import MARIADB

if TYPE_CHECKING:
    from alembic.config import Config

_LOCK = 0x1D0C0DE
_TURN_SECONDS = 60
"""How long to wait for somebody else who changes the tables on MariaDB."""


def migrate(access: Access, schema: str | None) -> None:
    """Make or upgrade the fixed tables; refuses a database of a newer version.

    In one transaction; but on MariaDB, where every step stays, the next to open goes on where one was broken off.
    """
    with access.reading() as connection:
        found = _revision(connection, schema)
    if found == HEAD:
        return
    with changing(access, schema) as connection:
        found = _revision(connection, schema)
        if found is not None and found not in known_versions():
            raise StoreUnavailableError("store-newer", url=shown(access.url), found=found)
        if found != HEAD:
            _upgrade(connection, schema)
        for purpose in Purpose:
            if own_stream(connection, purpose) is None:
                open_stream(connection, new_id(), purpose, is_own=True)


@contextmanager
def changing(access: Access, schema: str | None) -> Iterator[Connection]:
    """A transaction in which our tables are changed, by nobody else meanwhile; SQLite's writers take turns anyway."""
    is_mariadb = access.url.get_backend_name() in MARIADB
    if is_mariadb and access.is_joined:
        # MariaDB commits before and after it makes a table: the host's transaction would be in halves.
        raise StoreUnavailableError("store-joined", url=shown(access.url))
    with access.writing() as connection:
        if is_mariadb:
            with _turn(connection, schema, access.url):
                yield connection
            return
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        yield connection


@contextmanager
def _turn(connection: Connection, schema: str | None, url: URL) -> Iterator[None]:
    """A turn on MariaDB, where a lock is the connection's and its name the whole server's."""
    lock = literal(f"{_LOCK:x} ") + func.md5(func.coalesce(schema, func.database()))
    if not connection.execute(select(func.get_lock(lock, _TURN_SECONDS))).scalar():
        raise StoreUnavailableError("store-busy", url=shown(url), reason="migration")
    try:
        yield
        # Now, since whoever has the next turn must see it.
        connection.exec_driver_sql("COMMIT")
    finally:
        if not connection.invalidated:
            connection.execute(select(func.release_lock(lock)))


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


def known_versions() -> set[str]:
    """The versions of the fixed tables that this program knows."""
    from alembic.script import ScriptDirectory

    script: Any = ScriptDirectory.from_config(config())
    return {revision.revision for revision in script.walk_revisions()}


def _upgrade(connection: Connection, schema: str | None) -> None:
    from alembic import command

    command.upgrade(config(connection, schema), "head")
