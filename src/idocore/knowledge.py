"""What a register knows of themes and places: our data, what the caller brought, and what the journal holds."""

import math
import os
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from threading import RLock
from time import monotonic
from uuid import UUID
from weakref import WeakSet

import attrs

from idocore import plugins
from idocore.closings import Closings
from idocore.errors import ClosingsChangedError, ExchangeError, StoreError, ThemeError
from idocore.findings import Finding
from idocore.gazetteer import Gazetteer
from idocore.journal import START, Purpose, ThemeSource
from idocore.learning import FIRST, KINDS, LAST, Known, Place
from idocore.reading import RecordReader
from idocore.store import Cursor, Store
from idocore.text_files import decode
from idocore.theme_files import ThemeFile, Themes

_FRESH_SECONDS = 1.0

_NO_ROOM = frozenset({"store-unreachable", "store-fails"})
"""What a store says when it cannot make a table; other errors pass, or have to do with other things."""


@cache
def default_themes(name: str = "ido") -> Themes:
    """The themes that the plugin `name` of group ``idocore.themes`` brings; read once."""
    files = plugins.load("idocore.themes", name)()
    whole = [ThemeFile.parse(file.read_text(encoding="utf-8"), file.name) for file in files]
    return Themes().with_files(whole, name)


def read_theme_source(path: str | Path) -> ThemeSource:
    """The theme file at `path`, not yet checked."""
    path = Path(path)
    if not path.is_file():
        raise ExchangeError("file-unreadable", path=str(path), reason="no such file")
    return ThemeSource(path.name, decode(path))


@attrs.define(eq=False)
class Knowledge:
    """Themes, places and closings, kept up with the journal: what others add is seen at the next refresh."""

    store: Store
    _start: Known
    _known: Known
    _refreshed_at: float = attrs.field(default=-math.inf, init=False)
    _reader: RecordReader | None = attrs.field(default=None, init=False)
    _lock: RLock = attrs.field(factory=RLock, init=False)

    @classmethod
    def of(cls, store: Store, plugin: str) -> "Knowledge":
        """What a register on `store` knows, with the themes of `plugin`; makes room in the store for their facts."""
        start = Known.before(default_themes(plugin), Gazetteer.default())
        knowledge = cls(store, start, start)
        store.install(start.themes)
        knowledge.refresh()
        _ALL.add(knowledge)
        return knowledge

    @property
    def themes(self) -> Themes:
        """The themes, code lists and bridges."""
        return self._known.themes

    @property
    def places(self) -> Gazetteer:
        """The places."""
        return self._known.places

    @property
    def closings(self) -> Closings:
        """The closed periods."""
        return self._known.closings

    @property
    def faults(self) -> tuple[Finding, ...]:
        """The theme files of the journal that contradict the rest, and so have no effect."""
        return self._known.faults

    def refresh_sometimes(self) -> None:
        """Refresh unless that was done within the last second: for the way of every record.

        What is missed meanwhile does no harm: a store refuses what was judged by too few closings, and a record that is
        refused by what was known is judged again. But what a host rolled back would be accepted.
        """
        if self.store.is_joined or monotonic() - self._refreshed_at > _FRESH_SECONDS:
            self.refresh()

    def refresh(self) -> None:
        """Take in the places, themes and closings that were written since the last time."""
        with self._lock:
            self._refreshed_at = monotonic()
            self._learn(self._start if self._is_released() else self._known)

    def _is_released(self) -> bool:
        """Whether something that was held when it was read is so no more: then it may have taken effect."""
        awaits = self._known.awaits
        if not awaits:
            return False
        held = {one.entry.place for one in self.store.held(Purpose.REFERENCE)}
        return not awaits <= held

    def relearn(self) -> None:
        """Read everything anew: entries that were held have taken effect."""
        with self._lock:
            self._learn(self._start)

    def catch_up(self, error: ClosingsChangedError) -> None:
        """Read everything anew, since a store has more closings than we judged by; raises StoreError when it has not.

        Then the number that it keeps is not what its journal holds, and judging again would never end.
        """
        self.relearn()
        if self.closings.count == error.parameters.get("known"):
            raise StoreError("closings-differ", **error.parameters)

    def _learn(self, known: Known) -> None:
        """Know `known` and what the journal holds beyond it; all of it, or, at an error, nothing."""
        # Registrations have streams of their own: only what is for reference can bring something to learn.
        heads = [head for head in self.store.heads() if head.purpose is Purpose.REFERENCE]
        cursor = {head.stream: head.position for head in heads}
        hashes = {head.stream: head.hash for head in heads}
        if (cursor, hashes) == (known.cursor, known.hashes):
            return
        if self._was_undone(known, cursor, hashes):
            known = self._start
        for stream in list(cursor) if known.cursor is not None else [None]:
            entries = list(self.store.journal(known.cursor, kinds=KINDS, stream=stream))
            for entry in entries:
                if entry.position > cursor.get(entry.stream, math.inf):  # written since we asked where it ends
                    cursor[entry.stream], hashes[entry.stream] = entry.position, entry.hash
            known = known.with_entries(entries)
        known = attrs.evolve(known, cursor=cursor, hashes=hashes).like(self._known)
        if known.themes is not self._known.themes:
            self.store.install(known.themes)
        self._known = known

    def _was_undone(self, known: Known, cursor: Cursor, hashes: Mapping[UUID, str]) -> bool:
        """Whether the journal holds something else than what was read: a host rolled back, and perhaps went on."""
        for stream, position in (known.cursor or {}).items():
            if cursor.get(stream, -1) < position:
                return True
            there = hashes[stream] if cursor[stream] == position else self._hash(stream, position)
            if there != known.hashes[stream]:
                return True
        return False

    def _hash(self, stream: UUID, position: int) -> str:
        """The hash of the entry at `position`."""
        if position == 0:
            return START
        entries = self.store.journal({stream: position - 1}, stream=stream)
        return next((entry.hash for entry in entries if entry.position == position), "")

    def check(self, source: ThemeSource, place: Place | None = None) -> None:
        """Raise ThemeError with every fault that there would be with `source` at `place` in the journal.

        None: where this store would write it next. Room for its facts is made first of all: what is in the journal
        stays there, and a theme that the store has no room for would be in the way of everybody for good.
        """
        with self._lock:
            for one in [place] if place else self._next():
                self._make_room(self._known.check(source, one), source.name)

    def _make_room(self, themes: Themes, name: str) -> None:
        """Have the store try `themes`, which it goes by only once they are in the journal."""
        try:
            self.store.install(themes)
        except StoreError as error:
            if error.code not in _NO_ROOM:
                raise
            raise ThemeError(name, (str(error),)) from error
        finally:
            self.store.install(self._known.themes)

    def _next(self) -> list[Place]:
        """Where the store would write: at the end of its stream, or, when that is not begun, before or after others."""
        heads = [head for head in self.store.heads() if head.is_own and head.purpose is Purpose.REFERENCE]
        return [(head.stream, head.position + 1) for head in heads] or [FIRST, LAST]

    def reader(self, clock: Callable[[], datetime]) -> RecordReader:
        """The reader for records of these themes; compiled once."""
        with self._lock:
            if self._reader is None or self._reader.themes is not self.themes:
                self._reader = RecordReader(self.themes, clock)
            return self._reader


_ALL: WeakSet[Knowledge] = WeakSet()


def _unlock() -> None:
    """In a child after a fork: a thread of the parent that was refreshing is not here to let go of the lock."""
    for knowledge in list(_ALL):
        knowledge._lock = RLock()


if hasattr(os, "register_at_fork"):  # Windows knows no forks
    os.register_at_fork(after_in_child=_unlock)
