"""Retention: notes kept no longer than their theme says, and a registration's free text erased when asked."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from uuid import UUID

import attrs

from idocore.errors import NotFoundError
from idocore.journal import Entry, Revision, SubjectKind
from idocore.purges import Purge
from idocore.registrations import Registration, Status
from idocore.roles import Actor, Operation
from idocore.sight import Sight, of_registration
from idocore.store import Capability, Progress, Selection, Store, unseen
from idocore.theme_files import Themes

_CHUNK = 500
_ALL = frozenset(Status)


@attrs.frozen
class Retention:
    """`register.retention`: take away free text; coded answers stay, and so does every total."""

    _store: Store
    _themes: Themes
    _actor: Actor
    _sight: Sight
    _today: date
    _write: Callable[[list[Purge], str | None], None]

    def due(self) -> Iterator[Registration]:
        """The registrations whose free text is kept longer than their theme says, oldest first by theme version.

        Those that came by sync and have no effect yet come last. Without notes unless they may be read.
        """
        self._actor.require(Operation.PURGE)
        return (self._sight.shown(revision).registration for revision in self._due())

    def _due(self) -> Iterator[Revision]:
        found = set()
        for theme in self._themes.themes.values():
            if theme.keep_notes_days is None:
                continue
            before = self._today - timedelta(days=theme.keep_notes_days)
            for revision in self._with_texts(Selection(theme=theme.name, end=before, statuses=_ALL)):
                registration = revision.registration
                if registration.theme == theme.id and self._sight.holds(registration):
                    found.add(registration.id)
                    yield revision
        for revision in (entry.revision for entry in self._held() if entry.texts):
            registration = revision.registration
            if registration.id not in found and self._is_due(registration) and self._sight.holds(registration):
                found.add(registration.id)
                yield revision

    def _held(self) -> Iterator[Entry]:
        """The entries of registrations that have no effect."""
        if Capability.SYNC not in self._store.capabilities:
            return
        for arrival in self._store.held():
            if arrival.entry.kind is SubjectKind.REGISTRATION:
                yield arrival.entry

    def _is_due(self, registration: Registration) -> bool:
        theme = self._themes.themes.get(registration.theme)
        if theme is None or theme.keep_notes_days is None:
            return False
        return registration.local_date < self._today - timedelta(days=theme.keep_notes_days)

    def purge(self, *, dry_run: bool = False, progress: Progress = unseen) -> int:
        """Take away all free text that is due; of how many registrations. Goes with every sync, and wins there.

        Raises StoreUnavailableError (``store-untidy``) when the text is gone, but a file of the store could not be
        cleared of it yet, since somebody was reading: purge again, also when nothing is due any more.
        """
        self._actor.require(Operation.PURGE)
        # Not by what it is filed under: that may be the id of another, whose text is not due.
        found = [revision.registration.id for revision in self._due()]
        for start in range(0, 0 if dry_run else len(found), _CHUNK):
            chunk = found[start : start + _CHUNK]
            self._write([Purge(one, last_number(self._store, one)) for one in chunk], None)
            progress(len(chunk))
        if not dry_run:
            self._store.tidy()
        return len(found)

    def erase(self, registration_id: UUID, *, reason: str | None = None) -> Registration:
        """Take away the free text of one registration, in all its revisions, and who wrote them; raises NotFoundError.

        Raises StoreUnavailableError as `purge` does. `reason` is kept: write no names in it.
        """
        self._actor.require(Operation.PURGE)
        stored = self._found(registration_id).registration
        if not self._sight.holds(stored):
            raise self._actor.outside(Operation.PURGE, stored.service_point)
        self._write([Purge(registration_id, last_number(self._store, registration_id), actors=True)], reason)
        self._store.tidy()
        return self._sight.shown(self._found(registration_id)).registration

    def _found(self, registration_id: UUID) -> Revision:
        """The latest revision with effect, or else of those that are held; also under the id of something else."""
        try:
            return of_registration(self._store.get(registration_id))
        except NotFoundError:
            revisions = [entry.revision for entry in self._held() if registration_id in entry.registrations]
            if not revisions:
                raise
            return max(revisions, key=lambda revision: revision.number)

    def _with_texts(self, selection: Selection) -> Iterator[Revision]:
        """The latest revisions of those of which any entry still has free text.

        The latest alone does not tell: a note may be taken out, or come once more with what was known without it.
        """
        after = None
        while page := self._store.find(selection, after=after, limit=_CHUNK):
            having = self._store.with_texts([revision.subject for revision in page])
            yield from (revision for revision in page if revision.subject in having)
            after = (page[-1].registration.local_date, page[-1].subject)


def last_number(store: Store, registration: UUID) -> int:
    """The last revision of `registration` that lies in `store`, held ones included; 0 when there is none."""
    return max((entry.revision.number for entry in store.journal(subject=registration)), default=0)


def widened(purges: Iterable[Purge], store: Store) -> Iterator[Purge]:
    """Those of `purges` that do not reach the last revision in `store`, as they would."""
    for one in purges:
        last = last_number(store, one.registration)
        if last > one.up_to:
            yield attrs.evolve(one, up_to=last)
