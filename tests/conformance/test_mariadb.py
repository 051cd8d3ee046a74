"""MariaDB passes the published suite, and what it does otherwise than the others does no harm."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import make_url

import idocore
from idocore.errors import ConflictError, ExchangeError, IdocoreError, StoreError, StoreUnavailableError
from idocore.journal import broken_link
from idocore.store import Selection, Store
from idocore.testing import StoreTests
from idocore.testing.stores import registration, revision
from idocore.testing.strategies import NOW, PLACES, THEMES
from idocore_sql.failures import Translating
from tests.mariadb import MariadbServer

pytestmark = pytest.mark.maria

DIGID = [{"topic": "digid"}]


class TestMariadb(StoreTests):
    @pytest.fixture
    def make_store(self, mariadb_server: MariadbServer, mariadb_url: str) -> Callable[[], Store]:
        name = mariadb_url.rpartition("/")[2]

        def make() -> Store:
            mariadb_server.execute(f"DROP DATABASE {name}", f"CREATE DATABASE {name}")
            return idocore.open(mariadb_url).store

        return make

    @pytest.fixture
    def store(self, mariadb_url: str) -> Iterator[Store]:
        store = idocore.open(mariadb_url).store
        yield store
        store.close()


@pytest.fixture
def engine(mariadb_url: str) -> Iterator[Engine]:
    """A host's own engine, set up as it comes: repeatable reads, the server's SQL mode and collation."""
    engine = create_engine(make_url(mariadb_url).set(drivername="mysql+pymysql"))
    yield engine
    engine.dispose()


class Killed(Exception):
    """The process is gone."""


@contextmanager
def killed_after(statements: int) -> Iterator[list[str]]:
    """Fail after this many statements that change tables."""
    seen: list[str] = []

    def look(_: Any, __: Any, statement: str, *___: Any) -> None:
        if statement.split()[0] in ("CREATE", "ALTER", "DROP"):
            seen.append(statement)
            if len(seen) == statements:
                raise Killed

    event.listen(Engine, "after_cursor_execute", look)
    try:
        yield seen
    finally:
        event.remove(Engine, "after_cursor_execute", look)


def shape(server: MariadbServer, url: str) -> dict[str, str]:
    """Every table of a database as MariaDB would make it, without what depends on the rows."""
    name = url.rpartition("/")[2]
    found = server.execute(f"SELECT table_name FROM information_schema.tables WHERE table_schema = '{name}'")
    made = {table: server.execute(f"SHOW CREATE TABLE {name}.{table}")[0][1] for (table,) in found}
    return {table: "\n".join(sorted(made[table].replace(",", "").splitlines()[:-1])) for table in made}


@pytest.mark.slow
def test_what_was_broken_off_is_taken_up(mariadb_server: MariadbServer, mariadb_url: str) -> None:
    """However far the making of the tables came before the process was killed, opening again ends it."""
    name = mariadb_url.rpartition("/")[2]
    with killed_after(0) as statements:
        idocore.open(mariadb_url).close()
    whole = shape(mariadb_server, mariadb_url)
    assert len(statements) > 20
    for number in range(1, len(statements) + 1, 2):  # every other one: each is the end of what the one before began
        mariadb_server.execute(f"DROP DATABASE {name}", f"CREATE DATABASE {name}")
        with killed_after(number), pytest.raises(Killed):
            idocore.open(mariadb_url)
        with idocore.open(mariadb_url, clock=lambda: NOW) as register:
            assert shape(mariadb_server, mariadb_url) == whole, statements[number - 1]
            register.places.put(*PLACES)
            register.record("centrale", inquiries=DIGID)
            assert list(register.verify()) == []


def test_many_may_open_an_empty_database_at_once(mariadb_url: str) -> None:
    """One makes the tables, the others wait and find them."""
    start, found = Barrier(6), []

    def work() -> None:
        start.wait()
        with idocore.open(mariadb_url, clock=lambda: NOW) as register:
            found.append(len(register.store.heads()))

    threads = [Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [0] * 6


def test_writers_through_other_connections_do_not_fail(mariadb_url: str) -> None:
    """Stores of their own, with corrections of the same registrations: all is there, and the chain holds."""
    errors: list[Exception] = []

    def work(thread: int) -> None:
        store = idocore.open(mariadb_url).store
        store.install(THEMES)
        try:
            for number in range(10):
                store.append([revision(registration(thread * 100 + one)) for one in range(number, number + 3)])
                store.append([revision(registration(9000 + one)) for one in (number, 10 - number)])
        except StoreError as error:
            errors.append(error)
        finally:
            store.close()

    threads = [Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with idocore.open(mariadb_url) as register:
        entries = list(register.store.journal())
        assert len(entries) == 6 * 12 + 11
        assert broken_link(entries) is None
        assert list(register.verify()) == []


def test_long_and_strange_texts_come_back(mariadb_url: str) -> None:
    """Longer than MariaDB's own TEXT, with quotes, backslashes and characters of four bytes."""
    with idocore.open(mariadb_url) as register:
        made = revision(registration(answers={"note": "\\'\"%s😀\x00 " * 20_000}), reason="😀 " * 100_000)
        register.store.append([made])
        assert register.store.get(made.subject) == made


def test_codes_are_the_same_to_the_letter_only(mariadb_url: str) -> None:
    """Neither the case of a letter, nor an accent, nor a space at the end makes two codes one."""
    names = ["punt", "Punt", "púnt", "punt "]
    with idocore.open(mariadb_url) as register:
        register.store.append([revision(registration(n, service_point=name)) for n, name in enumerate(names)])
        for name in names:
            assert len(register.store.find(Selection(service_points=frozenset({name})))) == 1
        table = register.table(by="service_point")
        assert {row.codes for row in table.rows} == {(name,) for name in names}


def test_rebuilt_facts_are_the_same(mariadb_url: str) -> None:
    """Facts made anew count the same, and agree with the journal."""
    with idocore.open(mariadb_url, clock=lambda: NOW) as register:
        register.places.put(*PLACES)
        for _ in range(3):
            register.record("centrale", inquiries=DIGID)
        before = register.table(by="province")
        assert register.store.rebuild() == 3
        assert register.table(by="province") == before
        assert list(register.verify()) == []


@pytest.mark.parametrize(
    ("number", "error", "code"),
    [
        (1062, ConflictError, "conflict-elsewhere"),
        (1205, StoreUnavailableError, "store-busy"),
        (1213, StoreUnavailableError, "store-deadlock"),
        (1305, StoreUnavailableError, "store-undone"),
        (1021, StoreUnavailableError, "store-full"),
        (1406, StoreError, "store-fails"),
    ],
)
def test_errors_are_told_by_their_number(engine: Engine, number: int, error: type[StoreError], code: str) -> None:
    """Whatever the language of the server, its errors are ours; what it was near is left out."""
    signal = f"SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO={number}, MESSAGE_TEXT='fout near ''geheim'''"
    with pytest.raises(error) as caught, Translating(engine.url), engine.begin() as connection:
        connection.execute(text(signal))
    assert caught.value.code == code
    assert "geheim" not in str(caught.value)


def test_a_deadlock_undoes_a_joined_transaction_and_says_so(engine: Engine) -> None:
    """MariaDB undoes all that the host did, too: nothing is tried again behind its back."""
    idocore.open(engine=engine).close()
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE own (x INTEGER PRIMARY KEY, y INTEGER)"))
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO own VALUES (1, 0), (2, 0)"))
    codes: list[str] = []
    reached = Barrier(2)

    def work(first: int, second: int) -> None:
        from idocore_sql.access import ConnectionAccess

        with engine.connect() as connection:
            try:
                connection.execute(text(f"UPDATE own SET y = y + 1 WHERE x = {first}"))
                reached.wait()
                with ConnectionAccess(connection).writing() as joined:
                    joined.execute(text(f"UPDATE own SET y = y + 1 WHERE x = {second}"))
                connection.commit()
            except IdocoreError as error:
                codes.append(error.code)

    threads = [Thread(target=work, args=pair) for pair in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == ["store-undone"]
    with engine.connect() as connection:
        assert [row.y for row in connection.execute(text("SELECT y FROM own"))] == [1, 1]


def test_a_host_makes_the_tables_first_and_then_keeps_its_transaction(engine: Engine) -> None:
    """MariaDB commits when it makes a table, so that is never done inside a host's transaction."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE own (x INTEGER)"))
    with engine.connect() as connection:
        connection.execute(text("INSERT INTO own VALUES (0)"))
        with pytest.raises(StoreUnavailableError) as caught:
            idocore.open(connection=connection)
    assert caught.value.code == "store-joined"
    register = idocore.open(engine=engine, clock=lambda: NOW)
    register.places.put(*PLACES)
    for ending in ("rollback", "commit"):
        with engine.connect() as connection:
            idocore.open(connection=connection, clock=lambda: NOW).record("centrale", inquiries=DIGID)
            connection.execute(text("INSERT INTO own VALUES (1)"))
            getattr(connection, ending)()
    assert register.table(by="province").base == {"registrations": 1}
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM own")).scalar() == 1


def test_a_backup_comes_back(mariadb_server: MariadbServer, new_mariadb_url: Callable[[], str], tmp_path: Path) -> None:
    """Through a user with a password; the copy agrees with itself, and writes streams of its own."""
    mariadb_server.execute("CREATE USER ido IDENTIFIED BY 'ge@heim'", "GRANT ALL ON *.* TO ido")
    one, other = (
        make_url(url).set(username="ido", password="ge@heim").render_as_string(hide_password=False)
        for url in (new_mariadb_url(), new_mariadb_url())
    )
    with idocore.open(one, clock=lambda: NOW) as register:
        register.places.put(*PLACES)
        register.record("centrale", inquiries=DIGID, answers={"note": "'\\😀"})
        register.backup(tmp_path / "copy.sql")
        expected = register.table(by="province")
    with idocore.restore_backup(tmp_path / "copy.sql", other) as restored:
        assert restored.table(by="province") == expected
        assert list(restored.verify()) == []
    with pytest.raises(StoreUnavailableError) as caught:
        idocore.restore_backup(tmp_path / "copy.sql", other)
    assert caught.value.code == "restore-not-empty"


def test_half_a_backup_is_refused(new_mariadb_url: Callable[[], str], tmp_path: Path) -> None:
    """A dump without its last line was cut off."""
    copy = tmp_path / "copy.sql"
    with idocore.open(new_mariadb_url()) as register:
        register.backup(copy)
    copy.write_bytes(copy.read_bytes()[:-100])
    with pytest.raises(ExchangeError) as caught:
        idocore.restore_backup(copy, new_mariadb_url())
    assert caught.value.code == "backup-unreadable"


def test_an_address_without_a_database_says_so(mariadb_server: MariadbServer) -> None:
    """And one with a database that is not there."""
    for name, code in (("", "store-url"), ("nergens", "store-unreachable")):
        with pytest.raises(StoreUnavailableError) as caught:
            idocore.open(mariadb_server.url(name))
        assert caught.value.code == code
