"""Sync: registers that feed each other, a library's own into a provincial one into the national one.

Streams are copied verbatim, entry by entry, so that the chain of the register where they were made still holds where
they arrive. A target judges what arrives by hash, scope, theme and place only: the rules had their say where the
record was made. What it cannot use yet it keeps, without effect, and looks at again at the next sync.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Final
from uuid import UUID

import attrs
from attrs import frozen

from idocore.arriving import check_content, is_readable
from idocore.closings import Closing, Closings
from idocore.conflicts import unsettled
from idocore.errors import ClosingsChangedError, ConflictError, InvalidValueError, NotFoundError, ThemeError
from idocore.findings import Finding
from idocore.gazetteer import Place, place_key
from idocore.journal import Entry, Purpose, Revision, Standing, SubjectKind, ThemeSource, subject_of
from idocore.places import Organisation, ServicePoint
from idocore.purges import Purge
from idocore.registrations import Registration
from idocore.releases import Release
from idocore.retention import widened
from idocore.roles import Operation
from idocore.scopes import EVERYWHERE, Scope
from idocore.store import CONFLICT, DISPUTED, FOLLOWS, MISFILED, Arrival, Capability, Head, Progress, unseen

if TYPE_CHECKING:
    from idocore.register import Register

_CHUNK: Final = 500


@frozen
class Transfer:
    """What went one way: how many entries by their standing at the target, and the streams that could not follow.

    `purges` of them took free text away there.
    """

    counts: Mapping[Standing, int] = attrs.field(factory=dict, hash=False)
    refused: tuple[Finding, ...] = ()
    purges: int = 0

    @property
    def total(self) -> int:
        """How many entries arrived."""
        return sum(self.counts.values())

    def __add__(self, other: "Transfer") -> "Transfer":
        counts = Counter(self.counts) + Counter(other.counts)
        return Transfer(counts, self.refused + other.refused, self.purges + other.purges)


@frozen
class SyncReport:
    """What a sync did: `up` to the target, `down` from it, and what the target holds without effect.

    `hidden` counts the registrations that it holds as well, outside the scope of who acts there.
    """

    up: Transfer
    down: Transfer
    held: tuple[Arrival, ...]
    hidden: int = 0

    @property
    def is_clean(self) -> bool:
        """Whether everything that arrived took effect."""
        return not (self.held or self.hidden or self.up.refused or self.down.refused)


def sync(source: "Register", target: "Register", *, both_ways: bool = True, progress: Progress = unseen) -> SyncReport:
    """Bring to `target` what `source` has and it lacks, and bring back places, themes, closings and purges.

    Goes on where the last one ended, and is harmless to repeat. What `target` accepts lies within the scope of who
    acts there, and what `source` gives within that of who acts on it. Raises NotAllowedError, and StoreError when a
    store cannot be reached; everything that had arrived by then stays. Once everything has arrived, raises
    StoreUnavailableError (``store-untidy``) where a purge arrived and a file could not be cleared of its text yet.
    """
    source._knowledge.refresh()
    before = source._knowledge.closings
    # Down first: what was purged there is taken out here, too, before it could go up in a later correction.
    down = Transfer()
    if both_ways:
        down = _bring(Judge.of(target, source), frozenset({Purpose.REFERENCE}), progress)
    up = Transfer(refused=tuple(_gone_on_elsewhere(source, target)))
    up += _bring(Judge.of(source, target, before), frozenset(Purpose), progress)
    up += _again(Judge.of(source, target, before), progress)
    for register, arrived in ((source, down), (target, up)):
        if arrived.purges:
            register._store.tidy()
    held = tuple(target.held())
    return SyncReport(up, down, held, sum(1 for _ in unsettled(target._store.held(), target._store)) - len(held))


def pending(source: "Register", target: "Register") -> int:
    """How many entries a sync would bring up."""
    return sum(head.position - start for head, start in _lacking(source, target, frozenset(Purpose)))


def _lacking(source: "Register", target: "Register", purposes: frozenset[Purpose]) -> Iterator[tuple[Head, int]]:
    """The streams of `source` that go on where `target` ends, with its position there; reference first."""
    there = {head.stream: head for head in target._store.heads()}
    for head in sorted(source._store.heads(), key=lambda head: (head.purpose is Purpose.WORK, head.stream)):
        known = there.get(head.stream, Head(head.stream))
        if head.purpose in purposes and not known.is_own and head.position > known.position:
            yield head, known.position


def _gone_on_elsewhere(source: "Register", target: "Register") -> Iterator[Finding]:
    """The source's own streams that `target` has further on, or writes itself, and otherwise: an old copy went on."""
    there = {head.stream: head for head in target._store.heads()}
    for head in source._store.heads():
        known = there.get(head.stream)
        if head.is_own and known is not None and (known.is_own or known.position >= head.position):
            entry = next(target._store.journal({head.stream: head.position - 1}, stream=head.stream), None)
            if entry is None or entry.hash != head.hash:
                yield Finding("journal-forked", parameters={"stream": head.stream, "position": head.position})


def _bring(judge: "Judge", purposes: frozenset[Purpose], progress: Progress) -> Transfer:
    source, target, done = judge.source, judge.target, Transfer()
    for head, start in list(_lacking(source, target, purposes)):
        entries = source._store.journal({head.stream: start}, stream=head.stream)
        # Up to where we looked: what is written meanwhile comes next time.
        waiting = takewhile(is_readable, _confirmed(islice(entries, head.position - start), head))
        came = _bring_stream(source._sight().given(waiting), head, judge, progress)
        if not came.refused and (position := start + came.total) < head.position:
            parameters = {"stream": head.stream, "position": position + 1}
            came += Transfer(refused=(Finding("entry-unreadable", parameters=parameters),))
        done += came
    return done


def _confirmed(entries: Iterator[Entry], head: Head) -> Iterator[Entry]:
    """The entries, each once the next one, or the head, vouches for its hash; raises ConflictError where none does."""
    before: Entry | None = None
    for entry in entries:
        if before is not None:
            yield _vouched(before, entry.previous)
        before = entry
    if before is not None:
        yield _vouched(before, head.hash)


def _vouched(entry: Entry, expected: str) -> Entry:
    if entry.hash != expected:
        raise ConflictError("journal-forked", stream=entry.stream, position=entry.position)
    return entry


def _bring_stream(entries: Iterator[Entry], head: Head, judge: "Judge", progress: Progress) -> Transfer:
    done = Transfer()
    try:
        while chunk := list(islice(entries, _CHUNK)):
            done += _receive([Arrival(entry, head.purpose) for entry in chunk], judge)
            progress(len(chunk))
    except ConflictError as error:
        return done + Transfer(refused=(Finding(error.code, parameters=error.parameters),))
    return done


def _again(judge: "Judge", progress: Progress) -> Transfer:
    """Look once more at what is held: what it lacked may be here by now. Only what has changed is counted."""
    done = Transfer()
    for purpose in (Purpose.REFERENCE, Purpose.WORK):  # registrations may wait for places and themes
        held = (one for one in judge.target._store.held() if one.purpose is purpose)
        while chunk := list(islice(held, _CHUNK)):
            received = _receive([attrs.evolve(one, held=None) for one in chunk], judge)
            progress(len(chunk))
            effective = {standing: number for standing, number in received.counts.items() if standing.has_effect}
            done += attrs.evolve(received, counts=effective)
    return done


def _receive(arrivals: list[Arrival], judge: "Judge") -> Transfer:
    while True:
        try:
            received = judge.receive(arrivals)
        except ClosingsChangedError as error:
            judge.target._knowledge.catch_up(error)
            continue
        contents = (one.entry.revision.content for one in received if one.standing is Standing.APPLIED)
        purges = [one for one in contents if isinstance(one, Purge)]
        _widen(judge.target, purges)
        return Transfer(Counter(one.standing for one in received), purges=len(purges))


def _widen(target: "Register", purges: list[Purge]) -> None:
    """Purge the later revisions that are here, too: who wrote them did not know of it, and carried the text on."""
    target._writer.append_purges(list(widened(purges, target._store)), None)


@frozen
class Judge:
    """Judges what arrives, by what the target knows, and within the scope of who acts there.

    `own` are the streams that the source writes: a closing of its own the source has kept to itself, so that what it
    wrote is not late by it. What the source booked as an amendment stays one. What the source has from others it was
    judge of itself, by the closings that it knew, `before` this sync; `here` are the streams that the target writes,
    whose closings hold for all that comes. `disputed` are the places of what a conflict holds at the source.
    """

    source: "Register"
    target: "Register"
    before: Closings
    own: frozenset[UUID]
    here: frozenset[UUID]
    disputed: frozenset[tuple[UUID, int]]

    @classmethod
    def of(cls, source: "Register", target: "Register", before: Closings | None = None) -> "Judge":
        """The judge of what `source` brings to `target`; raises NotAllowedError when either may not sync."""
        for register in (source, target):
            register.actor.require(Operation.SYNC)
        own, here = (
            frozenset(head.stream for head in register._store.heads() if head.is_own) for register in (source, target)
        )
        held = source._store.held() if Capability.SYNC in source._store.capabilities else ()
        disputed = ((one.entry.stream, one.entry.position) for one in held if one.held and one.held.code in DISPUTED)
        return cls(source, target, before or Closings(), own, here, frozenset(disputed))

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
        held = self._misfiled(revision) or check_content(revision) or self._fault(revision)
        held = held or self._moved(arrival.entry) or self._follows_unseen(arrival.entry)
        is_late = arrival.standing is Standing.AMENDMENT or self._is_late(arrival.entry)
        standing = Standing.AMENDMENT if held is None and is_late else Standing.APPLIED
        return attrs.evolve(arrival, entry=attrs.evolve(arrival.entry, standing=standing), held=held)

    def _misfiled(self, revision: Revision) -> Finding | None:
        """What is filed under an id of something else would put that aside: it stays without effect."""
        content, subject = revision.content, revision.subject
        if isinstance(content, Registration) and content.revision != revision.number:
            return _held_id(subject)
        if subject != subject_of(content):
            return _held_id(subject)
        # A first revision the store compares with what it has, of whatever kind.
        there = self._there(subject) if revision.number > 1 else None
        return None if there is None or there.kind is revision.kind else _held_id(subject)

    def _follows_unseen(self, entry: Entry) -> Finding | None:
        """A change of something else than what counts here, by somebody who did not know: it would put that aside."""
        revision = entry.revision
        if revision.number == 1 or CONFLICT in revision.overrides:
            return None
        theirs, ours = (_revision(one, revision.subject, revision.number - 1) for one in (self.source, self.target))
        is_seen = ours is None or (theirs is not None and theirs.content_hash == ours.content_hash)
        if is_seen and (entry.stream, entry.position) not in self.disputed:
            return None
        return Finding(FOLLOWS, "revision", parameters={"id": revision.subject, "revision": revision.number})

    def _there(self, subject: UUID) -> Revision | None:
        """The latest revision of `subject` that is here."""
        return self.target._writer.stored(subject)

    def _fault(self, revision: Revision) -> Finding | None:
        match revision.content:
            case Registration() as registration:
                return self._registration(registration)
            case Closing() as closing:
                return self._closing(closing)
            case ServicePoint() as point:
                return self._service_point(point)
            case Purge() as purge:
                return self._of_elsewhere(purge.registration)
            case Organisation() as organisation:
                return self._organisation(organisation)
            case ThemeSource() as theme:
                return self._for_everywhere(theme.key) or self._theme(theme)
            case Release() as release:
                return self._for_everywhere(release.key)
        return self._for_everywhere(place_key(revision.content))

    def _for_everywhere(self, key: str) -> Finding | None:
        """What concerns the whole country comes from who acts for the whole country."""
        fits = self.target.actor.scope == EVERYWHERE
        return None if fits else Finding("held-scope", parameters={"value": key})

    def _theme(self, source: ThemeSource) -> Finding | None:
        """A theme file that contradicts what is here is for people to settle."""
        try:
            self.target._knowledge.check(source)
        except ThemeError as error:
            parameters = {"value": source.name, "faults": "; ".join(error.faults)}
            return Finding("held-theme-faulty", "theme", parameters=parameters)
        return None

    def _registration(self, registration: Registration) -> Finding | None:
        known = self.target._knowledge
        if registration.theme not in known.themes.themes:
            return Finding("held-theme", "theme", parameters={"value": registration.theme})
        if known.places.find_service_point(registration.service_point) is None:
            return Finding("held-place", "service_point", parameters={"value": registration.service_point})
        if not self.target.actor.scope.holds(registration.service_point, registration.local_date, known.places):
            return Finding("held-scope", "service_point", parameters={"value": registration.service_point})
        return self._of_elsewhere(registration.id)

    def _of_elsewhere(self, registration_id: UUID) -> Finding | None:
        """What changes a registration that is here comes from who may change it as it is here."""
        if self.target.actor.scope == EVERYWHERE:
            return None
        there = self._there(registration_id)
        if there is None:
            return None
        if not there.is_registration:
            return _held_id(registration_id)
        visit = there.registration
        fits = self.target.actor.scope.holds(visit.service_point, visit.local_date, self.target._knowledge.places)
        return None if fits else Finding("held-scope", "service_point", parameters={"value": visit.service_point})

    def _closing(self, closing: Closing) -> Finding | None:
        if self.target.actor.scope not in (EVERYWHERE, closing.scope):
            return Finding("held-scope", parameters={"value": closing.key})
        try:
            Scope.parse(str(closing.scope))
            is_to_come = closing.is_closed and closing.days.start > self.target._now().date()
        except InvalidValueError:
            return Finding("held-period", parameters={"value": closing.key})
        return Finding("held-period", parameters={"value": closing.key}) if is_to_come else None

    def _service_point(self, point: ServicePoint) -> Finding | None:
        scope, places = self.target.actor.scope, self.target._knowledge.places
        fits, there = True, places.find_service_point(point.id)
        if scope.level in ("organisation", "service_point"):
            fits = scope.code in {siting.organisation for siting in point.sitings} | {point.id}
        # A province is known only once the point is: what is new here is for the province to correct.
        if there is not None and any(siting.municipality or siting.organisation for siting in there.sitings):
            within = scope.points(places)
            fits = fits and (within is None or point.id in within)
            fits = fits and scope.may_move(point.id, places, places.with_places([point]))
        return None if fits else Finding("held-scope", parameters={"value": point.id})

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

    def _organisation(self, organisation: Organisation) -> Finding | None:
        """One that is here already is changed by itself, or by who supports it."""
        scope = self.target.actor.scope
        known = any(one.id == organisation.id for one in self.target._knowledge.places.organisations)
        fits = not known or scope.level in ("nation", "province") or scope == Scope("organisation", organisation.id)
        return None if fits else Finding("held-scope", parameters={"value": organisation.id})

    def _is_late(self, entry: Entry) -> bool:
        revision, known = entry.revision, self.target._knowledge
        if not isinstance(revision.content, Registration) or revision.is_amendment:
            return False
        content, closings = revision.content, known.closings.but_of(self.own)
        if entry.stream not in self.own:
            closings = closings.but_known(self.before, self.here)
        return closings.over(content.service_point, content.local_date, known.places) is not None


def _revision(register: "Register", subject: UUID, number: int) -> Revision | None:
    try:
        return register._store.get(subject, number)
    except NotFoundError:
        return None


def _held_id(subject: UUID) -> Finding:
    return Finding(MISFILED, "id", parameters={"value": str(subject)})
