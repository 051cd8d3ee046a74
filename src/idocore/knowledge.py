"""What a register knows of themes and places: our data, what the caller brought, and what the journal holds."""

import math
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from pathlib import Path
from threading import RLock
from time import monotonic
from uuid import UUID

import attrs

from idocore import plugins
from idocore.closings import Closing, Closings
from idocore.errors import ClosingsChangedError, ExchangeError, StoreError
from idocore.gazetteer import Gazetteer
from idocore.journal import Entry, Purpose, Revision, Standing, SubjectKind, ThemeSource
from idocore.purges import Purge
from idocore.reading import RecordReader
from idocore.registrations import Registration
from idocore.releases import Release
from idocore.store import Store
from idocore.text_files import decode
from idocore.theme_files import ThemeFile, Themes

_FRESH_SECONDS = 1.0
_KINDS = frozenset({SubjectKind.PLACE, SubjectKind.THEME, SubjectKind.CLOSING})


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


@attrs.define
class Knowledge:
    """Themes, places and closings, kept up with the journal: what others add is seen at the next refresh."""

    store: Store
    themes: Themes
    places: Gazetteer
    closings: Closings = attrs.field(factory=Closings)
    _cursor: dict[UUID, int] | None = attrs.field(default=None, init=False)
    _refreshed_at: float = attrs.field(default=-math.inf, init=False)
    _numbers: dict[UUID, int] = attrs.field(factory=dict, init=False)
    _awaits: bool = attrs.field(default=False, init=False)
    """Whether something for reference is held, which may take effect without a new entry."""
    _reader: RecordReader | None = attrs.field(default=None, init=False)
    _lock: RLock = attrs.field(factory=RLock, init=False)

    @classmethod
    def of(cls, store: Store, plugin: str) -> "Knowledge":
        """What a register on `store` knows, with the themes of `plugin`; makes room in the store for their facts."""
        knowledge = cls(store, default_themes(plugin), Gazetteer.default())
        store.install(knowledge.themes)
        knowledge.refresh()
        return knowledge

    def refresh_sometimes(self) -> None:
        """Refresh unless that was done within the last second: for the way of every record.

        What is missed meanwhile does no harm: a store refuses what was judged by too few closings, and a record that is
        refused by what was known is judged again.
        """
        if monotonic() - self._refreshed_at > _FRESH_SECONDS:
            self.refresh()

    def refresh(self) -> None:
        """Take in the places, themes and closings that were written since the last time."""
        with self._lock:
            self._refreshed_at = monotonic()
            # Registrations have streams of their own: only what is for reference can bring something to learn.
            heads = [head for head in self.store.heads() if head.purpose is Purpose.REFERENCE]
            cursor = {head.stream: head.position for head in heads}
            if self._awaits:
                self._forget()
            if cursor == self._cursor:
                return
            streams = list(cursor) if self._cursor is not None else [None]
            for stream in streams:
                self._learn(list(self.store.journal(self._cursor, kinds=_KINDS, stream=stream)), cursor)
            self._cursor = cursor

    def relearn(self) -> None:
        """Read everything anew: entries that were held have taken effect."""
        with self._lock:
            self._forget()
            self.refresh()

    def catch_up(self, error: ClosingsChangedError) -> None:
        """Read everything anew, since a store has more closings than we judged by; raises StoreError when it has not.

        Then the number that it keeps is not what its journal holds, and judging again would never end.
        """
        self.relearn()
        if self.closings.count == error.parameters.get("known"):
            raise StoreError("closings-differ", **error.parameters)

    def _forget(self) -> None:
        self._cursor, self.closings, self._numbers, self._awaits = None, Closings(), {}, False

    def _learn(self, entries: list[Entry], cursor: dict[UUID, int]) -> None:
        for entry in entries:
            if entry.stream in cursor:  # what was written since we asked where it ends
                cursor[entry.stream] = max(entry.position, cursor[entry.stream])
        self._awaits |= any(entry.standing is Standing.HELD for entry in entries)
        effective = [entry.revision for entry in entries if entry.standing.has_effect]
        latest = list(self._latest(effective))
        contents = [revision.content for revision in latest]
        places = [
            one for one in contents if not isinstance(one, ThemeSource | Registration | Closing | Purge | Release)
        ]
        if places:
            self.places = self.places.with_places(places)
        for content in contents:
            if isinstance(content, ThemeSource):
                self.themes = self.check(content)
                self.store.install(self.themes)
        streams = {entry.revision.subject: entry.stream for entry in entries if entry.standing.has_effect}
        closed = [(streams[one.subject], one.content) for one in latest if isinstance(one.content, Closing)]
        self.closings = self.closings.with_closings(closed, sum(one.kind is SubjectKind.CLOSING for one in effective))

    def _latest(self, revisions: Iterable[Revision]) -> Iterable[Revision]:
        """The revisions that are newer than what is known of their subject, the last of each."""
        found: dict[UUID, Revision] = {}
        for revision in revisions:
            if revision.number > self._numbers.get(revision.subject, 0):
                self._numbers[revision.subject] = revision.number
                found[revision.subject] = revision
        return found.values()

    def check(self, source: ThemeSource) -> Themes:
        """The themes as they would be with `source`; raises ThemeError with every fault."""
        return self.themes.with_file(ThemeFile.parse(source.text, source.name), source.name)

    def reader(self, clock: Callable[[], datetime]) -> RecordReader:
        """The reader for records of these themes; compiled once."""
        with self._lock:
            if self._reader is None or self._reader.themes is not self.themes:
                self._reader = RecordReader(self.themes, clock)
            return self._reader
