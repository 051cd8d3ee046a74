"""A register in a directory: one append-only file for each stream, texts apart, facts in memory."""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock
from typing import Any
from uuid import UUID

import attrs

from idocore.errors import NotFoundError, StoreError, StoreUnavailableError
from idocore.findings import Finding
from idocore.journal import START, Entry, Purpose, Revision, SubjectKind, Text, broken_link
from idocore.purges import Purge
from idocore.registrations import Registration, new_id
from idocore.statistics import reference
from idocore.statistics.cells import Cell, Cut
from idocore.store import (
    Capability,
    Cursor,
    Head,
    Mark,
    Receipt,
    Selection,
    Store,
    check_closings,
    is_new,
)
from idocore.theme_files import Themes

__all__ = ["FolderStore", "open_folder"]


def open_folder(url: str) -> Store:
    """The entry point for ``folder:``: the register in the directory after the colon, made when it is not there."""
    path = url.partition(":")[2]
    if not path:
        raise StoreUnavailableError("store-url", url=url)
    return FolderStore(Path(path))


@attrs.define
class _Stream:
    """A stream as it was committed: `size` is how many bytes of its file count."""

    purpose: Purpose
    is_own: bool
    size: int = 0
    entries: list[Entry] = attrs.field(factory=list)

    def head(self, stream: UUID) -> Head:
        last = self.entries[-1] if self.entries else None
        position, hash_there = (last.position, last.hash) if last else (0, START)
        return Head(stream, position, hash_there, self.purpose, self.is_own)


class FolderStore(Store):
    """Keeps a register in `directory`; raises StoreUnavailableError when another process has it open."""

    capabilities = frozenset({Capability.DURABLE, Capability.VERIFY})

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._mutex = RLock()
        self._streams = {new_id(): _Stream(purpose, True) for purpose in Purpose}
        self._texts, self._texts_size = "texts-0.jsonl", 0
        # From here on: what is in the files, in the form that questions are answered from.
        self._known: dict[UUID, dict[int, Entry]] = {}
        self._facts: dict[UUID, Registration] = {}
        self._amended: set[UUID] = set()
        self._purges: dict[UUID, list[Purge]] = {}
        self._closings = 0
        with self._translated():
            directory.mkdir(parents=True, exist_ok=True)
            self._lock: Any = (directory / "lock").open("w")
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._load()
            except BaseException:
                self._lock.close()
                raise

    def install(self, themes: Themes) -> None:
        with self._open():
            pass  # Facts are kept as registrations: there is room for any theme.

    # Writing

    def append(
        self, revisions: Sequence[Revision], *, stream: UUID | None = None, closings: int | None = None
    ) -> tuple[Receipt, ...]:
        with self._open(), self._translated():
            check_closings(closings, self._closings)
            staged: dict[UUID, dict[int, Entry]] = {}
            heads: dict[UUID, Head] = {}
            receipts, written = [], []
            for revision in revisions:
                known = self._known.get(revision.subject, {}) | staged.get(revision.subject, {})
                entry = known.get(revision.number)
                fresh = is_new(revision, entry, known[max(known)] if known else None)
                if entry is None:
                    head = self._head(revision.kind.purpose, stream, heads)
                    entry = Entry.write(head.stream, head.position + 1, head.hash, revision)
                    heads[head.stream] = attrs.evolve(head, position=entry.position, hash=entry.hash)
                    staged.setdefault(revision.subject, {})[revision.number] = entry
                    written.append(entry)
                receipts.append(Receipt(entry, fresh))
            if written:
                self._write(written, heads)
            return tuple(receipts)

    def _head(self, purpose: Purpose, named: UUID | None, staged: dict[UUID, Head]) -> Head:
        """Where the next entry goes: the end of the named stream, or of our own, `staged` entries included."""
        own = (one for one, stream in self._streams.items() if stream.is_own and stream.purpose is purpose)
        chosen = named or next(own)
        stream = self._streams.get(chosen) or _Stream(purpose, False)
        return staged.get(chosen) or stream.head(chosen)

    def _write(self, written: list[Entry], heads: dict[UUID, Head]) -> None:
        """All files first, then what says that they count, and only then what we know: an error changes nothing."""
        purges = [one.revision.content for one in written if one.kind is SubjectKind.PURGE]
        new = [one for one in purges if isinstance(one, Purge)]
        remembered = [one for several in self._purges.values() for one in several]
        kept = [_purged(entry, [*remembered, *new]) for entry in written]
        streams = {one: attrs.evolve(stream, entries=[]) for one, stream in self._streams.items()}
        for one, head in heads.items():
            stream = streams.setdefault(one, _Stream(head.purpose, head.is_own))
            lines = [json.dumps([entry.previous, entry.body]) for entry in kept if entry.stream == one]
            stream.size = self._put(f"{one}.jsonl", stream.size, lines)
        texts, size = self._texts, self._texts_size
        if new:
            # What is purged may not stay anywhere: a new file with all that is left, in the place of the old one.
            texts, size = f"texts-{int(texts[6:-6]) + 1}.jsonl", 0
            earlier = [_purged(entry, new) for stream in self._streams.values() for entry in stream.entries]
            size = self._put(texts, 0, map(_text_line, (*earlier, *kept)))
        else:
            size = self._put(texts, size, map(_text_line, kept))
        self._commit(streams, texts, size)
        for one, stream in streams.items():
            stream.entries = self._streams[one].entries if one in self._streams else []
        self._streams, self._texts, self._texts_size = streams, texts, size
        self._take_away(new)
        for entry in kept:
            self._streams[entry.stream].entries.append(entry)
            self._take_in(entry)
        self._sweep()

    def _put(self, name: str, size: int, lines: Iterable[str]) -> int:
        """Put `lines` after the first `size` bytes of a file, on the disk; its new size."""
        with (self._directory / name).open("r+b" if size else "wb") as file:
            file.seek(size)
            file.truncate()
            file.write("".join(f"{line}\n" for line in lines).encode())
            file.flush()
            os.fsync(file.fileno())
            return file.tell()

    def _commit(self, streams: dict[UUID, _Stream], texts: str, size: int) -> None:
        listed = {str(one): [stream.purpose, stream.is_own, stream.size] for one, stream in streams.items()}
        self._put("committed.new", 0, [json.dumps({"streams": listed, "texts": [texts, size]})])
        os.replace(self._directory / "committed.new", self._directory / "committed.json")
        names = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(names)
        finally:
            os.close(names)

    def _take_in(self, entry: Entry) -> None:
        revision = entry.revision
        known = self._known.setdefault(revision.subject, {})
        known[revision.number] = entry
        self._closings += revision.kind is SubjectKind.CLOSING
        if isinstance(revision.content, Purge):
            self._purges.setdefault(revision.content.registration, []).append(revision.content)
        if isinstance(revision.content, Registration) and revision.number == max(known):
            self._facts[revision.subject] = revision.content
            change = self._amended.add if revision.is_amendment else self._amended.discard
            change(revision.subject)

    def _take_away(self, purges: Sequence[Purge]) -> None:
        for stream in self._streams.values():
            stream.entries = [_purged(entry, purges) for entry in stream.entries]
        for subject in {purge.registration for purge in purges} & self._known.keys():
            known = {number: _purged(entry, purges) for number, entry in self._known[subject].items()}
            self._known[subject] = known
            self._facts[subject] = known[max(known)].revision.registration

    # Opening

    def _load(self) -> None:
        if not (self._directory / "committed.json").exists():
            return
        committed = json.loads((self._directory / "committed.json").read_text(encoding="utf-8"))
        self._texts, self._texts_size = committed["texts"]
        self._streams = {
            UUID(one): _Stream(Purpose(given[0]), *given[1:]) for one, given in committed["streams"].items()
        }
        for one, stream in self._streams.items():
            stream.entries = self._read(one, stream.size)
            for entry in stream.entries:
                self._take_in(entry)
        self._sweep()

    def _read(self, stream: UUID, size: int) -> list[Entry]:
        """The entries of a stream as they are in the files, without what was never committed."""
        given = enumerate(self._lines(f"{stream}.jsonl", size), start=1)
        entries = {position: Entry(stream, position, previous, body) for position, (previous, body) in given}
        for one, position, by, texts in self._lines(self._texts, self._texts_size):
            if one == str(stream):
                kept = {path: Text(*text) for path, text in texts.items()}
                entries[position] = attrs.evolve(entries[position], by=by and Text(*by), texts=kept)
        return list(entries.values())

    def _lines(self, name: str, size: int) -> list[Any]:
        if not size:
            return []
        with (self._directory / name).open("rb") as file:
            return [json.loads(line) for line in file.read(size).splitlines()]

    def _sweep(self) -> None:
        """Cut off what a crash left behind, and take away the texts of before a purge."""
        for one, stream in self._streams.items():
            with suppress(FileNotFoundError):
                os.truncate(self._directory / f"{one}.jsonl", stream.size)
        for old in self._directory.glob("texts-*.jsonl"):
            if old.name != self._texts:
                old.unlink()

    # Reading

    def get(self, subject: UUID, number: int | None = None) -> Revision:
        with self._open():
            known = self._known.get(subject, {})
            entry = known.get(max(known, default=0) if number is None else number)
            if entry is None:
                raise NotFoundError("unknown-registration", id=subject, revision=number)
            return entry.revision

    def find(self, selection: Selection, *, after: Mark | None = None, limit: int = 100) -> tuple[Revision, ...]:
        with self._open():
            marks = sorted((one.local_date, one.id) for one in self._facts.values() if _selects(selection, one))
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
            chosen = sorted(self._streams) if stream is None else [one for one in self._streams if one == stream]
            found = [entry for one in chosen for entry in self._streams[one].entries[(since or {}).get(one, 0) :]]
        for entry in found:
            if (kinds is None or entry.kind in kinds) and (subject is None or entry.revision.subject == subject):
                yield entry

    def heads(self) -> tuple[Head, ...]:
        with self._open():
            return tuple(self._streams[one].head(one) for one in sorted(self._streams) if self._streams[one].entries)

    def evaluate(self, cut: Cut) -> Sequence[Cell]:
        with self._open():
            return reference.evaluate(cut, self._facts.values(), self._amended)

    def verify(self) -> Iterator[Finding]:
        with self._open(), self._translated():
            for one, stream in self._streams.items():
                broken = broken_link(self._read(one, stream.size))
                if broken:
                    yield Finding("journal-broken", parameters={"stream": one, "position": broken.position})

    def close(self) -> None:
        self._lock.close()

    def _open(self) -> RLock:  # type: ignore[valid-type]  (a function to the type checker)
        if self._lock.closed:
            raise StoreUnavailableError("store-closed")
        return self._mutex

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Errors of the file system and damaged files as errors of a store."""
        where = f"folder:{self._directory}"
        try:
            yield
        except BlockingIOError as error:
            raise StoreUnavailableError("store-busy", url=where, reason="another process has it open") from error
        except OSError as error:
            raise StoreUnavailableError(
                "store-unreachable", url=where, reason=error.strerror or "input/output"
            ) from error
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError("store-fails", url=where, reason=f"a file is damaged: {type(error).__name__}") from error


def _purged(entry: Entry, purges: Iterable[Purge]) -> Entry:
    for purge in purges:
        entry = entry.purged(purge)
    return entry


def _text_line(entry: Entry) -> str:
    by = entry.by and attrs.astuple(entry.by)
    texts = {path: attrs.astuple(text) for path, text in entry.texts.items()}
    return json.dumps([str(entry.stream), entry.position, by, texts])


def _selects(selection: Selection, one: Registration) -> bool:
    return (
        selection.theme in (None, one.theme_name)
        and (selection.start is None or selection.start <= one.local_date)
        and (selection.end is None or one.local_date < selection.end)
        and (selection.service_points is None or one.service_point in selection.service_points)
        and one.status in selection.statuses
    )
