"""Scopes where places change: a scope holds what lay within it on the day itself."""

from datetime import date, datetime
from pathlib import Path

import attrs
import pytest

import idocore
from idocore.errors import NotAllowedError
from idocore.periods import LOCAL_ZONE
from idocore.places import ServicePoint, Siting, Succession
from idocore.reports import written
from tests.registers import DIGID, LOCAL, MAY, OpenRegister, furnished

AUTUMN = datetime(2024, 9, 1, 12, tzinfo=LOCAL_ZONE)


def merged() -> idocore.Register:
    """A register in which Amsterdam, with seven visits at weesp, went to Utrecht on the first of June."""
    register = furnished(idocore.open("memory:", clock=lambda: AUTUMN))
    for day in range(1, 8):
        register.record("weesp", inquiries=DIGID, moment=f"2024-01-0{day}")
    register.record("centrale", inquiries=DIGID, moment="2024-01-01")
    register.places.put(Succession(date(2024, 6, 1), "GM0363", "GM0344"))
    return register


def test_a_place_date_shows_no_figures_of_another_scope(tmp_path: Path) -> None:
    """What lay in another province on the day itself is refused: as a table, an indicator, and beside snapshots."""
    register = merged()
    province = register.acting_as("f-1", "funder", "province/PV26")
    assert province.table("registrations", by="organisation").to_dicts() == [
        {"organisation": "noord", "registrations": 1}
    ]
    for place_date in ("now", "2024-07-01"):
        asks = (
            lambda day=place_date: province.table("registrations", place_date=day),
            lambda day=place_date: province.indicator("share-digid", place_date=day),
            lambda day=place_date: province.accountability("2024-01", place_date=day),
            lambda day=place_date: province.snapshots(tmp_path).table(place_date=day),
        )
        for ask in asks:
            with pytest.raises(NotAllowedError) as caught:
                ask()
            assert caught.value.code == "outside-scope-then"
            assert 'place_date="then"' in caught.value.message("nl")


def test_who_loses_a_place_is_told_as_well() -> None:
    """The province that it went from would miss figures without a word."""
    with pytest.raises(NotAllowedError):
        merged().acting_as("f-1", "funder", "province/PV27").table("registrations", place_date="now")


def test_a_place_date_that_changes_nothing_is_answered() -> None:
    """Days on which nothing lay elsewhere, other scopes, and the whole country go on as they did."""
    register = merged()
    province = register.acting_as("f-1", "funder", "province/PV26")
    assert province.table("registrations", place_date="now", start="2024-06-01").to_dicts() == []
    assert province.table("registrations", place_date="2024-05-01", period="2024-01").to_dicts() == [
        {"registrations": 1}
    ]
    zuid = register.acting_as("f-2", "funder", "organisation/zuid")
    assert zuid.table("registrations", place_date="now").to_dicts() == [{"registrations": 7}]
    assert register.table("registrations", place_date="now").to_dicts() == [{"registrations": 8}]


def test_a_register_that_forgets_the_day_itself_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken twin narrows by the place date alone, and shows what is not theirs."""
    monkeypatch.setattr("idocore.register.check_place_date", lambda *_: None)
    province = merged().acting_as("f-1", "funder", "province/PV26")
    assert province.table("registrations", place_date="now").to_dicts() == [{"registrations": 8}]


def holding(report: idocore.SyncReport) -> list[str]:
    """What holds what a sync brought."""
    return [one.held.code for one in report.held if one.held]


@LOCAL
def test_who_ran_a_service_point_before_neither_renames_nor_closes_it(open_register: OpenRegister) -> None:
    """It is changed by who holds its latest siting: here, and by what a sync brings."""
    register, laptop = furnished(open_register()), open_register()
    moved = register.places.move("weesp", "2024-06-01", organisation="noord")
    idocore.sync(laptop, register)
    closed = attrs.evolve(moved, name="Van ons", closed=date(2024, 6, 2))
    noord, zuid = (register.acting_as(one, "coordinator", f"organisation/{one}") for one in ("noord", "zuid"))
    with pytest.raises(NotAllowedError):
        zuid.places.put(closed)
    laptop.places.put(closed)
    assert holding(idocore.sync(laptop, zuid)) == ["held-scope"]
    assert register.places.service_point("weesp") == moved
    noord.places.put(attrs.evolve(moved, name="Weesp"))
    assert register.places.service_point("weesp").name == "Weesp"


@LOCAL
def test_a_new_service_point_lies_within_the_scope_with_every_siting(open_register: OpenRegister) -> None:
    """Nobody adds a point that is another's from a day on; one that is handed over later is two changes."""
    register, laptop = furnished(open_register()), open_register()
    idocore.sync(laptop, register)
    noord = register.acting_as("noord", "coordinator", "organisation/noord")
    province = register.acting_as("p-1", "provincial", "province/PV26")
    ours, theirs = Siting(None, "GM0344", "noord"), Siting(date(2024, 1, 1), "GM0363", "zuid")
    for acting in (noord, province):
        with pytest.raises(NotAllowedError):
            acting.places.put(ServicePoint("nieuw", "Nieuw", (ours, theirs)))
    laptop.places.put(ServicePoint("nieuw", "Nieuw", (ours, theirs)))
    laptop.places.put(ServicePoint("later", "Later", (ours,)))
    laptop.places.put(ServicePoint("later", "Later", (ours, theirs)))
    assert holding(idocore.sync(laptop, noord)) == ["held-scope"]
    assert len(register.places.service_point("later").sitings) == 2


def test_a_province_adds_a_point_in_a_municipality_that_came_to_it() -> None:
    """Vijfheerenlanden lay in two provinces before it was one: the siting says where the point is."""
    register = furnished(idocore.open("memory:", clock=lambda: AUTUMN))
    province = register.acting_as("p-1", "provincial", "province/PV26")
    province.places.add_service_point("leerdam", municipality="Vijfheerenlanden", organisation="noord")
    province.places.add_service_point("leerdam", "Leerdam", municipality="Vijfheerenlanden", organisation="noord")
    assert province.table("registrations", place_date="now").to_dicts() == []


@LOCAL
def test_a_province_changes_the_organisations_in_it(open_register: OpenRegister) -> None:
    """And those that have no service point yet; one of another province is refused: here, and by sync."""
    register, laptop = furnished(open_register()), open_register()
    idocore.sync(laptop, register)
    elsewhere, here = (register.acting_as("p-1", "provincial", f"province/{code}") for code in ("PV27", "PV26"))
    with pytest.raises(NotAllowedError):
        elsewhere.places.add_organisation("noord", "Hernoemd")
    laptop.places.add_organisation("noord", "Hernoemd")
    assert holding(idocore.sync(laptop, elsewhere)) == ["held-scope"]
    assert register.places.organisation("noord").name == "Bibliotheek Noord"
    here.places.add_organisation("noord", "Noord")
    elsewhere.places.add_organisation("nieuw")
    elsewhere.places.add_organisation("nieuw", "Nieuw")
    assert [one.name for one in register.places.organisations] == ["Nieuw", "Noord", "Bibliotheek Zuid"]


@pytest.mark.parametrize("name", ["all.xlsx", "all.jsonl", "all.csv"])
def test_a_place_outside_the_scope_is_refused_and_not_empty(tmp_path: Path, name: str) -> None:
    """It is no fault of the file, and nothing is not all there is: handed over, found or read, it is refused."""
    noord = merged().acting_as("c-1", "coordinator", "organisation/noord")
    asks = (
        lambda: noord.export(tmp_path / name, scope="organisation/zuid"),
        lambda: noord.export(tmp_path / name, point="weesp"),
        lambda: noord.find(point="weesp"),
        lambda: list(noord.revisions(point="weesp")),
        lambda: list(noord.revisions(scope="organisation/zuid")),
    )
    for ask in asks:
        with pytest.raises(NotAllowedError) as caught:
            ask()
        assert caught.value.code == "outside-scope"
    assert list(tmp_path.iterdir()) == []


def test_a_place_where_nothing_lies_yet_is_empty_and_not_refused(tmp_path: Path) -> None:
    """Neither to its own coordinator, nor to the province that will have it."""
    register = merged()
    register.places.add_organisation("nieuw")
    for role, scope in (("coordinator", "organisation/nieuw"), ("provincial", "province/PV26")):
        acting = register.acting_as("x", role, scope)
        assert list(acting.revisions(scope="organisation/nieuw")) == []
        assert acting.export(tmp_path / "nieuw.jsonl", scope="organisation/nieuw") == 0


def test_a_refusal_while_a_file_is_written_stays_a_refusal(tmp_path: Path) -> None:
    """Who may not read is told that, and not that the disk is full."""

    def refuse(_: object) -> None:
        raise NotAllowedError("not-allowed", operation="read", role="public", scope="nation", roles=["owner"])

    with pytest.raises(NotAllowedError):
        written(tmp_path / "all.csv", refuse)
    assert list(tmp_path.iterdir()) == []


@LOCAL
def test_what_was_corrected_into_the_scope_is_restored_there(open_register: OpenRegister) -> None:
    """With the status that it had elsewhere; its history there stays unseen."""
    register = furnished(open_register())
    worker = register.acting_as("w-1", "worker", "organisation/noord")
    for status in (idocore.Status.DRAFT, idocore.Status.FINAL):
        visit = register.record("weesp", inquiries=DIGID, moment=MAY, status=status)
        register.correct(visit.id, service_point="centrale")
        worker.withdraw(visit.id)
        assert worker.restore(visit.id).status is status
        with pytest.raises(NotAllowedError):
            worker.history(visit.id)


@LOCAL
def test_a_page_marks_only_what_was_seen(open_register: OpenRegister) -> None:
    """Neither day nor id of what is another's; every page but the last is full, and nothing is left out."""
    register = furnished(open_register())
    register.places.move("wijk", "2024-02-10", organisation="zuid")
    register.places.move("wijk", "2024-02-20", organisation="noord")
    for day in range(1, 29):
        register.record("wijk", inquiries=DIGID, moment=f"2024-02-{day:02}")
    noord = register.acting_as("c-1", "coordinator", "organisation/noord")
    found, after, sizes = [], None, []
    while True:
        page = noord.find(limit=4, after=after)
        found += page.registrations
        sizes.append(len(page.registrations))
        after = page.next
        if after is None:
            break
        assert after == (page.registrations[-1].local_date, page.registrations[-1].id)
    assert [one.local_date.day for one in found] == [*range(1, 10), *range(20, 29)]
    assert sizes == [4, 4, 4, 4, 2]
    assert noord.find(limit=0) == idocore.Page((), None)
