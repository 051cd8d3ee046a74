"""Sync: registers that feed each other, a library's own into a provincial one into the national one.

Streams are copied verbatim, entry by entry, so that the chain of the register where they were made still holds where
they arrive. A target judges what arrives by hash, scope, theme and place only: the rules had their say where the
record was made. What it cannot use yet it keeps, without effect, and looks at again at the next sync.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Final

import attrs
from attrs import frozen

from idocore.arriving import is_readable
from idocore.conflicts import waiting
from idocore.errors import CapabilityError, ClosingsChangedError, ConflictError, NotAllowedError
from idocore.findings import Finding
from idocore.journal import Entry, Purpose, Standing
from idocore.judging import Judge
from idocore.purges import Purge
from idocore.retention import widened
from idocore.roles import Operation
from idocore.store import Arrival, Capability, Head, Progress, unseen

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

    `hidden` counts the registrations that it holds as well, outside the scope of who acts there. Conflicts that were
    settled are not among them.
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
    acts there, and what `source` gives within that of who acts on it: a stream ends where it holds something else.
    Raises NotAllowedError for who may not sync at all, CapabilityError for a source that cannot take anything in unless
    `both_ways` is False, and StoreError when a store cannot be reached; everything that had arrived by then stays. Once
    everything has arrived, raises StoreUnavailableError (``store-untidy``) where a purge arrived and a file could not
    be cleared of its text yet.
    """
    if both_ways and Capability.SYNC not in source._store.capabilities:
        raise CapabilityError("sync-one-way", store=type(source._store).__name__)
    source._knowledge.refresh()
    before = source._knowledge.closings
    # Down first: what was purged there is taken out here, too, before it could go up in a later correction.
    down = Transfer()
    if both_ways:
        down = _bring(Judge.of(target, source), frozenset({Purpose.REFERENCE}), progress)
        down += _again(Judge.of(target, source), (Purpose.REFERENCE,), progress)
    up = Transfer(refused=tuple(_gone_on_elsewhere(source, target)))
    up += _bring(Judge.of(source, target, before), frozenset(Purpose), progress)
    # Registrations may wait for places and themes, which come first.
    up += _again(Judge.of(source, target, before), (Purpose.REFERENCE, Purpose.WORK), progress)
    for register, arrived in ((source, down), (target, up)):
        if arrived.purges:
            register._store.tidy()
    held = list(waiting(target._store))
    shown = tuple(target._held_shown(held))
    return SyncReport(up, down, shown, len(held) - len(shown))


def pending(source: "Register", target: "Register") -> int:
    """How many entries a sync would bring up; raises NotAllowedError when either may not sync."""
    for register in (source, target):
        register.actor.require(Operation.SYNC)
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


def _bring(judge: Judge, purposes: frozenset[Purpose], progress: Progress) -> Transfer:
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


def _bring_stream(entries: Iterator[Entry], head: Head, judge: Judge, progress: Progress) -> Transfer:
    done = Transfer()
    try:
        while chunk := list(islice(entries, _CHUNK)):
            done += _receive([Arrival(entry, head.purpose) for entry in chunk], judge)
            progress(len(chunk))
    except (ConflictError, NotAllowedError) as error:
        # Altered, or with something that the source may not give: the other streams go on.
        return done + Transfer(refused=(Finding(error.code, parameters=error.parameters),))
    return done


def _again(judge: Judge, purposes: Iterable[Purpose], progress: Progress) -> Transfer:
    """Look once more at what is held: what it lacked may be here by now. Only what has changed is counted.

    Whether a conflict holds something, or a scope, is asked of who brought it.
    """
    done = Transfer()
    for purpose in purposes:
        held = (one for one in judge.target._store.held(purpose) if judge.may_release(one))
        while chunk := list(islice(held, _CHUNK)):
            received = _receive([attrs.evolve(one, held=None) for one in chunk], judge)
            progress(len(chunk))
            effective = {standing: number for standing, number in received.counts.items() if standing.has_effect}
            done += attrs.evolve(received, counts=effective)
    return done


def _receive(arrivals: list[Arrival], judge: Judge) -> Transfer:
    while True:
        try:
            received = judge.receive(arrivals)
        except ClosingsChangedError as error:
            judge.target._knowledge.catch_up(error)
            continue
        contents = (one.entry.revision.content for one in received if one.standing is Standing.APPLIED)
        purges = [one for one in contents if isinstance(one, Purge)]
        with_text = {subject for one in received if one.entry.texts for subject in one.entry.registrations}
        _widen(judge.target, [*purges, *(judge.purges_unseen(with_text) if with_text else ())])
        return Transfer(Counter(one.standing for one in received), purges=len(purges))


def _widen(target: "Register", purges: list[Purge]) -> None:
    """Purge the later revisions that are here, too: who wrote them did not know of it, and carried the text on.

    That goes for a purge that arrives, and for one that was here when what arrives was written elsewhere.
    """
    target._writer.append_purges(list(widened(purges, target._store)), None)
