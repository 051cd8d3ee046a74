"""The store on a relational database: journal and facts in one transaction."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, and_, delete, func, insert, or_, select, union_all, update

from idocore.errors import NotFoundError
from idocore.findings import Finding
from idocore.journal import Entry, Revision, SubjectKind
from idocore.registrations import Registration
from idocore.statistics.cells import Cell, Cut
from idocore.store import Capability, Cursor, Mark, Receipt, Selection, Store
from idocore.theme_files import Themes
from idocore_sql import facts, journals, tables
from idocore_sql.access import Access
from idocore_sql.installing import install, tables_of
from idocore_sql.queries import evaluate
from idocore_sql.tables import FactTables
from idocore_sql.verifying import verify

_PAGE = 1000


class SqlStore(Store):
    """Keeps a register in SQLite or PostgreSQL."""

    capabilities = frozenset({Capability.VERIFY, Capability.DURABLE, Capability.SHARED})

    def __init__(self, access: Access, schema: str | None = None) -> None:
        self._access = access
        self._schema = schema
        self._tables: dict[str, FactTables] = {}

    def install(self, themes: Themes) -> None:
        wanted = tables_of(themes)
        install(self._access, wanted, self._schema)
        self._tables = wanted

    def append(self, revisions: Sequence[Revision], *, stream: UUID | None = None) -> tuple[Receipt, ...]:
        if not revisions:
            return ()
        with self._access.writing() as connection:
            appending = journals.Appending(connection, revisions)
            fresh = appending.fresh()
            self._write_facts(connection, fresh)
            return appending.write(fresh, stream)

    def _write_facts(self, connection: Connection, fresh: Sequence[Revision]) -> None:
        latest = {one.subject: one.registration for one in fresh if one.kind is SubjectKind.REGISTRATION}
        by_theme: dict[str, list[Registration]] = {}
        for registration in latest.values():
            by_theme.setdefault(registration.theme_name, []).append(registration)
        for theme, registrations in by_theme.items():
            write_facts(connection, registrations, self._tables[theme])

    def get(self, subject: UUID, number: int | None = None) -> Revision:
        table = tables.journal
        chosen = select(table).where(table.c.subject == subject).order_by(table.c.number.desc()).limit(1)
        if number is not None:
            chosen = chosen.where(table.c.number == number)
        with self._access.reading() as connection:
            found = journals.read(connection, chosen)
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
    ) -> Iterator[Entry]:
        for stream in sorted(self.cursor()):
            after = (since or {}).get(stream, 0)
            while True:
                with self._access.reading() as connection:
                    entries = journals.page(connection, stream, after, kinds, subject, _PAGE)
                yield from entries
                if len(entries) < _PAGE:
                    break
                after = entries[-1].position

    def cursor(self) -> dict[UUID, int]:
        with self._access.reading() as connection:
            heads = connection.execute(select(tables.stream).where(tables.stream.c.position > 0)).all()
        return {row.id: row.position for row in heads}

    def evaluate(self, cut: Cut) -> Sequence[Cell]:
        known = self._tables.get(cut.theme)
        if known is None:
            return ()
        with self._access.writing() as connection:
            return evaluate(connection, cut, known)

    def verify(self) -> Iterator[Finding]:
        with self._access.reading() as connection:
            yield from verify(connection, self._tables)

    def close(self) -> None:
        self._access.close()


def write_facts(connection: Connection, registrations: list[Registration], known: FactTables) -> None:
    """Put the rows of `registrations`, each once, in the place of what was there of them."""
    table = known.registration
    keys: dict[UUID, int] = {}
    for part in journals.slices(one.id for one in registrations):
        keys |= {
            row.id: row.key for row in connection.execute(select(table.c.id, table.c.key).where(table.c.id.in_(part)))
        }
    for part in journals.slices(keys.values()):
        for child in (known.choice, known.inquiry):
            connection.execute(delete(child).where(child.c.registration.in_(part)))
    rows = {one.id: facts.rows(one, known) for one in registrations}
    for registration_id, key in keys.items():
        connection.execute(update(table).where(table.c.key == key), rows[registration_id].registration)
    added = [row.registration for registration_id, row in rows.items() if registration_id not in keys]
    if added:
        keys |= _insert_registrations(connection, table, added)
    _insert_children(connection, known, [(keys[registration_id], row) for registration_id, row in rows.items()])


def _insert_registrations(connection: Connection, table: Any, rows: list[facts.Row]) -> dict[UUID, int]:
    """Insert the rows under the keys that follow; the keys by id."""
    if connection.dialect.name == "sqlite":
        first = (connection.execute(select(func.max(table.c.key))).scalar() or 0) + 1
        keyed = [{**row, "key": first + offset} for offset, row in enumerate(rows)]
        connection.execute(insert(table), keyed)
        return {row["id"]: row["key"] for row in keyed}
    inserted = connection.execute(insert(table).returning(table.c.id, table.c.key), rows)
    return {row.id: row.key for row in inserted}


def _insert_children(connection: Connection, known: FactTables, rows: list[tuple[int, facts.FactRows]]) -> None:
    inquiries = [{**inquiry, "registration": key} for key, row in rows for inquiry in row.inquiries]
    choices = [{**choice, "registration": key} for key, row in rows for choice in row.choices]
    if inquiries:
        connection.execute(insert(known.inquiry), inquiries)
    if choices:
        connection.execute(insert(known.choice), choices)


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
