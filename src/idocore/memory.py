"""A store that lives as long as the program: for trying things out, for tests, and as a model for other stores."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from threading import RLock
from uuid import UUID

import attrs

from idocore.errors import NotFoundError, StoreError, StoreUnavailableError
from idocore.findings import Finding
from idocore.journal import Entry, Purpose, Revision, Standing, SubjectKind, broken_link
from idocore.purges import Purge
from idocore.registrations import Registration, new_id
from idocore.statistics import reference
from idocore.statistics.cells import Cell, Cut
from idocore.store import (
    DISPUTED,
    MISFILED,
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
    check_closings,
    check_link,
    check_same,
    is_new,
    settled,
    unseen,
)
from idocore.theme_files import Themes


@attrs.define
class _Stream:
    """A stream in memory."""

    id: UUID
    purpose: Purpose
    is_own: bool
    entries: list[Entry] = attrs.field(factory=list)

    @property
    def head(self) -> Head:
        if not self.entries:
            return Head(self.id, purpose=self.purpose, is_own=self.is_own)
        last = self.entries[-1]
        return Head(self.id, last.position, last.hash, self.purpose, self.is_own)


class MemoryStore(Store):
    """Keeps the journal as it would be written, and decodes it again when asked: no object is shared."""

    capabilities = frozenset({Capability.VERIFY, Capability.REBUILD, Capability.SYNC})

    def __init__(self) -> None:
        self._lock = RLock()
        self._own = {purpose: new_id() for purpose in Purpose}
        self._streams = {stream: _Stream(stream, purpose, True) for purpose, stream in self._own.items()}
        self._entries: dict[UUID, dict[int, Entry]] = defaultdict(dict)
        self._facts: dict[UUID, Registration] = {}
        self._amended: set[UUID] = set()
        self._reasons: dict[tuple[UUID, int], Finding] = {}
        self._purges: dict[UUID, list[Purge]] = defaultdict(list)
        self._places: dict[UUID, list[tuple[UUID, int]]] = defaultdict(list)
        self._closings = 0
        self._closed = False

    def install(self, themes: Themes) -> None:
        """Nothing to do: facts are kept as they are."""
        self._open()

    # Writing

    def append(
        self, revisions: Sequence[Revision], *, stream: UUID | None = None, closings: int | None = None
    ) -> tuple[Receipt, ...]:
        with self._open():
            check_closings(closings, self._closings)
            heads: dict[UUID, Head] = {}
            streams: dict[UUID, _Stream] = {}
            staged: dict[UUID, dict[int, Entry]] = {}
            receipts, written = [], []
            for revision in revisions:
                known = self._entries.get(revision.subject, {}) | staged.get(revision.subject, {})
                entry = known.get(revision.number)
                fresh = is_new(revision, entry, known[max(known)] if known else None)
                if fresh or entry is None:
                    chosen = self._stream(revision, stream)
                    chosen = streams.setdefault(chosen.id, chosen)
                    head = heads.get(chosen.id, chosen.head)
                    entry = Entry.write(chosen.id, head.position + 1, head.hash, revision)
                    heads[chosen.id] = attrs.evolve(head, position=entry.position, hash=entry.hash)
                    staged.setdefault(revision.subject, {})[revision.number] = entry
                    written.append(entry)
                receipts.append(Receipt(entry, fresh))
            self._streams |= streams
            for entry in written:
                self._keep(entry)
            return tuple(receipts)

    def _stream(self, revision: Revision, named: UUID | None) -> _Stream:
        """The stream to write; one that is not there yet is there only once the append succeeds."""
        purpose = revision.purpose
        chosen = named or self._own[purpose]
        return self._streams.get(chosen) or _Stream(chosen, purpose, False)

    def receive(self, arrivals: Sequence[Arrival], *, closings: int | None = None) -> tuple[Arrival, ...]:
        with self._open():
            check_closings(closings, self._closings)
            self._check_links([arrival.entry for arrival in arrivals])
            return tuple(self._receive(arrival) for arrival in arrivals)

    def _check_links(self, entries: Sequence[Entry]) -> None:
        """Every entry follows; looked at before the first is written, since it is all of them or none."""
        heads = {name: stream.head for name, stream in self._streams.items()}
        for entry in entries:
            head = heads.get(entry.stream, Head(entry.stream))
            if entry.position > head.position:
                check_link(head, entry)
                heads[entry.stream] = attrs.evolve(head, position=entry.position, hash=entry.hash)
            elif entry.stream in self._streams and entry.position <= len(self._streams[entry.stream].entries):
                check_same(self._streams[entry.stream].entries[entry.position - 1], entry)

    def _receive(self, arrival: Arrival) -> Arrival:
        entry = arrival.entry
        stream = self._streams.setdefault(entry.stream, _Stream(entry.stream, arrival.purpose, False))
        there = stream.entries[entry.position - 1] if entry.position <= len(stream.entries) else None
        if there is not None and there.standing is not Standing.HELD:
            return attrs.evolve(arrival, entry=there, held=None)
        revision = entry.revision
        same = self._entries.get(revision.subject, {}).get(revision.number)
        arrival = settled(arrival, same, is_disputed=self._is_disputed(entry.stream, revision))
        place = entry.stream, entry.position
        self._reasons.pop(place, None)
        if arrival.held is not None:
            self._reasons[place] = arrival.held
        self._keep(arrival.entry)
        return attrs.evolve(arrival, entry=stream.entries[entry.position - 1])

    def _is_disputed(self, stream: UUID, revision: Revision) -> bool:
        """Whether the revision before, wherever it stands in the same stream, is held by a conflict."""
        held = (
            self._streams[stream].entries[place[1] - 1]
            for place in self._places[revision.subject]
            if place[0] == stream and place in self._reasons and self._reasons[place].code in DISPUTED
        )
        return any(before.revision.number == revision.number - 1 for before in held)

    def _keep(self, entry: Entry) -> None:
        """Put `entry` in its stream, in the place of what is there of it, and let it take effect if it has any."""
        subject = entry.revision.subject
        entry = entry.purged(*(purge for one in entry.registrations for purge in self._purges.get(one, ())))
        entries = self._streams[entry.stream].entries
        if entry.position <= len(entries):
            entries[entry.position - 1] = entry
        else:
            entries.append(entry)
            self._places[subject].append(entry.place)
        if entry.standing.has_effect:
            self._take_effect(entry)

    def _take_effect(self, entry: Entry) -> None:
        revision = entry.revision
        known = self._entries[revision.subject]
        known[revision.number] = entry
        self._closings += entry.kind is SubjectKind.CLOSING
        if isinstance(revision.content, Purge):
            self._purge(revision.content)
        if isinstance(revision.content, Registration) and revision.number == max(known):
            self._facts[revision.subject] = revision.content
            self._mark(revision, entry.standing)

    def _mark(self, revision: Revision, standing: Standing) -> None:
        if revision.is_amendment or standing is Standing.AMENDMENT:
            self._amended.add(revision.subject)
        else:
            self._amended.discard(revision.subject)

    def _purge(self, purge: Purge) -> None:
        self._purges[purge.registration].append(purge)
        for stream, position in (*self._places[purge.registration], *self._misfiled()):
            entries = self._streams[stream].entries
            entries[position - 1] = entries[position - 1].purged(purge)
        known = self._entries.get(purge.registration, {})
        known.update({number: entry.purged(purge) for number, entry in known.items()})
        if known and (latest := known[max(known)].revision).is_registration:
            self._facts[purge.registration] = latest.registration

    def _misfiled(self) -> list[tuple[UUID, int]]:
        """Where entries lie that may hold a registration under the id of something else."""
        return [place for place, finding in self._reasons.items() if finding.code == MISFILED]

    # Reading

    def get(self, subject: UUID, number: int | None = None) -> Revision:
        with self._open():
            known = self._entries.get(subject, {})
            entry = known.get(max(known, default=0) if number is None else number)
            if entry is None:
                raise NotFoundError("unknown-registration", id=subject, revision=number)
            return entry.revision

    def find(self, selection: Selection, *, after: Mark | None = None, limit: int = 100) -> tuple[Revision, ...]:
        with self._open():
            marks = sorted((one.local_date, one.id) for one in self._facts.values() if _is_selected(one, selection))
            page = [mark for mark in marks if after is None or mark > after][:limit]
            return tuple(self.get(subject) for _, subject in page)

    def journal(
        self,
        since: Cursor | None = None,
        *,
        kinds: frozenset[SubjectKind] | None = None,
        subject: UUID | None = None,
        stream: UUID | None = None,
    ) -> Iterator[Entry]:
        with self._open():
            found = [
                entry
                for name in sorted(self._streams)
                if stream is None or stream == name
                for entry in self._after(name, (since or {}).get(name, 0), subject)
            ]
        for entry in found:
            fields = entry.fields
            if (kinds is None or fields["kind"] in kinds) and (subject is None or fields["subject"] == str(subject)):
                yield entry

    def _after(self, stream: UUID, position: int, subject: UUID | None) -> list[Entry]:
        """The entries of `stream` after `position`, or those of them about `subject`."""
        entries = self._streams[stream].entries
        if subject is None:
            return entries[position:]
        places = sorted(at for one, at in self._places.get(subject, ()) if one == stream and at > position)
        return [entries[at - 1] for at in places]

    def with_texts(self, subjects: Iterable[UUID]) -> frozenset[UUID]:
        with self._open():
            return frozenset(subject for subject in subjects if self._has_texts(subject))

    def _has_texts(self, subject: UUID) -> bool:
        places = self._places.get(subject, ())
        return any(self._streams[stream].entries[position - 1].texts for stream, position in places)

    def heads(self) -> tuple[Head, ...]:
        with self._open():
            return tuple(self._streams[name].head for name in sorted(self._streams) if self._streams[name].entries)

    def held(self, purpose: Purpose | None = None) -> Iterator[Arrival]:
        with self._open():
            found = sorted(self._reasons.items(), key=lambda item: item[0])
            arrivals = [self._held(stream, position, finding) for (stream, position), finding in found]
        yield from (one for one in arrivals if purpose in (None, one.purpose))

    def _held(self, stream: UUID, position: int, finding: Finding) -> Arrival:
        chosen = self._streams[stream]
        return Arrival(chosen.entries[position - 1], chosen.purpose, finding)

    def evaluate(self, cut: Cut) -> Sequence[Cell]:
        with self._open():
            return reference.evaluate(cut, self._facts.values(), self._amended)

    @contextmanager
    def at_one_moment(self) -> Iterator[Counting]:
        with self._open():
            yield self

    # Keeping

    def rebuild(self, progress: Progress = unseen) -> int:
        with self._open():
            for stream in self._streams.values():
                if broken := broken_link(stream.entries):
                    raise StoreError("rebuild-broken", stream=stream.id, position=broken.position)
            self._facts, self._amended = {}, set()
            for subject, known in self._entries.items():
                latest = known[max(known)]
                if latest.kind is SubjectKind.REGISTRATION:
                    self._facts[subject] = latest.revision.registration
                    self._mark(latest.revision, latest.standing)
                    progress(1)
            return len(self._facts)

    def verify(self) -> Iterator[Finding]:
        with self._open():
            for stream in self._streams.values():
                broken = broken_link(stream.entries)
                if broken:
                    yield Finding("journal-broken", parameters={"stream": stream.id, "position": broken.position})
            for subject, fact in self._facts.items():
                if self.get(subject).content != fact:
                    yield Finding("fact-differs", parameters={"table": "memory", "id": subject, "columns": ()})

    def close(self) -> None:
        self._closed = True

    def _open(self) -> RLock:
        if self._closed:
            raise StoreUnavailableError("store-closed")
        return self._lock


def _is_selected(registration: Registration, selection: Selection) -> bool:
    return (
        (selection.theme is None or registration.theme_name == selection.theme)
        and (selection.start is None or selection.start <= registration.local_date)
        and (selection.end is None or registration.local_date < selection.end)
        and (selection.service_points is None or registration.service_point in selection.service_points)
        and registration.status in selection.statuses
    )


def open_memory(url: str) -> Store:
    """The entry point for ``memory:``; each call gives an empty store."""
    return MemoryStore()
