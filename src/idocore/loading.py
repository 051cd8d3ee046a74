"""Many records at once: an outcome for every line, and a bad line never stops the good ones."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import islice
from typing import Final
from uuid import UUID

from attrs import frozen

from idocore.errors import ConflictError, RejectedError
from idocore.exchange import Line
from idocore.findings import Finding
from idocore.intake import Intake
from idocore.journal import Revision
from idocore.registrations import new_id
from idocore.store import Receipt, Store

Progress = Callable[[int], None]
"""Told how many more records were done."""

_CHUNK: Final = 500


def unseen(_: int) -> None:
    """Progress that nobody looks at."""


class Result(StrEnum):
    """What became of a line."""

    STORED = "stored"
    UNCHANGED = "unchanged"
    """The same record was there already."""
    REJECTED = "rejected"
    ACCEPTABLE = "acceptable"
    """It would have been stored, had this not been a dry run."""


@frozen
class Outcome:
    """What became of one line of many; for a rejected one the findings that stopped it."""

    line: Line
    result: Result
    id: UUID | None = None
    findings: tuple[Finding, ...] = ()


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


@frozen
class Loader:
    """Loads lines through `intake` into `store`."""

    store: Store
    intake: Intake
    overrides: Mapping[str, str]
    dry_run: bool = False
    progress: Progress = unseen

    def load(self, lines: Iterable[Line], *, bulk: bool) -> Iterator[Outcome]:
        """One outcome for each line, in order; stored in transactions of some hundreds.

        A `bulk` load writes a stream of its own, so that other writers do not wait for its head.
        """
        stream = new_id() if bulk else None
        waiting = iter(lines)
        while chunk := [self._judge(line) for line in islice(waiting, _CHUNK)]:
            results = self._append(chunk, stream)
            for judged in chunk:
                yield judged.outcome(Result.REJECTED) if judged.revision is None else next(results)
            self.progress(len(chunk))

    def _judge(self, line: Line) -> _Judged:
        if line.raw is None:
            return _Judged(line, findings=(line.finding,) if line.finding else ())
        try:
            return _Judged(line, self.intake.admit(line.raw, overrides=self.overrides))
        except RejectedError as error:
            return _Judged(line, findings=error.findings)

    def _append(self, chunk: list[_Judged], stream: UUID | None) -> Iterator[Outcome]:
        """The outcomes of the lines that passed; the whole chunk in one transaction, one by one after a conflict."""
        passed = [judged for judged in chunk if judged.revision is not None]
        if self.dry_run:
            return (judged.outcome(Result.ACCEPTABLE) for judged in passed)
        revisions = [judged.revision for judged in passed if judged.revision is not None]
        try:
            receipts = self.store.append(revisions, stream=stream)
        except ConflictError:
            return iter([self._append_one(judged, stream) for judged in passed])
        return (_outcome(judged, receipt) for judged, receipt in zip(passed, receipts, strict=True))

    def _append_one(self, judged: _Judged, stream: UUID | None) -> Outcome:
        revisions = [judged.revision] if judged.revision else []
        try:
            return _outcome(judged, self.store.append(revisions, stream=stream)[0])
        except ConflictError as error:
            finding = Finding(error.code, "id", parameters=error.parameters)
            return Outcome(judged.line, Result.REJECTED, judged.id, (finding,))


def _outcome(judged: _Judged, receipt: Receipt) -> Outcome:
    return judged.outcome(Result.STORED if receipt.is_new else Result.UNCHANGED)
