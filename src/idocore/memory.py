"""A store that lives as long as the program: for trying things out, for tests, and as a model for other stores."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from threading import RLock
from uuid import UUID

from idocore.errors import NotFoundError, StoreUnavailableError
from idocore.findings import Finding
from idocore.journal import START, Entry, Revision, SubjectKind, broken_link, salted
from idocore.registrations import Registration, new_id
from idocore.statistics import reference
from idocore.statistics.cells import Cell, Cut
from idocore.store import Capability, Cursor, Mark, Receipt, Selection, Store, is_new
from idocore.theme_files import Themes


class MemoryStore(Store):
    """Keeps the journal as it would be written, and decodes it again when asked: no object is shared."""

    capabilities = frozenset({Capability.VERIFY})

    def __init__(self) -> None:
        self._lock = RLock()
        self._own_stream = new_id()
        self._streams: dict[UUID, list[Entry]] = {self._own_stream: []}
        self._entries: dict[UUID, dict[int, Entry]] = defaultdict(dict)
        self._facts: dict[UUID, Registration] = {}
        self._closed = False

    def install(self, themes: Themes) -> None:
        """Nothing to do: facts are kept as they are."""
        self._open()

    def append(self, revisions: Sequence[Revision], *, stream: UUID | None = None) -> tuple[Receipt, ...]:
        with self._open():
            stream = stream or self._own_stream
            entries = self._streams.get(stream, [])
            position, previous = len(entries), entries[-1].hash if entries else START
            staged: dict[UUID, dict[int, Entry]] = {}
            written: list[tuple[Revision, Entry]] = []
            receipts: list[Receipt] = []
            for revision in revisions:
                subject = revision.subject
                known = self._entries.get(subject, {}) | staged.get(subject, {})
                entry = known.get(revision.number)
                fresh = is_new(revision, entry, max(known, default=0))
                if fresh or entry is None:
                    entry = Entry.write(stream, position + 1, previous, revision, salted(revision))
                    position, previous = entry.position, entry.hash
                    staged.setdefault(subject, {})[revision.number] = entry
                    written.append((revision, entry))
                receipts.append(Receipt(entry, fresh))
            self._keep(stream, written)
            return tuple(receipts)

    def _keep(self, stream: UUID, written: list[tuple[Revision, Entry]]) -> None:
        self._streams.setdefault(stream, []).extend(entry for _, entry in written)
        for revision, entry in written:
            self._entries[revision.subject][revision.number] = entry
            if isinstance(revision.content, Registration):
                self._facts[revision.subject] = revision.content

    def get(self, subject: UUID, number: int | None = None) -> Revision:
        with self._open():
            known = self._entries.get(subject, {})
            entry = known.get(number or max(known, default=0))
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
    ) -> Iterator[Entry]:
        with self._open():
            found = [
                entry
                for stream in sorted(self._streams)
                for entry in self._streams[stream][(since or {}).get(stream, 0) :]
            ]
        for entry in found:
            fields = entry.fields
            if (kinds is None or fields["kind"] in kinds) and (subject is None or fields["subject"] == str(subject)):
                yield entry

    def cursor(self) -> dict[UUID, int]:
        with self._open():
            return {stream: len(entries) for stream, entries in self._streams.items() if entries}

    def evaluate(self, cut: Cut) -> Sequence[Cell]:
        with self._open():
            return reference.evaluate(cut, self._facts.values())

    def verify(self) -> Iterator[Finding]:
        with self._open():
            for stream, entries in self._streams.items():
                broken = broken_link(entries)
                if broken:
                    yield Finding("journal-broken", parameters={"stream": stream, "position": broken.position})
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
