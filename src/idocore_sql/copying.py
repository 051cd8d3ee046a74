"""Copies of a whole database, made by its own online method.

SQLite's backup, PostgreSQL's pg_dump and pg_restore, MariaDB's mariadb-dump and mariadb.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from attrs import frozen
from sqlalchemy.engine import URL

from idocore.errors import ExchangeError, StoreUnavailableError
from idocore.store import Progress
from idocore_sql.access import Access
from idocore_sql.failures import parsed_url, shown
from idocore_sql.in_memory import is_in_memory
from idocore_sql.migrating import known_versions
from idocore_sql.tables import VERSION_TABLE

_PAGES: Final = 1000
"""How many pages SQLite copies between two reports of progress."""

_LOOKED_AT: Final = 500
"""How many bytes at the start and the end of a dump tell what it is."""

SQLITE_MAGIC: Final = b"SQLite format 3\x00"
POSTGRESQL_MAGIC: Final = b"PGDMP"
MARIADB_MAGIC: Final = b"-- MariaDB dump"
MARIADB_END: Final = b"-- Dump completed"


def backup(access: Access, target: Path, progress: Progress) -> None:
    """Copy the database behind `access` to a new file; raises ExchangeError, StoreUnavailableError."""
    if target.exists():
        raise ExchangeError("file-unwritable", path=str(target), reason="there is a file already")
    unfinished = target.with_name(f".{target.name}.part")
    try:
        match access.url.get_backend_name():
            case "sqlite":
                _backup_sqlite(access, unfinished, progress)
            case "postgresql":
                _run_postgresql("pg_dump", access.url, "--format=custom", f"--file={unfinished}")
            case "mariadb" | "mysql":
                _backup_mariadb(access.url, unfinished)
            case name:
                raise StoreUnavailableError("backup-elsewhere", url=shown(access.url), reason=name)
        _sync(unfinished)
        unfinished.replace(target)
        _sync(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise ExchangeError("file-unwritable", path=str(target), reason=str(error)) from error
    finally:
        unfinished.unlink(missing_ok=True)


def _backup_sqlite(access: Access, target: Path, progress: Progress) -> None:
    copied = 0

    def tell(_: int, remaining: int, total: int) -> None:
        nonlocal copied
        progress(total - remaining - copied)
        copied = total - remaining

    with access.driver() as source, _one_moment(source):
        copy = sqlite3.connect(target)
        try:
            source.backup(copy, pages=_PAGES, progress=tell)
            copy.execute("PRAGMA journal_mode=DELETE")
        finally:
            copy.close()


@contextmanager
def _one_moment(source: sqlite3.Connection) -> Iterator[None]:
    """`source` sees everything as it was at one moment; else a copy begins anew each time that somebody writes."""
    if source.in_transaction:
        yield
        return
    source.execute("BEGIN")
    try:
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        yield
    finally:
        source.rollback()


def restore(source: Path, url: str) -> None:
    """Put the backup `source` into the empty database at `url`; raises ExchangeError, StoreUnavailableError."""
    parsed = parsed_url(url)
    with source.open("rb") as file:
        magic = file.read(len(SQLITE_MAGIC))
    match parsed.get_backend_name():
        case "sqlite":
            _check(magic == SQLITE_MAGIC, source, "SQLite")
            _check_is_register(source)
            _restore_sqlite(source, parsed)
        case "postgresql":
            _check(magic.startswith(POSTGRESQL_MAGIC), source, "pg_dump --format=custom")
            _run_postgresql("pg_restore", parsed, "--no-owner", "--single-transaction", "--exit-on-error", str(source))
        case "mariadb" | "mysql":
            _check(_is_mariadb_dump(source), source, "mariadb-dump")
            _restore_mariadb(source, parsed)
        case name:
            raise StoreUnavailableError("backup-elsewhere", url=shown(parsed), reason=name)


def _check(is_right: bool, source: Path, wanted: str) -> None:
    if not is_right:
        raise ExchangeError("backup-unreadable", path=str(source), wanted=wanted)


def _check_is_register(source: Path) -> None:
    """Whether the SQLite database `source` is a register that this program can open, before it is put anywhere."""
    # As it is: a copy has no log, and none is to come beside it.
    copy = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        found = copy.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()  # noqa: S608  (a name of ours)
    except sqlite3.Error as error:
        raise ExchangeError("backup-unreadable", path=str(source), wanted="SQLite, idocore") from error
    finally:
        copy.close()
    _check(found is not None, source, "SQLite, idocore")
    if found[0] not in known_versions():
        raise StoreUnavailableError("store-newer", url=str(source), found=found[0])


def _restore_sqlite(source: Path, url: URL) -> None:
    if is_in_memory(url):
        raise StoreUnavailableError("restore-in-memory", url=shown(url))
    target = Path(url.database or "")
    if target.exists():
        raise StoreUnavailableError("restore-not-empty", url=shown(url))
    # SQLite would play the log of a database that is gone into the one that is put back.
    leftovers = [str(file) for file in _companions(target) if file.exists()]
    if leftovers:
        raise StoreUnavailableError("restore-leftovers", url=shown(url), files=", ".join(leftovers))
    unfinished = target.with_name(f".{target.name}.part")
    try:
        shutil.copyfile(source, unfinished)
        _sync(unfinished)
        unfinished.replace(target)
        _sync(target.parent)
    except OSError as error:
        raise ExchangeError("file-unwritable", path=str(target), reason=str(error)) from error
    finally:
        unfinished.unlink(missing_ok=True)


def _companions(database: Path) -> Iterator[Path]:
    """The files that SQLite keeps beside `database`, and that belong to it alone."""
    return (database.with_name(database.name + ending) for ending in ("-wal", "-shm", "-journal"))


def _sync(path: Path) -> None:
    """Have what was written to `path`, or which files a folder holds, on disk; Windows does not open folders."""
    is_folder = path.is_dir()
    if is_folder and os.name == "nt":
        return
    number = os.open(path, os.O_RDONLY if is_folder else os.O_RDWR)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _backup_mariadb(url: URL, target: Path) -> None:
    # One snapshot of all tables. Without DROP TABLE, so that putting it back never takes anything away.
    options = ("--single-transaction", "--hex-blob", "--skip-add-drop-table", f"--result-file={target}")
    _run_mariadb("mariadb-dump", url, *options, url.database or "")


def _is_mariadb_dump(source: Path) -> bool:
    """Whether `source` is a dump from its first line to its last."""
    with source.open("rb") as file:
        start = file.read(_LOOKED_AT)
        file.seek(max(0, source.stat().st_size - _LOOKED_AT))
        return MARIADB_MAGIC in start and MARIADB_END in file.read()


def _restore_mariadb(source: Path, url: URL) -> None:
    """Put a dump back, table after table: MariaDB has no transaction around them.

    What a restore that was broken off left is in the way of the next, which says so.
    """
    database = f"--database={url.database}"
    if _run_mariadb("mariadb", url, database, "--execute=SHOW TABLES").strip():
        raise StoreUnavailableError("restore-not-empty", url=shown(url))
    with source.open("rb") as file:
        _run_mariadb("mariadb", url, database, source=file)


def _run_postgresql(program: str, url: URL, *arguments: str) -> str:
    plain = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    return _run(program, url, [f"--dbname={plain}", *arguments], _Client("PGPASSWORD", "postgresql-client"))


def _run_mariadb(program: str, url: URL, *arguments: str, source: IO[bytes] | None = None) -> str:
    socket = url.query.get("unix_socket")
    # As the driver does: "localhost" is an address, too, and no settings but those in the url.
    way = [f"--socket={socket}"] if socket else ["--protocol=tcp", f"--host={url.host or 'localhost'}"]
    given = {"port": url.port, "user": url.username, "ssl-ca": url.query.get("ssl_ca")}
    options = [f"--{name}={value}" for name, value in given.items() if value]
    client = _Client("MYSQL_PWD", "mariadb-client")
    return _run(program, url, ["--no-defaults", *way, *options, *arguments], client, source)


@frozen
class _Client:
    """How a database's own programs take a password, and what package brings them."""

    password: str
    package: str


def _run(program: str, url: URL, arguments: list[str], client: _Client, source: IO[bytes] | None = None) -> str:
    """Run one of a database's own programs; the password goes by the environment, never on the command line."""
    found = shutil.which(program, path=os.environ.get("IDOCORE_PG_BIN")) or shutil.which(program)
    if found is None:
        raise StoreUnavailableError("backup-program", url=shown(url), program=program, package=client.package)
    environment = {**os.environ, **({client.password: url.password} if url.password else {})}
    done = subprocess.run(  # noqa: S603  (a program of the database, with arguments of ours)
        [found, *arguments], env=environment, stdin=source or subprocess.DEVNULL, capture_output=True, check=False
    )
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or [f"exit {done.returncode}"]
        raise StoreUnavailableError("backup-fails", url=shown(url), program=program, reason=lines[-1][:300])
    return done.stdout.decode(errors="replace")
