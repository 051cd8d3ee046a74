"""The guard: nobody closes a period while somebody writes, and how many closings there are.

Whoever writes shares a row; whoever closes has it alone. Its number is that of the closings in effect, so that what was
judged by fewer is refused.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, func, select, update

from idocore.findings import Finding
from idocore.journal import SubjectKind
from idocore.store import check_closings
from idocore_sql.quick import Quick, name_of
from idocore_sql.tables import guard, journal

_OURS = guard.c.name == "closings"
_KEPT = select(guard.c.value).where(_OURS)
_SHARED, _ALONE = Quick(_KEPT.with_for_update(read=True)), Quick(_KEPT.with_for_update())


def enter(connection: Connection, closings: int | None, *, alone: bool) -> int:
    """See to it that nobody closes a period while we write, and that nobody writes while we are `alone`.

    The number of closings that there are; raises ClosingsChangedError when it is not `closings` (None: any).
    """
    if alone and connection.dialect.name == "postgresql":
        _queue_up(connection)
    kept: int = (_ALONE if alone else _SHARED)(connection)[0][0]
    check_closings(closings, kept)
    return kept


def _queue_up(connection: Connection) -> None:
    """Have those who come later wait for us, on PostgreSQL.

    There a row's lock is given to whoever shares it, before the one who wants it alone; a table's lock has a queue.
    """
    connection.exec_driver_sql(f"LOCK TABLE {name_of(connection, guard)} IN EXCLUSIVE MODE")


def count(connection: Connection, closings: int) -> None:
    """There are so many closings from now on."""
    connection.execute(update(guard).where(_OURS), {"value": closings})


def check(connection: Connection) -> Iterator[Finding]:
    """A finding when the number that is kept is not that of the journal: then nobody could write any more."""
    kept, written = connection.execute(_KEPT).scalar(), _written(connection)
    if kept != written:
        yield Finding("closings-differ", parameters={"stored": kept, "known": written})


def mend(connection: Connection) -> None:
    """Count the closings anew."""
    count(connection, _written(connection))


def _written(connection: Connection) -> int:
    """How many closings are in effect, by the journal."""
    effective = journal.c.kind == SubjectKind.CLOSING.value, journal.c.number.is_not(None)
    return connection.execute(select(func.count()).select_from(journal).where(*effective)).scalar_one()
