"""Closed periods: what was closed is final, what comes later is an amendment that shows."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any

import attrs
import pytest
from sqlalchemy import create_engine, text

import idocore
from idocore.errors import (
    ClosingsChangedError,
    InvalidValueError,
    NotAllowedError,
    PeriodClosedError,
    RejectedError,
    StoreError,
)
from idocore.gazetteer import Place, place_key
from idocore.journal import Revision, subject_of
from idocore.periods import Period
from idocore.places import Succession
from idocore_sql.store import SqlStore
from tests.registers import ABOVE_STORES, DIGID, LOCAL, MAY, NOW, SMALL_THEME, OpenRegister, furnished

LATE = {"period-closed": "lijst lag in een la"}


@pytest.fixture
def register(open_register: OpenRegister) -> idocore.Register:
    return furnished(open_register())


def counts(register: idocore.Register) -> dict[str, int]:
    table = register.table("registrations", by="amendment", period="2024-05")
    return {str(row["amendment"]): row["registrations"] for row in table.to_dicts()}


def test_nothing_is_written_into_a_closed_period(register: idocore.Register) -> None:
    """A registration, correction, withdrawal and restoration in a closed period all raise PeriodClosedError."""
    visit = register.record("centrale", inquiries=DIGID, moment=MAY)
    gone = register.withdraw(register.record("centrale", inquiries=DIGID, moment=MAY))
    register.periods.close("2024-05", at="organisation/noord")
    for attempt in (
        lambda: register.record("centrale", inquiries=DIGID, moment=MAY),
        lambda: register.correct(visit, channel="telephone"),
        lambda: register.correct(visit, moment="2024-06-03T10:00"),
        lambda: register.withdraw(visit),
        lambda: register.restore(gone),
    ):
        with pytest.raises(PeriodClosedError) as caught:
            attempt()
        assert "2024-05" in caught.value.message("nl")
    assert counts(register) == {"no": 1}


def test_other_places_and_days_stay_open(register: idocore.Register) -> None:
    """A closing covers its own place and period, and nothing else."""
    register.periods.close("2024-05", at="organisation/noord")
    register.record("weesp", inquiries=DIGID, moment=MAY)
    register.record("centrale", inquiries=DIGID, moment="2024-06-01T00:00")
    register.record("centrale", inquiries=DIGID, moment="2024-04-30T23:59")
    with pytest.raises(PeriodClosedError):
        register.record("wijk", inquiries=DIGID, moment="2024-05-31T23:59")


@pytest.mark.parametrize("at", ["service_point/centrale", "organisation/noord", "province/PV26", "nation"])
def test_every_level_can_be_closed(register: idocore.Register, at: str) -> None:
    """A service point, an organisation, a province and the nation."""
    register.periods.close("2024-Q2", at=at)
    with pytest.raises(PeriodClosedError):
        register.record("centrale", inquiries=DIGID, moment=MAY)
    assert [str(one.scope) for one in register.periods.closed] == [at if at != "nation" else "nation/NL"]


def test_an_amendment_needs_a_reason_and_counts_apart(register: idocore.Register) -> None:
    """With a reason it is stored, marked in its history, counted apart, and the table says so."""
    register.record("centrale", inquiries=DIGID, moment=MAY)
    register.periods.close("2024-05", at="organisation/noord")
    late = register.record("centrale", inquiries=DIGID, moment=MAY, overrides=LATE)
    assert register.history(late.id)[0].is_amendment
    assert counts(register) == {"no": 1, "yes": 1}
    assert "note-amended" in [note.code for note in register.table("registrations", period="2024-05").notes]


def test_each_change_after_closing_needs_its_own_reason(register: idocore.Register) -> None:
    """The reason of an amendment does not carry over to the next correction."""
    register.periods.close("2024-05", at="nation")
    late = register.record("centrale", inquiries=DIGID, moment=MAY, overrides=LATE)
    with pytest.raises(PeriodClosedError):
        register.correct(late, channel="telephone")
    again = register.correct(late, channel="telephone", overrides=LATE)
    assert register.history(again.id)[1].is_amendment


def in_may(visit: idocore.Registration | None) -> int:
    is_counted = visit is not None and visit.status is idocore.Status.FINAL
    return int(is_counted and visit is not None and visit.local_date.month == 5)


@LOCAL
@pytest.mark.parametrize("seed", range(3))
def test_amendments_account_for_every_difference(register: idocore.Register, seed: int) -> None:
    """What was counted at the closing and what the amendments changed is what is counted now, whatever was done."""
    chance = Random(seed)
    visits = [register.record("centrale", inquiries=DIGID, moment=f"2024-05-{day:02}") for day in range(1, 9)]
    register.periods.close("2024-05", at="organisation/noord")
    changes: list[Callable[[idocore.Registration], idocore.Registration]] = [
        lambda visit: register.withdraw(visit, overrides=LATE),
        lambda visit: register.correct(visit, moment="2024-06-03", overrides=LATE),
        lambda visit: register.correct(visit, moment="2024-05-03", overrides=LATE),
        lambda visit: register.correct(visit, channel="telephone", overrides=LATE),
        lambda visit: register.record("centrale", inquiries=DIGID, moment="2024-05-30", overrides=LATE),
    ]
    for _ in range(20):
        visit = register.get(chance.choice(visits).id)
        withdrawn = visit.status is idocore.Status.WITHDRAWN
        changed = register.restore(visit, overrides=LATE) if withdrawn else chance.choice(changes)(visit)
        visits.append(changed)
    found = list(register.amendments("2024-05"))
    assert 8 + sum(in_may(one.after) - in_may(one.before) for one in found) == sum(counts(register).values())
    assert {one.reason for one in found} == {LATE["period-closed"]}


def test_amendments_are_seen_within_the_scope(register: idocore.Register) -> None:
    """Only those of one's own places, and the reason only by who may read notes."""
    for point in ("centrale", "weesp"):
        visit = register.record(point, inquiries=DIGID, moment=MAY)
        register.periods.close("2024-05", at=f"service_point/{point}")
        register.withdraw(visit, overrides=LATE)
    assert len(list(register.amendments())) == 2
    assert list(register.amendments("2024-06")) == []
    (own,) = register.acting_as("c-1", "coordinator", "organisation/noord").amendments()
    assert (own.before and own.before.service_point, own.reason) == ("centrale", LATE["period-closed"])
    (known,) = register.acting_as("a-1", "auditor", "organisation/noord").amendments()
    assert known.reason is None
    for role, scope in (("funder", "nation"), ("worker", "service_point/weesp")):
        with pytest.raises(NotAllowedError):
            list(register.acting_as("x", role, scope).amendments(scope="organisation/noord"))


def test_a_visit_moved_out_of_a_closed_period_is_an_amendment(register: idocore.Register) -> None:
    """Taking a visit away from closed figures changes them, so it needs a reason, too."""
    visit = register.record("centrale", inquiries=DIGID, moment=MAY)
    register.periods.close("2024-05", at="nation")
    moved = register.correct(visit, moment="2024-06-03T10:00", overrides=LATE)
    assert register.history(moved.id)[-1].is_amendment


def test_sending_again_after_closing_is_harmless(register: idocore.Register) -> None:
    """The same record sent again gives back what is stored, though its period was closed since."""
    raw = {"id": str(idocore.new_id()), "service_point": "centrale", "moment": MAY, "inquiries": DIGID}
    first = register.record_raw(raw)
    register.periods.close("2024-05", at="nation")
    assert register.record_raw(raw) == first
    outcomes = list(register.load([idocore.Line(1, raw, None, "")]))
    assert [outcome.result for outcome in outcomes] == [idocore.Result.UNCHANGED]
    with pytest.raises(PeriodClosedError):
        register.record_raw({**raw, "service_point": "weesp"})


def test_reopening_is_recorded(register: idocore.Register) -> None:
    """Closed, opened, closed again: the journal tells who, when and why, and the last state holds."""
    register.periods.close("2024-05", at="organisation/noord", reason="jaarverslag")
    register.periods.close("2024-05", at="organisation/noord")  # changes nothing
    register.periods.reopen("2024-05", at="organisation/noord", reason="lijst gevonden")
    register.record("centrale", inquiries=DIGID, moment=MAY)
    register.periods.close("2024-05", at="organisation/noord")
    entries = register.changes()
    closings = [entry.revision for entry in entries if entry.kind == "closing"]
    assert [one.content.is_closed for one in closings] == [True, False, True]  # type: ignore[union-attr]
    assert [one.reason for one in closings] == ["jaarverslag", "lijst gevonden", None]
    with pytest.raises(PeriodClosedError):
        register.record("centrale", inquiries=DIGID, moment=MAY)
    with pytest.raises(InvalidValueError):
        register.periods.reopen("2023-01", at="organisation/noord")


def test_the_store_refuses_who_judged_by_fewer_closings(register: idocore.Register) -> None:
    """The race: judged before the closing, written after it. The store notices; without the number it would not."""
    recorded = register.record("centrale", inquiries=DIGID, moment=MAY)
    visit = attrs.evolve(recorded, id=idocore.new_id())
    judged = Revision(visit.id, 1, visit, "desk", NOW)
    register.periods.close("2024-05", at="nation")
    with pytest.raises(ClosingsChangedError):
        register.store.append([judged], closings=0)
    register.store.append([judged])  # the broken twin: nobody said by which closings it was judged


def test_late_lines_of_a_file_are_rejected_or_amend(register: idocore.Register) -> None:
    """In a file the late line is told apart, and the others are stored."""
    register.periods.close("2024-05", at="organisation/noord")
    lines = [
        idocore.Line(number, {"service_point": "centrale", "moment": moment, "inquiries": DIGID}, None, "")
        for number, moment in enumerate((MAY, "2024-06-03T10:00"), start=1)
    ]
    outcomes = list(register.load(lines))
    assert [outcome.result.value for outcome in outcomes] == ["rejected", "stored"]
    assert outcomes[0].findings[0].code == "period-closed"
    assert [one.result.value for one in register.load(lines[:1], overrides=LATE)] == ["stored"]


def test_a_batch_is_judged_again_at_commit(register: idocore.Register) -> None:
    """What was fine when it was held is refused when its period was closed before the commit."""
    with register.batch() as batch:
        batch.record("centrale", inquiries=DIGID, moment=MAY)
        register.periods.close("2024-05", at="nation")
        with pytest.raises(PeriodClosedError):
            batch.commit()
    assert counts(register) == {}


def test_sending_again_in_a_batch_is_harmless_after_the_closing(register: idocore.Register) -> None:
    """What is stored already is given back by a batch, too, whatever was closed since."""
    visit = register.record("centrale", inquiries=DIGID, moment=MAY)
    register.periods.close("2024-05", at="nation")
    with register.batch() as batch:
        batch.record("centrale", inquiries=DIGID, moment=MAY, id=visit.id)
        with pytest.raises(PeriodClosedError):
            batch.record("centrale", inquiries=DIGID, moment=MAY)
        assert batch.commit() == (visit,)
    assert len(register.history(visit.id)) == 1


def may_of_noord(register: idocore.Register) -> int:
    table = register.table("registrations", where={"organisation": "noord"}, period="2024-05")
    return int(str(table.to_dicts()[0]["registrations"]))


MOVES: dict[str, Callable[[idocore.Register], object]] = {
    "moved away": lambda noord: noord.places.move("wijk", date(2024, 5, 1), organisation="zuid"),
    "moved for a part": lambda noord: noord.places.move("wijk", date(2024, 5, 10), organisation="zuid"),
    "replaced": lambda noord: noord.places.add_service_point("wijk", municipality="Amersfoort", organisation="zuid"),
    "put in another town": lambda noord: noord.places.move("wijk", date(2024, 1, 1), municipality="Utrecht"),
    "brought in": lambda noord: noord.places.add_service_point("weesp", municipality="Utrecht", organisation="noord"),
}


@pytest.mark.parametrize("name", MOVES)
def test_a_place_does_not_walk_around_a_closing(register: idocore.Register, name: str) -> None:
    """A service point that would be counted elsewhere on days that were closed is refused; with a reason it is kept."""
    for point in ("wijk", "weesp"):
        register.record(point, inquiries=DIGID, moment=MAY)
    register.periods.close("2024-05", at="organisation/noord")
    with pytest.raises(PeriodClosedError) as caught:
        MOVES[name](register)
    assert "2024-05" in caught.value.message("nl")
    assert may_of_noord(register) == 1
    assert register.places.service_point("wijk").sitings[0].organisation == "noord"


MANNERS: dict[str, dict[str, Any]] = {
    "another variant": {"variant": "basic"},
    "no longer inside": {"inside": False},
    "both": {"variant": "basic", "inside": False},
}


@ABOVE_STORES
@pytest.mark.parametrize("closed", ["service_point/wijk", "organisation/noord", "province/PV26", "nation"])
@pytest.mark.parametrize("name", MANNERS)
def test_a_place_does_not_count_as_something_else_over_a_closing(
    register: idocore.Register, name: str, closed: str
) -> None:
    """Its variant, and whether it lies inside a library, are final as its town is; with a reason they change."""

    def by_manner() -> list[dict[str, Any]]:
        return register.table(by=("inside", "variant"), period="2024-05").to_dicts()

    register.record("wijk", inquiries=DIGID, moment=MAY)
    before = by_manner()
    register.periods.close("2024-05", at=closed)
    with pytest.raises(PeriodClosedError):
        register.places.move("wijk", "2024-05-10", **MANNERS[name])
    assert by_manner() == before
    register.places.move("wijk", "2024-06-01", **MANNERS[name])
    assert by_manner() == before
    register.places.move("wijk", "2024-05-10", overrides=LATE, **MANNERS[name])
    assert by_manner() != before


def in_flevoland(register: idocore.Register) -> Place:
    """Amersfoort as if it had always lain in another province."""
    return attrs.evolve(register.places.municipality("Amersfoort"), province="PV24")


def annexed() -> Place:
    """Amersfoort as if Utrecht had taken it over in the middle of May."""
    return Succession(date(2024, 5, 15), "GM0307", "GM0344")


TOWNS: dict[str, Callable[[idocore.Register], Place]] = {
    "in another province": in_flevoland,
    "taken over": lambda _: annexed(),
}


@pytest.mark.parametrize("closed", ["province/PV26", "nation"])
@pytest.mark.parametrize("name", TOWNS)
def test_a_town_does_not_walk_around_a_closing(register: idocore.Register, name: str, closed: str) -> None:
    """What lies in a municipality moves with it: refused over closed days, kept with a reason."""
    register.record("wijk", inquiries=DIGID, moment="2024-05-20T10:00")
    by_town = register.table(by=("province", "municipality"), period="2024-05").to_dicts()
    register.periods.close("2024-05", at=closed)
    changed = TOWNS[name](register)
    with pytest.raises(PeriodClosedError) as caught:
        register.places.put(changed)
    assert [finding.path for finding in caught.value.findings] == [place_key(changed)]
    assert register.table(by=("province", "municipality"), period="2024-05").to_dicts() == by_town
    register.places.put(changed, overrides=LATE)
    assert register.table(by=("province", "municipality"), period="2024-05").to_dicts() != by_town
    assert [entry.revision for entry in register.changes()][-1].is_amendment


def test_towns_change_after_what_is_closed(register: idocore.Register) -> None:
    """A name, a town without service points, and what begins later, need no reason."""
    register.periods.close("2024-05", at="nation")
    register.places.put(attrs.evolve(register.places.municipality("Amersfoort"), name="Amersfoort aan de Eem"))
    register.places.put(attrs.evolve(register.places.municipality("Almere"), province="PV26"))
    register.places.put(attrs.evolve(annexed(), date=date(2024, 6, 1)))


def test_places_change_before_and_after_what_is_closed(register: idocore.Register) -> None:
    """What is new, what begins later, and what counts where it counted before, needs no reason."""
    register.periods.close("2024-05", at="organisation/noord")
    register.places.move("wijk", date(2024, 6, 1), organisation="zuid")
    register.places.add_service_point("nieuw", municipality="Utrecht", organisation="noord")
    register.places.put(attrs.evolve(register.places.service_point("centrale"), public_name="De Centrale"))
    register.places.move("weesp", date(2024, 5, 1), variant="basic")
    with pytest.raises(PeriodClosedError):
        register.record("nieuw", inquiries=DIGID, moment=MAY)


def test_a_place_moved_with_a_reason_keeps_it(register: idocore.Register) -> None:
    """The reason is in the journal; it is for who may amend."""
    register.record("wijk", inquiries=DIGID, moment=MAY)
    register.periods.close("2024-05", at="organisation/noord")
    with pytest.raises(NotAllowedError):
        register.acting_as("n-1", "national", "nation").places.move(
            "wijk", date(2024, 5, 1), organisation="zuid", overrides=LATE
        )
    register.places.move("wijk", date(2024, 5, 1), organisation="zuid", overrides=LATE)
    last = [entry.revision for entry in register.changes() if entry.kind == "place"][-1]
    assert (last.is_amendment, dict(last.overrides)) == (True, LATE)
    assert register.table("registrations", where={"organisation": "zuid"}).to_dicts() == [{"registrations": 1}]


def test_a_closing_in_the_middle_of_a_file_doubles_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines without an id go one by one after a conflict; when a period is closed then, those written stay."""
    url, written = f"sqlite:///{tmp_path}/ido.db", SqlStore.append
    with idocore.open(url, clock=lambda: NOW) as register, idocore.open(url, clock=lambda: NOW) as closer:
        visit = furnished(register).record("centrale", inquiries=DIGID, moment=MAY)
        raws: list[dict[str, object]] = [{"service_point": "centrale", "inquiries": DIGID, "moment": MAY}] * 6
        raws[4] = {**raws[4], "id": str(visit.id), "channel": "telephone"}
        calls: list[int] = []

        def append(self: SqlStore, *arguments: Any, **more: Any) -> object:
            calls.append(1)
            if len(calls) == 4:
                monkeypatch.setattr(SqlStore, "append", written)
                closer.periods.close("2024-04", at="organisation/noord")
            return written(self, *arguments, **more)

        monkeypatch.setattr(SqlStore, "append", append)
        outcomes = list(register.load([idocore.Line(number, raw, None, "") for number, raw in enumerate(raws)]))
        assert [one.result.value for one in outcomes] == ["stored"] * 4 + ["rejected", "stored"]
        ids = [one.id for one in outcomes]
        assert {one.id for one in register.find().registrations} == set(ids)
        assert len(set(ids)) == len(raws)


def test_a_place_is_judged_again_when_a_period_is_closed_meanwhile(tmp_path: Path) -> None:
    """The race: judged before the closing, written after it. The store notices, and it is refused."""
    url, closing = f"sqlite:///{tmp_path}/ido.db", list[idocore.Register]()

    def clock() -> datetime:
        while closing:  # between the judgement and the writing
            closing.pop().periods.close("2024-05", at="organisation/noord")
        return NOW

    with idocore.open(url, clock=clock) as mover, idocore.open(url, clock=lambda: NOW) as closer:
        furnished(mover).record("wijk", inquiries=DIGID, moment=MAY)
        closing.append(closer)
        with pytest.raises(PeriodClosedError):
            mover.places.move("wijk", date(2024, 5, 1), organisation="zuid")
        assert may_of_noord(closer) == 1


def test_a_register_that_lets_places_walk_is_caught(
    register: idocore.Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin looks at registrations only: closed figures change."""
    monkeypatch.setattr("idocore.closings.Closings.moved_by", lambda *_: iter(()))
    register.record("wijk", inquiries=DIGID, moment=MAY)
    register.periods.close("2024-05", at="organisation/noord")
    MOVES["moved away"](register)
    assert register.table("registrations", where={"organisation": "noord"}, period="2024-05").to_dicts() != [
        {"registrations": 1}
    ]


@pytest.mark.parametrize("place", ["organisation/nord", "service_point/central", "province/PV99", "nation/XX"])
def test_a_place_that_is_not_there_cannot_be_closed(register: idocore.Register, place: str) -> None:
    """A slip of the pen is told, and does not look like a closing that closes nothing."""
    with pytest.raises(InvalidValueError) as caught:
        register.periods.close("2024-05", at=place)
    assert place in str(caught.value)
    assert register.periods.closed == ()


def test_who_may_close(register: idocore.Register) -> None:
    """A coordinator closes for the own organisation only; a worker not at all; an amendment is the coordinator's."""
    coordinator = register.acting_as("c-1", "coordinator", "organisation/noord")
    worker = register.acting_as("w-1", "worker", "service_point/centrale")
    assert str(coordinator.periods.close("2024-05").scope) == "organisation/noord"
    for attempt in (
        lambda: coordinator.periods.close("2024-05", at="nation"),
        lambda: coordinator.periods.close("2024-05", at="organisation/zuid"),
        lambda: worker.periods.close("2024-05"),
        lambda: worker.record("centrale", inquiries=DIGID, moment=MAY, overrides=LATE),
    ):
        with pytest.raises(NotAllowedError):
            attempt()
    coordinator.record("centrale", inquiries=DIGID, moment=MAY, overrides=LATE)


def test_what_is_to_come_cannot_be_closed(register: idocore.Register) -> None:
    """A slip of the pen would stop everybody at the desk; what has begun may be closed early."""
    for period in ("2024-07", "2024-W25", "2025"):
        with pytest.raises(InvalidValueError) as caught:
            register.periods.close(period, at="organisation/noord")
        assert caught.value.code == "period-to-come"
    assert register.periods.closed == ()
    register.periods.close("2024-06", at="organisation/noord")


@ABOVE_STORES
@pytest.mark.parametrize("period", ["0024-05", Period.of("month", date(24, 5, 1)), "9999-12-31"])
def test_a_mistyped_year_closes_nothing(register: idocore.Register, period: str | Period) -> None:
    """It is refused, and everybody goes on."""
    with pytest.raises(InvalidValueError) as caught:
        register.periods.close(period, at="nation")
    assert caught.value.code == "invalid-period"
    assert register.periods.history() == ()


@LOCAL
@pytest.mark.parametrize("period", ["24-05", "0024-05", "9999-12-31"])
def test_a_closing_of_no_period_stops_nobody(register: idocore.Register, period: str) -> None:
    """Where one stands in the journal all goes on: recording, moving a place, closing, and the list of closings."""
    closing = idocore.Closing("nation", "NL", period)
    register.store.append([Revision(subject_of(closing), 1, closing, "somebody", NOW)])
    register.record("centrale", inquiries=DIGID, moment=MAY)
    register.places.move("wijk", date(2024, 5, 1), organisation="zuid")
    register.periods.close("2024-05", at="nation")
    assert [one.period for one in register.periods.closed] == ["2024-05"]
    with pytest.raises(PeriodClosedError):
        register.record("centrale", inquiries=DIGID, moment=MAY)


@pytest.fixture
def windowed(register: idocore.Register, tmp_path: Path) -> idocore.Register:
    """A register with a theme in which one registers within fourteen days: from the first of June."""
    path = tmp_path / "klein.toml"
    path.write_text(f"{SMALL_THEME}register_within_days = 14\n")
    register.install_theme(path)
    return register


ILL = {"registered-late": "ziek"}


def codes_of(attempt: Callable[[], object]) -> list[str]:
    """The codes of what was found in what `attempt` would store; none when it was stored."""
    try:
        attempt()
    except RejectedError as error:
        return [finding.code for finding in error.findings]
    return []


def test_a_registration_window_is_data(windowed: idocore.Register) -> None:
    """A theme may say how late one may register; later needs a reason."""
    windowed.record("centrale", theme="klein", moment=date(2024, 6, 1))
    with pytest.raises(RejectedError) as caught:
        windowed.record("centrale", theme="klein", moment=date(2024, 5, 31))
    assert [finding.code for finding in caught.value.findings] == ["registered-late"]
    windowed.record("centrale", theme="klein", moment=date(2024, 5, 31), overrides=ILL)


@LOCAL
@pytest.mark.parametrize("revision", [1, 2, 7])
def test_a_number_of_a_revision_does_not_open_the_window(windowed: idocore.Register, revision: int) -> None:
    """What is not stored yet is new, whatever it calls itself; sent again with its reason it is what is stored."""
    raw = {"id": str(idocore.new_id()), "theme": "klein", "service_point": "centrale", "revision": revision}
    late = {**raw, "moment": "2024-05-31T10:00"}
    assert [finding.code for finding in windowed.check_raw(late)] == ["registered-late"]
    assert codes_of(lambda: windowed.record_raw(late)) == ["registered-late"]
    stored = windowed.record_raw({**late, "overrides": ILL})
    assert windowed.record_raw({**late, "overrides": ILL}) == stored
    assert windowed.record_raw(late) == stored


@ABOVE_STORES
@pytest.mark.parametrize("day", ["2024-01-05T10:00", "2024-05-31", "2024-06-01", "2024-06-14T09:00"])
@pytest.mark.parametrize("to", ["2024-01-04T10:00", "2024-05-31T11:00", "2024-06-02T10:00", "2024-05"])
def test_only_a_move_to_a_day_outside_the_window_needs_a_reason(windowed: idocore.Register, day: str, to: str) -> None:
    """Corrected or sent as the next revision; what stays on its day, or comes within the window, needs none.

    A reason that the registration was stored with is about the day that it had.
    """
    raw = {"theme": "klein", "service_point": "centrale", "moment": day}
    visit = windowed.record_raw({**raw, "overrides": ILL})
    again = windowed.correct(visit, channel="telephone")
    windowed.correct(again, moment=f"{day[:10]}T16:00")
    asked = [] if to[:10] in (day[:10], "2024-06-02") else ["registered-late"]
    sent = {**raw, "id": str(visit.id), "revision": 4, "moment": to}
    assert [finding.code for finding in windowed.check_raw(sent)] == asked
    assert codes_of(lambda: windowed.correct(visit.id, moment=to)) == asked
    if asked:
        windowed.correct(visit.id, moment=to, overrides=ILL)
    windowed.withdraw(visit.id)


def test_a_number_of_closings_that_is_wrong_is_an_error(tmp_path: Path) -> None:
    """Judging again would never end: every way in says what is wrong; verify finds it, and a rebuild mends it."""
    with furnished(idocore.open(f"sqlite:///{tmp_path}/ido.db", clock=lambda: NOW)) as register:
        engine = create_engine(f"sqlite:///{tmp_path}/ido.db")
        with engine.begin() as connection:
            connection.execute(text("UPDATE idocore_guard SET value = 7 WHERE name = 'closings'"))
        engine.dispose()
        raw = {"service_point": "centrale", "inquiries": DIGID, "moment": MAY}
        for attempt in (
            lambda: register.record_raw(raw),
            lambda: list(register.load([idocore.Line(1, raw, None, "")])),
            lambda: register.places.add_organisation("oost", "Bibliotheek Oost"),
            lambda: idocore.sync(furnished(idocore.open("memory:", clock=lambda: NOW)), register),
        ):
            with pytest.raises(StoreError) as caught:
                attempt()
            assert caught.value.code == "closings-differ"
        assert [finding.code for finding in register.verify()] == ["closings-differ"]
        register.rebuild()
        assert list(register.verify()) == []
        register.record_raw(raw)
