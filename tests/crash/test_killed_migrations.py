"""A migration that is killed leaves the old schema or the new one; only MariaDB may have what the next opening ends."""

import random
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests import workers
from tests.mariadb import fewer
from tests.unit.test_keeping import at_0001, migrated, schema

KILLS = 50
FIRST, *LATER = "0001", "0002", "0003", "0004"
LAST = LATER[-1]
pytestmark = pytest.mark.crash
Property = Callable[[str, object], None]


def version(url: str) -> str:
    engine = create_engine(url)
    with engine.connect() as connection:
        found: str = connection.execute(text("SELECT version_num FROM idocore_version")).scalar_one()
    engine.dispose()
    return found


def settle(url: str) -> None:
    """Wait until a server has noticed that its client is gone."""
    if not url.startswith("postgresql"):
        return
    engine = create_engine(url)
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    # Each look on its own: within a transaction the server would repeat what it said first.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        deadline = time.monotonic() + 30
        while connection.execute(text(others)).scalar_one() and time.monotonic() < deadline:
            time.sleep(0.01)
    engine.dispose()


def schemas(make: Callable[[], tuple[str, str]]) -> dict[str, set[tuple[str, str]]]:
    """The schema of every version."""
    url, _ = make()
    found = {FIRST: schema(url)}
    for each in LATER:
        migrated(url, each)
        found[each] = schema(url)
    return found


def is_whole(url: str, known: dict[str, set[tuple[str, str]]]) -> bool:
    """Whether the schema is exactly what the version says."""
    return schema(url) == known[version(url)]


def killed(
    make: Callable[[], tuple[str, str]], record_property: Property, name: str, *, is_whole_at_once: bool
) -> None:
    """Kill a process that migrates at a random moment, as often as it takes, each on a database of its own."""
    known = schemas(make)
    kills = fewer(KILLS, make()[1])
    took = _taken(make)
    chance, before, between = random.Random(1), 0, 0
    for _ in range(kills):
        url, register_url = make()
        process = workers.start(workers.migrate, register_url)
        time.sleep(chance.random() * took * 1.2)
        process.kill()
        process.join()
        settle(url)
        between += not is_whole(url, known)
        before += schema(url) == known[FIRST]
        with workers.opened(register_url) as register:
            (visit,) = (entry.revision for entry in register.changes())
            assert visit.registration.answers["note"] == "van toen"
        assert (schema(url), version(url)) == (known[LAST], LAST)
    assert between == 0 or not is_whole_at_once
    record_property("promise", "migrations are safe")
    left = f"{before} left the old schema, {kills - before - between} a newer one, {between} between"
    record_property("reached", f"{name}: {kills} kills, {left}, all ended by the next opening")


def _taken(make: Callable[[], tuple[str, str]]) -> float:
    """How long a migration takes, once the server that processes come from has begun."""
    taken = 0.0
    for _ in range(2):
        _, register_url = make()
        start = time.monotonic()
        workers.start(workers.migrate, register_url).join()
        taken = time.monotonic() - start
    return taken


def on_sqlite(directory: Path) -> Callable[[], tuple[str, str]]:
    numbers = count()

    def make() -> tuple[str, str]:
        url = f"sqlite:///{directory}/{next(numbers)}.db"
        at_0001(url)
        return url, url

    return make


def test_killed_on_sqlite(tmp_path: Path, record_property: Property) -> None:
    """50 kills on SQLite: every time a whole schema, and the next opening finishes the work with all data kept."""
    killed(on_sqlite(tmp_path), record_property, "SQLite", is_whole_at_once=True)


@pytest.mark.pg
def test_killed_on_postgresql(new_postgres_url: Callable[[], str], record_property: Property) -> None:
    """The same on PostgreSQL."""

    def make() -> tuple[str, str]:
        register_url = new_postgres_url()
        url = register_url.replace("postgresql://", "postgresql+psycopg://")
        at_0001(url)
        return url, register_url

    killed(make, record_property, "PostgreSQL", is_whole_at_once=True)


@pytest.mark.maria
def test_killed_on_mariadb(new_mariadb_url: Callable[[], str], record_property: Property) -> None:
    """On MariaDB every step stays; whatever was left, the next opening finishes the work with all data kept."""

    def make() -> tuple[str, str]:
        register_url = new_mariadb_url()
        url = register_url.replace("mariadb://", "mariadb+pymysql://")
        at_0001(url)
        return url, register_url

    killed(make, record_property, "MariaDB", is_whole_at_once=False)


def test_half_a_migration_is_noticed(tmp_path: Path) -> None:
    """The broken twin: a step that was committed by itself is a schema between the two."""
    make = on_sqlite(tmp_path)
    known = schemas(make)
    url, _ = make()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE idocore_stream ADD COLUMN purpose VARCHAR(12)"))
    engine.dispose()
    assert not is_whole(url, known)
