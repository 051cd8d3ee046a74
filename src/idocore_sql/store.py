"""The store on a relational database: journal and facts in one transaction."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Select, and_, or_, select, union_all, update
from tenacity import retry, retry_if_exception, stop_after_attempt, wait_random_exponential

from idocore.closings import Closing
from idocore.collecting import uncollected
from idocore.errors import NotFoundError, StoreError
from idocore.findings import Finding
from idocore.journal import Entry, Purpose, Revision, SubjectKind
from idocore.places import Ancestry
from idocore.purges import Purge
from idocore.registrations import new_id
from idocore.statistics.cells import Cell, Cut
from idocore.statistics.rollups import Rollup
from idocore.store import (
    Arrival,
    Capability,
    Counting,
    Cursor,
    Head,
    Mark,
    Progress,
    Receipt,
    Selection,
    Store,
    unseen,
)
from idocore.theme_files import Themes
from idocore_sql import copying, guarding, journals, purging, receiving, tables
from idocore_sql.access import Access
from idocore_sql.fact_writing import write_facts
from idocore_sql.facts import Fact
from idocore_sql.installing import install, tables_of
from idocore_sql.rebuilding import rebuild
from idocore_sql.rolling import Rolling
from idocore_sql.tables import FactTables
from idocore_sql.verifying import check_chains, verify

_PAGE = 1000
_ATTEMPTS = 8
"""How often a transaction is tried that another writer's was in the way of."""


_PASSING = frozenset({"conflict-elsewhere", "store-deadlock"})

_patiently = retry(
    retry=retry_if_exception(lambda error: isinstance(error, StoreError) and error.code in _PASSING),
    stop=stop_after_attempt(_ATTEMPTS),
    wait=wait_random_exponential(multiplier=0.01, max=1),
    reraise=True,
)

_Args = ParamSpec("_Args")
_Given = TypeVar("_Given")


def _again(work: Callable[_Args, _Given]) -> Callable[_Args, _Given]:
    """Try a transaction again, as long as another writer's was in the way of it.

    Nearly always the first attempt is the only one, so it goes without what keeps count of attempts.
    """
    patient = _patiently(work)

    @wraps(work)
    def tried(*args: _Args.args, **kwargs: _Args.kwargs) -> _Given:
        try:
            return work(*args, **kwargs)
        except StoreError as error:
            if error.code not in _PASSING:
                raise
        return patient(*args, **kwargs)

    return tried


class SqlStore(Store):
    """Keeps a register in SQLite, PostgreSQL or MariaDB."""

    capabilities = frozenset(Capability)

    def __init__(self, access: Access, schema: str | None = None) -> None:
        self._access = access
        self.is_joined = access.is_joined
        self._schema = schema
        self._tables: dict[str, FactTables] = {}
        self._rolling = Rolling(access)

    def install(self, themes: Themes) -> None:
        wanted = tables_of(themes)
        install(self._access, wanted, self._schema)
        self._tables = wanted
        self._rolling.install(themes, wanted)

    # Writing

    @_again
    def append(
        self, revisions: Sequence[Revision], *, stream: UUID | None = None, closings: int | None = None
    ) -> tuple[Receipt, ...]:
        if len(revisions) > 1:
            with uncollected(), self._access.writing() as connection:
                return self._append_in(connection, revisions, stream, closings)
        with self._access.writing() as connection:
            return self._append_in(connection, revisions, stream, closings)

    def _append_in(
        self, connection: Connection, revisions: Sequence[Revision], stream: UUID | None, closings: int | None
    ) -> tuple[Receipt, ...]:
        # All others are of a few subjects, and mostly there are none.
        others = [one.content for one in revisions if not one.is_registration]
        alone = any(isinstance(one, Closing | Purge) for one in others)
        there = guarding.enter(connection, closings, alone=alone)
        appending = journals.Appending(connection, revisions)
        fresh = appending.fresh()
        new = [one.content for one in fresh if not one.is_registration] if others else []
        # Only the closings that are written count: one that is sent again is no change.
        if added := sum(isinstance(one, Closing) for one in new):
            guarding.count(connection, there + added)
        latest = {one.subject: Fact.of(one) for one in fresh if one.is_registration}
        write_facts(connection, latest.values(), self._tables, appending.known)
        purges = purging.purges_of(connection, dict.fromkeys(one.subject for one in fresh))
        receipts = appending.write(fresh, stream, purges)
        purging.carry_out(connection, [one for one in new if isinstance(one, Purge)])
        return receipts

    @_again
    def receive(self, arrivals: Sequence[Arrival], *, closings: int | None = None) -> tuple[Arrival, ...]:
        with self._access.writing() as connection:
            return self._receive_in(connection, arrivals, closings)

    def _receive_in(
        self, connection: Connection, arrivals: Sequence[Arrival], closings: int | None
    ) -> tuple[Arrival, ...]:
        lot = receiving.Receiving(connection, arrivals)
        there = guarding.enter(connection, closings, alone=lot.is_exclusive)
        received = lot.receive()
        if added := sum(entry.kind is SubjectKind.CLOSING for entry in lot.effective):
            guarding.count(connection, there + added)
        effective = [(entry, entry.revision) for entry in lot.effective]
        numbers = journals.latest_numbers(connection, list({revision.subject for _, revision in effective}))
        latest = {
            revision.subject: Fact.of(revision, entry.standing)
            for entry, revision in effective
            if revision.is_registration and revision.number == numbers[revision.subject]
        }
        write_facts(connection, latest.values(), self._tables, latest.keys())
        purges = [revision.content for _, revision in effective]
        purging.carry_out(connection, [one for one in purges if isinstance(one, Purge)])
        return received

    # Reading

    def get(self, subject: UUID, number: int | None = None) -> Revision:
        table = tables.journal
        chosen = select(table).where(table.c.subject == subject, table.c.number.is_not(None))
        if number is not None:
            chosen = chosen.where(table.c.number == number)
        with self._access.reading() as connection:
            found = journals.read(connection, chosen.order_by(table.c.number.desc()).limit(1))
        if not found:
            raise NotFoundError("unknown-registration", id=subject, revision=number)
        return found[0].revision

    def find(self, selection: Selection, *, after: Mark | None = None, limit: int = 100) -> tuple[Revision, ...]:
        names = [selection.theme] if selection.theme else sorted(self._tables)
        chosen = [_chosen(self._tables[name], selection, after, limit) for name in names if name in self._tables]
        if not chosen:
            return ()
        parts = union_all(*(select(one.subquery()) for one in chosen)).subquery()
        ordered = select(parts).order_by(parts.c.local_date, parts.c.id).limit(limit)
        with self._access.reading() as connection:
            pairs = [(row.id, row.revision) for row in connection.execute(ordered)]
            return journals.revisions_of(connection, pairs)

    def journal(
        self,
        since: Cursor | None = None,
        *,
        kinds: frozenset[SubjectKind] | None = None,
        subject: UUID | None = None,
        stream: UUID | None = None,
    ) -> Iterator[Entry]:
        if subject is not None:
            yield from self._about(subject, since or {}, kinds, stream)
            return
        for one in [stream] if stream else sorted(self.cursor()):
            after = (since or {}).get(one, 0)
            while True:
                with self._access.reading() as connection:
                    entries = journals.page(connection, one, after, kinds, _PAGE)
                yield from entries
                if len(entries) < _PAGE:
                    break
                after = entries[-1].position

    def _about(
        self, subject: UUID, since: Cursor, kinds: frozenset[SubjectKind] | None, stream: UUID | None
    ) -> Iterator[Entry]:
        with self._access.reading() as connection:
            entries = journals.entries_about(connection, subject)
        for entry in entries:
            is_asked = stream in (None, entry.stream) and (kinds is None or entry.kind in kinds)
            if is_asked and entry.position > since.get(entry.stream, 0):
                yield entry

    def with_texts(self, subjects: Iterable[UUID]) -> frozenset[UUID]:
        with self._access.reading() as connection:
            return purging.with_texts(connection, subjects)

    def heads(self) -> tuple[Head, ...]:
        with self._access.reading() as connection:
            rows = journals.HEADS(connection)
        return tuple(map(journals.head_of, rows))

    def held(self, purpose: Purpose | None = None) -> Iterator[Arrival]:
        after = None
        while True:
            with self._access.reading() as connection:
                page = list(receiving.held(connection, purpose, after, _PAGE))
            yield from page
            if len(page) < _PAGE:
                return
            after = page[-1].entry.stream, page[-1].entry.position

    def evaluate(self, cut: Cut) -> Sequence[Cell]:
        with self.at_one_moment() as counting:
            return counting.evaluate(cut)

    @contextmanager
    def at_one_moment(self) -> Iterator[Counting]:
        for theme in self._tables:
            self._rolling.freshen(theme)
        with self._access.snapshot() as connection:
            yield _Moment(connection, self._rolling)

    # Keeping

    def verify(self) -> Iterator[Finding]:
        with self._access.snapshot() as connection:
            is_well = True
            for finding in verify(connection, self._tables):
                is_well = False
                yield finding
            if is_well:
                # Else what was counted from the facts differs for that reason, and goes with it at a rebuild.
                yield from self._rolling.check(connection)

    def rebuild(self, progress: Progress = unseen) -> int:
        with self._access.writing() as connection:
            # Nobody writes meanwhile; readers go on with what was there before.
            guarding.enter(connection, None, alone=True)
            check_chains(connection)
            guarding.mend(connection)
            total = rebuild(connection, self._tables, progress)
            self._rolling.rebuild(connection)
            return total

    def rollups(self) -> tuple[Rollup, ...]:
        return self._rolling.rollups

    @_again
    def declare_rollups(self, theme: str, rollups: Sequence[Rollup]) -> None:
        self._rolling.declare(theme, rollups)

    @_again
    def refresh_rollups(self, ancestry: Ancestry, progress: Progress = unseen) -> int:
        return self._rolling.refresh(ancestry, progress)

    def check_rollups(self) -> Iterator[Finding]:
        with self._access.snapshot() as connection:
            yield from self._rolling.check(connection)

    def backup(self, target: Path, progress: Progress = unseen) -> None:
        copying.backup(self._access, target, progress)

    def adopt(self) -> None:
        with self._access.writing() as connection:
            own = update(tables.stream).where(tables.stream.c.is_own)
            connection.execute(own.values(is_own=False, written=tables.stream.c.position))
            for purpose in Purpose:
                journals.open_stream(connection, new_id(), purpose, is_own=True)

    def tidy(self) -> None:
        self._access.tidy()

    def close(self) -> None:
        self._access.close()


class _Moment:
    """The register as one transaction sees it."""

    def __init__(self, connection: Connection, rolling: Rolling) -> None:
        self._connection = connection
        self._rolling = rolling

    def evaluate(self, cut: Cut) -> Sequence[Cell]:
        return self._rolling.evaluate(self._connection, cut)

    def cursor(self) -> dict[UUID, int]:
        heads = map(journals.head_of, journals.HEADS(self._connection))
        return {head.stream: head.position for head in heads}


def _chosen(known: FactTables, selection: Selection, after: Mark | None, limit: int) -> Select[Any]:
    table = known.registration
    chosen = select(table.c.local_date, table.c.id, table.c.revision)
    if selection.start is not None:
        chosen = chosen.where(table.c.local_date >= selection.start)
    if selection.end is not None:
        chosen = chosen.where(table.c.local_date < selection.end)
    if selection.service_points is not None:
        chosen = chosen.where(table.c.service_point.in_(sorted(selection.service_points)))
    if after is not None:
        day, last = after
        later = or_(table.c.local_date > day, and_(table.c.local_date == day, table.c.id > last))
        chosen = chosen.where(table.c.local_date >= day, later)
    statuses = [status.value for status in selection.statuses]
    return chosen.where(table.c.status.in_(statuses)).order_by(table.c.local_date, table.c.id).limit(limit)
