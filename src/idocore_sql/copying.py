"""Copies of a whole database, made by its own online method: SQLite's backup, PostgreSQL's pg_dump and pg_restore."""

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL, make_url

from idocore.errors import ExchangeError, StoreUnavailableError
from idocore.store import Progress
from idocore_sql.access import Access
from idocore_sql.failures import shown

_PAGES: Final = 1000
"""How many pages SQLite copies before it lets a writer through."""

SQLITE_MAGIC: Final = b"SQLite format 3\x00"
POSTGRESQL_MAGIC: Final = b"PGDMP"


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
                _run("pg_dump", access.url, "--format=custom", f"--file={unfinished}")
            case name:
                raise StoreUnavailableError("backup-elsewhere", url=shown(access.url), reason=name)
        unfinished.replace(target)
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

    with access.driver() as source:
        copy = sqlite3.connect(target)
        try:
            source.backup(copy, pages=_PAGES, progress=tell)
            copy.execute("PRAGMA journal_mode=DELETE")
        finally:
            copy.close()


def restore(source: Path, url: str) -> None:
    """Put the backup `source` into the empty database at `url`; raises ExchangeError, StoreUnavailableError."""
    parsed = make_url(url)
    with source.open("rb") as file:
        magic = file.read(len(SQLITE_MAGIC))
    match parsed.get_backend_name():
        case "sqlite":
            _check(magic == SQLITE_MAGIC, source, "SQLite")
            _restore_sqlite(source, parsed)
        case "postgresql":
            _check(magic.startswith(POSTGRESQL_MAGIC), source, "pg_dump --format=custom")
            _run("pg_restore", parsed, "--no-owner", "--single-transaction", "--exit-on-error", str(source))
        case name:
            raise StoreUnavailableError("backup-elsewhere", url=shown(parsed), reason=name)


def _check(is_right: bool, source: Path, wanted: str) -> None:
    if not is_right:
        raise ExchangeError("backup-unreadable", path=str(source), wanted=wanted)


def _restore_sqlite(source: Path, url: URL) -> None:
    target = Path(url.database or "")
    if target.exists():
        raise StoreUnavailableError("restore-not-empty", url=shown(url))
    unfinished = target.with_name(f".{target.name}.part")
    try:
        shutil.copyfile(source, unfinished)
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.replace(target)
    except OSError as error:
        raise ExchangeError("file-unwritable", path=str(target), reason=str(error)) from error


def _run(program: str, url: URL, *arguments: str) -> None:
    """Run one of PostgreSQL's own programs; the password goes by the environment, never on the command line."""
    found = shutil.which(program, path=os.environ.get("IDOCORE_PG_BIN")) or shutil.which(program)
    if found is None:
        raise StoreUnavailableError("backup-program", url=shown(url), program=program)
    plain = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environment = {**os.environ, **({"PGPASSWORD": url.password} if url.password else {})}
    done = subprocess.run(  # noqa: S603  (a program of PostgreSQL, with arguments of ours)
        [found, f"--dbname={plain}", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit {done.returncode}"]
        raise StoreUnavailableError("backup-fails", url=shown(url), program=program, reason=lines[-1][:300])
