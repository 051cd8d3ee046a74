"""Nothing is left in the files of a server either, after the step that the documentation gives its administrator."""

import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest

import idocore
from tests.mariadb import running_mariadb
from tests.postgres import running_server
from tests.registers import DIGID, MAY, furnished
from tests.unit.test_retention import LATER, NOTE

Property = Callable[[str, object], None]
PAGE: Final = Path(__file__).parents[2] / "docs" / "howto" / "keep-a-register.md"
NOTES: Final = 50
ACTOR: Final = "medewerker-4711"
SCRUBBING: Final = "--innodb-immediate-scrub-data-uncompressed=ON"
WORDS: Final = (b"kattenluik", ACTOR.encode())


def steps(first: str) -> list[str]:
    """The statements of the page, of the block that begins with `first`."""
    blocks = re.findall(r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (block,) = (one for one in blocks if one.strip().startswith(first))
    return [one.strip() for one in block.split(";") if one.strip()]


def leftovers(directory: Path) -> list[str]:
    """The files anywhere in `directory` that hold one of the words, searched byte by byte."""
    files = (path for path in sorted(directory.rglob("*")) if path.is_file())
    return [path.name for path in files if any(word in path.read_bytes() for word in WORDS)]


def purged(url: str) -> None:
    """A register with notes, and who wrote one, that have gone."""
    with furnished(idocore.open(url, clock=lambda: LATER)) as register:
        for number in range(NOTES):
            register.record("centrale", inquiries=DIGID, moment=MAY, answers={"note": f"{NOTE} {number}"})
        erased = register.acting_as(ACTOR).record("centrale", inquiries=DIGID, moment=MAY)
        assert register.retention.purge() == NOTES
        register.retention.erase(erased.id)


def left_in_postgresql(statements: Sequence[str]) -> list[str]:
    """What is left in all files of a server, its log among them, after a purge and these statements."""
    with running_server() as server:
        purged(server.get_uri())
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())
                time.sleep(0.1)  # the server takes in its new settings
            (directory,) = connection.execute("SHOW data_directory").fetchone() or ("",)
        return leftovers(Path(directory))


def left_in_mariadb(statements: Sequence[str]) -> list[str]:
    """The same for MariaDB, in whose files the pages are once it was stopped."""
    with running_mariadb(SCRUBBING) as server:
        server.execute("CREATE DATABASE ido")
        purged(server.url("ido"))
        server.execute("USE ido", *statements)
        # What was deleted is cleared away in the background, and that is waited for.
        server.execute("SET GLOBAL innodb_fast_shutdown = 0")
        server.stop()
        found = leftovers(server.directory / "data")
        server.start()
        return found


def told(record_property: Property, name: str) -> None:
    record_property("promise", "retention is real")
    record_property("reached", f"{name}: {NOTES} notes and who wrote one, 0 bytes left in any file of the server")


@pytest.mark.pg
def test_nothing_is_left_in_postgresql(record_property: Property) -> None:
    """After the administrator's step the word is in no file of the server: neither tables nor write-ahead log."""
    assert left_in_postgresql(steps("ALTER SYSTEM")) == []
    told(record_property, "PostgreSQL")


@pytest.mark.pg
def test_a_log_that_is_recycled_is_caught() -> None:
    """The broken twin recycles the log: a file of it has another name, and the text still."""
    hasty = [one for one in steps("ALTER SYSTEM") if "wal_recycle" not in one]
    assert left_in_postgresql(hasty) != []


@pytest.mark.maria
def test_nothing_is_left_in_mariadb(mariadb_server: Any, record_property: Property) -> None:
    """After the administrator's step the word is in no file of the server: neither tables nor redo log."""
    assert left_in_mariadb(steps("OPTIMIZE")) == []
    told(record_property, "MariaDB")


@pytest.mark.maria
def test_a_redo_log_that_stays_is_caught(mariadb_server: Any) -> None:
    """The broken twin leaves the redo log as it is."""
    assert left_in_mariadb(steps("OPTIMIZE")[:1]) != []
