"""What a register knows of themes and places: our data, what the caller brought, and what the journal holds."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from threading import RLock
from uuid import UUID

import attrs

from idocore import plugins
from idocore.errors import ExchangeError
from idocore.gazetteer import Gazetteer
from idocore.journal import SubjectKind, ThemeSource
from idocore.reading import RecordReader
from idocore.registrations import Registration
from idocore.store import Store
from idocore.text_files import decode
from idocore.theme_files import ThemeFile, Themes

_KINDS = frozenset({SubjectKind.PLACE, SubjectKind.THEME})


def default_themes(name: str = "ido") -> Themes:
    """The themes that the plugin `name` of group ``idocore.themes`` brings."""
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
    """Themes and places, kept up with the journal: what another process adds is seen at the next refresh."""

    store: Store
    themes: Themes
    places: Gazetteer
    _cursor: dict[UUID, int] = attrs.field(factory=dict, init=False)
    _reader: RecordReader | None = attrs.field(default=None, init=False)
    _lock: RLock = attrs.field(factory=RLock, init=False)

    @classmethod
    def of(cls, store: Store, plugin: str) -> "Knowledge":
        """What a register on `store` knows, with the themes of `plugin`; makes room in the store for their facts."""
        knowledge = cls(store, default_themes(plugin), Gazetteer.default())
        store.install(knowledge.themes)
        knowledge.refresh()
        return knowledge

    def refresh(self) -> None:
        """Take in the places and themes that were written since the last time."""
        with self._lock:
            cursor = self.store.cursor()
            if cursor == self._cursor:
                return
            contents = [entry.revision.content for entry in self.store.journal(self._cursor, kinds=_KINDS)]
            sources = [one for one in contents if isinstance(one, ThemeSource)]
            places = [one for one in contents if not isinstance(one, ThemeSource | Registration)]
            if places:
                self.places = self.places.with_places(places)
            for source in sources:
                self._learn(source)
            self._cursor = cursor

    def check(self, source: ThemeSource) -> Themes:
        """The themes as they would be with `source`; raises ThemeError with every fault."""
        return self.themes.with_file(ThemeFile.parse(source.text, source.name), source.name)

    def reader(self, clock: Callable[[], datetime]) -> RecordReader:
        """The reader for records of these themes; compiled once."""
        with self._lock:
            if self._reader is None or self._reader.themes is not self.themes:
                self._reader = RecordReader(self.themes, clock)
            return self._reader

    def _learn(self, source: ThemeSource) -> None:
        self.themes = self.check(source)
        self.store.install(self.themes)
