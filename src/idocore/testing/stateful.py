"""A machine that makes up histories, and finds the first step at which a store parts from the model.

`MemoryStore` is the model. Both stores are told the same, step by step: they have to give the same receipts, raise
the same errors, and answer every question alike. The commitments of a chain are salted with chance, so hashes are
never compared; revisions, positions and standings are.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from functools import partial, wraps
from itertools import pairwise
from math import ceil
from typing import Any, ClassVar, Final
from uuid import UUID, uuid5

import attrs
from attrs import frozen
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from idocore.closings import AMENDS, Closing
from idocore.errors import ConflictError, NotFoundError, StoreError
from idocore.findings import Finding
from idocore.gazetteer import Gazetteer
from idocore.journal import START, Content, Entry, Purpose, Revision, Standing, SubjectKind, subject_of, text_paths
from idocore.memory import MemoryStore
from idocore.periods import LOCAL_ZONE
from idocore.purges import Purge
from idocore.registrations import Inquiry, Kind, Precision, Registration, Status
from idocore.statistics import Query
from idocore.statistics.answer import answer
from idocore.statistics.cells import INQUIRIES, REGISTRATIONS, TALLIED, UNCOUNTED, Cell, Cut, Dimension, Origin
from idocore.store import Arrival, Capability, Head, Mark, Receipt, Selection, Store
from idocore.testing.strategies import NOW, PLACES, THEMES, queries, registrations

_ROOM: Final = UUID("00000000-0000-5000-8000-000000000001")
_BULK: Final = tuple(uuid5(_ROOM, f"bulk {number}") for number in range(2))
_ELSEWHERE: Final = {
    uuid5(_ROOM, f"register {number}, {purpose}"): purpose for number in range(2) for purpose in Purpose
}
_LENGTH: Final = 150
"""Steps in one history: long enough for things to pile up, short enough to be shrunk."""
_HISTORIES: Final = 20
"""Histories with one seed; what Hypothesis remembers of them makes each slower than the one before."""


def _visit(day: int, **changes: Any) -> Registration:
    moment = datetime(2024, 5, day, 10, 30, tzinfo=LOCAL_ZONE)
    digid = Inquiry({"topic": "digid", "provider": "logius", "help": ("digital-traffic", "referral")})
    return attrs.evolve(Registration(_ROOM, "ido@2024", "centrale", moment, inquiries=(digid,)), **changes)


_SAMPLES: Final = (
    _visit(6),
    _visit(7, service_point="weesp", channel="desk"),
    _visit(8, status=Status.DRAFT),
    _visit(9, service_point="beemster", inquiries=(Inquiry({"topic": "pension"}), Inquiry({"topic": "printing"}))),
    _visit(6, service_point="haaren", answers={"note": "with a note"}),
    _visit(7, answers={"note": "with another note"}),
    _visit(1, kind=Kind.TALLY, count=7, inquiries=(Inquiry({"topic": "digid"}, 4),), precision=Precision.MONTH),
    _visit(10, kind=Kind.TALLY, count=None, precision=Precision.DAY),
    _visit(6, theme="visits@1", channel=None, inquiries=(), kind=Kind.TALLY, count=120, answers={"note": "market day"}),
)
_PERIODS: Final = (Closing("nation", "NL", "2024-05"), Closing("service_point", "weesp", "2024-Q2"))

_PLACES: Final = Gazetteer.default().with_places(PLACES)
_COUNTS: Final = frozenset({REGISTRATIONS, TALLIED, INQUIRIES, UNCOUNTED})
_CUTS: Final = (
    Cut("ido", (Dimension("amendment", Origin.BOOKING),), _COUNTS, _PLACES.ancestry(None)),
    Cut("visits", (Dimension("service_point", Origin.PLACE),), _COUNTS, _PLACES.ancestry(None)),
)


class Shape(StrEnum):
    """What kind of revision to make."""

    NEW = "new"
    AGAIN = "again"
    """One that was made before, sent by somebody else."""
    OTHER = "other"
    """One that was made before, with other content."""
    CORRECTION = "correction"
    GAP = "gap"
    """A correction with a number too high."""
    WITHDRAWAL = "withdrawal"
    PLACE = "place"
    CLOSING = "closing"
    PURGE = "purge"


_OF_REGISTRATIONS: Final = tuple(shape for shape in Shape if shape not in (Shape.PLACE, Shape.CLOSING, Shape.PURGE))


@frozen
class Wish:
    """What revision to make, without saying yet of which subject: that depends on what there is by then."""

    shape: Shape
    pick: int
    """Which of the subjects, places, periods or earlier revisions, counted round."""
    sample: int
    """Which of the contents."""
    actor: str
    amends: bool
    high: bool
    """For a purge: also who wrote it, and all revisions; for a new registration: it starts at number 3."""

    @property
    def content(self) -> Registration:
        """What the revision of a registration is to hold, under an id that is still to be chosen."""
        return _SAMPLES[self.sample]


def _wishes(shapes: Sequence[Shape] = tuple(Shape)) -> st.SearchStrategy[Wish]:
    return st.builds(
        Wish,
        st.sampled_from(shapes),
        st.integers(0, 30),
        st.integers(0, len(_SAMPLES) - 1),
        st.sampled_from(("ann", "bob")),
        st.booleans(),
        st.booleans(),
    )


_PICKS: Final = st.integers(0, 30)
_DAYS: Final = st.sampled_from((None, date(2024, 5, 6), date(2024, 5, 8)))
_JUDGED: Final = st.sampled_from(("not", "right", "right", "stale"))
"""By how many closings the writer judged: by none, by those there are, or by one fewer."""


@frozen
class Raised:
    """An error, as far as it has to be the same: `details` are the parameters of a conflict."""

    type: str
    code: str
    details: Mapping[str, Any] = attrs.field(factory=dict)
    stored: Revision | None = None


def _outcome(act: Callable[[Store], Any], store: Store) -> Any:
    """What `act` gives on `store`, or the StoreError that it raises; any other exception is a failure by itself."""
    try:
        return act(store)
    except ConflictError as error:
        return Raised(type(error).__name__, error.code, error.parameters, error.stored)
    except StoreError as error:
        return Raised(type(error).__name__, error.code)


def _step(**arguments: Any) -> Callable[[Callable[..., None]], Any]:
    """A rule of the machine that is counted when it was carried out."""

    def decorate(act: Callable[..., None]) -> Any:
        @wraps(act)
        def counted(self: "StoreMachine", **drawn: Any) -> None:
            act(self, **drawn)
            self.steps += 1
            self.done_at[act.__name__] = self.steps
            type(self).executed += 1

        as_rule: Any = rule(**arguments)
        return as_rule(counted)

    return decorate


class StoreMachine(RuleBasedStateMachine):
    """Derive, and set `make_store`; a durable store also says how to `reopen` it.

    Run it with `run_machine`, or through ``TestCase`` as Hypothesis has it. What a store does not declare is not
    asked of it.
    """

    make_store: ClassVar[Callable[[], Store]]
    """Gives a new, empty store each time."""

    executed: ClassVar[int] = 0
    """How many steps were run, on all machines of this class together."""

    def __init__(self) -> None:
        super().__init__()
        self.model: Store = MemoryStore()
        self.store = type(self).make_store()
        self.subjects: list[UUID] = []
        self.sent: list[Revision] = []
        self.elsewhere: dict[UUID, list[Entry]] = {stream: [] for stream in _ELSEWHERE}
        self.steps = 0
        self.done_at: dict[str, int] = {"close_and_reopen": 0}
        for store in (self.model, self.store):
            store.install(THEMES)

    def reopen(self, store: Store) -> Store:
        """Close `store` and open what it kept; overridden for every store that declares DURABLE."""
        raise NotImplementedError(f"{type(store).__name__} declares DURABLE: override reopen()")

    def teardown(self) -> None:
        """Let go of both stores."""
        self.model.close()
        self.store.close()

    def can(self, capability: Capability) -> bool:
        """Whether the store under test declares `capability`."""
        return capability in self.store.capabilities

    def is_due(self, step: str, pause: int) -> bool:
        """Whether `step` was not done for so many steps; what is slow would else leave time for little else."""
        return self.steps - self.done_at.get(step, -pause) >= pause

    def same(self, what: str, act: Callable[[Store], Any]) -> Any:
        """Do `act` on both stores; fails when they differ, and returns what came of it."""
        meant = _outcome(act, self.model)
        got = _outcome(act, self.store)
        assert got == meant, f"{what}:\n  got   {got}\n  meant {meant}"
        return meant

    # Writing

    @_step(wish=_wishes(_OF_REGISTRATIONS))
    def append(self, wish: Wish) -> None:
        """One registration: new, again, changed, corrected, withdrawn, or with a number that does not follow."""
        self._append([self._revision(wish, [])])

    @_step(wishes=st.lists(_wishes(), min_size=2, max_size=4), judged=_JUDGED)
    def append_several(self, wishes: list[Wish], judged: str) -> None:
        """Anything in one transaction; one that cannot be written takes the others with it."""
        self._append(self._revisions(wishes), closings=self._judged_by(judged))

    @_step(wishes=st.lists(_wishes(_OF_REGISTRATIONS), max_size=5), stream=st.sampled_from(_BULK), judged=_JUDGED)
    def load(self, wishes: list[Wish], stream: UUID, judged: str) -> None:
        """Registrations into a stream that was named."""
        self._append(self._revisions(wishes), stream=stream, closings=self._judged_by(judged))

    @_step(content=registrations(), actor=st.sampled_from(("ann", None)))
    def append_any(self, content: Registration, actor: str | None) -> None:
        """A registration as random as they come."""
        self._append([self._new(content, actor)])

    @_step(pick=_PICKS, high=st.booleans(), again=st.booleans())
    def purge(self, pick: int, high: bool, again: bool) -> None:
        """Texts taken away; and at once whoever has them still sends them again, which brings nothing back."""
        wish = Wish(Shape.PURGE, pick, 0, "ann", False, high)
        self._append([self._revision(wish, [])])
        if again and self.subjects:
            subject = self._subject(pick)
            self._append([one for one in self.sent if one.subject == subject and one.number == 1][:1])

    @_step(wish=_wishes((Shape.CLOSING,)), judged=_JUDGED)
    def close_period(self, wish: Wish, judged: str) -> None:
        """A period is closed, or opened again."""
        self._append([self._revision(wish, [])], closings=self._judged_by(judged))

    def _append(
        self, revisions: Sequence[Revision], *, stream: UUID | None = None, closings: int | None = None
    ) -> None:
        def act(store: Store) -> list[Any]:
            return list(map(_receipt, store.append(revisions, stream=stream, closings=closings)))

        came_of_it = self.same("append", act)
        if isinstance(came_of_it, Raised):
            self.same("heads after an append that was refused", _heads)
        for revision in revisions[-1:]:
            self.same("get after append", partial(_get, subject=revision.subject))

    # Other registers

    @precondition(lambda self: self.can(Capability.SYNC))
    @_step(
        wishes=st.lists(_wishes(), min_size=1, max_size=4),
        register=st.integers(0, 1),
        fates=st.lists(st.sampled_from(("applied", "amendment", "held")), min_size=4, max_size=4),
        judged=_JUDGED,
    )
    def receive(self, wishes: list[Wish], register: int, fates: list[str], judged: str) -> None:
        """What another register wrote arrives, some of it to be held."""
        tails = {stream: list(entries) for stream, entries in self.elsewhere.items()}
        arrivals = []
        for revision, fate in zip(self._revisions(wishes), fates, strict=False):
            stream = uuid5(_ROOM, f"register {register}, {revision.purpose}")
            tail = tails[stream]
            entry = Entry.write(stream, len(tail) + 1, tail[-1].hash if tail else START, revision)
            tail.append(entry)
            arrivals.append(_arrival(entry, fate))
        if not isinstance(self._receive(arrivals, self._judged_by(judged)), Raised):
            self.elsewhere = tails

    @precondition(lambda self: self.can(Capability.SYNC) and any(self.elsewhere.values()))
    @_step(pick=_PICKS, length=st.integers(1, 4), twice=st.booleans())
    def receive_again(self, pick: int, length: int, twice: bool) -> None:
        """What arrived before arrives again, perhaps twice at once: only what was held may change."""
        _, entries = self._stream_elsewhere(pick)
        start = pick % len(entries)
        arrivals = [_arrival(entry, "applied") for entry in entries[start : start + length]]
        self._receive(arrivals * (2 if twice else 1))

    @precondition(lambda self: self.can(Capability.SYNC) and any(self.elsewhere.values()))
    @_step(pick=_PICKS, skipped=st.integers(-1, 1), first=st.booleans())
    def receive_what_does_not_follow(self, pick: int, skipped: int, first: bool) -> None:
        """A stream that skips a position, goes on from another past, or says two things at one position is refused,
        and the whole lot with it."""
        stream, entries = self._stream_elsewhere(pick)
        written = Entry.write(stream, len(entries) + 1 + skipped, "f" * 64, entries[0].revision)
        before = [_arrival(entries[0], "applied")] if first else []
        self._receive([*before, _arrival(written, "applied")])

    @precondition(lambda self: self.can(Capability.SYNC))
    @_step(fates=st.lists(st.sampled_from(("applied", "applied", "amendment", "held")), min_size=1, max_size=6))
    def release(self, fates: list[str]) -> None:
        """What is held is judged once more, as each store hands it out."""
        self.same("held", lambda store: list(map(_seen, store.held())))

        def act(store: Store) -> list[Any]:
            waiting = zip(list(store.held()), fates, strict=False)
            return list(map(_seen, store.receive([_arrival(one.entry, fate) for one, fate in waiting])))

        self.same("receive what was held", act)

    def _receive(self, arrivals: Sequence[Arrival], closings: int | None = None) -> Any:
        came_of_it = self.same("receive", lambda store: list(map(_seen, store.receive(arrivals, closings=closings))))
        if isinstance(came_of_it, Raised):
            self.same("heads after a receive that was refused", _heads)
        for arrival in arrivals[-1:]:
            self.same("get after receive", partial(_get, subject=arrival.entry.revision.subject))
        return came_of_it

    def _stream_elsewhere(self, pick: int) -> tuple[UUID, list[Entry]]:
        filled = [(stream, entries) for stream, entries in self.elsewhere.items() if entries]
        return filled[pick % len(filled)]

    # Reading

    @precondition(lambda self: self.subjects)
    @_step(pick=_PICKS, number=st.integers(0, 5))
    def get(self, pick: int, number: int) -> None:
        """One revision, which may not be there."""
        self.same("get", lambda store: store.get(self._subject(pick), number))

    @_step(
        theme=st.sampled_from((None, "ido", "visits")),
        start=_DAYS,
        end=_DAYS,
        points=st.sampled_from((None, frozenset({"weesp", "centrale"}), frozenset[str]())),
        statuses=st.sampled_from(((Status.FINAL, Status.DRAFT), (Status.WITHDRAWN,))),
        limit=st.integers(1, 5),
    )
    def find(
        self,
        theme: str | None,
        start: date | None,
        end: date | None,
        points: frozenset[str] | None,
        statuses: tuple[Status, ...],
        limit: int,
    ) -> None:
        """The first two pages of a selection."""
        selection = Selection(theme, start, end, points, statuses)
        page = self.same("find", lambda store: store.find(selection, limit=limit))
        if page:
            last: Mark = page[-1].registration.local_date, page[-1].subject
            self.same("find, next page", lambda store: store.find(selection, after=last, limit=limit))

    @_step(kinds=st.sampled_from((None, *SubjectKind)), pick=st.one_of(st.none(), _PICKS), seen=st.integers(0, 3))
    def journal(self, kinds: SubjectKind | None, pick: int | None, seen: int) -> None:
        """The journal, whole or narrowed, from some position of every stream on."""
        subject = self._subject(pick) if pick is not None and self.subjects else None
        chosen = None if kinds is None else frozenset({kinds})
        self.same("journal", partial(_entries, since=seen, kinds=chosen, subject=subject))

    @_step(stream=st.sampled_from((*_BULK, *_ELSEWHERE)))
    def journal_of_stream(self, stream: UUID) -> None:
        """One stream, which may not be there."""
        self.same("journal of a stream", partial(_entries, stream=stream))

    @_step()
    def heads(self) -> None:
        """Where the streams end, and what they are for."""
        self.same("heads", _heads)

    @precondition(lambda self: self.is_due("evaluate", 15))
    @_step(query=queries())
    def evaluate(self, query: Query) -> None:
        """Every cut that a query needs gives the same cells."""
        answer(query, self._cells, THEMES, _PLACES, NOW.date())

    @_step(cut=st.integers(0, len(_CUTS) - 1))
    def count(self, cut: int) -> None:
        """How many registrations there are, with their amendments apart; or what another theme counts."""
        self._cells(_CUTS[cut])

    def _cells(self, cut: Cut) -> Sequence[Cell]:
        found = self.same("evaluate", lambda store: _cells(store.evaluate(cut)))
        return list(found.items())

    # Keeping

    @precondition(lambda self: self.can(Capability.DURABLE) and self.is_due("close_and_reopen", _LENGTH // 2))
    @_step()
    def close_and_reopen(self) -> None:
        """What was acknowledged is there when the store is opened again."""
        self.store = self.reopen(self.store)
        self.store.install(THEMES)
        self.same("journal after reopening", _entries)

    @precondition(lambda self: self.can(Capability.REBUILD) and self.is_due("rebuild", 100))
    @_step()
    def rebuild(self) -> None:
        """Facts made anew are the facts that were there."""
        self.same("rebuild", lambda store: store.rebuild())
        self._cells(_CUTS[0])

    @precondition(lambda self: self.can(Capability.VERIFY) and self.is_due("verify", 50))
    @_step()
    def verify(self) -> None:
        """Journal and facts agree."""
        findings = list(self.store.verify())
        assert findings == [], f"verify: {findings}"

    # From a wish to a revision

    def _revisions(self, wishes: Iterable[Wish]) -> list[Revision]:
        made: list[Revision] = []
        for wish in wishes:
            made.append(self._revision(wish, made))
        return made

    def _revision(self, wish: Wish, before: Sequence[Revision]) -> Revision:
        """The revision that `wish` asks for, `before` being those that go with it in one transaction."""
        match wish.shape:
            case Shape.PLACE:
                return self._next(PLACES[wish.pick % len(PLACES)], wish, before)
            case Shape.CLOSING:
                period = _PERIODS[wish.pick % len(_PERIODS)]
                return self._next(attrs.evolve(period, is_closed=wish.amends), wish, before)
            case Shape.PURGE:
                subject = self._subject(wish.pick) if self.subjects else _ROOM
                latest = self._latest_number(subject, before)
                return self._next(Purge(subject, latest if wish.high else 1, wish.high), wish, before)
            case Shape.AGAIN | Shape.OTHER if self.sent:
                return self._as_before(wish)
            case Shape.CORRECTION | Shape.GAP | Shape.WITHDRAWAL if self.subjects:
                return self._correction(wish, before)
        return self._new(wish.content, wish.actor, 3 if wish.high and wish.amends else 1)

    def _new(self, content: Registration, actor: str | None, number: int = 1) -> Revision:
        subject = uuid5(_ROOM, str(len(self.subjects)))
        self.subjects.append(subject)
        return self._sent(_revision_of(attrs.evolve(content, id=subject, revision=number), actor))

    def _as_before(self, wish: Wish) -> Revision:
        before = self.sent[wish.pick % len(self.sent)]
        if wish.shape is Shape.AGAIN:
            return attrs.evolve(before, actor=wish.actor)
        content = attrs.evolve(wish.content, id=before.subject, revision=before.number)
        return _revision_of(content, wish.actor)

    def _correction(self, wish: Wish, before: Sequence[Revision]) -> Revision:
        subject = self._subject(wish.pick)
        number = self._latest_number(subject, before) + (2 if wish.shape is Shape.GAP else 1)
        content = attrs.evolve(wish.content, id=subject, revision=number)
        if wish.shape is Shape.WITHDRAWAL:
            content = attrs.evolve(content, status=Status.WITHDRAWN)
        made = _revision_of(content, wish.actor, reason="a reason")
        return self._sent(attrs.evolve(made, overrides={AMENDS: "late"} if wish.amends else {}))

    def _next(self, content: Content, wish: Wish, before: Sequence[Revision]) -> Revision:
        """`content` under the number that follows; or, half the time, under the first, as if nobody had sent it."""
        subject = subject_of(content)
        number = self._latest_number(subject, before) + 1 if wish.amends else 1
        return Revision(subject, number, content, wish.actor, NOW)

    def _sent(self, revision: Revision) -> Revision:
        self.sent.append(revision)
        return revision

    def _subject(self, pick: int) -> UUID:
        return self.subjects[pick % len(self.subjects)]

    def _latest_number(self, subject: UUID, before: Sequence[Revision]) -> int:
        numbers = [one.number for one in before if one.subject == subject]
        latest = _latest(self.model, subject)
        return max([*numbers, latest.number if latest else 0])

    def _judged_by(self, judged: str) -> int | None:
        if judged == "not":
            return None
        count = sum(1 for _ in self.model.journal(kinds=frozenset({SubjectKind.CLOSING})))
        return count if judged == "right" else count - 1


def _revision_of(content: Registration, actor: str | None, **more: Any) -> Revision:
    texts = text_paths(content, THEMES.get(content.theme))
    return Revision(content.id, content.revision, content, actor, NOW, texts=texts, **more)


def _arrival(entry: Entry, fate: str) -> Arrival:
    standing = Standing.AMENDMENT if fate == "amendment" else Standing.APPLIED
    held = Finding("held-place", "service_point", parameters={"value": "nowhere"}) if fate == "held" else None
    return Arrival(attrs.evolve(entry, standing=standing), entry.kind.purpose, held)


# What of an answer has to be the same


def _stream(entry: Entry) -> UUID | Purpose:
    """What names the stream of `entry` in both stores: a store's own streams have ids that only it knows."""
    return entry.stream if entry.stream in _BULK or entry.stream in _ELSEWHERE else entry.kind.purpose


def _receipt(receipt: Receipt) -> tuple[Any, ...]:
    entry = receipt.entry
    revision = entry.revision
    return receipt.is_new, _stream(entry), entry.position, revision.subject, revision.number


def _seen(arrival: Arrival) -> tuple[Any, ...]:
    entry = arrival.entry
    held = arrival.held and (arrival.held.code, arrival.held.path)
    return entry.stream, entry.position, entry.standing, arrival.purpose, held, entry.revision.content


def _get(store: Store, subject: UUID) -> Revision:
    return store.get(subject)


def _latest(store: Store, subject: UUID) -> Revision | None:
    try:
        return store.get(subject)
    except NotFoundError:
        return None


def _entries(store: Store, since: int = 0, **narrowed: Any) -> dict[Any, list[Any]]:
    """The entries by stream, each after position `since`; the order of the streams is the ids', so chance's."""
    cursor = dict.fromkeys(store.cursor(), since)
    found: dict[Any, list[Any]] = {}
    entries = list(store.journal(cursor, **narrowed))
    for entry in entries:
        found.setdefault(_stream(entry), []).append((entry.position, entry.standing, entry.revision))
    changes = sum(one.stream != other.stream for one, other in pairwise(entries))
    assert changes == max(len(found) - 1, 0), "journal: not stream by stream"
    assert all(entry.keeps_its_word() for entry in entries), "journal: an entry does not keep its word"
    return found


def _heads(store: Store) -> dict[Any, Any]:
    heads: Sequence[Head] = store.heads()
    streams = [head.stream for head in heads]
    assert streams == sorted(streams), "heads: not by id"
    assert store.cursor() == {head.stream: head.position for head in heads}, "cursor: not where the heads are"
    return {head.purpose if head.is_own else head.stream: (head.position, head.purpose, head.is_own) for head in heads}


def _cells(cells: Sequence[Cell]) -> dict[Any, dict[str, int]]:
    found = {key: dict(counts) for key, counts in cells if any(counts.values())}
    assert len(found) == len(cells), "evaluate: a key stands there twice, or a cell of nothing"
    return found


def run_machine(
    make_store: Callable[[], Store],
    *,
    reopen: Callable[[Store], Store] | None = None,
    steps: int = 20_000,
    first_seed: int = 0,
    phases: Sequence[Phase] = (Phase.generate, Phase.shrink),
) -> int:
    """Compare the stores of `make_store` with the model for at least `steps` steps; how many there were.

    `reopen` closes a store and opens what it kept, for those that declare DURABLE. The same `first_seed` gives the
    same histories. Raises whatever the first difference raises, mostly AssertionError, after Hypothesis has printed
    the shortest history that leads to it.
    """
    members: dict[str, Any] = {"make_store": staticmethod(make_store), "executed": 0}
    if reopen is not None:
        members["reopen"] = lambda self, store: reopen(store)
    machine: type[StoreMachine] = type("Machine", (StoreMachine,), members)
    run = first_seed
    while machine.executed < steps:
        chosen = settings(
            max_examples=min(_HISTORIES, ceil((steps - machine.executed) / _LENGTH)),
            stateful_step_count=_LENGTH,
            phases=tuple(phases),
            deadline=None,
            database=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(seed(run)(machine), settings=chosen)
        run += 1
    return machine.executed
