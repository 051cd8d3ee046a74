"""One id is one registration: who writes under an id that is there already may not do more than by correcting it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import idocore
from idocore.errors import ConflictError, NotAllowedError, NotFoundError, PeriodClosedError, RejectedError
from idocore.intake import Intake
from idocore.journal import subject_of
from idocore.registrations import Kind, Registration
from tests.registers import DIGID, MAY, NOW, OpenRegister, furnished

LATE = {"period-closed": "lijst lag in een la"}


@pytest.fixture
def register(open_register: OpenRegister) -> idocore.Register:
    return furnished(open_register())


def taken_over(visit: Registration, **changes: Any) -> dict[str, Any]:
    """A record that says it is the revision after `visit`."""
    raw = {"id": str(visit.id), "revision": visit.revision + 1, "service_point": "centrale", "inquiries": DIGID}
    return {**raw, "moment": MAY, **changes}


def loaded(register: idocore.Register, raw: dict[str, Any], **more: Any) -> str:
    """The code of what was found when `raw` was loaded from a file; empty when it was stored."""
    (outcome,) = register.load([idocore.Line(1, raw, None, "")], **more)
    return outcome.findings[0].code if outcome.is_rejected else ""


RECORDS = st.fixed_dictionaries(
    {
        "id": st.sampled_from([0, 1]),
        "revision": st.integers(1, 3),
        "channel": st.sampled_from([None, "desk", "telephone"]),
    }
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(before=st.lists(RECORDS, max_size=3), lines=st.lists(RECORDS, max_size=5))
def test_a_dry_run_tells_what_a_load_would_do(before: list[dict[str, Any]], lines: list[dict[str, Any]]) -> None:
    """Whatever is stored already, and however often an id stands in a file: the same of each line, nothing written."""
    register, ids = furnished(idocore.open("memory:", clock=lambda: NOW)), [idocore.new_id() for _ in range(2)]
    common = {"service_point": "centrale", "moment": MAY, "inquiries": DIGID}

    def load(records: list[dict[str, Any]], **more: Any) -> list[tuple[str, list[str]]]:
        raws = [{**common, **one, "id": str(ids[one["id"]])} for one in records]
        outcomes = register.load([idocore.Line(number, raw) for number, raw in enumerate(raws, start=1)], **more)
        return [(one.result.value.replace("acceptable", "stored"), [str(f) for f in one.findings]) for one in outcomes]

    load(before)
    heads = register.store.heads()
    told = load(lines, dry_run=True)
    assert register.store.heads() == heads
    assert told == load(lines)


def test_a_dry_run_keeps_to_itself_what_may_not_be_seen(register: idocore.Register) -> None:
    """Of a registration elsewhere it tells no more than a load does."""
    visit = register.record("weesp", inquiries=DIGID, moment=MAY)
    worker = register.acting_as("w-1", "worker", "service_point/centrale")
    raw = {"id": str(visit.id), "service_point": "centrale", "moment": MAY, "inquiries": DIGID}
    assert loaded(worker, raw, dry_run=True) == loaded(worker, raw) == "conflict-unseen"
    assert loaded(register, raw, dry_run=True) == "conflict-other-content"


# Two who change the same in the same way


@pytest.fixture
def two(open_register: OpenRegister) -> tuple[idocore.Register, list[Callable[[], object]]]:
    """A register, and what somebody else does between the judgement of the next change and its writing."""
    waiting: list[Callable[[], object]] = []

    def clock() -> datetime:
        while waiting:
            waiting.pop()()
        return NOW

    return furnished(open_register(clock=clock)), waiting


def test_the_same_change_by_two_is_two_changes(two: tuple[idocore.Register, list[Callable[[], object]]]) -> None:
    """Both saw five visitors and each adds one: the second hears of the first, and nobody's visitor is lost."""
    register, waiting = two
    tally = register.tally("centrale", 5, moment=MAY)
    other = register.acting_as("w-2")
    waiting.append(lambda: other.correct(tally, count=6, reason="een erbij"))
    with pytest.raises(ConflictError) as caught:
        register.correct(tally, count=6, reason="nog een erbij")
    assert caught.value.stored is not None
    assert (caught.value.stored.actor, caught.value.stored.reason) == ("w-2", "een erbij")
    assert register.correct(register.get(tally.id), count=7).revision == 3


def test_the_same_change_by_id_is_recorded_twice(two: tuple[idocore.Register, list[Callable[[], object]]]) -> None:
    """Who corrects whatever is latest leaves a revision of their own, with their reason."""
    register, waiting = two
    tally = register.tally("centrale", 5, moment=MAY)
    other = register.acting_as("w-2")
    waiting.append(lambda: other.withdraw(tally.id, reason="dubbel"))
    assert register.withdraw(tally.id, reason="dubbel geteld").revision == 3
    assert [one.reason for one in register.history(tally.id)] == [None, "dubbel", "dubbel geteld"]


def test_a_register_that_takes_it_for_the_same_is_caught(
    two: tuple[idocore.Register, list[Callable[[], object]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin treats a change as a record that is sent again: it says that all is well, and one is lost."""
    from idocore.writer import Writer

    write = Writer.write
    monkeypatch.setattr(Writer, "write", lambda self, make, **_: write(self, make))
    register, waiting = two
    tally = register.tally("centrale", 5, moment=MAY)
    waiting.append(lambda: register.acting_as("w-2").correct(tally, count=6, reason="een erbij"))
    register.correct(tally, count=6, reason="nog een erbij")
    assert [one.reason for one in register.history(tally.id)] == [None, "een erbij"]


# A record with the id of another


def test_nobody_takes_over_a_visit_of_elsewhere(register: idocore.Register) -> None:
    """A record that calls itself the next revision needs the rights of a correction, where the visit lies now."""
    visit = register.record("weesp", inquiries=DIGID, moment=MAY)
    worker = register.acting_as("w-1", "worker", "service_point/centrale")
    with pytest.raises(NotAllowedError):
        worker.record_raw(taken_over(visit))
    with pytest.raises(NotAllowedError), worker.batch() as batch:
        batch.record_raw(taken_over(visit))
    assert loaded(worker, taken_over(visit)) == "outside-scope"
    assert loaded(worker, taken_over(visit), bulk=True) == "outside-scope"
    assert register.get(visit.id) == visit
    assert register.record_raw(taken_over(visit)).service_point == "centrale"


def test_a_register_that_looks_at_the_new_place_only_is_caught(
    register: idocore.Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin does not look at what is replaced: the visit is gone from where it was made."""
    monkeypatch.setattr(Intake, "_replacing", lambda *_: ())
    visit = register.record("weesp", inquiries=DIGID, moment=MAY)
    register.acting_as("w-1", "worker", "service_point/centrale").record_raw(taken_over(visit))
    assert register.get(visit.id).service_point == "centrale"


def test_a_record_does_not_walk_around_a_closing(register: idocore.Register) -> None:
    """A visit of a closed month leaves it by a reason only, as an amendment, however it is sent."""
    visit = register.record("centrale", inquiries=DIGID, moment=MAY)
    register.periods.close("2024-05", at="organisation/noord")
    moved = taken_over(visit, moment="2024-06-03T10:00")
    with pytest.raises(PeriodClosedError):
        register.record_raw(moved)
    assert loaded(register, moved) == "period-closed"
    assert register.get(visit.id) == visit
    with pytest.raises(NotAllowedError):
        register.acting_as("w-1", "worker", "service_point/centrale").record_raw({**moved, "overrides": LATE})
    assert register.record_raw({**moved, "overrides": LATE}).revision == 2
    assert register.history(visit.id)[-1].is_amendment


def test_sending_a_later_revision_again_is_harmless(register: idocore.Register) -> None:
    """Also after its month was closed: it is there already."""
    visit = register.record("centrale", inquiries=DIGID, moment=MAY)
    sent = taken_over(visit, channel="telephone")
    first = register.record_raw(sent)
    register.periods.close("2024-05", at="organisation/noord")
    assert register.record_raw(sent) == first
    assert loaded(register, sent) == ""


def test_an_id_of_something_else_is_refused(register: idocore.Register) -> None:
    """A place has an id as well; a registration never follows on one."""
    point = register.places.service_points[0]
    subject = subject_of(point)
    raw = {"id": str(subject), "revision": 2, "service_point": "centrale", "inquiries": DIGID, "moment": MAY}
    with pytest.raises(RejectedError) as caught:
        register.record_raw(raw)
    assert [(one.code, one.path) for one in caught.value.findings] == [("id-taken", "id")]


def test_an_id_of_something_else_is_no_registration(register: idocore.Register) -> None:
    """What asks for a registration by the id of a place is told that there is none."""
    subject = subject_of(register.places.service_points[0])
    asked: list[Callable[[], object]] = [
        lambda: register.get(subject),
        lambda: register.history(subject),
        lambda: register.correct(subject, channel="online"),
        lambda: register.withdraw(subject),
        lambda: register.restore(subject),
        lambda: register.retention.erase(subject),
    ]
    for ask in asked:
        with pytest.raises(NotFoundError):
            ask()


def test_a_correction_keeps_its_id(register: idocore.Register) -> None:
    """`id` and `revision` are not for changing: both are named, and nothing is written elsewhere."""
    visit, other = (register.record("centrale", inquiries=DIGID, moment=MAY) for _ in range(2))
    with pytest.raises(RejectedError) as caught:
        register.correct(visit, id=str(other.id), revision=2, channel="online")
    assert [(one.code, one.path) for one in caught.value.findings] == [
        ("fixed-field", "id"),
        ("fixed-field", "revision"),
    ]
    assert register.get(other.id) == other


def test_a_conflict_does_not_tell_who_wrote_elsewhere(register: idocore.Register) -> None:
    """Neither in the error nor in the findings of a file."""
    visit = register.acting_as("w-9").record("weesp", inquiries=DIGID, moment=MAY)
    worker = register.acting_as("w-1", "worker", "service_point/centrale")
    raw = taken_over(visit, revision=1)
    with pytest.raises(ConflictError) as caught:
        worker.record_raw(raw)
    assert caught.value.code == "conflict-unseen"
    (outcome,) = worker.load([idocore.Line(1, raw, None, "")])
    told = [str(caught.value), str(caught.value.parameters), *(str(one) for one in outcome.findings)]
    told += [str(one.parameters) for one in outcome.findings]
    assert not any("w-9" in one or str(visit.moment.year) + "-06" in one for one in told)
    assert "w-9" in str(_conflict(register, raw))


def _conflict(register: idocore.Register, raw: dict[str, Any]) -> ConflictError:
    with pytest.raises(ConflictError) as caught:
        register.record_raw(raw)
    return caught.value


def test_kinds_of_what_is_sent_stay_what_they_are(register: idocore.Register) -> None:
    """A tally that is sent as its next revision is stored as such: what the exchange format is for."""
    tally = register.tally("centrale", 5, moment=MAY)
    raw = {"id": str(tally.id), "revision": 2, "kind": "tally", "count": 6, "service_point": "centrale", "moment": MAY}
    assert register.record_raw(raw) == attrs.evolve(tally, count=6, revision=2, kind=Kind.TALLY)
