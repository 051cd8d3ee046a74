"""Freezing a closed period: what the register hands to the plugin that writes snapshots."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from functools import partial
from pathlib import Path
from uuid import UUID

from attrs import frozen

from idocore.closings import Closing
from idocore.errors import SnapshotError
from idocore.journal import Revision, Standing, SubjectKind
from idocore.knowledge import Knowledge
from idocore.periods import Period, days
from idocore.registrations import Registration, Status
from idocore.roles import Actor
from idocore.scopes import EVERYWHERE, Scope
from idocore.seals import Seal
from idocore.sight import Sight
from idocore.snapshots import FreezeRequest, Snapshot, door
from idocore.store import Cursor, Head, Mark, Progress, Selection, Store

_REGISTRATIONS = frozenset({SubjectKind.REGISTRATION})


@frozen
class Source:
    """The register that is frozen, as `actor` sees it."""

    store: Store
    knowledge: Knowledge
    actor: Actor
    now: Callable[[], datetime]

    @property
    def scope(self) -> Scope:
        """The place that is frozen, with everything within it."""
        return self.actor.scope

    def closings(self, period: Period) -> tuple[Closing, ...]:
        """The closings that together close `period` for the scope; raises SnapshotError for days that are open."""
        over = [one for one in self.knowledge.closings if one.scope in (self.scope, EVERYWHERE)]
        chosen = [one for one in over if one.days.start < period.end and period.start < one.days.end]
        open_days = [
            day for day in days(period.start, period.end) if not any(day in closing.days for closing in chosen)
        ]
        if open_days:
            raise SnapshotError(
                "snapshot-open", period=period.code, scope=str(self.scope), first=open_days[0], last=open_days[-1]
            )
        return tuple(sorted(chosen, key=lambda one: (one.days.start, one.period, one.level)))

    def facts(self, theme: str, period: Period, progress: Progress) -> Iterator[tuple[Registration, bool]]:
        """The final registrations of the period by local date and id, each with whether it is an amendment."""
        sight = Sight(self.actor, self.knowledge.places)
        late = self._arrived_late()
        selection = sight.narrowed(Selection(theme, period.start, period.end, statuses=(Status.FINAL,)))
        after: Mark | None = None
        while page := self.store.find(selection, after=after, limit=1000):
            for revision in sight.only_seen(page):
                yield revision.registration, revision.is_amendment or (revision.subject, revision.number) in late
                progress(1)
            after = page[-1].registration.local_date, page[-1].subject

    def _arrived_late(self) -> frozenset[tuple[UUID, int]]:
        """What came by sync into a period that was closed here: only the entry says so."""
        foreign = [head.stream for head in self.store.heads() if not head.is_own]
        return frozenset(
            (entry.revision.subject, entry.revision.number)
            for stream in foreign
            for entry in self.store.journal(stream=stream, kinds=_REGISTRATIONS)
            if entry.standing is Standing.AMENDMENT
        )

    def untouched(self, since: Cursor, period: Period) -> bool:
        """Whether nothing was written after `since` that may have changed what was registered in `period`."""
        return not any(
            entry.revision.is_amendment or entry.standing is Standing.AMENDMENT or _day(entry.revision) in period
            for entry in self.store.journal(since, kinds=_REGISTRATIONS)
        )


def _day(revision: Revision) -> date:
    return revision.registration.local_date


def freeze(
    source: Source,
    folder: Path,
    period: Period,
    theme: str,
    there: Snapshot | None,
    *,
    dry_run: bool,
    progress: Progress,
) -> Snapshot | None:
    """Freeze `period` into `folder`; `there` is the latest snapshot of it, given back when nothing came since."""
    source.knowledge.refresh()
    closings = source.closings(period)
    if there is not None and source.untouched(_cursor(there.journal), period):
        return there
    made: Snapshot | None = None
    while made is None and not dry_run:
        heads = source.store.heads()
        request = _request(source, period, theme, closings, heads, progress)
        made = door().freeze(request, folder, partial(source.untouched, _cursor_of(heads), period))
    return made


def _cursor(journal: Mapping[str, int]) -> Cursor:
    return {UUID(stream): position for stream, position in journal.items()}


def _cursor_of(heads: tuple[Head, ...]) -> Cursor:
    return {head.stream: head.position for head in heads}


def _request(
    source: Source,
    period: Period,
    theme: str,
    closings: tuple[Closing, ...],
    heads: tuple[Head, ...],
    progress: Progress,
) -> FreezeRequest:
    made_at = source.now()
    return FreezeRequest(
        theme=theme,
        period=period,
        scope=source.scope,
        facts=source.facts(theme, period, progress),
        themes=source.knowledge.themes,
        places=source.knowledge.places,
        journal={str(head.stream): head.position for head in heads},
        seal=Seal.over(heads, made_at).to_json(),
        closings=closings,
        made_at=made_at,
    )
