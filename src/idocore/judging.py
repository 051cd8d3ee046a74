"""What a target makes of what arrives by sync: what must hold it, and whether it comes too late."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Final
from uuid import UUID

import attrs
from attrs import frozen

from idocore.arriving import check_content
from idocore.bringing import Bringing, misfiled
from idocore.closings import Closings
from idocore.errors import ThemeError
from idocore.findings import Finding
from idocore.gazetteer import Place, place_key
from idocore.journal import Entry, Purpose, Revision, Standing, SubjectKind, ThemeSource, subject_of
from idocore.purges import Purge
from idocore.registrations import Registration
from idocore.roles import Operation
from idocore.store import DISPUTED, FOLLOWS, OUTSIDE, Arrival, Capability

if TYPE_CHECKING:
    from idocore.register import Register

_FOR_WHO_BRINGS: Final = DISPUTED | {OUTSIDE}
"""What holds something until who brought it brings it otherwise: nobody else can tell."""


@frozen
class Judge:
    """Judges what arrives, by what the target knows, and within the scope of who acts there.

    `own` are the streams that the source writes: a closing of its own the source has kept to itself, so that what it
    wrote is not late by it. What the source booked as an amendment stays one. What the source has from others it was
    judge of itself, by the closings that it knew, `before` this sync; `here` are the streams that the target writes,
    whose closings hold for all that comes. `held` is what is held at the source, by its place, as far as that matters
    here; `heads` how far it has each stream: of what it has not brought it knows nothing.
    """

    source: "Register"
    target: "Register"
    before: Closings
    own: frozenset[UUID]
    here: frozenset[UUID]
    held: Mapping[tuple[UUID, int], Finding]
    heads: Mapping[UUID, int]

    @classmethod
    def of(cls, source: "Register", target: "Register", before: Closings | None = None) -> "Judge":
        """The judge of what `source` brings to `target`; raises NotAllowedError when either may not sync."""
        for register in (source, target):
            register.actor.require(Operation.SYNC)
        theirs, ours = source._store.heads(), target._store.heads()
        own, here = (frozenset(head.stream for head in heads if head.is_own) for heads in (theirs, ours))
        waits = source._store.held() if Capability.SYNC in source._store.capabilities else ()
        held = {one.entry.place: one.held for one in waits if one.held is not None and one.held.code in _FOR_WHO_BRINGS}
        heads = {head.stream: head.position for head in theirs}
        return cls(source, target, before or Closings(), own, here, held, heads)

    @property
    def _bringing(self) -> Bringing:
        return Bringing(self.target, self.own)

    def has_brought(self, entry: Entry) -> bool:
        """Whether the source has `entry`."""
        return self.heads.get(entry.stream, 0) >= entry.position

    def may_release(self, held: Arrival) -> bool:
        """Whether it can be judged again what `held` says: a conflict, or what was not theirs, by who brought it."""
        return held.held is None or held.held.code not in _FOR_WHO_BRINGS or self.has_brought(held.entry)

    def purges_unseen(self, registrations: Collection[UUID]) -> list[Purge]:
        """The purges of these registrations that are in effect here, and of which the source does not know."""
        store = self.target._store
        behind = (head for head in store.heads() if head.position > self.heads.get(head.stream, 0))
        streams = [head.stream for head in behind if head.purpose is Purpose.REFERENCE]
        entries = (
            entry
            for stream in streams
            for entry in store.journal(self.heads, kinds=frozenset({SubjectKind.PURGE}), stream=stream)
        )
        contents = (entry.revision.content for entry in entries if entry.standing.has_effect)
        return [one for one in contents if isinstance(one, Purge) and one.registration in registrations]

    def receive(self, arrivals: list[Arrival]) -> tuple[Arrival, ...]:
        """Judge `arrivals` and let the target's store take them; raises ClosingsChangedError, ConflictError."""
        known = self.target._knowledge
        known.refresh()
        count = known.closings.count
        received = self.target._store.receive([self.arrival(one) for one in arrivals], closings=count)
        if any(one.entry.kind is not SubjectKind.REGISTRATION for one in received):
            known.relearn()
        return received

    def arrival(self, arrival: Arrival) -> Arrival:
        """`arrival` with what must hold it, or marked as an amendment when it falls in a period closed here."""
        revision = arrival.entry.revision
        held = self._misfiled(revision) or check_content(revision) or self._withheld(arrival.entry)
        held = held or self._bringing.fault(revision) or self._theme(arrival.entry)
        held = held or self._moved(arrival.entry) or self._follows_unseen(arrival.entry)
        is_late = arrival.standing is Standing.AMENDMENT or self._is_late(arrival.entry)
        standing = Standing.AMENDMENT if held is None and is_late else Standing.APPLIED
        return attrs.evolve(arrival, entry=attrs.evolve(arrival.entry, standing=standing), held=held)

    def _withheld(self, entry: Entry) -> Finding | None:
        """What the source did not accept from who brought it there has no effect through the source either."""
        found = self.held.get(entry.place)
        return found if found is not None and found.code == OUTSIDE else None

    def _misfiled(self, revision: Revision) -> Finding | None:
        """What is filed under an id of something else would put that aside: it stays without effect."""
        content, subject = revision.content, revision.subject
        if isinstance(content, Registration) and content.revision != revision.number:
            return misfiled(subject)
        if subject != subject_of(content):
            return misfiled(subject)
        # A first revision the store compares with what it has, of whatever kind.
        there = self.target._writer.stored(subject) if revision.number > 1 else None
        return None if there is None or there.kind is revision.kind else misfiled(subject)

    def _follows_unseen(self, entry: Entry) -> Finding | None:
        """A change of something else than what counts here, by somebody who did not know: it would put that aside."""
        revision = entry.revision
        if revision.number == 1 or not self.has_brought(entry) or self._settles_ours(revision):
            return None
        if not self._is_disputed(entry) and self._has_seen_ours(revision):
            return None
        return Finding(FOLLOWS, "revision", parameters={"id": revision.subject, "revision": revision.number})

    def _is_disputed(self, entry: Entry) -> bool:
        """Whether a conflict holds `entry` at the source."""
        found = self.held.get(entry.place)
        return found is not None and found.code in DISPUTED

    def _settles_ours(self, revision: Revision) -> bool:
        """Whether `revision` was made to settle a conflict with what counts here before it."""
        if not revision.settles:
            return False
        entries = self.target._store.journal(subject=revision.subject)
        ours = (one for one in entries if one.standing.has_effect and one.revision.number == revision.number - 1)
        return any(one.hash in revision.settles for one in ours)

    def _has_seen_ours(self, revision: Revision) -> bool:
        """Whether the source has what counts here before `revision`, with effect or without; or no history at all."""
        subject, before = revision.subject, revision.number - 1
        theirs, ours = (one._writer.stored(subject, before) for one in (self.source, self.target))
        if ours is None or (theirs is not None and theirs.content_hash == ours.content_hash):
            return True
        written = [entry.revision for entry in self.source._store.journal(subject=subject)]
        earlier = [one for one in written if one.number <= before]
        return not earlier or any(one.number == before and one.content_hash == ours.content_hash for one in earlier)

    def _theme(self, entry: Entry) -> Finding | None:
        """A theme file that contradicts what is here is for people to settle."""
        source = entry.revision.content
        if not isinstance(source, ThemeSource):
            return None
        try:
            self.target._knowledge.check(source, entry.place)
        except ThemeError as error:
            parameters = {"value": source.name, "faults": "; ".join(error.faults)}
            return Finding("held-theme-faulty", "theme", parameters=parameters)
        return None

    def _moved(self, entry: Entry) -> Finding | None:
        """A place that moves visits in a period closed here waits, unless with a reason.

        Who wrote it has kept to the closings of its own.
        """
        revision, known = entry.revision, self.target._knowledge
        if not isinstance(revision.content, Place) or revision.is_amendment:
            return None
        place, closings = revision.content, known.closings.but_of(self.own | {entry.stream})
        moved = next(closings.moved_by(place, known.places, known.places.with_places([place])), None)
        if moved is None:
            return None
        parameters = {"value": place_key(place), "period": moved.period, "scope": str(moved.scope)}
        return Finding("held-closed", "place", parameters=parameters)

    def _is_late(self, entry: Entry) -> bool:
        revision, known = entry.revision, self.target._knowledge
        if not isinstance(revision.content, Registration) or revision.is_amendment:
            return False
        content, closings = revision.content, known.closings.but_of(self.own)
        if entry.stream not in self.own and self.has_brought(entry):
            closings = closings.but_known(self.before, self.here)
        return closings.over(content.service_point, content.local_date, known.places) is not None
