"""Our own stores pass the published suite, and two deliberately broken ones fail it."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

import idocore
from idocore.journal import Revision
from idocore.memory import MemoryStore
from idocore.statistics.cells import Cell, Cut
from idocore.store import Receipt, Store
from idocore.testing import StoreTests


class TestMemory(StoreTests):
    @pytest.fixture
    def make_store(self) -> Callable[[], Store]:
        return MemoryStore

    @pytest.fixture
    def store(self) -> Store:
        return MemoryStore()


class TestSqlite(StoreTests):
    @pytest.fixture
    def make_store(self, tmp_path: Path) -> Callable[[], Store]:
        numbers = iter(range(10_000))
        return lambda: idocore.open(f"sqlite:///{tmp_path}/{next(numbers)}.db").store

    @pytest.fixture
    def store(self, make_store: Callable[[], Store]) -> Iterator[Store]:
        store = make_store()
        yield store
        store.close()


class TestSqliteInMemory(StoreTests):
    """With fewer examples: the statements are those of SQLite in a file."""

    examples = 10

    @pytest.fixture
    def make_store(self) -> Callable[[], Store]:
        return lambda: idocore.open("sqlite://").store

    @pytest.fixture
    def store(self, make_store: Callable[[], Store]) -> Iterator[Store]:
        store = make_store()
        yield store
        store.close()


@pytest.mark.pg
class TestPostgresql(StoreTests):
    @pytest.fixture
    def make_store(self, postgres_url: str) -> Callable[[], Store]:
        def make() -> Store:
            empty_database(postgres_url)
            return idocore.open(postgres_url).store

        return make

    @pytest.fixture
    def store(self, postgres_url: str) -> Iterator[Store]:
        store = idocore.open(postgres_url).store
        yield store
        store.close()


def empty_database(url: str) -> None:
    """Take out every table, which is quicker than a new database."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


class Forgetful(MemoryStore):
    """Broken: keeps only the first revision of an append."""

    def append(self, revisions: Sequence[Revision], *, stream: UUID | None = None) -> tuple[Receipt, ...]:
        return super().append(revisions[:1], stream=stream)


class CountsInquiriesAsVisitors(MemoryStore):
    """Broken: takes every inquiry for a visitor, the classic mistake of counting joined rows."""

    def evaluate(self, cut: Cut) -> Sequence[Cell]:
        cells = super().evaluate(cut)
        return [(key, {name: count * 2 for name, count in counts.items()}) for key, counts in cells]


def failures(broken: type[Store], tmp_path: Path, pytester: Any) -> int:
    pytester.makepyfile(
        f"""
        import pytest
        from hypothesis import Phase
        from idocore.testing import StoreTests
        from {broken.__module__} import {broken.__name__}

        class TestBroken(StoreTests):
            examples = 10
            phases = (Phase.generate,)

            @pytest.fixture
            def make_store(self):
                return {broken.__name__}

            @pytest.fixture
            def store(self):
                return {broken.__name__}()
        """
    )
    result = pytester.runpytest_inprocess("-q", "-p", "no:cacheprovider", "-p", "no:xdist")
    return int(result.parseoutcomes().get("failed", 0))


@pytest.mark.parametrize("broken", [Forgetful, CountsInquiriesAsVisitors])
def test_a_broken_store_fails_the_suite(broken: type[Store], tmp_path: Path, pytester: Any) -> None:
    """The suite is no formality: a store that loses or miscounts does not pass."""
    assert failures(broken, tmp_path, pytester) >= 2
