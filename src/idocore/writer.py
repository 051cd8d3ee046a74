"""Writes to the journal for one actor; what was overtaken by what others wrote is judged again."""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

import attrs
from attrs import frozen

from idocore.arguments import identity
from idocore.closings import Closing
from idocore.conflicts import at_odds
from idocore.errors import ClosingsChangedError, ConflictError, NotAllowedError, RejectedError
from idocore.gazetteer import Place
from idocore.intake import Intake, check_reasons
from idocore.journal import Content, Revision, subject_of
from idocore.knowledge import Knowledge
from idocore.loading import already_stored
from idocore.purges import Purge
from idocore.registrations import Registration
from idocore.retention import widened
from idocore.roles import Actor, Operation
from idocore.rules import Rule
from idocore.sight import Sight, of_registration
from idocore.store import CONFLICT, Receipt, Store, found

Make = Callable[[Intake, Revision], Revision]
"""What makes the next revision of a registration from the latest."""


@frozen
class Writer:
    """The way into `store` for `actor`: registrations through an `Intake`, and what is for reference."""

    store: Store
    actor: Actor
    knowledge: Knowledge
    rules: tuple[Rule, ...]
    now: Callable[[], datetime]
    sight: Callable[[], Sight]

    def intake(self) -> Intake:
        """What judges records by what is known now."""
        known = self.knowledge
        reader = known.reader(self.now)
        return Intake(reader, known.places, known.closings, self.rules, self.actor, self.now, self.stored)

    def stored(self, subject: UUID, number: int | None = None) -> Revision | None:
        """The revision of `subject` with this number (None: the latest), whatever it is of; None when there is none."""
        return found(self.store, subject, number)

    def fresh_intake(self) -> Intake:
        """The same, after a look at what others wrote."""
        self.knowledge.refresh()
        return self.intake()

    def admit(self, intake: Intake, raw: Mapping[str, object]) -> Revision:
        """The revision that `raw` makes, or that it made before; raises RejectedError."""
        try:
            return intake.admit(raw)
        except RejectedError:
            stored = already_stored(self.store, intake.reread(raw))
            if stored is None:
                raise
            return stored

    def write(self, make: Callable[[Intake], list[Revision]], *, again: bool = True) -> tuple[Revision, ...]:
        """Store what `make` makes, and give what is stored.

        It is made again when a period was closed in between, or text purged that it carried on; and, unless the same
        may be sent `again`, when somebody else stored the same meanwhile.
        """
        self.knowledge.refresh_sometimes()
        while True:
            intake = self.intake()
            try:
                made = make(intake)
                receipts = self.store.append(made, closings=intake.closings.count)
                if again or all(receipt.is_new for receipt in receipts):
                    return tuple(map(_stored, made, receipts))
            except ClosingsChangedError as error:
                self.knowledge.catch_up(error)
            except ConflictError as error:
                if error.code != "conflict-purged":
                    raise self.sight().narrow(error) from None
            except (RejectedError, NotAllowedError):
                self.knowledge.refresh()
                if intake.knows(self.knowledge.places, self.knowledge.themes, self.knowledge.closings):
                    raise

    def follow(self, visit: Registration | UUID, make: Make) -> Revision:
        """Store what `make` makes of the latest revision of `visit`; when a registration is given it must be that.

        A change that somebody else made in the same way at the same moment is theirs: two who add one have added two.
        """

        def follow(intake: Intake) -> list[Revision]:
            before = self._latest(visit)
            return [self._settling(make(intake, before)).carrying(before)]

        (stored,) = self.write(follow, again=False)
        return self.sight().shown(stored)

    def _latest(self, visit: Registration | UUID) -> Revision:
        if not isinstance(visit, Registration):
            return of_registration(self.store.get(identity(visit)))
        latest = self.store.get(visit.id)
        if latest.number != visit.revision:
            raise _overtaken(latest, visit.revision + 1)
        return latest

    def _settling(self, made: Revision) -> Revision:
        """`made`, and when a conflict of its subject is known here it says between what: then it settles that."""
        known = at_odds(self.store, made.subject)
        if not known:
            return made
        overrides = {CONFLICT: made.reason or "known", **made.overrides}
        return attrs.evolve(made, overrides=overrides, settles=known)

    def append(
        self,
        content: Content,
        reason: str | None = None,
        overrides: Mapping[str, str] | None = None,
        closings: int | None = None,
        before: Content | None = None,
    ) -> None:
        """Store `content` as the next revision of its subject, unless it is what is stored already.

        Where a conflict of it is known the change settles that elsewhere, as a correction of a registration does; with
        an override of ``held-conflict`` what is stored is stored once more, to settle it unchanged. Raises
        ConflictError when something else is stored than `before`, of which `content` was made.
        """
        given = overrides or {}
        check_reasons(reason, given)
        subject = subject_of(content)
        history = [entry.revision for entry in self.store.journal(subject=subject) if entry.standing.has_effect]
        latest = max(history, key=lambda revision: revision.number, default=None)
        if latest is not None and latest.content == content and CONFLICT not in given:
            return
        if latest is not None and before is not None and latest.content not in (before, content):
            raise _overtaken(latest, latest.number)
        number = 1 if latest is None else latest.number + 1
        made = Revision(subject, number, content, self.actor.id, self.now(), reason, given)
        self.store.append([self._settling(made)], closings=closings)

    def append_place(
        self, place: Place, overrides: Mapping[str, str], closings: int, before: Place | None = None
    ) -> None:
        """Store a place, judged by so many closings; raises ConflictError as `append` does."""
        self.actor.require(Operation.PLACES)
        try:
            self.append(place, None, overrides, closings, before)
        except ClosingsChangedError as error:
            self.knowledge.catch_up(error)
            raise
        self.knowledge.refresh()

    def append_closing(self, closing: Closing, reason: str | None) -> None:
        """Store that a period was closed, or opened again."""
        self.append(closing, reason)
        self.knowledge.refresh()

    def append_purges(self, purges: list[Purge], reason: str | None) -> None:
        """Store `purges`, and those of text that was carried on meanwhile."""
        check_reasons(reason, {})
        actor, now = self.actor.id, self.now()
        while purges:
            self.store.append([Revision(subject_of(one), 1, one, actor, now, reason) for one in purges])
            # A correction that was written since the purge was thought of has carried the text on.
            purges = list(widened(purges, self.store))


def _stored(given: Revision, receipt: Receipt) -> Revision:
    return given if receipt.is_new else receipt.entry.revision


def _overtaken(latest: Revision, number: int) -> ConflictError:
    """The error that says that revision `number` does not follow `latest`."""
    return ConflictError(
        "conflict-revision",
        latest,
        id=latest.subject,
        revision=number,
        latest=latest.number,
        actor=latest.actor,
        recorded_at=latest.recorded_at.isoformat(),
    )
