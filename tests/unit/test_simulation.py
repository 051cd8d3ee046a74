"""The demo nation: the same for the same seed, accepted without a finding, and like the published figures."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime

import pytest

import idocore
from idocore.exchange import dumps, to_raw
from idocore.simulation import Nation, simulate
from idocore.simulation.figures import (
    AGED_65,
    DIGID,
    LARGE_ORGANISATIONS,
    ORGANISATIONS,
    OVER_20_MINUTES,
    QUESTIONS,
    SERVICE_POINTS,
)


def texts(nation: Nation) -> list[str]:
    return [line.text for line in nation.lines()]


@pytest.fixture(scope="module")
def nation() -> Nation:
    return simulate(2_000, 3)


@pytest.fixture(scope="module")
def register(nation: Nation) -> Iterator[idocore.Register]:
    with idocore.open("memory:") as register:
        register.places.put(*nation.places)
        yield register


def test_the_same_arguments_give_the_same_nation() -> None:
    """Places and lines are equal byte for byte, again and again; another seed gives others."""
    one, same, other = simulate(300, 1), simulate(300, 1), simulate(300, 2)
    assert one.places == same.places
    assert one.places != other.places
    assert texts(one) == texts(one) == texts(same)
    assert texts(one) != texts(other)


@pytest.mark.parametrize("count", [0, 1, 7, 1234])
def test_there_are_exactly_as_many_records_as_asked_for(count: int) -> None:
    lines = list(simulate(count, 5).lines())
    assert [line.number for line in lines] == list(range(1, count + 1))
    assert len({line.raw["id"] for line in lines if line.raw}) == count


def test_a_negative_number_is_refused() -> None:
    with pytest.raises(ValueError, match="-1"):
        simulate(-1, 1)


def test_lines_are_in_order_of_moment(nation: Nation) -> None:
    moments = [datetime.fromisoformat(line.raw["moment"]) for line in nation.lines() if line.raw]
    assert moments == sorted(moments)


def test_every_record_is_stored_without_a_finding(nation: Nation, register: idocore.Register) -> None:
    """Also without warnings: visits lie within the life and the opening hours of their point."""
    outcomes = list(register.load(nation.lines()))
    assert {outcome.result for outcome in outcomes} == {idocore.Result.STORED}
    assert [outcome.findings for outcome in outcomes if outcome.findings] == []


def test_a_stored_record_is_written_as_it_was_made(nation: Nation, register: idocore.Register) -> None:
    """Lines have the exchange form exactly: export gives the same bytes."""
    list(register.load(nation.lines()))
    assert sorted(dumps(to_raw(revision)) for revision in register.revisions()) == sorted(texts(nation))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_points_and_organisations_grow_as_published(seed: int) -> None:
    points = simulate(0, seed).service_points
    for year, count in SERVICE_POINTS.items():
        assert sum(point.exists_on(date(year, 12, 31)) for point in points) == count
    for year, count in ORGANISATIONS.items():
        day = date(year, 12, 31)
        assert len({point.siting(day).organisation for point in points if point.exists_on(day)} - {None}) == count


def test_over_a_third_of_the_organisations_has_five_points_or_more() -> None:
    day = date(2022, 12, 31)
    points = [point for point in simulate(0, 1).service_points if point.exists_on(day)]
    sizes = Counter(point.siting(day).organisation for point in points)
    del sizes[None]
    assert sum(size >= 5 for size in sizes.values()) == LARGE_ORGANISATIONS
    assert LARGE_ORGANISATIONS / len(sizes) == pytest.approx(0.37, abs=0.005)


def test_points_lie_in_municipalities_of_their_day(nation: Nation, register: idocore.Register) -> None:
    """Valid at the opening; some ended later, and their points still lie somewhere today."""
    then = {one.id: (one, register.places.gazetteer) for one in nation.service_points}
    for point, gazetteer in then.values():
        opened = point.opened or date.min
        assert gazetteer.municipality(point.siting(opened).municipality or "").is_valid(opened)
    assert {"haaren-1", "beemster-1", "weesp-1"} <= then.keys()
    assert all(span.municipality for span in register.places.gazetteer.ancestry(date(2024, 12, 31)).spans)


def test_points_differ_as_they_do_in_practice(nation: Nation) -> None:
    points = nation.service_points
    assert len({point.opening_hours for point in points}) > 20
    assert {point.siting(date.max).variant for point in points} == {"basic", "always-available", "broad-services"}
    assert all(point.provisional == (point.sitings[0].organisation is None) for point in points)
    assert any(point.provisional for point in points)
    assert all((siting.host is None) == siting.inside for point in points for siting in point.sitings)


def test_records_follow_the_published_curve() -> None:
    count, final = 5_000, QUESTIONS[-1][1]
    days = [line.raw["moment"][:10] for line in simulate(count, 1).lines() if line.raw]
    for day, questions in QUESTIONS:
        assert sum(one <= day.isoformat() for one in days) == pytest.approx(count * questions / final, abs=1)


def test_august_is_quiet() -> None:
    months = Counter(line.raw["moment"][:7] for line in simulate(10_000, 1).lines() if line.raw)
    assert months["2023-08"] < 0.75 * months["2023-06"]


@pytest.mark.slow
def test_shares_are_as_published() -> None:
    """Within 1.5 percentage point of those over the first 100,000, of the known answers, with 20,000 records."""
    with idocore.open("memory:") as register:
        nation = simulate(20_000, 1)
        register.places.put(*nation.places)
        assert all(outcome.result is idocore.Result.STORED for outcome in register.load(nation.lines()))
        ages, durations = properties(register, "age-groups"), properties(register, "durations")
        old = {code for code, values in ages.items() if values["age_from"] >= 65}
        long = {code for code, values in durations.items() if values["minutes_from"] >= 20}
        assert share(register, "registrations", "age_group", old) == pytest.approx(AGED_65, abs=0.015)
        assert share(register, "registrations", "duration", long) == pytest.approx(OVER_20_MINUTES, abs=0.015)
        assert share(register, "inquiries", "topic", {"digid"}) == pytest.approx(DIGID, abs=0.015)
        later = register.table(["registrations", "inquiries"], by="kind", start="2024-04-01").to_dicts()
        visits = next(row for row in later if row["kind"] == "visit")
        assert float(visits["inquiries"] or 0) / float(visits["registrations"] or 1) == pytest.approx(1.15, abs=0.02)


def properties(register: idocore.Register, name: str) -> dict[str, dict[str, int]]:
    codes = register.themes.codelist(f"idocore-basis/{name}").codes
    return {entry.code: dict(entry.properties) for entry in codes}


def share(register: idocore.Register, measure: str, dimension: str, codes: set[str]) -> float:
    """The share of `codes` in the known answers over the time in which the first 100,000 came in."""
    rows = register.table(measure, by=dimension, start="2021-06-24", end="2023-07-11").to_dicts()
    known = {str(row[dimension]): float(row[measure] or 0) for row in rows if row[dimension] is not None}
    return sum(known[code] for code in codes & known.keys()) / sum(known.values())
