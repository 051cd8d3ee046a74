"""Releases of provinces, of the country and of other periods beside each other: what is left of them is safe, too."""

from collections.abc import Callable, Iterator
from datetime import date, datetime

import attrs
import pytest

import idocore
from idocore.disclosure import Key, protect
from idocore.errors import ReleaseRefusedError
from idocore.periods import LOCAL_ZONE, Period
from idocore.release_systems import SystemBuilder
from idocore.release_wanted import Wanted

LATER = datetime(2024, 7, 15, 12, tzinfo=LOCAL_ZONE)
MAY, QUARTER = "2024-05", "2024-Q2"
POINTS = {"dom": ("Utrecht", "a"), "soest": ("Soest", "b"), "gooi": ("Hilversum", "a"), "haarlem": ("Haarlem", "c")}
Record = Callable[..., None]


@pytest.fixture
def register() -> Iterator[idocore.Register]:
    """Four service points in two provinces; organisation a lies in both."""
    with idocore.open("memory:", clock=lambda: LATER) as opened:
        for organisation in "abc":
            opened.places.add_organisation(organisation, f"Bibliotheek {organisation}")
        for point, (municipality, organisation) in POINTS.items():
            opened.places.add_service_point(point, municipality=municipality, organisation=organisation)
        yield opened


@pytest.fixture
def record(register: idocore.Register) -> Record:
    def record(point: str, month: str = MAY, **topics: int) -> None:
        for topic, count in topics.items():
            for _ in range(count):
                register.record(point, inquiries=[{"topic": topic}], moment=f"{month}-14")

    return record


def plan_of(within: str | None, *levels: str, id: str = "cijfers", by_month: bool = False) -> idocore.ReleasePlan:
    whole = "nation" if within is None else "province"
    return idocore.ReleasePlan.of(id, [whole, *levels], by="topic", within=within, by_month=by_month)


def test_what_the_country_leaves_of_a_province(register: idocore.Register, record: Record) -> None:
    """Three visitors in the other province, by subtraction of two large numbers: one of those is hidden."""
    for point in ("dom", "soest", "haarlem"):
        record(point, digid=60, work=40)
    record("gooi", digid=3, work=20)
    register.periods.close(MAY, at="nation")
    province = register.publications.publish(plan_of("PV26", "organisation"), MAY)
    country = register.publications.publish(plan_of(None, "organisation"), MAY)
    read = {cell.key: cell.numbers for cell in (*province.cells, *country.cells)}
    assert read["organisation@PV26/a", "topic/digid", MAY] == (60, 60)
    assert read["organisation/a", "topic/digid", MAY] == (None, None)
    # The broken twin, which looks at what tables hold only.
    wanted = tuple(map(Wanted.of, (province, country)))
    system = SystemBuilder(register.answer, register.themes, wanted, province.policy).build((province,))
    careless = protect(attrs.evolve(system, implied=frozenset()), province.policy)
    assert Key("organisation/a", "topic/digid", MAY) not in careless.hidden


def test_a_place_that_lies_elsewhere_by_now(register: idocore.Register, record: Record) -> None:
    """What was hidden in one province is not published in another, nor in the country, after a correction."""
    record("dom", digid=3, work=10, pension=12)
    record("soest", digid=40, work=30, pension=30)
    register.periods.close(MAY, at="nation")
    register.publications.publish(plan_of("PV26", "service_point"), MAY)
    late = {"period-closed": "het adres was fout"}
    register.places.add_service_point("dom", municipality="Hilversum", organisation="a", overrides=late)
    for within in ("PV27", None):
        with pytest.raises(ReleaseRefusedError) as refused:
            register.publications.prepare(plan_of(within, "service_point"), MAY)
        assert refused.value.code == "release-moved"
        assert refused.value.cells == ("cijfers/PV26/2024-05/1: service_point@PV26/dom",)
    assert register.publications.prepare(plan_of("PV28"), MAY).may_be_published


def test_levels_that_are_never_hidden(register: idocore.Register, record: Record) -> None:
    """Also where only what lies in the province is meant."""
    record("dom", digid=3, work=40)
    record("soest", digid=40, work=40)
    register.periods.close(MAY, at="province/PV26")
    prepared = register.publications.prepare(
        plan_of("PV26", "organisation"), MAY, idocore.Policy(always=("organisation",))
    )
    assert Key("organisation@PV26/a", "topic/digid", MAY) in prepared.unproven


def test_one_plan_for_all_provinces(register: idocore.Register, record: Record) -> None:
    """Each province has a series of its own, and its tables say which it is."""
    for point in POINTS:
        record(point, digid=30, work=40)
    register.periods.close(MAY, at="nation")
    books = register.publications
    made = [books.publish(plan_of(province, "organisation"), MAY) for province in ("PV26", "PV27")]
    assert [one.name for one in made] == ["cijfers/PV26/2024-05/1", "cijfers/PV27/2024-05/1"]
    assert [books.get(f"cijfers/{province}/{MAY}") for province in ("PV26", "PV27")] == made
    assert [books.tables(one)[1].query.where["province"] for one in made] == [("PV26",), ("PV27",)]
    assert {row["organisation"] for row in books.tables(made[0])[1].to_dicts()} == {"a", "b"}


def test_a_hidden_total_of_a_month_is_never_zero(register: idocore.Register, record: Record) -> None:
    """Since nobody in May would show; a hidden month of a category may be zero, unless nobody anywhere asked it."""
    for month in ("2024-04", "2024-05", "2024-06"):
        record("soest", month, digid=20, work=10)
    for month, count in (("2024-04", 2), ("2024-06", 4)):
        record("dom", month, digid=count)
    record("dom", "2024-06", work=3)
    wanted = Wanted(plan_of("PV26", "service_point", by_month=True), Period.parse(QUARTER))
    system = SystemBuilder(register.answer, register.themes, (wanted,), idocore.Policy()).build(())
    point = "service_point@PV26/dom"
    assert system.floors(Key(point, "*", "2024-04")) == (1, 1)
    assert system.floors(Key("province/PV26", "topic/work", "2024-04")) == (1, 1)
    assert system.counts[Key(point, "topic/work", "2024-04")] == (0, 0)
    assert system.floors(Key(point, "topic/digid", "2024-04")) == (0, 0)
    assert Key(point, "*", "2024-05") not in system.counts


@pytest.mark.parametrize("periods", [(QUARTER, MAY), (MAY, QUARTER)])
def test_a_month_beside_its_quarter(register: idocore.Register, record: Record, periods: tuple[str, ...]) -> None:
    """A month by itself shows its zeros, whatever was published before; and both may be published again."""
    for month in ("2024-04", "2024-05", "2024-06"):
        record("soest", month, digid=30, work=30, pension=30)
        record("dom", month, digid=4 if month == MAY else 20, work=0 if month == MAY else 20, pension=6)
    register.periods.close(QUARTER, at="nation")
    for period in periods:
        register.publications.publish(plan_of(None, "service_point", id=period), period)
    month = register.publications.get(f"{MAY}/{MAY}")
    assert ("service_point/dom", "topic/work", MAY) not in {cell.key for cell in month.cells}
    for period in periods:
        assert register.publications.prepare(plan_of(None, "service_point", id=period), period).may_be_published


def test_names_of_places_cannot_be_confused(register: idocore.Register, record: Record) -> None:
    """However odd the ids: two service points stay two."""
    odd = {"x": "b@province/PV26@organisation/c", "x@province/PV26@organisation/b": "c"}
    register.places.add_organisation("b@province/PV26@organisation/c", "Bibliotheek")
    for point, organisation in odd.items():
        register.places.add_service_point(point, municipality="Utrecht", organisation=organisation)
        record(point, digid=len(point) + 8)
    register.periods.close(MAY, at="province/PV26")
    made = register.publications.publish(plan_of("PV26", "service_point"), MAY)
    counted = {cell.place: cell.numbers for cell in made.cells if cell.place.startswith("service_point")}
    assert counted == {f"service_point@PV26/{point}": (len(point) + 8,) * 2 for point in odd}


def test_a_move_is_no_correction(register: idocore.Register, record: Record) -> None:
    """A service point that moved within the period lies in both provinces, and both may be published."""
    record("dom", digid=30, work=20)
    record("soest", digid=40, work=30)
    record("gooi", digid=40, work=30)
    register.places.move("dom", date(2024, 5, 20), municipality="Hilversum")
    register.periods.close(MAY, at="nation")
    register.publications.publish(plan_of("PV26", "service_point"), MAY)
    assert register.publications.prepare(plan_of("PV27", "service_point"), MAY).may_be_published
