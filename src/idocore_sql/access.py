"""How a store gets at its database: through an engine of its own, a host's engine, or a host's connection."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Lock, get_ident
from time import monotonic
from typing import Any, Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL
from sqlalchemy.pool import Pool

from idocore.errors import StoreUnavailableError
from idocore_sql.failures import Translating, shown
from idocore_sql.forking import FORKS
from idocore_sql.quick import in_sqlalchemys_words, on_sqlite


class Access(Protocol):
    """How a store gets at its database."""

    url: URL
    is_joined: bool
    """Whether our transactions are part of somebody else's."""

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection in a transaction for reading."""

    def snapshot(self) -> AbstractContextManager[Connection]:
        """The same, where every question is answered as of one moment."""

    def writing(self) -> AbstractContextManager[Connection]:
        """A connection in a transaction that is committed at the end, or rolled back at an error."""

    def driver(self) -> AbstractContextManager[Any]:
        """The driver's own connection, outside every transaction of ours."""

    def tidy(self) -> None:
        """Clear what deleted rows left in files that are ours."""

    def close(self) -> None:
        """Let go of what was opened."""


class EngineAccess:
    """Through an engine: a connection and a transaction of its own each time."""

    is_joined = False

    def __init__(self, engine: Engine, *, is_ours: bool) -> None:
        self.url = engine.url
        self._translating = Translating(self.url)
        self._engine = engine
        self._is_ours = is_ours
        self._refusal: str | None = None
        if is_ours:
            FORKS.tell(self)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        self._check_open()
        with self._translating, self._engine.begin() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        self._check_open()
        with self._translating, self._engine.connect() as connection:
            if connection.dialect.name != "sqlite":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                begin_on_sqlite(connection, "BEGIN")
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        self._check_open()
        with self._translating, self._engine.begin() as connection:
            begin_on_sqlite(connection)
            _overwrite_on_sqlite(connection)
            yield connection

    @contextmanager
    def driver(self) -> Iterator[Any]:
        self._check_open()
        with self._translating:
            connection = self._engine.raw_connection()
            try:
                yield connection.driver_connection
            finally:
                connection.close()

    def tidy(self) -> None:
        """Empty SQLite's write-ahead log into the database, where deleted rows were overwritten."""
        if self.url.get_backend_name() != "sqlite":
            return
        dialect, statement = self._engine.dialect, "PRAGMA wal_checkpoint(TRUNCATE)"
        with self.driver() as driver:
            try:
                busy, *_ = driver.execute(statement).fetchone()
            except dialect.loaded_dbapi.Error as error:
                raise in_sqlalchemys_words(dialect, statement, error) from error
        if busy:
            raise StoreUnavailableError("store-untidy", url=shown(self.url))

    def close(self) -> None:
        self._refusal = "store-closed"
        if self._is_ours:
            self._engine.dispose()

    def _check_open(self) -> None:
        if self._refusal is not None:
            raise StoreUnavailableError(self._refusal, url=shown(self.url))

    def before_fork(self, deadline: float) -> bool:
        """Servers do not mind what a child inherits, as long as it uses none of it."""
        return True

    def close_idle(self) -> None:
        """Nothing: the parent goes on with its connections."""

    def after_fork_in_parent(self, is_clean: bool) -> None:
        """Nothing was changed."""

    def after_fork_in_child(self, spoilt: frozenset[str]) -> None:
        """Leave the connections to the parent, which uses them still."""
        self._engine.dispose(close=False)


class SqliteAccess(EngineAccess):
    """Through an engine of our own on SQLite, which has one writer at a time: one connection, kept open, writes.

    Threads wait for it in a queue of ours. SQLite's own waiting is naps, in which a writer may be passed by for long;
    that is left to writers in other processes.
    """

    def __init__(self, engine: Engine, *, patience: float) -> None:
        super().__init__(engine, is_ours=True)
        self._patience = patience
        self._file = file_of(engine.url)
        self._turn = Lock()
        self._kept: Connection | None = None
        self._is_resting = False
        self._writer: int | None = None
        self._has_left = False
        self._left: list[Pool] = []

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        self._check_open()
        nobody_forks = FORKS.over.is_set() or FORKS.over.wait(self._patience)
        if not nobody_forks or not self._turn.acquire(timeout=self._patience):
            raise StoreUnavailableError("store-busy", url=shown(self.url), reason="another thread writes")
        is_well, self._writer = False, get_ident()
        try:
            with self._translating:
                if self._kept is None:
                    self._kept = self._engine.connect()
                begin_on_sqlite(self._kept)
                yield self._kept
                if self._kept is None:
                    self._check_open()  # this is a child by now, to which the connection does not belong
                commit_on_sqlite(self._kept)
            is_well = True
        finally:
            if self._refusal is not None or not is_well:
                self._let_go()
            self._writer = None
            self._turn.release()

    def close(self) -> None:
        self._refusal = "store-closed"
        # Whoever is writing now lets go of the connection at the end.
        if self._turn.acquire(blocking=False):
            self._let_go()
            self._turn.release()
        super().close()

    def _let_go(self) -> None:
        """Close the connection, and with it undo what was not committed."""
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.detach()  # from the pool, which would keep it for later
            kept.close()

    def before_fork(self, deadline: float) -> bool:
        """Take the turn until the fork is over, so that nobody writes; who forks in a write would wait for itself."""
        if self._writer == get_ident():
            self._is_resting = False
            return False
        self._is_resting = self._turn.acquire(timeout=max(0.0, deadline - monotonic()))
        if self._is_resting:
            self._let_go()
        return True

    def close_idle(self) -> None:
        """Close what readers are done with; who begins to read from now on waits for a new connection."""
        if not self._has_left:
            self._has_left = True
            self._left.append(self._engine.pool)
            self._engine.dispose()
        for pool in self._left:
            pool.dispose()

    def after_fork_in_parent(self, is_clean: bool) -> None:
        self._has_left = False
        if is_clean:
            # Else a connection that is still in use goes back to one of these, for the next fork to close.
            self._left.clear()
        if self._is_resting:
            self._turn.release()

    def after_fork_in_child(self, spoilt: frozenset[str]) -> None:
        """Begin anew, without touching what is there: whoever used it is not in this process."""
        self._has_left, self._left, self._kept, self._turn = False, [], None, Lock()
        self._engine.dispose(close=False)
        if self._file in spoilt and self._refusal is None:
            self._refusal = "store-forked"


class ConnectionAccess:
    """Through a host's connection: we join its transaction, which the host commits or rolls back."""

    is_joined = True

    def __init__(self, connection: Connection) -> None:
        self.url = connection.engine.url
        self._translating = Translating(self.url)
        self._connection = connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._translating:
            yield self._connection

    def snapshot(self) -> AbstractContextManager[Connection]:
        """The transaction is the host's, and so is how much it sees of others."""
        return self.reading()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self._translating:
            begin_on_sqlite(self._connection)
            _overwrite_on_sqlite(self._connection)
            with self._connection.begin_nested():
                yield self._connection

    @contextmanager
    def driver(self) -> Iterator[Any]:
        yield self._connection.connection.driver_connection

    def tidy(self) -> None:
        """The file, and when it is tidied, are the host's."""

    def close(self) -> None:
        """The connection is the host's."""


def file_of(url: URL) -> str:
    """The file of an SQLite database, by one name whatever it was called."""
    return os.path.realpath(url.database or "")


def begin_on_sqlite(connection: Connection, how: str = "BEGIN IMMEDIATE") -> None:
    """Begin in earnest, as our own engines do: Python's sqlite3 would only do so at the first row that is written.

    Until then tables are made for good at once, what was read may change, and a savepoint would commit.
    """
    driver: Any = connection.connection.dbapi_connection
    if connection.dialect.name == "sqlite" and not driver.in_transaction:
        on_sqlite(connection, "execute", how)


def _overwrite_on_sqlite(connection: Connection) -> None:
    """Have SQLite overwrite what is deleted, or moved within the file, as our own engines do: a host's may not."""
    if connection.dialect.name == "sqlite":
        on_sqlite(connection, "execute", "PRAGMA secure_delete=ON")


def commit_on_sqlite(connection: Connection) -> None:
    """Commit what was begun on the driver; SQLAlchemy, which began as well if it was asked, then forgets it."""
    on_sqlite(connection, "execute", "COMMIT")
    if connection.in_transaction():
        connection.rollback()
