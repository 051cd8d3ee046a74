"""The journal's tables: entries read and written, one stream after another."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, insert, select, tuple_, update

from idocore.journal import START, Entry, Revision, SubjectKind, Text, salted
from idocore.registrations import new_id
from idocore.store import Receipt, is_new
from idocore_sql import tables

_SLICE = 400
"""How many keys one statement names; well under the limit of every database."""


def slices(items: Iterable[Any]) -> Iterator[list[Any]]:
    """`items` in lists of a size that one statement can take."""
    waiting = iter(items)
    while part := list(islice(waiting, _SLICE)):
        yield part


def own_stream(connection: Connection) -> UUID | None:
    """The stream that this store writes by itself; None in a database that was just made."""
    found: UUID | None = connection.execute(select(tables.stream.c.id).where(tables.stream.c.is_own)).scalar()
    return found


def open_stream(connection: Connection, stream: UUID, *, is_own: bool) -> None:
    """Begin a stream: nothing is in it yet."""
    values = {"id": stream, "is_own": is_own, "position": 0, "head": bytes.fromhex(START)}
    connection.execute(insert(tables.stream), values)


def lock_head(connection: Connection, stream: UUID | None) -> tuple[UUID, int, str]:
    """The stream to write, its position and its head; nobody else can write it until the transaction ends."""
    chosen = tables.stream.c.is_own if stream is None else tables.stream.c.id == stream
    row = connection.execute(select(tables.stream).where(chosen).with_for_update()).one_or_none()
    if row is not None:
        return row.id, row.position, row.head.hex()
    opened = stream or new_id()
    open_stream(connection, opened, is_own=stream is None)
    return opened, 0, START


class Appending:
    """One append: which revisions are new, and the entries that hold them."""

    def __init__(self, connection: Connection, revisions: Sequence[Revision]) -> None:
        self._connection = connection
        self._revisions = revisions
        subjects = list(dict.fromkeys(revision.subject for revision in revisions))
        self._latest = _latest_numbers(connection, subjects)
        known = [revision for revision in revisions if revision.subject in self._latest]
        pairs = {(revision.subject, revision.number) for revision in known}
        self._stored = {(e.revision.subject, e.revision.number): e for e in _entries_of(connection, pairs)}

    def fresh(self) -> list[Revision]:
        """The revisions that have to be written, in order; raises ConflictError when one cannot be."""
        latest = dict(self._latest)
        seen: dict[tuple[UUID, int], Revision] = {}
        found = []
        for revision in self._revisions:
            key = revision.subject, revision.number
            if key in seen and seen[key].content == revision.content:
                continue
            if is_new(revision, self._stored.get(key), latest.get(revision.subject, 0)):
                found.append(revision)
                seen[key] = revision
                latest[revision.subject] = revision.number
        return found

    def write(self, fresh: Sequence[Revision], stream: UUID | None) -> tuple[Receipt, ...]:
        """Write `fresh` to the journal, the head of its stream locked last; a receipt for each revision."""
        written = {}
        if fresh:
            chosen, position, head = lock_head(self._connection, stream)
            entries = []
            for revision in fresh:
                entry = Entry.write(chosen, position + 1, head, revision, salted(revision))
                position, head = entry.position, entry.hash
                entries.append((revision, entry))
            _insert(self._connection, entries)
            moved = update(tables.stream).where(tables.stream.c.id == chosen)
            self._connection.execute(moved, {"position": position, "head": bytes.fromhex(head)})
            written = {(revision.subject, revision.number): entry for revision, entry in entries}
        return tuple(self._receipt(revision, written) for revision in self._revisions)

    def _receipt(self, revision: Revision, written: dict[tuple[UUID, int], Entry]) -> Receipt:
        key = revision.subject, revision.number
        return Receipt(written[key], True) if key in written else Receipt(self._stored[key], False)


def _latest_numbers(connection: Connection, subjects: list[UUID]) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    for part in slices(subjects):
        chosen = select(tables.journal.c.subject, tables.journal.c.number).where(tables.journal.c.subject.in_(part))
        for subject, number in connection.execute(chosen):
            found[subject] = max(number, found.get(subject, 0))
    return found


def _insert(connection: Connection, entries: list[tuple[Revision, Entry]]) -> None:
    rows = [
        {
            "stream": entry.stream,
            "position": entry.position,
            "kind": revision.kind.value,
            "subject": revision.subject,
            "number": revision.number,
            "previous": bytes.fromhex(entry.previous),
            "body": entry.body,
        }
        for revision, entry in entries
    ]
    connection.execute(insert(tables.journal), rows)
    texts = [
        {"subject": revision.subject, "number": revision.number, "path": path, "text": text.text, "salt": text.salt}
        for revision, entry in entries
        for path, text in entry.texts.items()
    ]
    if texts:
        connection.execute(insert(tables.text), texts)


def _entries_of(connection: Connection, pairs: set[tuple[UUID, int]]) -> Iterator[Entry]:
    """The entries of these subjects and revision numbers, in any order."""
    table = tables.journal
    for part in slices(sorted(pairs)):
        yield from read(connection, select(table).where(tuple_(table.c.subject, table.c.number).in_(part)))


def revisions_of(connection: Connection, pairs: Sequence[tuple[UUID, int]]) -> tuple[Revision, ...]:
    """The revisions of these subjects and numbers, in the order asked for."""
    revisions = (entry.revision for entry in _entries_of(connection, set(pairs)))
    found = {(revision.subject, revision.number): revision for revision in revisions}
    return tuple(found[pair] for pair in pairs if pair in found)


def latest(connection: Connection, subjects: Sequence[UUID]) -> dict[UUID, Revision]:
    """The latest revision of each of these subjects, as far as the journal has them."""
    numbers = _latest_numbers(connection, list(subjects))
    return {one.subject: one for one in revisions_of(connection, list(numbers.items()))}


def read(connection: Connection, chosen: Select[Any]) -> list[Entry]:
    """The entries that `chosen` selects from the journal, with their free text as far as it is still there."""
    rows = connection.execute(chosen).all()
    texts = _texts(connection, [row.subject for row in rows if '"commitments":{}' not in row.body])
    return [
        Entry(row.stream, row.position, row.previous.hex(), row.body, texts.get((row.subject, row.number), {}))
        for row in rows
    ]


def _texts(connection: Connection, subjects: list[UUID]) -> dict[tuple[UUID, int], dict[str, Text]]:
    found: dict[tuple[UUID, int], dict[str, Text]] = defaultdict(dict)
    for part in slices(dict.fromkeys(subjects)):
        for row in connection.execute(select(tables.text).where(tables.text.c.subject.in_(part))):
            found[row.subject, row.number][row.path] = Text(row.text, row.salt)
    return found


def page(
    connection: Connection,
    stream: UUID,
    after: int,
    kinds: frozenset[SubjectKind] | None,
    subject: UUID | None,
    size: int,
) -> list[Entry]:
    """At most `size` entries of `stream` after position `after`, in order."""
    table = tables.journal
    chosen = select(table).where(table.c.stream == stream, table.c.position > after)
    if kinds is not None:
        chosen = chosen.where(table.c.kind.in_([kind.value for kind in kinds]))
    if subject is not None:
        chosen = chosen.where(table.c.subject == subject)
    return read(connection, chosen.order_by(table.c.position).limit(size))
