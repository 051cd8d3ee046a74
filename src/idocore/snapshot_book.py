"""Snapshots in a folder, as people use them: freeze a closed period, look, check, and count over them.

With a register the days that no snapshot holds are counted live, and both are one table. Without one (years later, on
another machine) only what was frozen is counted.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import attrs
from attrs import frozen

from idocore.citations import Citation
from idocore.errors import SnapshotError
from idocore.findings import Finding
from idocore.freezing import Source, freeze
from idocore.gazetteer import Gazetteer
from idocore.periods import Period, now
from idocore.roles import Actor, Operation, Role
from idocore.scopes import EVERYWHERE, Scope
from idocore.sight import check_place_date, within
from idocore.snapshot_counting import DayEngine
from idocore.snapshot_days import split
from idocore.snapshots import Snapshot, door
from idocore.statistics import Query, Table
from idocore.statistics.cells import Cut
from idocore.store import Counting, Progress, unseen
from idocore.theme_files import Themes


@frozen
class SnapshotBook:
    """`register.snapshots(folder)`, or `idocore.open_snapshots(folder)` without a register."""

    folder: Path
    _actor: Actor
    _source: Source | None = None
    _spark: Any = None
    _trusted: set[str] = attrs.field(factory=set, init=False, eq=False, repr=False)
    """The hashes of the snapshots whose files were read through and found whole."""

    # What is there

    @property
    def all(self) -> tuple[Snapshot, ...]:
        """Every snapshot in the folder, by id, earlier versions too. Raises SnapshotError for one that was altered.

        With a register: for who may count, and of places within their scope. A snapshot tells what it counted.
        """
        self._actor.require(Operation.COUNT)
        found = self._stored()
        return found if self._source is None else tuple(filter(self._is_within, found))

    @property
    def current(self) -> tuple[Snapshot, ...]:
        """The latest version of each for the scope of who acts, by its days: what tables are counted from."""
        self._actor.require(Operation.COUNT)
        latest: dict[tuple[str, str], Snapshot] = {}
        for one in self._stored():
            known = latest.get((one.theme, one.period))
            if one.scope == str(self._actor.scope) and (known is None or known.version < one.version):
                latest[one.theme, one.period] = one
        return tuple(sorted(latest.values(), key=lambda one: (one.theme, one.days.start, one.days.end)))

    def get(self, snapshot_id: str) -> Snapshot:
        """The snapshot with this id; raises SnapshotError that names those there are, NotAllowedError as for `all`."""
        known = {one.id: one for one in self.all}
        if snapshot_id in known:
            return known[snapshot_id]
        if any(one.id == snapshot_id for one in self._stored()):
            raise self._actor.outside(Operation.COUNT, snapshot_id)
        raise SnapshotError("snapshot-unknown", snapshot=snapshot_id, folder=str(self.folder), known=sorted(known))

    def check(self) -> Iterator[Finding]:
        """Everything that is wrong with those in `all`: a file that is gone, or is not as it was frozen."""
        for one in self.all:
            yield from door().faults(self.folder, one)

    def _stored(self) -> tuple[Snapshot, ...]:
        return door().snapshots(self.folder)

    def _is_within(self, one: Snapshot) -> bool:
        """Whether all that `one` counted lay within the scope of who acts, by the places as they are known."""
        scope, own = Scope.parse(one.scope), self._actor.scope
        if own in (scope, EVERYWHERE):
            return True
        places = self._source.knowledge.places if self._source else door().known(self.folder, one)[1]
        return scope.lies_within(own, places, one.days.start, one.days.end)

    # Freezing

    def freeze(
        self, period: str | Period, *, theme: str = "ido", dry_run: bool = False, progress: Progress = unseen
    ) -> Snapshot | None:
        """Freeze `period`, which must be closed, for the scope of who acts; None when `dry_run`: it could be.

        Freezing again gives a new version beside the old one if anything was amended since, and else the snapshot
        that there is. Raises SnapshotError when a day of the period is not closed.
        """
        if self._source is None:
            raise SnapshotError("snapshot-without-register", folder=str(self.folder))
        self._actor.require(Operation.EXPORT)
        days = Period.parse(period) if isinstance(period, str) else period
        there = next((one for one in self.current if (one.theme, one.period) == (theme, days.code)), None)
        return freeze(self._source, self.folder, days, theme, there, dry_run=dry_run, progress=progress)

    # Counting

    def table(
        self, measures: str | Iterable[str] = ("registrations",), by: str | Iterable[str] = (), **asked: Any
    ) -> Table:
        """Count; the arguments are those of `Query.of`."""
        return self.answer(Query.of(measures, by, **asked))

    def answer(self, query: Query) -> Table:
        """The table that answers `query`: frozen days from snapshots, the others live, each day from one of them.

        When all its days are frozen the places and the form are those of the latest snapshot, so that the table's
        `citation` gives the same table for ever. Raises SnapshotError for a snapshot that was altered, and without a
        register for days that no snapshot has.
        """
        self._actor.require(Operation.COUNT)
        return self._counted(query, self.current, self._source)

    def recompute(self, citation: Citation) -> Table:
        """The table that `citation` is of, computed again from the same snapshots.

        Raises SnapshotError when one of them is gone or is another than was cited, when part of the table was counted
        live, and when the figures differ: then this program counts otherwise than the one that is cited. Raises
        NotAllowedError for snapshots of more than the scope of who acts: the figures would be of a part of them.
        """
        self._actor.require(Operation.COUNT)
        if not citation.is_frozen:
            raise SnapshotError("citation-live", snapshots=sorted(citation.snapshots))
        cited = tuple(self.get(one) for one in citation.snapshots)
        for one in cited:
            if one.hash != citation.snapshots[one.id]:
                raise SnapshotError("citation-other", snapshot=one.id)
            if not self._is_within(one):
                raise self._actor.outside(Operation.COUNT, one.id)
        table = self._counted(citation.query, cited, None)
        if table.citation is None or table.citation.figures != citation.figures:
            raise SnapshotError("citation-differs", made_with=citation.made_with)
        return table

    def _counted(self, query: Query, snapshots: Iterable[Snapshot], source: Source | None) -> Table:
        query = within(query, self._actor)
        snapshots = tuple(one for one in snapshots if one.theme == query.theme)
        parts, left = split(snapshots, (query.start, query.end))
        if left and source is not None:
            return self._with_open_days(query, snapshots, source)
        if not parts:
            raise SnapshotError("snapshot-none", folder=str(self.folder), scope=str(self._actor.scope))
        latest = max((part.snapshot for part in parts), key=lambda one: (one.made_at, one.id))
        themes, places = door().known(self.folder, latest)
        today = self._source.now().date() if self._source else now().date()
        return self._engine(snapshots, None, places, themes).table(query, themes, places, today, self._actor.scope)

    def _with_open_days(self, query: Query, snapshots: tuple[Snapshot, ...], source: Source) -> Table:
        source.knowledge.refresh()
        themes, places, closings = source.knowledge.themes, source.knowledge.places, source.knowledge.closings
        with source.store.at_one_moment() as live:
            engine = self._engine(snapshots, live, places, themes)
            table = engine.table(query, themes, places, source.now().date(), self._actor.scope)
            moved = tuple(engine.moved(source.store, closings, places, query.theme))
        return attrs.evolve(table, notes=table.notes + moved)

    def _engine(
        self, snapshots: tuple[Snapshot, ...], live: Counting | None, places: Gazetteer, themes: Themes
    ) -> DayEngine:
        def check(cut: Cut) -> None:
            check_place_date(cut, self._actor, places, themes)

        return DayEngine(snapshots, door().engine(self.folder, self._spark), live, self._trust, check)

    def _trust(self, one: Snapshot) -> None:
        """Refuse a snapshot whose files are not what was frozen; each is read through once."""
        if one.hash not in self._trusted:
            for fault in door().faults(self.folder, one):
                raise SnapshotError(fault.code, **fault.parameters)
            self._trusted.add(one.hash)


def open_snapshots(folder: str | Path, *, at: Scope | str = EVERYWHERE, spark: Any = None) -> SnapshotBook:
    """The snapshots in `folder`, without a register: those for the place `at`, with everything within it.

    `spark` is a Spark session to count them with; None: DuckDB, in this process.
    """
    return SnapshotBook(Path(folder), Actor("reader", Role.OWNER, Scope.parse(at)), None, spark)
