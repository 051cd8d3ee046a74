"""An engine that counts frozen days from snapshots and the others from a store, and remembers what it used."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Final

import attrs
from attrs import define

from idocore import program
from idocore.citations import Citation, figures_of
from idocore.closings import Closings
from idocore.errors import SnapshotError
from idocore.gazetteer import Gazetteer
from idocore.journal import SubjectKind
from idocore.registrations import Status
from idocore.scopes import Scope
from idocore.snapshot_days import Days, split
from idocore.snapshots import Snapshot, SnapshotEngine
from idocore.statistics import Query, Table
from idocore.statistics.answer import answer
from idocore.statistics.cells import REGISTRATIONS, Cell, Cut, Filter, Key
from idocore.statistics.noting import Note
from idocore.statistics.query import AMENDMENT
from idocore.store import Counting, Store
from idocore.theme_files import Themes

_REGISTRATIONS: Final = frozenset({SubjectKind.REGISTRATION})


@define
class DayEngine:
    """Counts with `engine` over `snapshots`, and live for the days that none of them has (None: there is nothing live).

    Cells add up, since a registration lies on one day, and each day is counted once. `trust` is called with each
    snapshot before it is counted, `check` with each cut of live days, and they raise when that must not be counted.
    """

    snapshots: tuple[Snapshot, ...]
    engine: SnapshotEngine
    live: Counting | None
    trust: Callable[[Snapshot], None]
    check: Callable[[Cut], None]
    used: dict[str, Snapshot] = attrs.field(factory=dict, init=False)
    open_days: set[Days] = attrs.field(factory=set, init=False)

    def __call__(self, cut: Cut) -> list[Cell]:
        """The cells of `cut`, frozen and live together."""
        parts, left = split(self.snapshots, (cut.start, cut.end))
        together: dict[Key, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for part in parts:
            if part.snapshot.id not in self.used:
                self.trust(part.snapshot)
                self.used[part.snapshot.id] = part.snapshot
            _add(together, self.engine(part.snapshot, attrs.evolve(cut, start=part.start, end=part.end)))
        for start, end in left:
            if self.live is not None:
                self.open_days.add((start, end))
                days = attrs.evolve(cut, start=start, end=end)
                self.check(days)
                _add(together, self.live.evaluate(days))
            elif start is not None and end is not None:
                raise SnapshotError("snapshot-days-missing", start=start, end=end)
        return [(key, dict(counts)) for key, counts in together.items()]

    def table(self, query: Query, themes: Themes, places: Gazetteer, today: date, scope: Scope) -> Table:
        """The table for `query`, with notes on what was frozen and the citation that it can be computed from again."""
        cursor = self.live.cursor() if self.live else {}
        found = answer(query, self, themes, places, today, has_closings=True, as_of=cursor)
        citation = Citation(
            query=found.query,
            snapshots={one: snapshot.hash for one, snapshot in sorted(self.used.items())},
            figures=figures_of(found),
            scope=str(scope),
            live=found.as_of if self.open_days else {},
            made_with=program.version(),
        )
        return attrs.evolve(found, notes=(*found.notes, *self._notes()), citation=citation)

    def moved(self, store: Store, closings: Closings, places: Gazetteer, theme: str) -> Iterator[Note]:
        """Registrations that were moved out of a closed period after it was frozen are counted there and live."""
        if not self.used or not self._has_live_amendments(theme, places):
            return
        taken = [one.journal for one in self.used.values()]
        since = {stream: min(journal.get(str(stream), 0) for journal in taken) for stream in store.cursor()}
        moved = set()
        for entry in store.journal(since, kinds=_REGISTRATIONS):
            if entry.revision.is_amendment and entry.standing.has_effect:
                latest = store.get(entry.revision.subject).registration
                is_open = closings.over(latest.service_point, latest.local_date, places) is None
                if is_open and latest.status is Status.FINAL:
                    moved.add(latest.id)
        if moved:
            yield Note("note-moved", {"count": len(moved)})

    def _has_live_amendments(self, theme: str, places: Gazetteer) -> bool:
        only = Filter(AMENDMENT, frozenset({"yes"}))
        cut = Cut(theme, (), frozenset({REGISTRATIONS}), places.then, (only,))
        return self.live is not None and any(
            counts.get(REGISTRATIONS)
            for start, end in self.open_days
            for _, counts in self.live.evaluate(attrs.evolve(cut, start=start, end=end))
        )

    def _notes(self) -> Iterator[Note]:
        for one in sorted(self.used.values(), key=lambda one: one.days.start):
            day = one.made_at.date()
            yield Note("note-frozen", {"snapshot": one.id, "period": one.period, "day": day})


def _add(together: dict[Key, dict[str, int]], cells: Sequence[Cell]) -> None:
    for key, counts in cells:
        for name, count in counts.items():
            together[key][name] += count
