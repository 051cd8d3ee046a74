"""Our own stores mean the same as the model, step by step; and stores with a planted fault are caught."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import create_engine, text

from idocore.errors import ConflictError
from idocore.journal import Entry, Revision
from idocore.memory import MemoryStore
from idocore.registrations import Registration, Status
from idocore.store import Arrival, Capability, Receipt, Store
from idocore.testing import StoreMachine, run_machine
from idocore_sql import opening
from idocore_sql.migrating import VERSION_TABLE
from idocore_sql.opening import open_mariadb, open_postgresql, open_sqlite
from tests.mariadb import MariadbServer, fewer

STEPS = 20_000
_KEPT = {VERSION_TABLE, "idocore_guard"}
"""The tables that are not emptied between two histories."""

pytestmark = pytest.mark.timeout(1_800)


@pytest.fixture
def reached(record_property: Callable[[str, Any], None]) -> Callable[..., None]:
    """Writes down how far the comparison of a store came."""

    def write_down(store: str, steps: int, least: int = STEPS) -> None:
        assert steps >= least
        record_property("promise", "every backend means the same")
        record_property("reached", f"{store}: {steps} steps, 0 differences")

    return write_down


@pytest.fixture(autouse=True)
def quicker(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is compared is meaning: few counts kept ready mean the same as many, and the disk is another test's."""
    monkeypatch.setattr("idocore.statistics.rollups._declared", lambda: {"ido": (("topic",), ("help", "topic"))})
    pragmas = tuple(one.replace("FULL", "OFF") for one in opening._DURABLE)
    monkeypatch.setattr(opening, "_DURABLE", pragmas)


@pytest.mark.slow
def test_the_model_agrees_with_itself() -> None:
    """Two memory stores never differ: what the machine compares leaves nothing to chance."""
    assert run_machine(MemoryStore, steps=STEPS // 10) >= STEPS // 10


@pytest.mark.slow
def test_sqlite_means_the_same(tmp_path: Path, reached: Callable[[str, int], None]) -> None:
    """SQLite and the model do not differ, also when the file is closed and opened again."""
    make, reopen = _sqlite(tmp_path)
    reached("SQLite", run_machine(make, reopen=reopen, steps=STEPS))


def _sqlite(directory: Path) -> tuple[Callable[[], Store], Callable[[Store], Store]]:
    numbers = iter(range(10**6))
    urls: dict[Store, str] = {}

    open_sqlite(f"sqlite:///{directory}/empty.db").close()

    def open_url(url: str) -> Store:
        store = open_sqlite(url)
        urls[store] = url
        return store

    def make() -> Store:
        # A copy, which is quicker than the migrations.
        path = shutil.copy(directory / "empty.db", directory / f"{next(numbers)}.db")
        return open_url(f"sqlite:///{path}")

    def reopen(store: Store) -> Store:
        store.close()
        return open_url(urls.pop(store))

    return make, reopen


@pytest.mark.slow
@pytest.mark.pg
def test_postgresql_means_the_same(postgres_url: str, reached: Callable[[str, int], None]) -> None:
    """PostgreSQL and the model do not differ."""
    emptied = _Emptied(postgres_url)

    def reopen(store: Store) -> Store:
        store.close()
        return open_postgresql(postgres_url)

    try:
        reached("PostgreSQL", run_machine(emptied.store, reopen=reopen, steps=STEPS))
    finally:
        emptied.close()


def _driver(url: str) -> str:
    return url.replace("postgresql:", "postgresql+psycopg:")


class _Emptied:
    """One database for all histories: rows are taken out, which is quicker than making the tables anew."""

    def __init__(self, url: str) -> None:
        self._url = url
        # What is compared is meaning; that it is on the disk in time is another test's.
        self._engine = create_engine(_driver(url))
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ALTER SYSTEM SET fsync = off"))
            connection.execute(text("SELECT pg_reload_conf()"))

    def store(self) -> Store:
        """A store with nothing in it."""
        with self._engine.begin() as connection:
            names = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars()
            filled = sorted(set(names) - _KEPT)
            if filled:
                connection.execute(text(f"TRUNCATE {', '.join(filled)}"))
                connection.execute(text("UPDATE idocore_guard SET value = 0"))
        return open_postgresql(self._url)

    def close(self) -> None:
        """Let go of the connections, and let the server write to the disk again."""
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ALTER SYSTEM RESET fsync"))
            connection.execute(text("SELECT pg_reload_conf()"))
        self._engine.dispose()


@pytest.mark.slow
@pytest.mark.maria
def test_mariadb_means_the_same(mariadb_server: MariadbServer, mariadb_url: str, reached: Callable[..., None]) -> None:
    """MariaDB and the model do not differ; here too one database is emptied between histories."""
    name = mariadb_url.rpartition("/")[2]
    listed = f"SELECT table_name FROM information_schema.tables WHERE table_schema = '{name}'"

    def make() -> Store:
        filled = sorted({table for (table,) in mariadb_server.execute(listed)} - _KEPT)
        taken_out = [f"DELETE FROM {name}.{table}" for table in filled]
        zero = [f"UPDATE {name}.idocore_guard SET value = 0"] if filled else []
        mariadb_server.execute("SET foreign_key_checks = 0", *taken_out, *zero)
        return open_mariadb(mariadb_url)

    def reopen(store: Store) -> Store:
        store.close()
        return open_mariadb(mariadb_url)

    steps = fewer(STEPS, mariadb_url)
    reached("MariaDB", run_machine(make, reopen=reopen, steps=steps), steps)


class AcceptsGaps(MemoryStore):
    """Broken: takes any number that is new."""

    def append(
        self, revisions: Sequence[Revision], *, stream: UUID | None = None, closings: int | None = None
    ) -> tuple[Receipt, ...]:
        try:
            return super().append(revisions, stream=stream, closings=closings)
        except ConflictError as error:
            if error.code != "conflict-revision" or len(revisions) > 1:
                raise
            entry = Entry.write(stream or revisions[0].subject, 1, "0" * 64, revisions[0])
            return (Receipt(entry, True),)


class ForgetsWithdrawals(MemoryStore):
    """Broken: goes on counting what was withdrawn."""

    def append(
        self, revisions: Sequence[Revision], *, stream: UUID | None = None, closings: int | None = None
    ) -> tuple[Receipt, ...]:
        receipts = super().append(revisions, stream=stream, closings=closings)
        for content in (one.content for one in revisions):
            if isinstance(content, Registration) and content.status is Status.WITHDRAWN:
                self._facts[content.id] = attrs.evolve(content, status=Status.FINAL)
        return receipts


class LetsHeldEntriesCount(MemoryStore):
    """Broken: what is held takes effect all the same."""

    def receive(self, arrivals: Sequence[Arrival], *, closings: int | None = None) -> tuple[Arrival, ...]:
        return super().receive([attrs.evolve(one, held=None) for one in arrivals], closings=closings)


class BringsTextsBack(MemoryStore):
    """Broken: a purge takes away what is there, and is then forgotten."""

    def append(
        self, revisions: Sequence[Revision], *, stream: UUID | None = None, closings: int | None = None
    ) -> tuple[Receipt, ...]:
        self._purges.clear()
        return super().append(revisions, stream=stream, closings=closings)


@pytest.mark.parametrize("broken", [AcceptsGaps, ForgetsWithdrawals, LetsHeldEntriesCount, BringsTextsBack])
def test_a_planted_fault_is_found(broken: type[Store]) -> None:
    """The machine is no formality: a store that parts from the model is caught, within a tenth of the steps."""
    with pytest.raises(AssertionError, match=r"meant|verify"):
        run_machine(broken, steps=STEPS // 10, phases=(Phase.generate,))


class Durable(MemoryStore):
    """Says that it is durable, and nobody said how to open it again."""

    capabilities = frozenset({Capability.DURABLE})


def test_a_durable_store_has_to_be_reopened() -> None:
    """The machine does not pass over what a store declares: without a way to open it again there is no test."""
    with pytest.raises(NotImplementedError, match="reopen"):
        run_machine(Durable, steps=500, phases=(Phase.generate,))


def test_the_machine_can_be_derived() -> None:
    """As Hypothesis has it: a class of one's own, run like any machine; what is not declared is not asked."""

    class Plain(MemoryStore):
        capabilities = frozenset()

        def _refuse(self) -> Iterator[Any]:
            raise self._cannot(Capability.SYNC)

        held = verify = rebuild = _refuse

    class Mine(StoreMachine):
        make_store = Plain

    run_state_machine_as_test(Mine, settings=settings(max_examples=10))
    assert Mine.executed > 100
