"""Many records at once: an outcome for every line, and a bad line never stops the good ones."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import islice
from typing import Final
from uuid import UUID

from attrs import field, frozen

from idocore.collecting import uncollected
from idocore.errors import ClosingsChangedError, ConflictError, NotAllowedError, RejectedError
from idocore.exchange import Line
from idocore.findings import Finding, Severity
from idocore.intake import Intake
from idocore.journal import Revision
from idocore.registrations import new_id
from idocore.store import Progress, Receipt, Store, found, unseen, would_be_new

_CHUNK: Final = 2000
"""How many lines are stored in one transaction."""
BULK_CHUNK: Final = 5000
"""The same in a bulk load: fewer commits, and whoever else writes waits for half a second, not more."""


class Result(StrEnum):
    """What became of a line."""

    STORED = "stored"
    UNCHANGED = "unchanged"
    """The same record was there already."""
    REJECTED = "rejected"
    ACCEPTABLE = "acceptable"
    """It would have been stored, had this not been a dry run; which tells the same of all others."""
    SKIPPED = "skipped"
    """There was nothing to be read; a finding says why."""


@frozen
class Outcome:
    """What became of one line of many, and what was found in it.

    In a rejected one that is everything that is wrong with it; in one that was taken in, hints and overridden warnings.
    """

    line: Line
    result: Result
    id: UUID | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def is_rejected(self) -> bool:
        """Whether the line has to be mended."""
        return self.result is Result.REJECTED


@frozen
class _Judged:
    line: Line
    revision: Revision | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def id(self) -> UUID | None:
        return None if self.revision is None else self.revision.subject

    def outcome(self, result: Result) -> Outcome:
        return Outcome(self.line, result, self.id, self.findings)

    @property
    def without_revision(self) -> Outcome:
        found = self.line.finding
        skipped = self.line.raw is None and found is not None and found.severity is Severity.HINT
        return self.outcome(Result.SKIPPED if skipped else Result.REJECTED)


@frozen
class _Rehearsal:
    """What a store would make of one revision after the other, by what it holds and what came before."""

    store: Store
    written: dict[UUID, dict[int, Revision]] = field(factory=dict)

    def write(self, revision: Revision) -> bool:
        """Whether `revision` would be new; raises ConflictError when it could not be written. Nothing is."""
        subject, number = revision.subject, revision.number
        before = self.written.setdefault(subject, {})
        latest = before[max(before)] if before else found(self.store, subject)
        same = None if latest is None else before.get(number) or found(self.store, subject, number)
        is_new = would_be_new(revision, same, latest)
        if is_new:
            before[number] = revision
        return is_new


@frozen
class Loader:
    """Loads lines into `store`, through the intake as it is at each moment."""

    store: Store
    intake: Callable[[], Intake]
    overrides: Mapping[str, str]
    catch_up: Callable[[ClosingsChangedError], None]
    narrow: Callable[[ConflictError], ConflictError]
    """What may be told of a conflict to whoever loads."""
    dry_run: bool = False
    progress: Progress = unseen

    def load(self, lines: Iterable[Line], *, bulk: bool) -> Iterator[Outcome]:
        """One outcome for each line, in order; stored in transactions of some thousands.

        A `bulk` load writes a stream of its own, so that other writers do not wait for its head.
        """
        stream, size = (new_id(), BULK_CHUNK) if bulk else (None, _CHUNK)
        waiting = iter(lines)
        while chunk := list(islice(waiting, size)):
            yield from self._load(chunk, stream)
            self.progress(len(chunk))

    def _load(self, chunk: Sequence[Line], stream: UUID | None) -> list[Outcome]:
        """The outcomes of a chunk; when a period was closed in between, what is not written yet is judged again."""
        done: list[Outcome] = []
        while len(done) < len(chunk):
            intake = self.intake()
            with uncollected():
                judged = [self._judge(line, intake) for line in chunk[len(done) :]]
            try:
                for outcome in self._append(judged, stream, intake.closings.count):
                    done.append(outcome)  # noqa: PERF402  (what was written before an error counts)
            except ClosingsChangedError as error:
                self.catch_up(error)
        return done

    def _judge(self, line: Line, intake: Intake) -> _Judged:
        if line.raw is None:
            return _Judged(line, findings=(line.finding,) if line.finding else ())
        try:
            admitted = intake.admitted(line.raw, overrides=self.overrides)
            return _Judged(line, admitted.revision, (*line.notes, *admitted.findings))
        except RejectedError as error:
            stored = already_stored(self.store, intake.reread(line.raw))
            return _Judged(line, stored, (*line.notes, *error.findings) if stored is None else line.notes)
        except NotAllowedError as error:
            return _Judged(line, findings=(Finding(error.code, "service_point", parameters=error.parameters),))

    def _append(self, chunk: list[_Judged], stream: UUID | None, closings: int) -> Iterator[Outcome]:
        """The outcomes of judged lines; all that passed in one transaction, one by one after a conflict."""
        if self.dry_run:
            rehearsal = _Rehearsal(self.store)
            yield from (self._one(judged, rehearsal.write, Result.ACCEPTABLE) for judged in chunk)
            return

        def write(revision: Revision) -> bool:
            return self.store.append([revision], stream=stream, closings=closings)[0].is_new

        revisions = [judged.revision for judged in chunk if judged.revision is not None]
        try:
            receipts = iter(self.store.append(revisions, stream=stream, closings=closings))
        except ConflictError:
            yield from (self._one(judged, write, Result.STORED) for judged in chunk)
            return
        yield from (_outcome(one, next(receipts)) if one.revision else one.without_revision for one in chunk)

    def _one(self, judged: _Judged, write: Callable[[Revision], bool], new: Result) -> Outcome:
        """What becomes of a line that `write` writes, which tells whether it was new; `new` is what it is then."""
        if judged.revision is None:
            return judged.without_revision
        try:
            return judged.outcome(new if write(judged.revision) else Result.UNCHANGED)
        except ConflictError as conflict:
            error = self.narrow(conflict)
            finding = Finding(error.code, "id", parameters=error.parameters)
            return Outcome(judged.line, Result.REJECTED, judged.id, (finding,))


def already_stored(store: Store, revision: Revision | None) -> Revision | None:
    """`revision`, if the store holds the same: sending again is harmless, whatever was closed since."""
    if revision is None:
        return None
    stored = found(store, revision.subject, revision.number)
    return revision if stored is not None and stored.says_the_same(revision) else None


def _outcome(judged: _Judged, receipt: Receipt) -> Outcome:
    return judged.outcome(Result.STORED if receipt.is_new else Result.UNCHANGED)
