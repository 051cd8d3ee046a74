"""Benchmarks: counted where one may count, from releases where not, and never of a group that gives somebody away."""

from typing import Any

import pytest
from click.testing import CliRunner

import idocore
from idocore.errors import InvalidValueError, NotAllowedError
from idocore.statistics import Table
from idocore.statistics.measures import Absence
from idocore_cli.commands import ido as program
from tests.registers import NOW

VISITS = {"a": (6, 14), "b": (10, 10), "c": (12, 8), "d": (5, 15), "big": (40, 10), "far": (30, 50)}
"""Visits about DigiD and about work of each organisation; all but one in the province of Utrecht."""
POINTS = {"a": 1, "b": 1, "c": 1, "d": 1, "big": 5, "far": 1}
PLAN = idocore.ReleasePlan.of("maand", by="topic")
DIGID = "share-digid"


@pytest.fixture
def register() -> idocore.Register:
    register = idocore.open("memory:", clock=lambda: NOW)
    for name, (digid, work) in VISITS.items():
        register.places.add_organisation(name, f"Bibliotheek {name}")
        for number in range(POINTS[name]):
            town = "Groningen" if name == "far" else "Utrecht"
            register.places.add_service_point(f"{name}{number}", municipality=town, organisation=name)
        for topic, number in (("digid", digid), ("work", work)):
            for _ in range(number):
                register.record(f"{name}0", inquiries=[{"topic": topic}], moment="2024-05-14T10:30")
    return register


def parts(table: Table) -> dict[Any, tuple[Any, ...]]:
    return {row.codes[0]: row.numbers[1:] for row in table.rows}


def why(table: Table) -> dict[Any, Any]:
    return {row.codes[0]: row.why[0] if row.why else None for row in table.rows}


def test_a_place_beside_its_groups(register: idocore.Register) -> None:
    """Own, province, nation and organisations of the same size, each with numerator and denominator."""
    table = register.benchmark(DIGID, "2024-05", at="organisation/a")
    assert parts(table) == {"own": (6, 20), "province": (73, 130), "nation": (103, 210), "same-size": (63, 160)}
    assert table.rows[0].numbers[0] == 6 / 20
    assert [str(label.en) for label in table.labels["group"].values()] == [
        "own",
        "Utrecht",
        "the Netherlands",
        "organisations with 1-4 service points",
    ]


def test_each_number_is_that_of_the_indicator(register: idocore.Register) -> None:
    """A group is nothing but the indicator over what lies in it."""
    table = register.benchmark(DIGID, "2024-05", at="province/PV26")
    own = register.indicator(DIGID, period="2024-05", where={"province": "PV26"})
    assert table.rows[0].numbers == own.table.rows[0].numbers
    assert list(parts(table)) == ["own", "nation"]


def test_a_count_is_compared_for_each_service_point(register: idocore.Register) -> None:
    """Sums of small and large places say nothing beside each other."""
    table = register.benchmark("visitors", "2024-05", at="organisation/big")
    assert parts(table)["own"] == (50, 5)
    assert parts(table)["nation"] == (210, 10)
    assert table.measures[0].label.en == "Visitors per service point"


def test_a_small_group_is_not_shown(register: idocore.Register) -> None:
    """Of the only organisation of its size, and of a province of one, the others would be told."""
    assert why(register.benchmark(DIGID, "2024-05", at="organisation/big"))["same-size"] is Absence.SUPPRESSED
    assert why(register.benchmark(DIGID, "2024-05", at="organisation/far"))["province"] is Absence.SUPPRESSED


def test_beyond_the_scope_only_what_was_published_is_shown(register: idocore.Register) -> None:
    """An organisation counts itself, and reads the rest from the newest release of just these days."""
    acting = register.acting_as("c-1", "coordinator", "organisation/a")
    before = acting.benchmark(DIGID, "2024-05")
    assert parts(before) == {"own": (6, 20), **dict.fromkeys(["province", "nation", "same-size"], (None, None))}
    assert set(why(before).values()) == {None, Absence.UNPUBLISHED}
    register.periods.close("2024-05", at="nation")
    register.publications.publish(PLAN, "2024-05")
    after = acting.benchmark(DIGID, "2024-05")
    assert parts(after) == {"own": (6, 20), "province": (73, 130), "nation": (103, 210), "same-size": (63, 160)}
    assert any("maand/2024-05/1" in note.message("en") for note in after.notes)
    assert set(why(acting.benchmark(DIGID, "2024-04")).values()) <= {Absence.UNPUBLISHED, Absence.NO_BASE}


def test_what_a_release_hides_or_lacks_is_not_shown(register: idocore.Register) -> None:
    """Hidden by the release: suppressed; not a number of the release: unpublished. Never a guess."""
    for point, topic in (("a0", "digid"), ("b0", "work"), ("c0", "digid")):
        register.record(point, inquiries=[{"topic": topic}], moment="2024-04-09T10:30")
    register.periods.close("2024-04", at="nation")
    register.publications.publish(PLAN, "2024-04")
    acting = register.acting_as("c-1", "coordinator", "organisation/a")
    table = acting.benchmark(DIGID, "2024-04")
    assert why(table)["nation"] is Absence.SUPPRESSED
    assert parts(table)["own"] == (1, 1)
    for name in ("visitors", "share-referred", "coverage", "visitors-per-open-hour"):
        assert why(acting.benchmark(name, "2024-04"))["nation"] is Absence.UNPUBLISHED


def test_a_place_beyond_the_scope_cannot_be_asked(register: idocore.Register) -> None:
    """Neither another organisation nor the province around one's own; and a slip of the pen is told."""
    acting = register.acting_as("c-1", "coordinator", "organisation/a")
    for place in ("organisation/b", "province/PV26", "nation"):
        with pytest.raises(NotAllowedError):
            acting.benchmark(DIGID, "2024-05", at=place)
    with pytest.raises(InvalidValueError):
        register.benchmark(DIGID, "2024-05", at="organisation/z")


def test_on_the_command_line(tmp_path: Any) -> None:
    """`ido benchmark` shows the table; an empty period is a table with nothing to divide by."""
    store = f"sqlite:///{tmp_path}/ido.db"
    runner = CliRunner()
    for line in (["places", "add-organisation", "noord"], ["places", "add", "c", "--organisation", "noord"]):
        assert runner.invoke(program, ["--store", store, *line]).exit_code == 0
    shown = runner.invoke(program, ["--store", store, "benchmark", DIGID, "2024-05", "--at", "organisation/noord"])
    assert shown.exit_code == 0, shown.output
    assert "own" in shown.output
    wrong = runner.invoke(program, ["--store", store, "benchmark", "share-digit", "2024-05"])
    assert wrong.exit_code != 0
    assert "share-digid" in wrong.output
