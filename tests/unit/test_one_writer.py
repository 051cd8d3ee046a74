"""On SQLite one connection writes, and the threads of a program take turns at it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Connection, create_engine, event, text

from idocore.errors import StoreUnavailableError
from idocore_sql.access import SqliteAccess
from idocore_sql.opening import _begin_sqlite, _prepare_sqlite


@pytest.fixture
def access(tmp_path: Path) -> Iterator[SqliteAccess]:
    engine = create_engine(f"sqlite:///{tmp_path}/turns.db")
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    made = SqliteAccess(engine, patience=0.2)
    with made.writing() as connection:
        connection.execute(text("CREATE TABLE seen (value INTEGER)"))
    yield made
    made.close()


def _see(connection: Connection, value: int) -> None:
    connection.execute(text("INSERT INTO seen VALUES (:value)"), {"value": value})


def _seen(access: SqliteAccess) -> list[int]:
    with access.reading() as connection:
        return list(connection.execute(text("SELECT value FROM seen ORDER BY value")).scalars())


def test_all_write_through_the_same_connection(access: SqliteAccess) -> None:
    drivers = set()
    for value in range(3):
        with access.writing() as connection:
            _see(connection, value)
            drivers.add(id(connection.connection.dbapi_connection))
    assert (len(drivers), _seen(access)) == (1, [0, 1, 2])


def test_whoever_waits_too_long_is_told(access: SqliteAccess) -> None:
    begun, ended = Event(), Event()

    def hold() -> None:
        with access.writing() as connection:
            _see(connection, 1)
            begun.set()
            ended.wait(10)

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        begun.wait(10)
        with pytest.raises(StoreUnavailableError) as caught, access.writing():
            raise AssertionError("two write at once")
        ended.set()
        holding.result(10)
    assert caught.value.code == "store-busy"
    with access.writing() as connection:
        _see(connection, 2)
    assert _seen(access) == [1, 2]


def test_what_fails_is_undone_and_the_next_goes_on(access: SqliteAccess) -> None:
    def fail() -> None:
        with access.writing() as connection:
            _see(connection, 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with access.writing() as connection:
        _see(connection, 2)
    assert _seen(access) == [2]


def test_readers_do_not_see_what_is_not_committed(access: SqliteAccess) -> None:
    with access.writing() as connection:
        _see(connection, 1)
        assert _seen(access) == []
    assert _seen(access) == [1]


def test_closed_while_somebody_writes(access: SqliteAccess, tmp_path: Path) -> None:
    """What was begun is finished; then the connection goes, and SQLite takes its log away with the last one."""
    with access.writing() as connection:
        _see(connection, 1)
        access.close()
    assert not (tmp_path / "turns.db-wal").exists()
    with pytest.raises(StoreUnavailableError, match="closed"), access.writing():
        raise AssertionError("a closed store writes")
