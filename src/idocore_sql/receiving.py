"""Entries of other registers, written verbatim under their own streams."""

import json
from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

import attrs
from sqlalchemy import Connection, bindparam, delete, insert, select, tuple_, update

from idocore.findings import Finding
from idocore.journal import Entry, Purpose, Revision, Standing, SubjectKind
from idocore.purges import Purge
from idocore.store import DISPUTED, Arrival, Head, check_link, check_same, settled
from idocore_sql import journals, purging, tables

Place = tuple[UUID, int]
Disputed = tuple[UUID, UUID, int]
"""A stream, and the subject and number of a revision in it."""


class Receiving:
    """One lot of arrivals: what is here already, what takes effect, what is held."""

    def __init__(self, connection: Connection, arrivals: Sequence[Arrival]) -> None:
        self._connection = connection
        self._arrivals = arrivals
        self._heads: dict[UUID, Head] = {}
        self._judged: dict[Place, Arrival] = {}
        self._there = journals.entries_at(connection, [one.entry.place for one in arrivals])
        pairs = {_pair(one.entry.revision) for one in arrivals}
        self._same = {_pair(entry.revision): entry for entry in journals.entries_of(connection, pairs)}
        self._purges = purging.purges_of(connection, {each for one in arrivals for each in one.entry.registrations})
        self._disputed = disputed(connection, {subject for subject, number in pairs if number > 1})
        self.effective: list[Entry] = []
        """The entries that took effect, in the order they came."""

    def receive(self) -> tuple[Arrival, ...]:
        """Write what is not here yet; every arrival with its standing."""
        judged = [self._settle(one) for one in self._arrivals]
        # An entry that came twice in this lot is written once.
        once = self._judged.values()
        new = [one.entry for one in once if one.entry.place not in self._there]
        journals.insert_entries(self._connection, [(entry.revision, entry) for entry in new])
        self._release([one.entry for one in once if self._is_released(one)])
        self._note_held(once)
        for head in self._heads.values():
            journals.move_head(self._connection, head)
        return tuple(judged)

    def _settle(self, arrival: Arrival) -> Arrival:
        place = arrival.entry.place
        if place in self._judged:
            check_same(self._judged[place].entry, arrival.entry)
        else:
            self._judged[place] = self._judge(arrival)
        return self._judged[place]

    def _judge(self, arrival: Arrival) -> Arrival:
        entry = arrival.entry
        there = self._there.get(entry.place)
        if there is None:
            self._follow(arrival)
        else:
            check_same(there, entry)
        if there is not None and there.standing is not Standing.HELD:
            return attrs.evolve(arrival, entry=there, held=None)
        revision = entry.revision
        entry = entry.purged(*(purge for one in entry.registrations for purge in self._purges.get(one, ())))
        is_disputed = bool(self._disputed.get((entry.stream, revision.subject, revision.number - 1)))
        same = self._same.get(_pair(revision))
        arrival = settled(attrs.evolve(arrival, entry=entry), same, is_disputed=is_disputed)
        self._note_disputed(entry, arrival.held)
        if arrival.standing.has_effect:
            self._take_effect(arrival.entry, revision)
        return arrival

    def _note_disputed(self, entry: Entry, held: Finding | None) -> None:
        positions = self._disputed.setdefault((entry.stream, *_pair(entry.revision)), set())
        if held is not None and held.code in DISPUTED:
            positions.add(entry.position)
        else:
            positions.discard(entry.position)

    def _take_effect(self, entry: Entry, revision: Revision) -> None:
        self._same[_pair(revision)] = entry
        self.effective.append(entry)
        if isinstance(revision.content, Purge):
            # What comes after it in the lot has lost its texts already; what came before it loses them at the end.
            purge = revision.content
            self._purges[purge.registration].append(purge)
            self._same = {pair: same.purged(purge) for pair, same in self._same.items()}

    def _follow(self, arrival: Arrival) -> None:
        entry = arrival.entry
        if entry.stream not in self._heads:
            self._heads[entry.stream] = journals.lock_head(self._connection, entry.stream, arrival.purpose)
        head = self._heads[entry.stream]
        check_link(head, entry)
        self._heads[entry.stream] = attrs.evolve(head, position=entry.position, hash=entry.hash)

    def _is_released(self, arrival: Arrival) -> bool:
        there = self._there.get(arrival.entry.place)
        return there is not None and there.standing is Standing.HELD and arrival.standing is not Standing.HELD

    def _release(self, entries: Sequence[Entry]) -> None:
        table = tables.journal
        for entry in entries:
            number = entry.revision.number if entry.standing.has_effect else None
            chosen = table.c.stream == entry.stream, table.c.position == entry.position
            self._connection.execute(update(table).where(*chosen), {"number": number, "standing": entry.standing.value})

    def _note_held(self, judged: Iterable[Arrival]) -> None:
        table = tables.held
        gone = [
            {"of": stream, "at": position}
            for (stream, position), entry in self._there.items()
            if entry.standing is Standing.HELD
        ]
        if gone:
            chosen = table.c.stream == bindparam("of"), table.c.position == bindparam("at")
            self._connection.execute(delete(table).where(*chosen), gone)
        rows = [_held_row(one.entry, one.held) for one in judged if one.held is not None]
        if rows:
            self._connection.execute(insert(table), rows)

    @property
    def is_exclusive(self) -> bool:
        """Whether nobody may write meanwhile: there is a closing or a purge among them."""
        return any(one.entry.kind in (SubjectKind.CLOSING, SubjectKind.PURGE) for one in self._arrivals)


def disputed(connection: Connection, subjects: Iterable[UUID]) -> dict[Disputed, set[int]]:
    """The revisions of these subjects that are held by a conflict, and at which positions of their stream."""
    journal, held = tables.journal, tables.held
    same = (held.c.stream == journal.c.stream) & (held.c.position == journal.c.position)
    chosen = select(journal).join(held, same).where(held.c.code.in_(sorted(DISPUTED)))
    found: dict[Disputed, set[int]] = {}
    for part in journals.slices(subjects):
        for entry in journals.read(connection, chosen.where(journal.c.subject.in_(part))):
            found.setdefault((entry.stream, *_pair(entry.revision)), set()).add(entry.position)
    return found


def _pair(revision: Revision) -> tuple[UUID, int]:
    return revision.subject, revision.number


def _held_row(entry: Entry, finding: Finding) -> dict[str, object]:
    parameters = json.dumps(dict(finding.parameters), default=str)
    place = {"stream": entry.stream, "position": entry.position}
    return {**place, "code": finding.code, "path": finding.path, "parameters": parameters}


def held(connection: Connection, purpose: Purpose | None, after: Place | None, size: int) -> Iterator[Arrival]:
    """At most `size` held entries, of `purpose` only, after the place `after`, each with what holds it."""
    table = tables.held
    chosen = select(table, tables.stream.c.purpose).join(tables.stream, tables.stream.c.id == table.c.stream)
    if purpose is not None:
        chosen = chosen.where(tables.stream.c.purpose == purpose.value)
    if after is not None:
        chosen = chosen.where(tuple_(table.c.stream, table.c.position) > after)
    rows = connection.execute(chosen.order_by(table.c.stream, table.c.position).limit(size)).all()
    entries = journals.entries_at(connection, [(row.stream, row.position) for row in rows])
    for row in rows:
        parameters = json.loads(row.parameters)
        parameters.pop(purging.FORMERLY, None)
        finding = Finding(row.code, row.path, parameters=parameters)
        yield Arrival(entries[row.stream, row.position], Purpose(row.purpose), finding)
