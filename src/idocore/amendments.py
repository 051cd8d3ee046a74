"""What was changed in closed periods: late registrations, corrections, withdrawals, and visits that moved in or out.

A table counts apart what is late; a withdrawal, or a move to another month, leaves nothing there to be counted. All of
it is read back from the journal here.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from uuid import UUID

from attrs import frozen

from idocore.closings import AMENDS
from idocore.journal import Entry, Revision, Standing, SubjectKind, without_texts
from idocore.periods import Period
from idocore.registrations import Registration
from idocore.sight import Sight
from idocore.store import Progress, Store, found

_REGISTRATIONS: Final = frozenset({SubjectKind.REGISTRATION})


@frozen
class Amendment:
    """One change of a closed period: which revision of which registration, who made it, when and why.

    `before` and `after` are the registration without free text, as it was and as it became; None: it was not there, or
    lies outside the scope of who asks. `reason` is None where it came by sync or may not be read.
    """

    id: UUID
    revision: int
    actor: str | None
    recorded_at: datetime
    reason: str | None
    before: Registration | None
    after: Registration | None


def amendments(store: Store, sight: Sight, period: Period | None, progress: Progress) -> Iterator[Amendment]:
    """All amendments that touch `period` and what `sight` holds, as the journal has them; it is read as a whole."""
    for entry in store.journal(kinds=_REGISTRATIONS):
        progress(1)
        if _is_amendment(entry):
            amendment = _amendment(entry.revision, store, sight)
            if any(_lies_in(one, period) for one in (amendment.before, amendment.after)):
                yield amendment


def _is_amendment(entry: Entry) -> bool:
    late = entry.standing is Standing.AMENDMENT
    return late or (entry.standing.has_effect and AMENDS in entry.fields["overrides"])


def _amendment(revision: Revision, store: Store, sight: Sight) -> Amendment:
    earlier = found(store, revision.subject, revision.number - 1)
    before, after = (_seen(one, sight) for one in (earlier, revision))
    reason = sight.shown(revision).overrides.get(AMENDS) or None
    return Amendment(revision.subject, revision.number, revision.actor, revision.recorded_at, reason, before, after)


def _seen(revision: Revision | None, sight: Sight) -> Registration | None:
    if revision is None or not sight.holds(revision.registration):
        return None
    return without_texts(revision.registration, revision.texts)


def _lies_in(registration: Registration | None, period: Period | None) -> bool:
    if registration is None:
        return False
    return period is None or period.start <= registration.local_date < period.end
