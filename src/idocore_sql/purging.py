"""Purges: free text, and with an erasure who wrote it, gone from every stream."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

import attrs
from sqlalchemy import ColumnElement, Connection, Table, and_, delete, exists, insert, or_, select, update

from idocore.journal import Entry
from idocore.purges import Purge
from idocore.store import MISFILED
from idocore_sql import journals, tables
from idocore_sql.quick import Quick


def purges_of(connection: Connection, registrations: Iterable[UUID]) -> dict[UUID, list[Purge]]:
    """The purges of these registrations, by registration."""
    found: dict[UUID, list[Purge]] = defaultdict(list)
    if not _ANY(connection):
        return found
    table = tables.purge
    for part in journals.slices(registrations):
        for row in connection.execute(select(table).where(table.c.registration.in_(part))):
            found[row.registration].append(Purge(row.registration, row.up_to, row.actors))
    return found


_ANY = Quick(select(tables.purge.c.up_to).limit(1))


def with_texts(connection: Connection, subjects: Iterable[UUID]) -> frozenset[UUID]:
    """Those of `subjects` of which any entry still has free text."""
    journal, text = tables.journal, tables.text
    # Not as a join: the database must begin with the few entries of these subjects, not with all texts.
    has_text = exists().where(text.c.stream == journal.c.stream, text.c.position == journal.c.position)
    found: set[UUID] = set()
    for part in journals.slices(subjects):
        chosen = select(journal.c.subject).where(journal.c.subject.in_(part), has_text)
        found.update(connection.execute(chosen).scalars())
    return frozenset(found)


def carry_out(connection: Connection, purges: Sequence[Purge]) -> None:
    """Delete what `purges` are about, and remember them."""
    if not purges:
        return
    _forget_actors(connection)
    new = [one for one in dict.fromkeys(purges) if one not in _remembered(connection, purges)]
    if not new:
        return
    connection.execute(insert(tables.purge), [attrs.asdict(one) for one in new])
    misfiled = _misfiled(connection)
    for one in new:
        _carry_out(connection, one, misfiled)


FORMERLY: Final = "actor"
"""What was noted in the open of who wrote an entry that another was held for; nothing is noted any more."""


def _forget_actors(connection: Connection) -> None:
    table = tables.held
    noted = connection.execute(select(table).where(table.c.parameters.contains(f'"{FORMERLY}"'))).all()
    for row in noted:
        kept = {name: value for name, value in json.loads(row.parameters).items() if name != FORMERLY}
        chosen = table.c.stream == row.stream, table.c.position == row.position
        connection.execute(update(table).where(*chosen), {"parameters": json.dumps(kept)})


def _remembered(connection: Connection, purges: Sequence[Purge]) -> set[Purge]:
    found = purges_of(connection, dict.fromkeys(one.registration for one in purges))
    return {purge for several in found.values() for purge in several}


def _misfiled(connection: Connection) -> list[Entry]:
    """The entries that may hold a registration under the id of something else; there are few, if any."""
    journal, held = tables.journal, tables.held
    same = (held.c.stream == journal.c.stream) & (held.c.position == journal.c.position)
    return journals.read(connection, select(journal).join(held, same).where(held.c.code == MISFILED))


def _carry_out(connection: Connection, purge: Purge, misfiled: Sequence[Entry]) -> None:
    journal, text = tables.journal, tables.text
    written = journals.read(connection, select(journal).where(journal.c.subject == purge.registration))
    written += [entry for entry in misfiled if str(purge.registration) != entry.fields["subject"]]
    places = [entry.place for entry in written if entry.purged(purge) != entry]
    for part in journals.slices(places):
        connection.execute(delete(text).where(or_(*(_at(text, place) for place in part))))
        if purge.actors:
            erased = update(journal).where(or_(*(_at(journal, place) for place in part)))
            connection.execute(erased, {"actor": None, "salt": None})


def _at(table: Table, place: tuple[UUID, int]) -> ColumnElement[bool]:
    stream, position = place
    return and_(table.c.stream == stream, table.c.position == position)
