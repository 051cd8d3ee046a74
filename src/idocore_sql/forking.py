"""What happens to our connections when a process forks.

SQLite's locks are the process's own, but a child inherits what SQLite noted about them: it would believe that it holds
what it does not, and what it writes would be lost without a word. So nothing of SQLite's is open during a fork of ours.
"""

import os
import sqlite3
from threading import Event, Lock
from time import monotonic, sleep
from typing import Any, Final, Protocol
from weakref import WeakKeyDictionary, WeakSet

_PATIENCE: Final = 5.0
"""How many seconds a fork waits for threads that are at work in a store."""

_NAP: Final = 0.002


class Forkable(Protocol):
    """What holds connections, and is told of forks."""

    def before_fork(self, deadline: float) -> bool:
        """Let nobody begin anything new; wait until `deadline` (by ``monotonic``) for who is at work.

        False: who forks is at work itself, so that there is nothing to wait for.
        """

    def close_idle(self) -> None:
        """Close the connections that nobody uses."""

    def after_fork_in_parent(self, is_clean: bool) -> None:
        """Go on as before; `is_clean`: nothing was in use any more."""

    def after_fork_in_child(self, spoilt: frozenset[str]) -> None:
        """Go on with connections of the child's own, or never, when the file is among `spoilt`."""


class Tracked(sqlite3.Connection):
    """A connection that can be known of without being kept."""


class Forks:
    """Who is told of forks, and what a fork must wait for."""

    def __init__(self) -> None:
        self.over = Event()
        """Set while nobody forks: who is to begin a write waits for it, so that writers in a row let a fork by."""
        self.over.set()
        self._one_at_a_time = Lock()
        self._opening = Lock()
        self._stores: WeakSet[Forkable] = WeakSet()
        self._open: WeakKeyDictionary[Tracked, str] = WeakKeyDictionary()
        self._told: list[Forkable] = []
        self._in_use: dict[Tracked, str] = {}
        self._inherited: list[Tracked] = []
        self.spoilt: frozenset[str] = frozenset()
        """The files that this process can use no more, since it inherited connections to them."""

    def tell(self, store: Forkable) -> None:
        """Tell `store` of every fork, as long as it is there."""
        self._stores.add(store)

    def connect(self, dialect: Any, arguments: Any, options: Any, file: str) -> sqlite3.Connection:
        """A new connection to `file`; waits as long as somebody forks."""
        with self._opening:
            made: Tracked = dialect.connect(*arguments, **{**options, "factory": Tracked})
            self._open[made] = file
            return made

    def before(self) -> None:
        """Close what is idle, and wait some time for what is not; until the fork is over nothing is opened."""
        self._one_at_a_time.acquire()
        self.over.clear()
        deadline = monotonic() + _PATIENCE
        self._told = list(self._stores)
        for store in self._told:
            if not store.before_fork(deadline):
                deadline = monotonic()
        self._opening.acquire()
        while True:
            for store in self._told:
                store.close_idle()
            self._in_use = {one: file for one, file in self._open.items() if _is_open(one)}
            if not self._in_use or monotonic() > deadline:
                return
            sleep(_NAP)

    def after_in_parent(self) -> None:
        """Go on, with new connections."""
        is_clean, self._in_use = not self._in_use, {}
        self._opening.release()
        while self._told:
            self._told.pop().after_fork_in_parent(is_clean)
        self.over.set()
        self._one_at_a_time.release()

    def after_in_child(self) -> None:
        """Go on, with connections of the child's own; never with a file that is open in what it inherited."""
        self.over, self._one_at_a_time = Event(), Lock()
        self.over.set()
        self.spoilt |= frozenset(self._in_use.values())
        # Closing them would make SQLite tidy up files that it has no lock on: they stay for good.
        self._inherited += self._in_use
        self._in_use, self._open = {}, WeakKeyDictionary()
        self._opening.release()
        while self._told:
            self._told.pop().after_fork_in_child(self.spoilt)


def _is_open(connection: sqlite3.Connection) -> bool:
    try:
        connection.total_changes  # noqa: B018  (that raises when it was closed)
    except sqlite3.ProgrammingError:
        return False
    return True


FORKS: Final = Forks()

if hasattr(os, "register_at_fork"):  # Windows knows no forks
    os.register_at_fork(before=FORKS.before, after_in_parent=FORKS.after_in_parent, after_in_child=FORKS.after_in_child)
