"""Indicators: each against a plain recount, with where its numbers come from; and allocation that adds up."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import idocore
from idocore import Catalogue, InvalidQueryError, NotFoundError, ThemeError
from idocore.periods import LOCAL_ZONE
from idocore_cli.commands import ido as program

TODAY = datetime(2024, 12, 31, 12, tzinfo=LOCAL_ZONE)


def invented() -> idocore.Register:
    """Three organisations; zuid works in two municipalities, and one of its points is silent."""
    register = idocore.open("memory:", clock=lambda: TODAY)
    places = register.places
    for name in ("noord", "zuid"):
        places.add_organisation(name, name)
    for number in range(5):
        hours = "Mo-Fr 10:00-12:00" if number < 3 else None
        places.add_service_point(
            f"n{number}", municipality="Utrecht", organisation="noord", opened=date(2023, 1, 1), opening_hours=hours
        )
    places.add_service_point("a", municipality="Amsterdam", organisation="zuid", opening_hours="Mo-Fr 10:00-18:00")
    places.add_service_point("w", municipality="Diemen", organisation="zuid", opening_hours="Mo-Fr 10:00-12:00")
    places.add_service_point("silent", municipality="Diemen", organisation="zuid", opened=date(2024, 7, 1))
    return register


@pytest.fixture
def register() -> Iterator[idocore.Register]:
    """Visits at every point of noord and two of zuid."""
    with invented() as register:
        for number in range(5):
            register.record(
                f"n{number}", moment="2024-03-05T10:30", inquiries=[{"topic": "digid", "help": ["referral"]}]
            )
        for moment in ("2024-03-04T10:30", "2024-03-04T11:30", "2024-03-04T12:30"):
            register.record("a", moment=moment, inquiries=[{"topic": "pension"}], answers={"duration": "over-30"})
        register.record("w", moment="2024-03-04T10:30", inquiries=[{"topic": "work"}], answers={"duration": "under-5"})
        register.tally("w", 4, moment="2024-03-04", inquiries=[{"topic": "digid", "count": 4}])
        yield register


VALUES = {
    "registering-service-points": (7, 7),
    "organisations-with-five": (0.5, 1, 2),
    "visitors": (13, 13),
    "inquiries": (13, 13),
    "share-digid": (9 / 13, 9, 13),
    "share-over-20-minutes": (3 / 4, 3, 4),
    "share-referred": (1.0, 5, 5),
    "coverage": (7 / 8, 7, 8),
}


@pytest.mark.parametrize("name", VALUES)
def test_each_indicator_is_what_its_definition_says(register: idocore.Register, name: str) -> None:
    """Value, numerator and denominator, counted by hand."""
    found = register.indicator(name, period="2024")
    assert found.table.rows[0].numbers == pytest.approx(VALUES[name])
    assert found.value == pytest.approx(VALUES[name][0])


def test_a_rate_takes_only_points_whose_hours_are_known(register: idocore.Register) -> None:
    """Eleven visitors at five points with known hours, over the hours of those five."""
    numbers = register.indicator("visitors-per-open-hour", period="2024-03").table.rows[0].numbers
    weekdays = 21
    hours = weekdays * (3 * 2 + 8 + 2)
    assert numbers == pytest.approx((11 / hours, 11, hours))


def test_what_opened_later_was_not_open_before(register: idocore.Register) -> None:
    """Coverage by half-year: the silent point is part of the second half only."""
    rows = register.indicator("coverage", by="half_year", period="2024").table.rows
    assert [(row.codes, row.numbers[1:]) for row in rows] == [(("2024-H1",), (7, 7)), (("2024-H2",), (0, 8))]


def test_every_indicator_can_be_split_by_province(register: idocore.Register) -> None:
    """Numerators and denominators of the provinces add up to those of the nation."""
    for one in register.indicators:
        whole = register.indicator(one, period="2024").table.rows[0].numbers[1:]
        parts = [row.numbers[1:] for row in register.indicator(one, "province", period="2024").table.rows]
        assert [sum(column) for column in zip(*parts, strict=True)] == pytest.approx(list(whole)), one.id  # type: ignore[arg-type]


def test_each_number_can_be_traced(register: idocore.Register) -> None:
    """Definition with its version, both queries, base N, unknowns and the place in the journal."""
    found = register.indicator("share-over-20-minutes", period="2024")
    trace = json.loads(json.dumps(found.trace("en")))
    assert trace["indicator"] == "share-over-20-minutes@1"
    assert trace["parts"][1]["where"] == {"duration": ["*"]}
    assert trace["as_of"] == {str(stream): position for stream, position in register.store.cursor().items()}
    again = [
        register.table(part["measures"], part["by"], where=part["where"], start=part["start"], end=part["end"]).base
        for part in trace["parts"]
    ]
    assert again == [{"registrations": 3}, {"registrations": 4}]


def test_unknown_is_in_neither_part(register: idocore.Register) -> None:
    """A registration without a duration is no short conversation."""
    before = register.indicator("share-over-20-minutes", period="2024").value
    register.record("a", moment="2024-03-06T10:30", inquiries=[{"topic": "work"}])
    assert register.indicator("share-over-20-minutes", period="2024").value == before


def test_nothing_to_divide_by_is_no_zero() -> None:
    """An empty register has no share, and says why."""
    row = invented().indicator("share-digid", period="2023", by="province").table.rows
    assert row == ()
    coverage = invented().indicator("organisations-with-five", period="2023").table.rows
    assert coverage == ()


def test_asking_for_what_is_not_there(register: idocore.Register) -> None:
    """The nearest is named; a split without meaning says why."""
    with pytest.raises(NotFoundError, match="share-digid"):
        register.indicator("share-digit", period="2024")
    with pytest.raises(InvalidQueryError, match="about service points"):
        register.indicator("coverage", by="topic", period="2024")
    with pytest.raises(InvalidQueryError, match="more than one value"):
        _ = register.indicator("visitors", by="month", period="2024").value


def test_a_library_adds_its_own(tmp_path: Path, register: idocore.Register) -> None:
    """A definition in a file is an indicator; a key that is taken, and what makes no sense, are told all at once."""
    path = tmp_path / "own.toml"
    text = (
        '[[indicator]]\nid = "share-work"\nversion = 1\nunit = "share"\n'
        'label = { nl = "Werk", en = "Work" }\ndefinition = { nl = "Aandeel werk", en = "Share of work" }\n'
        'numerator = { count = "inquiries", where = { topic = ["work"] } }\n'
        'denominator = { count = "inquiries" }\n'
    )
    path.write_text(text)
    own = Catalogue.default().with_file(path).get("share-work")
    assert register.indicator(own, period="2024").value == pytest.approx(1 / 13)
    path.write_text(text.replace("share-work", "share-digid"))
    with pytest.raises(ThemeError, match="new version"):
        Catalogue.default().with_file(path)
    path.write_text(text.replace('count = "inquiries", where', 'count = "questions", points = "open", where'))
    with pytest.raises(ThemeError) as caught:
        Catalogue.default().with_file(path)
    assert len(caught.value.faults) == 2


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["n0", "n4", "a", "w"]), st.integers(0, 20)), max_size=12),
    st.sampled_from(["location", "equal", "hours", "weights"]),
)
def test_what_is_allocated_adds_up(tallies: list[tuple[str, int]], rule: str) -> None:
    """By every rule the municipalities together have what was counted."""
    with invented() as register:
        for point, count in tallies:
            register.tally(point, count, moment="2024-03-04", inquiries=[{"topic": "digid"}])
        weights = {"GM0363": 900.0, "GM0384": 30.0} if rule == "weights" else None
        table = register.accountability("2024", rule=rule, weights=weights)
        total = sum(count for _, count in tallies)
        assert sum(row.numbers[0] or 0 for row in table.rows) == pytest.approx(total)
        assert table.base == {"visitors": total}


def test_each_rule_allocates_as_it_says(register: idocore.Register) -> None:
    """What zuid did, eight visitors: where its points lie, in halves, by its hours, by weights."""

    def of(rule: str, **more: object) -> dict[str | None, float]:
        table = register.accountability("2024-03", rule=rule, **more)  # type: ignore[arg-type]
        return {row.codes[0]: round(float(row.numbers[0] or 0), 6) for row in table.rows}

    assert of("location") == {"GM0344": 5, "GM0363": 3, "GM0384": 5}
    assert of("equal") == {"GM0344": 5, "GM0363": 4, "GM0384": 4}
    assert of("hours") == {"GM0344": 5, "GM0363": 6.4, "GM0384": 1.6}
    assert of("weights", weights={"GM0363": 3, "GM0384": 1}) == {"GM0344": 5, "GM0363": 6, "GM0384": 2}


@pytest.mark.parametrize(
    ("rule", "more", "code"),
    [
        ("hour", {}, "unknown-allocation"),
        ("weights", {}, "allocation-weights"),
        ("hours", {"weights": {"GM0363": 1}}, "allocation-weights"),
        ("weights", {"weights": {"GM0363": -1}}, "allocation-negative"),
        ("hours", {"measure": "share_of_visitors"}, "unknown-measure"),
    ],
)
def test_a_rule_that_makes_no_sense(register: idocore.Register, rule: str, more: dict[str, object], code: str) -> None:
    """It is refused with what to do."""
    with pytest.raises(InvalidQueryError) as caught:
        register.accountability("2024", rule=rule, **more)  # type: ignore[arg-type]
    assert caught.value.code == code


def test_somebody_sees_the_indicators_of_their_own_scope(register: idocore.Register) -> None:
    """A coordinator of zuid gets those of zuid; the public gets none that are live."""
    zuid = register.acting_as("c", "coordinator", "organisation/zuid")
    assert zuid.indicator("visitors", period="2024").value == 8
    assert zuid.indicator("coverage", period="2024").table.rows[0].numbers[1:] == (2, 3)
    with pytest.raises(idocore.NotAllowedError):
        register.acting_as("p", "public", "nation").indicator("visitors", period="2024")


def test_indicators_from_the_command_line(tmp_path: Path) -> None:
    """Listed, shown, traced and allocated; a typing error names the nearest."""
    url = f"sqlite:///{tmp_path / 'ido.db'}"
    with idocore.open(url) as register:
        register.places.add_service_point("centrale", municipality="Utrecht")
        register.record("centrale", moment="2024-03-04T10:30", inquiries=[{"topic": "digid"}])

    def ido(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(program, ["--store", url, "--lang", "en", *words])
        return done.exit_code, done.output

    assert "share-digid@1" in ido("indicator")[1]
    assert "100.0%" in ido("indicator", "share-digid", "--period", "2024")[1]
    assert json.loads(ido("indicator", "share-digid", "--period", "2024", "--trace")[1])["base"] == {"inquiries": 1}
    assert "Utrecht" in ido("accountability", "2024")[1]
    code, output = ido("indicator", "share-digit", "--period", "2024")
    assert (code, "share-digid" in output) == (1, True)
    assert ido("accountability", "2024", "--rule", "weights", "--weight", "GM0344")[0] == 2
