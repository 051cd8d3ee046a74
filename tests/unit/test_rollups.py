"""Counts that are kept ready give the same cells as the facts, whatever was written since they were counted."""

import shutil
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import idocore
from idocore.errors import InvalidQueryError
from idocore.gazetteer import Gazetteer
from idocore.journal import Entry, Revision
from idocore.memory import MemoryStore
from idocore.periods import LOCAL_ZONE
from idocore.registrations import Inquiry, Kind, Precision, Registration, Status, new_id
from idocore.statistics.cells import INQUIRIES, REGISTRATIONS, TALLIED, UNCOUNTED, Cut, Filter
from idocore.statistics.query import PLACE_LEVELS, dimensions
from idocore.statistics.rollups import default_rollups, fitting, rollup_of
from idocore.store import Store
from idocore.testing.stores import arriving, elsewhere, revision
from idocore.testing.strategies import PLACES, SERVICE_POINTS, THEMES
from idocore_sql import fact_writing, rolling, rollup_marks, rollup_reading
from idocore_sql.queries import evaluate as scan
from idocore_sql.rollup_keeping import Refreshing
from idocore_sql.store import SqlStore
from tests.registers import DIGID, MAY, NOW, OpenRegister, furnished

COUNTS = frozenset({REGISTRATIONS, TALLIED, INQUIRIES, UNCOUNTED})
KNOWN = dimensions(THEMES, "ido")
GAZETTEER = Gazetteer.default().with_places(PLACES)
DAYS = (
    *(date(2020, 12, 30) + timedelta(days=number) for number in range(4)),
    *(date(2022, 3, 22) + timedelta(days=number) for number in range(4)),
    *(date(2023, 4, 28) + timedelta(days=number) for number in range(6)),
    date(2024, 4, 15),
    *(date(2024, 5, number) for number in (1, 2, 30, 31)),
)
"""The days before and after places changed, and those of months that are still open."""

POINTS = tuple(point.id for point in SERVICE_POINTS)
DECLARED = (["topic"], ["provider"], ["help"], ["channel"], ["provider", "topic"])
EXAMPLES = 6

_inquiries = st.builds(
    lambda topic, provider, help_given, count: Inquiry(
        {
            key: value
            for key, value in {"topic": topic, "provider": provider, "help": help_given}.items()
            if value not in (None, ())
        },
        count,
    ),
    st.sampled_from(("digid", "pension")),
    st.sampled_from((None, "logius", "uwv")),
    st.sampled_from(((), ("referral",), ("digital-traffic", "referral"))),
    st.just(1),
)


@st.composite
def visits(draw: st.DrawFn) -> Registration:
    """A visit or a tally, of which there are few kinds, so that many share a cell."""
    day = draw(st.sampled_from(DAYS))
    precision = draw(st.sampled_from((Precision.INSTANT, Precision.DAY, Precision.MONTH)))
    if precision is Precision.MONTH:
        day = day.replace(day=1)
    is_tally = draw(st.integers(0, 3)) == 0
    inquiries = tuple(draw(st.lists(_inquiries, max_size=3)))
    if is_tally:
        inquiries = tuple(attrs.evolve(one, count=3) for one in inquiries)
    return Registration(
        id=new_id(),
        theme="ido@2024",
        service_point=draw(st.sampled_from(POINTS)),
        moment=datetime(day.year, day.month, day.day, 10, tzinfo=LOCAL_ZONE),
        precision=precision,
        channel=draw(st.sampled_from((None, "desk", "telephone"))),
        status=draw(st.sampled_from((Status.FINAL, Status.FINAL, Status.DRAFT))),
        kind=Kind.TALLY if is_tally else Kind.VISIT,
        count=draw(st.sampled_from((None, 0, 5))) if is_tally else 1,
        answers={"duration": "over-20"} if draw(st.booleans()) else {},
        inquiries=inquiries,
    )


_OWN = ("topic", "provider", "help", "channel", "kind", "duration", "referral")
_LEVELS = (*PLACE_LEVELS, "month", "quarter", "half_year", "year", "amendment")
_CODES = {
    "topic": ["digid", "pension"],
    "provider": ["logius", "uwv"],
    "help": ["referral", "digital-traffic"],
    "channel": ["desk", "telephone"],
    "duration": ["over-20"],
    "province": ["PV26", "PV27", "PV30"],
    "municipality": ["GM0363", "GM0457", "GM0439", "GM0370"],
    "organisation": ["noord", "zuid"],
    "inside": ["inside", "outside"],
    "month": ["2022-03", "2024-05"],
    "year": ["2023"],
    "kind": ["visit", "tally"],
}


@attrs.frozen
class Asked:
    """A cut in a few words."""

    by: tuple[str, ...]
    where: tuple[tuple[str, frozenset[str] | None], ...]
    start: date | None
    end: date | None
    place_date: date | None

    @property
    def cut(self) -> Cut:
        """What it says."""
        filters = tuple(Filter(KNOWN[name], codes) for name, codes in self.where)
        by = tuple(KNOWN[name] for name in self.by)
        return Cut("ido", by, COUNTS, GAZETTEER.ancestry(self.place_date), filters, self.start, self.end)


@st.composite
def cuts(draw: st.DrawFn) -> Asked:
    """A cut that a dashboard may ask, or nearly: most can be answered from what is kept."""
    names = draw(st.lists(st.sampled_from(_LEVELS), max_size=2, unique=True))
    names += draw(st.lists(st.sampled_from(_OWN), max_size=2, unique=True))
    filtered = draw(st.lists(st.sampled_from(sorted(_CODES)), max_size=2, unique=True))
    filters = [
        (name, draw(st.none() | st.lists(st.sampled_from(_CODES[name]), min_size=1).map(frozenset)))
        for name in filtered
    ]
    turns = st.none() | st.sampled_from(DAYS) | st.sampled_from([day.replace(day=1) for day in DAYS])
    start, end = draw(turns), draw(turns)
    if start and end and start >= end:
        start, end = end, start + timedelta(days=1)
    place_date = draw(st.none() | st.sampled_from((date(2021, 6, 1), date(2024, 6, 1))))
    return Asked(tuple(names), tuple(filters), start, end, place_date)


class History:
    """The same history on a store and on the model, which knows no rollups."""

    def __init__(self, store: SqlStore) -> None:
        self.store, self.model = store, MemoryStore()
        self.revisions: list[Revision] = []
        self.entries: list[Entry] = []
        self.answered = 0
        for one in (self.store, self.model):
            one.install(THEMES)
        self.store.declare_rollups("ido", [rollup_of(THEMES, "ido", names) for names in DECLARED])

    def append(self, *revisions: Revision) -> None:
        self._each(lambda store: store.append(revisions))
        self.revisions += revisions

    def new(self, several: list[Registration]) -> None:
        self.append(*map(revision, several))

    def change(self, pick: int, content: Registration) -> None:
        """Correct, withdraw or restore: any content may follow any other."""
        if not self.revisions:
            return
        subject = self.revisions[pick % len(self.revisions)].subject
        latest = self.model.get(subject)
        made = attrs.evolve(content, id=subject, revision=latest.number + 1)
        self.append(revision(made, overrides={"amends": "laat"} if pick % 2 else {}))

    def withdraw(self, pick: int) -> None:
        if self.revisions:
            subject = self.revisions[pick % len(self.revisions)].subject
            content = self.model.get(subject).registration
            is_gone = content.status is Status.WITHDRAWN
            self.change(pick, attrs.evolve(content, status=Status.FINAL if is_gone else Status.WITHDRAWN))

    def receive(self, several: list[Registration]) -> None:
        entries = elsewhere(*map(revision, several), after=self.entries)
        self.entries += entries
        self._each(lambda store: store.receive(arriving(entries)))

    def refresh(self, *_: Any) -> None:
        self.store.refresh_rollups(GAZETTEER.then)

    def ask(self, asked: Asked) -> None:
        cut = asked.cut
        meant = _as_told(self.model.evaluate(cut))
        assert _as_told(self.store.evaluate(cut)) == meant
        with self.store._access.snapshot() as connection:
            known = self.store._tables["ido"]
            assert _as_told(scan(connection, cut, known)) == meant
            found = rollup_reading.answered(connection, cut, known, self.store.rollups())
        self.answered += found is not None
        assert found is None or _as_told(found) == meant

    def _each(self, act: Callable[[Store], Any]) -> None:
        for one in (self.store, self.model):
            act(one)


def _as_told(cells: Any) -> dict[Any, Any]:
    found = {key: {name: count for name, count in counts.items() if count} for key, counts in cells}
    return {key: counts for key, counts in found.items() if counts}


_several = st.lists(visits(), min_size=1, max_size=6)
_STEPS = st.one_of(
    st.tuples(st.just("new"), _several),
    st.tuples(st.just("change"), st.integers(0, 20), visits()),
    st.tuples(st.just("withdraw"), st.integers(0, 20)),
    st.tuples(st.just("receive"), _several),
    st.tuples(st.just("refresh"), st.none()),
    st.tuples(st.just("ask"), cuts()),
    st.tuples(st.just("ask"), cuts()),
)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small numbers of what is many, so that short histories reach every way."""
    monkeypatch.setattr(rollup_marks, "_MANY", 5)
    monkeypatch.setattr(rolling, "_FEW", 3)
    monkeypatch.setattr(rollup_reading, "MOST_SPANS", 12)


def compared(make: Callable[[], SqlStore], examples: int, phases: tuple[Phase, ...] = tuple(Phase)) -> int:
    """Run random histories; how many cuts were answered from what is kept."""
    answered = 0

    @settings(
        max_examples=examples, phases=phases, suppress_health_check=list(HealthCheck), database=None, derandomize=True
    )
    @given(st.lists(_STEPS, min_size=4, max_size=14), st.lists(cuts(), min_size=6, max_size=6))
    def check(steps: list[tuple[Any, ...]], questions: list[Asked]) -> None:
        nonlocal answered
        history = History(make())
        try:
            for name, *arguments in steps:
                getattr(history, name)(*arguments)
            for cut in questions:
                history.ask(cut)
            history.refresh()
            for cut in questions:
                history.ask(cut)
            assert list(history.store.check_rollups()) == []
        finally:
            answered += history.answered
            history.store.close()

    check()
    return answered


STORES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.pg), pytest.param("mariadb", marks=pytest.mark.maria)]


@pytest.fixture(params=STORES)
def make(request: pytest.FixtureRequest, open_store: Callable[[str], SqlStore]) -> Callable[[], SqlStore]:
    """Makes an empty store at each call."""
    return lambda: open_store(request.param)


@pytest.fixture
def open_store(request: pytest.FixtureRequest, tmp_path: Any) -> Callable[[str], SqlStore]:
    numbers, empty = iter(range(10**6)), tmp_path / "empty.db"

    def open_one(kind: str) -> SqlStore:
        if kind == "sqlite":
            path = tmp_path / f"{next(numbers)}.db"
            if not empty.exists():
                idocore.open(f"sqlite:///{empty}").close()
            shutil.copy(empty, path)
            url = f"sqlite:///{path}"
        else:
            url = request.getfixturevalue(f"new_{'postgres' if kind == 'postgresql' else kind}_url")()
        store = idocore.open(url).store
        assert isinstance(store, SqlStore)
        return store

    return open_one


@pytest.mark.usefixtures("few")
def test_what_is_kept_is_what_a_recount_gives(make: Callable[[], SqlStore]) -> None:
    """Random histories and cuts: what is kept, a scan of the facts, and the model give the same cells every time."""
    assert compared(make, EXAMPLES) > EXAMPLES


@pytest.mark.usefixtures("few")
def test_a_forgotten_place_is_noticed(open_store: Callable[[str], SqlStore], monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken twin marks where a corrected registration lies now, not where it lay before."""
    monkeypatch.setattr(fact_writing, "_places", lambda old: set())
    with pytest.raises(AssertionError):
        compared(lambda: open_store("sqlite"), EXAMPLES, (Phase.generate,))


def split_month(store: SqlStore) -> None:
    """A point that came to lie elsewhere within a month, with visits before and after, counted by municipality."""
    history = History(store)
    moments = [datetime(2022, 3, day, 10, tzinfo=LOCAL_ZONE) for day in (10, 28)]
    visit = Registration(new_id(), "ido@2022", "weesp", moments[0], inquiries=(Inquiry({"topic": "digid"}),))
    later = [
        attrs.evolve(visit, id=new_id(), moment=datetime(2024, month, 1, 10, tzinfo=LOCAL_ZONE)) for month in (5, 6, 7)
    ]
    history.new([visit, attrs.evolve(visit, id=new_id(), moment=moments[1]), *later])
    history.refresh()
    try:
        history.ask(Asked(("municipality", "month"), (), None, None, None))
        assert history.answered
    finally:
        store.close()


def test_a_month_is_split_where_a_point_moved(make: Callable[[], SqlStore]) -> None:
    """Weesp joined Amsterdam on 24 March 2022: what came before counts there, what came after here."""
    split_month(make())


def test_a_month_that_is_not_split_is_noticed(
    open_store: Callable[[str], SqlStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin counts a month whole in which a service point moved."""
    monkeypatch.setattr(Refreshing, "keep_by_day", lambda self, ancestry: None)
    monkeypatch.setattr(rollup_reading, "boundaries", lambda places: set())
    with pytest.raises(AssertionError):
        split_month(open_store("sqlite"))


def test_what_does_not_add_up_is_scanned() -> None:
    """No rollup is taken for days, for several codes of an inquiry at once, or for what it does not have."""
    rollups = default_rollups(THEMES, "ido")

    def fit(by: list[str], **where: list[str] | None) -> tuple[str, ...] | None:
        filters = tuple(
            Filter(KNOWN[name], None if codes is None else frozenset(codes)) for name, codes in where.items()
        )
        found = fitting(Cut("ido", tuple(KNOWN[name] for name in by), COUNTS, GAZETTEER.then, filters), rollups)
        return None if found is None else found.names

    assert fit(["month", "province"]) == ()
    assert fit(["month", "provider"], province=["PV26"]) == ("provider",)
    assert fit(["topic"], provider=["uwv"]) == ("provider", "topic")
    assert fit([], channel=["desk", "online"]) == ("channel",)
    assert fit([], provider=["uwv"]) == ("provider",)
    assert fit(["provider"], provider=["uwv", "logius"]) == ("provider",)
    assert fit(["day"]) is None
    assert fit([], provider=["uwv", "logius"]) is None
    assert fit([], provider=None) is None
    assert fit(["help"], help=["referral"]) is None
    assert fit(["duration"], topic=["digid"]) is None
    assert fit(["provider", "help"]) is None
    local = dimensions(THEMES, "ido", "local")["topic"]
    recoded = attrs.evolve(local, recode={"own": "digid"})
    assert fitting(Cut("ido", (recoded,), COUNTS, GAZETTEER.then), rollups) is None


@pytest.fixture
def register(open_register: OpenRegister) -> idocore.Register:
    found = furnished(open_register())
    if "rollup" not in found.store.capabilities:
        pytest.skip("keeps no counts ready")
    return found


def test_a_declared_set_is_used(register: idocore.Register) -> None:
    """What somebody declares is kept from the next refresh on; what is no dimension is refused, and changes nothing."""
    register.record("centrale", inquiries=DIGID, moment=MAY, answers={"duration": "over-30"})
    before = register.rollups.declared()
    with pytest.raises(InvalidQueryError, match="provider"):
        register.rollups.declare([["provders"]])
    with pytest.raises(InvalidQueryError):
        register.rollups.declare([["province"]])
    assert register.rollups.declared() == before
    assert register.rollups.declare([["duration", "topic"]]) == ((), ("duration", "topic"))
    assert register.rollups.refresh() > 0
    assert register.rollups.refresh() == 0
    table = register.table(by="duration", where={"topic": "digid"})
    assert table.to_dicts() == [{"duration": "over-30", "registrations": 1}]
    assert list(register.rollups.check()) == list(register.verify()) == []


def test_a_wrong_count_is_found_and_mended(register: idocore.Register) -> None:
    """Verify tells a kept count that differs from the facts; a rebuild makes all of them anew."""
    register.record("centrale", inquiries=DIGID, moment=MAY)
    register.rollups.refresh()
    store = register.store
    assert isinstance(store, SqlStore)
    with store._access.writing() as connection:
        connection.exec_driver_sql("UPDATE idocore_rollup_cell SET registrations = 7 WHERE code_1 = 'digid'")
    assert {finding.code for finding in register.verify()} == {"rollup-differs"}
    register.rebuild()
    assert list(register.verify()) == []
    assert register.table().base == {"registrations": 1}


def test_who_may(register: idocore.Register) -> None:
    """Anybody who may count sees what is declared; only the owner declares and refreshes."""
    worker = register.acting_as("w-1", "worker", "service_point/centrale")
    assert worker.rollups.declared()
    for act in (worker.rollups.refresh, lambda: worker.rollups.declare([]), lambda: list(worker.rollups.check())):
        with pytest.raises(idocore.NotAllowedError):
            act()
    assert NOW.year == 2024
