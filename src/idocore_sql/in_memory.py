"""An SQLite database in memory: it is gone with its connection, so there is one, for all threads, until the end."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import RLock
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL

from idocore.errors import StoreUnavailableError
from idocore_sql.access import begin_on_sqlite, commit_on_sqlite
from idocore_sql.failures import Translating, shown
from idocore_sql.forking import FORKS
from idocore_sql.quick import on_sqlite


def is_in_memory(url: URL) -> bool:
    """Whether the SQLite database at `url` has no file."""
    name = (url.database or "").removeprefix("file:").partition("?")[0]
    return name in ("", ":memory:") or url.query.get("mode") == "memory" or url.query.get("vfs") == "memdb"


class MemoryAccess:
    """Through the one connection: threads take turns at it, readers and writers alike."""

    is_joined = False

    def __init__(self, engine: Engine, *, patience: float) -> None:
        self.url = engine.url
        self._translating = Translating(self.url)
        self._engine = engine
        self._patience = patience
        self._turn = RLock()
        self._refusal: str | None = None
        self._is_resting = False
        with self._translating:
            self._connection = engine.connect()
        FORKS.tell(self)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._in_turn() as connection:
            yield connection

    def snapshot(self) -> AbstractContextManager[Connection]:
        """Nobody else gets at it meanwhile."""
        return self.reading()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self._in_turn() as connection:
            begin_on_sqlite(connection)
            try:
                yield connection
                commit_on_sqlite(connection)
            except BaseException:
                _undo(connection)
                raise

    @contextmanager
    def driver(self) -> Iterator[Any]:
        with self._in_turn() as connection:
            yield connection.connection.driver_connection

    def tidy(self) -> None:
        """There is no log."""

    def close(self) -> None:
        self._refusal = "store-closed"
        if self._turn.acquire(timeout=self._patience):
            self._connection.close()
            self._engine.dispose()
            self._turn.release()

    @contextmanager
    def _in_turn(self) -> Iterator[Connection]:
        if not self._turn.acquire(timeout=self._patience):
            raise StoreUnavailableError("store-busy", url=shown(self.url), reason="another thread is at work")
        try:
            if self._refusal is not None:
                raise StoreUnavailableError(self._refusal, url=shown(self.url))
            with self._translating:
                yield self._connection
        finally:
            self._turn.release()

    def before_fork(self, deadline: float) -> bool:
        """Wait for who is at work: a child has a copy of the memory, which then is whole."""
        self._is_resting = self._turn.acquire(timeout=max(0.0, deadline - monotonic()))
        return True

    def close_idle(self) -> None:
        """Never: what is in it would be gone."""

    def after_fork_in_parent(self, is_clean: bool) -> None:
        if self._is_resting:
            self._turn.release()

    def after_fork_in_child(self, spoilt: frozenset[str]) -> None:
        self._turn = RLock()
        if not self._is_resting and self._refusal is None:
            self._refusal = "store-forked"


def _undo(connection: Connection) -> None:
    """Undo what was not committed, and have SQLAlchemy forget that it began."""
    driver: Any = connection.connection.dbapi_connection
    if driver.in_transaction:
        on_sqlite(connection, "execute", "ROLLBACK")
    if connection.in_transaction():
        connection.rollback()
