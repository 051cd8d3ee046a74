"""From an address, or a host's own engine or connection, to a store that is ready for use."""

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.pool import StaticPool

from idocore.errors import StoreUnavailableError
from idocore.plugins import missing_library
from idocore.store import Store
from idocore_sql.access import Access, ConnectionAccess, EngineAccess, SqliteAccess, begin_on_sqlite, file_of
from idocore_sql.failures import parsed_url, shown
from idocore_sql.forking import FORKS
from idocore_sql.in_memory import MemoryAccess, is_in_memory
from idocore_sql.migrating import migrate
from idocore_sql.store import SqlStore
from idocore_sql.types import COLLATION

_WAIT_SECONDS = 30

_DURABLE = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")
_ROOMY = ("cache_size=-32000",)
"""Some 32 MB in memory: a bulk load waits less.

The log keeps SQLite's own size. A longer one would grow for longer, and a file that grows is slow to bring to disk.
"""


def open_sqlite(url: str) -> Store:
    """The entry point for ``sqlite:``; makes the file and its tables when they are not there yet."""
    parsed = parsed_url(url)
    if is_in_memory(parsed):
        return _ready(MemoryAccess(_memory_engine(parsed), patience=_WAIT_SECONDS), None)
    if file_of(parsed) in FORKS.spoilt:
        raise StoreUnavailableError("store-forked", url=shown(parsed))
    return _ready(SqliteAccess(sqlite_engine(parsed), patience=_WAIT_SECONDS), None)


def sqlite_engine(url: URL) -> Engine:
    """An engine of our own for the SQLite database at `url`."""
    engine = create_engine(url, connect_args={"timeout": _WAIT_SECONDS})
    file = file_of(url)

    def connect(dialect: Any, _: Any, arguments: Any, options: Any) -> Any:
        return FORKS.connect(dialect, arguments, options, file)

    event.listen(engine, "do_connect", connect)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _memory_engine(url: URL) -> Engine:
    """An engine with the one connection that has the database in it."""
    engine = create_engine(url, connect_args={"check_same_thread": False}, poolclass=StaticPool)
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def open_postgresql(url: str) -> Store:
    """The entry point for ``postgresql:``, through psycopg 3."""
    parsed = parsed_url(url).set(drivername="postgresql+psycopg")
    try:
        engine = create_engine(parsed, connect_args={"connect_timeout": 10}, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise missing_library("psycopg") from error
    event.listen(engine, "connect", _prepare_postgresql)
    return _ready(EngineAccess(engine, is_ours=True), None)


def open_mariadb(url: str) -> Store:
    """The entry point for ``mariadb:`` and ``mysql:``, through PyMySQL; the server has to be a MariaDB."""
    parsed = parsed_url(url).set(drivername="mariadb+pymysql")
    if not parsed.database:
        raise StoreUnavailableError("store-url", url=shown(parsed))
    options = {"connect_timeout": 10, "charset": "utf8mb4", "collation": COLLATION}
    try:
        engine = create_engine(parsed, connect_args=options, isolation_level="READ COMMITTED", pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise missing_library("pymysql") from error
    event.listen(engine, "connect", _prepare_mariadb)
    return _ready(EngineAccess(engine, is_ours=True), None)


def open_host(*, engine: Engine | None, connection: Connection | None, schema: str | None) -> Store:
    """The entry point for a host's own engine, or a connection whose transaction we join."""
    if connection is not None:
        if schema is not None:
            connection = connection.execution_options(schema_translate_map={None: schema})
        return _ready(ConnectionAccess(connection), schema)
    if engine is None:
        raise TypeError("open_host() needs an engine or a connection")
    if schema is not None:
        engine = engine.execution_options(schema_translate_map={None: schema})
    return _ready(EngineAccess(engine, is_ours=False), schema)


def _ready(access: Access, schema: str | None) -> SqlStore:
    try:
        migrate(access, schema)
        return SqlStore(access, schema)
    except BaseException:
        access.close()
        raise


def _prepare_postgresql(connection: Any, _: Any) -> None:
    """On disk before acknowledged, whatever the habit of the server, the database or the user; more than that stays."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
        )
    connection.commit()


def _prepare_mariadb(connection: Any, _: Any) -> None:
    """What does not fit is an error instead of being cut off, and a writer waits as long as elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET SESSION sql_mode = 'TRADITIONAL', innodb_lock_wait_timeout = {_WAIT_SECONDS}")


def _prepare_sqlite(connection: Any, _: Any) -> None:
    """Write-ahead log, so that readers and a writer do not wait for each other; on disk before acknowledged."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (*_DURABLE, *_ROOMY):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Begin in earnest, unless a writer did so already: one that only later turns into a writer fails at once."""
    begin_on_sqlite(connection, "BEGIN")
