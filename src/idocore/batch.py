"""A unit of work: several records that are stored together, or not at all."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import define, field

from idocore.arguments import raw_record
from idocore.places import ServicePoint
from idocore.registrations import Registration
from idocore.roles import Operation
from idocore.writer import Writer


@define
class Batch:
    """A unit of work on a register; leaving it without `commit` stores nothing."""

    _writer: Writer
    _waiting: list[Mapping[str, Any]] = field(factory=list, init=False)

    def record(self, point: ServicePoint | str, **record: Any) -> Registration:
        """Check one visitor's contact and hold it until `commit`; raises RejectedError."""
        return self.record_raw(raw_record(point, record))

    def record_raw(self, raw: Mapping[str, Any]) -> Registration:
        """Check a record in the form of the exchange format and hold it until `commit`; raises RejectedError."""
        writer = self._writer
        writer.actor.require(Operation.RECORD)
        revision = writer.admit(writer.fresh_intake(), raw)
        # Judged again at commit, under the same id: a period may be closed meanwhile.
        moment = raw.get("moment", revision.registration.moment)
        self._waiting.append({**raw, "id": str(revision.subject), "moment": moment})
        return revision.registration

    def commit(self) -> tuple[Registration, ...]:
        """Store everything that was recorded, in one transaction; raises ConflictError, and stores nothing then."""
        writer = self._writer
        stored = writer.write(lambda intake: [writer.admit(intake, raw) for raw in self._waiting])
        self._waiting = []
        return tuple(revision.registration for revision in stored)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._waiting = []
