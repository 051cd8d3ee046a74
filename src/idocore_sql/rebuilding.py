"""Facts made anew from the journal, in one transaction: readers see the old ones until the new ones are there."""

from collections.abc import Callable, Mapping
from uuid import UUID

from sqlalchemy import Connection, and_, delete, func, select

from idocore.journal import Entry, SubjectKind
from idocore_sql import journals, tables
from idocore_sql.fact_writing import write_facts
from idocore_sql.facts import Fact
from idocore_sql.tables import FactTables

_PAGE = 2000


def rebuild(connection: Connection, known: Mapping[str, FactTables], progress: Callable[[int], None]) -> int:
    """Make all facts anew; how many registrations there are."""
    for trio in known.values():
        for table in reversed(trio.all):
            connection.execute(delete(table))
    total, last = 0, None
    while entries := latest_page(connection, last):
        write_facts(connection, [Fact.of(entry.revision, entry.standing) for entry in entries], known, ())
        last = entries[-1].revision.subject
        total += len(entries)
        progress(len(entries))
    return total


def latest_page(connection: Connection, after: UUID | None) -> list[Entry]:
    """The entries with the latest revision of some registrations, by id, from the one that follows `after`."""
    table = tables.journal
    latest = select(table.c.subject, func.max(table.c.number).label("number")).where(
        table.c.kind == SubjectKind.REGISTRATION.value, table.c.number.is_not(None)
    )
    if after is not None:
        latest = latest.where(table.c.subject > after)
    page = latest.group_by(table.c.subject).order_by(table.c.subject).limit(_PAGE).subquery()
    same = and_(table.c.subject == page.c.subject, table.c.number == page.c.number)
    return journals.read(connection, select(table).join(page, same).order_by(table.c.subject))
