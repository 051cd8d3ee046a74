"""The journal's tables: entries read and written, one stream after another."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import (
    ARRAY,
    Connection,
    LargeBinary,
    Select,
    Table,
    Uuid,
    any_,
    bindparam,
    func,
    insert,
    select,
    update,
)

from idocore.journal import START, Entry, Purpose, Revision, Standing, SubjectKind, Text
from idocore.purges import Purge
from idocore.registrations import new_id
from idocore.store import Head, Receipt, check_carried, is_new
from idocore_sql import tables
from idocore_sql.inserting import insert_rows
from idocore_sql.quick import Quick
from idocore_sql.types import MARIADB, Uuid16

_SLICE = 400
"""How many keys one statement names; well under the limit of every database."""

_NOWHERE = UUID(int=0)

_LOCKED = tuple(Purpose)
"""Of which streams the heads are locked first: the same order for all who lock them."""

_stream, _journal = tables.stream, tables.journal
_OWN_HEAD = Quick(select(_stream).where(_stream.c.is_own, _stream.c.purpose == bindparam("of")).with_for_update())
_NAMED_HEAD = Quick(select(_stream).where(_stream.c.id == bindparam("stream")).with_for_update())
_MOVE_HEAD = Quick(
    update(_stream)
    .where(_stream.c.id == bindparam("stream"))
    .values(position=bindparam("at"), head=bindparam("hash", type_=LargeBinary(32)))
)
_MOVE_LOADED_HEAD = Quick(
    update(_stream)
    .where(_stream.c.id == bindparam("stream"))
    .values(position=bindparam("at"), written=bindparam("at"), head=bindparam("hash", type_=LargeBinary(32)))
)
_LATEST_NUMBER = Quick(select(func.max(_journal.c.number)).where(_journal.c.subject == bindparam("subject")))
_SUBJECTS = [f"subject_{number}" for number in range(_SLICE)]
_OF_SUBJECTS = (
    select(_journal.c.subject, func.max(_journal.c.number))
    .where(_journal.c.number.is_not(None))
    .group_by(_journal.c.subject)
)
_LATEST_NUMBERS = Quick(
    _OF_SUBJECTS.where(_journal.c.subject.in_([bindparam(one, type_=Uuid16()) for one in _SUBJECTS]))
)
_LATEST_OF_LIST = _OF_SUBJECTS.where(_journal.c.subject == any_(bindparam("subjects", type_=ARRAY(Uuid()))))


def _near(table: Table, *keys: str) -> Select[Any]:
    """The rows whose columns `keys` hold any of the values bound to each: those that are meant, and some more.

    A list of pairs would be exact, but SQLite reads the whole table for one; the caller keeps what it meant.
    """
    return select(table).where(*(table.c[key].in_(bindparam(key, expanding=True)) for key in keys))


_ENTRIES = _near(_journal, "subject", "number")
_PLACES = _near(_journal, "stream", "position")
_TEXTS = _near(tables.text, "stream", "position")
HEADS = Quick(select(_stream).where(_stream.c.position > 0).order_by(_stream.c.id))


def slices(items: Iterable[Any]) -> Iterator[list[Any]]:
    """`items` in lists of a size that one statement can take."""
    waiting = iter(items)
    while part := list(islice(waiting, _SLICE)):
        yield part


def own_stream(connection: Connection, purpose: Purpose) -> UUID | None:
    """The stream that this store writes by itself for `purpose`; None in a database that was just made."""
    chosen = select(tables.stream.c.id).where(tables.stream.c.is_own, tables.stream.c.purpose == purpose.value)
    found: UUID | None = connection.execute(chosen).scalar()
    return found


def open_stream(connection: Connection, stream: UUID, purpose: Purpose, *, is_own: bool) -> Head:
    """Begin a stream: nothing is in it yet."""
    values = {"id": stream, "purpose": purpose.value, "is_own": is_own, "position": 0, "head": bytes.fromhex(START)}
    connection.execute(insert(tables.stream), values)
    return Head(stream, purpose=purpose, is_own=is_own)


def lock_head(connection: Connection, stream: UUID | None, purpose: Purpose) -> Head:
    """The head of the stream to write; nobody else can write it until the transaction ends."""
    found = _NAMED_HEAD(connection, stream=stream) if stream else _own_head(connection, purpose)
    if found:
        return head_of(found[0])
    return open_stream(connection, stream or new_id(), purpose, is_own=stream is None)


def _own_head(connection: Connection, purpose: Purpose) -> Sequence[Any]:
    if connection.dialect.name not in MARIADB:
        return _OWN_HEAD(connection, of=str(purpose))
    # By its key: MariaDB would wait for the writer of every stream that it looks at on the way.
    stream = own_stream(connection, purpose)
    found: Sequence[Any] = () if stream is None else _NAMED_HEAD(connection, stream=stream)
    return [row for row in found if row.is_own]


def head_of(row: Any) -> Head:
    """The head that a row of the table of streams is."""
    stream, purpose, is_own, position, last, _ = row
    return Head(stream, position, last.hex(), Purpose(purpose), is_own)


def move_head(connection: Connection, head: Head, *, is_loaded: bool = False) -> None:
    """The stream ends at `head` from now on; `is_loaded`: it is not the store's own, and was written here."""
    move = _MOVE_LOADED_HEAD if is_loaded else _MOVE_HEAD
    move(connection, stream=head.stream, at=head.position, hash=bytes.fromhex(head.hash))


class Appending:
    """One append: which revisions are new, and the entries that hold them."""

    def __init__(self, connection: Connection, revisions: Sequence[Revision]) -> None:
        self._connection = connection
        self._revisions = revisions
        subjects = list(dict.fromkeys([revision.subject for revision in revisions]))
        self._has_each_subject_once = len(subjects) == len(revisions)
        self._latest = latest_numbers(connection, subjects)
        self._stored = self._stored_of() if self._latest else {}

    def _stored_of(self) -> dict[tuple[UUID, int], Entry]:
        """What the journal holds of the subjects that it knows, as far as it matters here."""
        known = [revision for revision in self._revisions if revision.subject in self._latest]
        pairs = {(revision.subject, revision.number) for revision in known}
        pairs |= {(revision.subject, revision.number - 1) for revision in known if revision.carried}
        return {(e.revision.subject, e.revision.number): e for e in entries_of(self._connection, pairs)}

    @property
    def known(self) -> frozenset[UUID]:
        """The subjects that the journal held before."""
        return frozenset(self._latest)

    def fresh(self) -> list[Revision]:
        """The revisions that have to be written, in order; raises ConflictError when one cannot be."""
        if self._has_each_subject_once and not self._latest:
            return list(self._revisions)  # nothing of it was ever here, as in every first load
        latest = dict(self._latest)
        seen: dict[tuple[UUID, int], Revision] = {}
        found = []
        for revision in self._revisions:
            key = revision.subject, revision.number
            if key in seen or not self._follows(revision, latest.get(revision.subject, 0)):
                self._check(revision, seen)
                continue
            before = self._stored.get((revision.subject, revision.number - 1))
            if before is not None:
                check_carried(revision, before)
            found.append(revision)
            seen[key] = revision
            latest[revision.subject] = revision.number
        return found

    def _follows(self, revision: Revision, latest: int) -> bool:
        key = revision.subject, revision.number
        return key not in self._stored and (latest == 0 or revision.number == latest + 1)

    def _check(self, revision: Revision, seen: dict[tuple[UUID, int], Revision]) -> None:
        """Raise ConflictError with what is stored, or was to be stored before it, unless that is the same."""
        key = revision.subject, revision.number
        subject, number = revision.subject, self._latest.get(revision.subject, 0)
        stored = self._stored.get(key) or next(entries_of(self._connection, {(subject, number)}), None)
        staged = seen.get(key) or next((one for one in reversed(seen.values()) if one.subject == subject), None)
        same = Entry.write(_NOWHERE, 0, START, seen[key]) if key in seen else self._stored.get(key)
        latest = Entry.write(_NOWHERE, 0, START, staged) if staged else stored
        is_new(revision, same, latest)

    def write(
        self, fresh: Sequence[Revision], stream: UUID | None, purges: Mapping[UUID, Sequence[Purge]]
    ) -> tuple[Receipt, ...]:
        """Write `fresh` to the journal, without what `purges` took away of their subjects; a receipt for each revision.

        The head of each stream is locked last.
        """
        parts: dict[Purpose, list[Revision]] = {}
        for one in fresh:
            parts.setdefault(one.purpose, []).append(one)
        written = {
            purpose: self._write(parts[purpose], lock_head(self._connection, stream, purpose), purges)
            for purpose in _LOCKED
            if purpose in parts
        }
        return tuple(self._receipts(fresh, written))

    def _write(self, fresh: Sequence[Revision], head: Head, purges: Mapping[UUID, Sequence[Purge]]) -> list[Entry]:
        entries: list[Entry] = []

        def made() -> Iterator[tuple[Revision, Entry]]:
            """Each entry when it is asked for; whole ones are collected, of what is stored a purge may have taken."""
            last = head.hash
            for position, revision in enumerate(fresh, start=head.position + 1):
                entry = Entry.write(head.stream, position, last, revision)
                entries.append(entry)
                last = entry.hash
                stored = entry.purged(*purges.get(revision.subject, ())) if purges else entry
                yield revision, stored

        insert_entries(self._connection, made())
        end = attrs.evolve(head, position=head.position + len(entries), hash=entries[-1].hash)
        move_head(self._connection, end, is_loaded=not head.is_own)
        return entries

    def _receipts(self, fresh: Sequence[Revision], written: Mapping[Purpose, Sequence[Entry]]) -> Iterator[Receipt]:
        """A receipt for each revision; one that comes a second time is not new any more."""
        waiting = {purpose: iter(entries) for purpose, entries in written.items()}
        # As a rule they are all of one purpose.
        entries = next(iter(waiting.values())) if len(waiting) == 1 else (next(waiting[one.purpose]) for one in fresh)
        if len(fresh) == len(self._revisions):
            yield from (Receipt(entry, True) for entry in entries)
            return
        known = dict(self._stored)
        new = {(one.subject, one.number): entry for one, entry in zip(fresh, entries, strict=True)}
        for revision in self._revisions:
            key = revision.subject, revision.number
            yield Receipt(known.get(key) or new[key], key not in known)
            known.setdefault(key, new.get(key) or known[key])


def latest_numbers(connection: Connection, subjects: Sequence[UUID]) -> dict[UUID, int]:
    """The highest revision number of each of these subjects that the journal holds, without those it does not."""
    if not subjects:
        return {}
    if len(subjects) == 1:
        number = _LATEST_NUMBER(connection, subject=subjects[0])[0][0]
        return {} if number is None else {subjects[0]: number}
    rows: list[Any] = []
    if connection.dialect.name == "postgresql":
        # All in one value: a statement with hundreds of places is taken apart anew each time.
        rows += connection.execute(_LATEST_OF_LIST, {"subjects": subjects})
    else:
        for part in slices(subjects):
            padded = part + part[-1:] * (_SLICE - len(part))
            rows += _LATEST_NUMBERS(connection, **dict(zip(_SUBJECTS, padded, strict=True)))
    return dict(map(tuple, rows))


def insert_entries(connection: Connection, entries: Iterable[tuple[Revision, Entry]]) -> None:
    """Put these entries in the journal, and what lies apart from them where it belongs."""
    texts: list[list[Any]] = []

    def rows() -> Iterator[list[Any]]:
        for revision, entry in entries:
            for path, text in entry.texts.items():
                texts.append([entry.stream, entry.position, path, text.text, text.salt])
            yield [
                entry.stream,
                entry.position,
                str(revision.kind),
                revision.subject,
                revision.number if entry.standing.has_effect else None,
                str(entry.standing),
                entry.by and entry.by.text,
                entry.by and bytes.fromhex(entry.by.salt),
                bytes.fromhex(entry.previous),
                entry.body,
            ]

    insert_rows(connection, tables.journal, rows())
    insert_rows(connection, tables.text, texts)


def entries_of(connection: Connection, pairs: set[tuple[UUID, int]]) -> Iterator[Entry]:
    """The entries with effect of these subjects and revision numbers, in any order."""
    for part in slices(sorted(pairs)):
        found = read(connection, _ENTRIES, _bound(part, "subject", "number"))
        yield from (entry for entry in found if (entry.revision.subject, entry.revision.number) in pairs)


def entries_at(connection: Connection, places: Sequence[tuple[UUID, int]]) -> dict[tuple[UUID, int], Entry]:
    """The entries at these positions of streams, as far as the journal has them."""
    wanted = set(places)
    found: dict[tuple[UUID, int], Entry] = {}
    for part in slices(places):
        for entry in read(connection, _PLACES, _bound(part, "stream", "position")):
            if entry.place in wanted:
                found[entry.place] = entry
    return found


def _bound(pairs: Sequence[tuple[UUID, int]], first: str, second: str) -> dict[str, list[Any]]:
    return {first: list({one for one, _ in pairs}), second: list({other for _, other in pairs})}


def revisions_of(connection: Connection, pairs: Sequence[tuple[UUID, int]]) -> tuple[Revision, ...]:
    """The revisions of these subjects and numbers, in the order asked for."""
    revisions = (entry.revision for entry in entries_of(connection, set(pairs)))
    found = {(revision.subject, revision.number): revision for revision in revisions}
    return tuple(found[pair] for pair in pairs if pair in found)


def latest(connection: Connection, subjects: Sequence[UUID]) -> dict[UUID, Entry]:
    """The entry with the latest revision of each of these subjects, as far as the journal has them."""
    numbers = latest_numbers(connection, list(subjects))
    return {entry.revision.subject: entry for entry in entries_of(connection, set(numbers.items()))}


def read(connection: Connection, chosen: Select[Any], parameters: Mapping[str, Any] | None = None) -> list[Entry]:
    """The entries that `chosen` selects from the journal, with their free text as far as it is still there."""
    rows = connection.execute(chosen, parameters).all()
    texts = _texts(connection, [(row.stream, row.position) for row in rows if '"commitments":{}' not in row.body])
    return [
        Entry(
            row.stream,
            row.position,
            row.previous.hex(),
            row.body,
            None if row.actor is None else Text(row.actor, row.salt.hex()),
            texts.get((row.stream, row.position), {}),
            Standing(row.standing),
        )
        for row in rows
    ]


def _texts(connection: Connection, places: list[tuple[UUID, int]]) -> dict[tuple[UUID, int], dict[str, Text]]:
    found: dict[tuple[UUID, int], dict[str, Text]] = defaultdict(dict)
    for part in slices(places):
        for row in connection.execute(_TEXTS, _bound(part, "stream", "position")):
            found[row.stream, row.position][row.path] = Text(row.text, row.salt)
    return found


def page(
    connection: Connection,
    stream: UUID,
    after: int,
    kinds: frozenset[SubjectKind] | None,
    size: int,
) -> list[Entry]:
    """At most `size` entries of `stream` after position `after`, in order."""
    table = tables.journal
    chosen = select(table).where(table.c.stream == stream, table.c.position > after)
    if kinds is not None:
        chosen = chosen.where(table.c.kind.in_([kind.value for kind in kinds]))
    return read(connection, chosen.order_by(table.c.position).limit(size))


def entries_about(connection: Connection, subject: UUID) -> list[Entry]:
    """All entries of `subject`, stream by stream in order of position."""
    table = tables.journal
    chosen = select(table).where(table.c.subject == subject)
    return read(connection, chosen.order_by(table.c.stream, table.c.position))
