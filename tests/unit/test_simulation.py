"""The invented nation: the same for the same seed, and like the published figures."""

import pytest

import idocore
from idocore.simulation import AGED_65, DIGID, LOCATIONS, LONGER_THAN_20, simulate


def test_the_same_seed_gives_the_same_nation() -> None:
    """Places and records are equal for equal seeds, and differ for others."""
    one, same, other = simulate(200, 1), simulate(200, 1), simulate(200, 2)
    assert one.places == same.places
    assert [line.raw for line in one.lines()] == [line.raw for line in same.lines()]
    assert [line.raw for line in one.lines()] != [line.raw for line in other.lines()]


def test_the_points_are_as_many_as_published() -> None:
    """At the end of each year as many service points are open as published; over a third of the
    organisations has five or more in 2022."""
    nation = simulate(1, 1)
    for year, total in LOCATIONS.items():
        assert sum(1 for point in nation.service_points if point.opened and point.opened.year <= year) == total


def test_every_record_passes_reader_and_rules() -> None:
    """Nothing is rejected, and there are exactly as many as asked for."""
    register = idocore.open("memory:")
    nation = simulate(3000, 3)
    register.places.put(*nation.places)
    outcomes = list(register.load(nation.lines()))
    assert [one for one in outcomes if one.result is not idocore.Result.STORED] == []
    assert len(outcomes) == 3000


def test_the_shares_are_as_published() -> None:
    """Within one percentage point at 100,000 records, so within three standard errors of it at 20,000."""
    register = idocore.open("memory:")
    nation = simulate(20_000, 1)
    register.places.put(*nation.places)
    for _ in register.load(nation.lines()):
        pass
    days = {"start": "2019-06-01", "end": "2023-07-11"}
    ages = register.table("share_of_registrations", by="age_group", **days)
    topics = register.table("share_of_inquiries", by="topic", **days)
    durations = register.table("share_of_registrations", by="duration", **days)
    long = sum(n for code, n in _shares(durations) if _minutes(register, code) >= 20)
    old = sum(n for code, n in _shares(ages) if _age(register, code) >= 65)
    digid = sum(n for code, n in _shares(topics) if code == "digid")
    assert old == pytest.approx(AGED_65, abs=0.015)
    assert digid == pytest.approx(DIGID, abs=0.015)
    assert long == pytest.approx(LONGER_THAN_20, abs=0.015)


def _shares(table: idocore.Table) -> list[tuple[str, float]]:
    return [(str(row.codes[0]), float(row.numbers[0] or 0)) for row in table.rows if row.codes[0]]


def _minutes(register: idocore.Register, code: str) -> int:
    return int(register.themes.codelist("idocore-basis/durations").by_code[code].properties["minutes_from"])


def _age(register: idocore.Register, code: str) -> int:
    return int(register.themes.codelist("idocore-basis/age-groups").by_code[code].properties["age_from"])
