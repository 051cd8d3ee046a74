"""Releases of one province: what lies in it and nothing else, and safe beside those of the whole country."""

import random
from collections.abc import Collection, Iterator
from datetime import date, datetime

import pytest

import idocore
from idocore.disclosure import Key, System, sensitive
from idocore.errors import InvalidValueError, ReleaseRefusedError
from idocore.periods import LOCAL_ZONE, Period
from idocore.release_systems import SystemBuilder
from idocore.release_wanted import Wanted, relevant
from tests.disclosures import known_too_well

LATER = datetime(2024, 7, 15, 12, tzinfo=LOCAL_ZONE)
QUARTER = "2024-Q2"
POINTS = {
    "domplein": ("Utrecht", "midden"),
    "overvecht": ("Utrecht", "midden"),
    "gooi": ("Hilversum", "midden"),
    "soest": ("Soest", "eem"),
    "baarn": ("Baarn", "eem"),
    "zeist": ("Zeist", "heuvel"),
    "doorn": ("Utrechtse Heuvelrug", "heuvel"),
    "noord": ("Groningen", "noord"),
    "zuid": ("Maastricht", "zuid"),
}
"""Where each lies and who runs it: one organisation lies in two provinces, and takes one over in the second month."""
OPEN = {"baarn": (6,), "overvecht": (4, 5)}
"""In which months, when not in all of them."""
MONTHS = idocore.ReleasePlan.of("maanden", by="topic", by_month=True, within="province/PV26")
NATION = idocore.ReleasePlan.of("kwartaal", by="topic")


def filled(register: idocore.Register, visits: tuple[int, ...] = (25, 60, 120), seed: int = 0) -> idocore.Register:
    """A quarter of nine service points with so many `visits` each: many small counts."""
    chance = random.Random(seed)
    for organisation in dict.fromkeys(runner for _, runner in POINTS.values()):
        register.places.add_organisation(organisation, f"Bibliotheek {organisation}")
    for point, (municipality, organisation) in POINTS.items():
        register.places.add_service_point(point, municipality=municipality, organisation=organisation)
        for _ in range(chance.choice(visits)):
            topic = chance.choices(("digid", "work", "pension", "printing"), (8, 5, 2, 1))[0]
            moment = f"2024-{chance.choice(OPEN.get(point, (4, 5, 6))):02}-{chance.randint(1, 28):02}"
            register.record(point, inquiries=[{"topic": topic}], moment=moment)
    register.places.move("zeist", on=date(2024, 5, 15), organisation="midden")
    return register


@pytest.fixture(scope="module")
def register() -> Iterator[idocore.Register]:
    """The quarter, closed for the province of Utrecht only."""
    with idocore.open("memory:", clock=lambda: LATER) as opened:
        filled(opened).periods.close(QUARTER, at="province/PV26")
        yield opened


@pytest.fixture(scope="module")
def released(register: idocore.Register) -> idocore.Release:
    return register.publications.publish(MONTHS, QUARTER)


@pytest.fixture(scope="module")
def national(register: idocore.Register, released: idocore.Release) -> idocore.Release:
    """The quarter of the whole country, published after the months of the province."""
    register.periods.close(QUARTER, at="nation")
    return register.publications.publish(NATION, QUARTER)


def system_of(register: idocore.Register, *releases: idocore.Release) -> System:
    """Everything that the releases are about, as if nothing were published yet."""
    wanted = tuple(Wanted(one.plan, one.days) for one in releases)
    return SystemBuilder(register.answer, register.themes, wanted, releases[0].policy).build(())


def hidden_in(*releases: idocore.Release) -> Collection[Key]:
    return {cell.key for one in releases for cell in one.cells if cell.is_hidden}


def test_it_holds_what_lies_in_the_province(register: idocore.Register, released: idocore.Release) -> None:
    """Of an organisation in two provinces only what it did in this one; it is enough that the province is closed."""
    assert {cell.place.partition("/")[0] for cell in released.cells} == {
        "province",
        "organisation@PV26",
        "service_point@PV26",
    }
    assert {cell.place for cell in released.cells if cell.place.startswith("province")} == {"province/PV26"}
    assert "service_point@PV26/gooi" not in {cell.place for cell in released.cells}
    provinces, organisations, points = register.publications.tables(released)[:3]
    counted = register.table("registrations", by="organisation", where={"province": "PV26"}, period=QUARTER)
    total = {row["organisation"]: row["registrations"] for row in counted.to_dicts()}
    read = [row for row in organisations.to_dicts() if row["organisation"] == "midden"]
    assert sum(row["registrations"] for row in read if row["registrations"]) <= total["midden"]
    assert {row["organisation"] for row in organisations.to_dicts()} == {"midden", "eem", "heuvel"}
    assert "Bibliotheek midden" in organisations.to_text("nl")
    assert provinces.base == {"registrations": sum(total.values()), "inquiries": sum(total.values())}
    assert len(points.rows) > len(organisations.rows)
    assert None in [row["registrations"] for row in points.to_dicts()]


def test_nobody_can_compute_a_hidden_month(register: idocore.Register, released: idocore.Release) -> None:
    """Neither an outsider nor a library; its broken twin, hiding only what is small, is cracked."""
    system = system_of(register, released)
    assert released.hidden
    assert known_too_well(system, hidden_in(released)) == []
    assert known_too_well(system, sensitive(system, released.policy))


def test_nor_with_the_nation_beside_it(
    register: idocore.Register, released: idocore.Release, national: idocore.Release
) -> None:
    """Both together tell no more, and the months of a province may be corrected afterwards."""
    system = system_of(register, released, national)
    assert known_too_well(system, hidden_in(released, national)) == []
    part, whole = (Key(f"{level}/midden", "*", QUARTER) for level in ("organisation@PV26", "organisation"))
    assert system.counts[part] < system.counts[whole]
    assert register.publications.prepare(MONTHS, QUARTER).may_be_published


def test_nor_when_the_nation_came_first() -> None:
    """Months of a province after the quarter of the nation, whose hidden numbers stay safe.

    Where there is less to hide among, that order is refused: what is shown of the quarter leaves too little room.
    """
    with idocore.open("memory:", clock=lambda: LATER) as register:
        filled(register, (120, 200, 300), seed=1).periods.close(QUARTER, at="nation")
        releases = [register.publications.publish(plan, QUARTER) for plan in (NATION, MONTHS)]
        assert known_too_well(system_of(register, *releases), hidden_in(*releases)) == []


def test_provinces_have_to_do_with_each_other_through_the_nation_only(
    released: idocore.Release, national: idocore.Release
) -> None:
    """A release of another province does not matter to this one, unless the nation was published, too."""
    elsewhere = idocore.ReleasePlan.of("maanden", by="topic", by_month=True, within="PV27")
    quarter = Period.parse(QUARTER)
    assert relevant([released], quarter, MONTHS) == (released,)
    assert relevant([released], quarter, elsewhere) == ()
    assert relevant([released, national], quarter, elsewhere) == (released, national)
    assert relevant([released, national], Period.parse("2024-Q3"), elsewhere) == ()


def test_what_cannot_be_published_of_a_province() -> None:
    """A province that does not exist, one whose period is open, and the nation within a province; each says so."""
    with idocore.open("memory:", clock=lambda: LATER) as register:
        with pytest.raises(InvalidValueError, match="PV99"):
            register.publications.prepare(idocore.ReleasePlan.of("maanden", within="PV99"), QUARTER)
        register.periods.close(QUARTER, at="province/PV27")
        with pytest.raises(ReleaseRefusedError) as refused:
            register.publications.prepare(MONTHS, QUARTER)
        assert refused.value.code == "release-not-closed"
        assert "--at province/PV26" in refused.value.message("nl")
    with pytest.raises(InvalidValueError, match="nation"):
        idocore.ReleasePlan.of("maanden", ["nation", "province"], within="PV26")


def test_the_id_of_a_place_may_be_anything() -> None:
    """Also with the sign that keys have between a level and its province."""
    with idocore.open("memory:", clock=lambda: LATER) as register:
        register.places.add_organisation("bieb@PV26", "Bibliotheek")
        register.places.add_service_point("punt@PV26/x", municipality="Utrecht", organisation="bieb@PV26")
        for _ in range(8):
            register.record("punt@PV26/x", inquiries=[{"topic": "digid"}], moment="2024-05-14")
        register.periods.close("2024-05", at="nation")
        for within in (None, "PV26"):
            made = register.publications.publish(idocore.ReleasePlan.of("mei", by="topic", within=within), "2024-05")
            *_, points = register.publications.tables(made)
            assert points.to_dicts() == [
                {"service_point": "punt@PV26/x", "topic": "digid", "registrations": 8, "inquiries": 8}
            ]
