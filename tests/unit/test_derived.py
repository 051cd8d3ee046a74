"""What the core derives from counts, each against a plain recount of the records."""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from itertools import combinations
from statistics import median_high, median_low
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idocore import Absence, InvalidQueryError, Kind, Query, Registration, Status, Table
from idocore.gazetteer import Gazetteer
from idocore.open_hours import open_hours
from idocore.periods import LOCAL_ZONE, Period
from idocore.places import ServicePoint, Siting
from idocore.registrations import Inquiry, new_id
from idocore.statistics import reference
from idocore.statistics.answer import answer
from idocore.testing.strategies import NOW, PLACES, SERVICE_POINTS, THEMES, queries, registrations, with_id

POINTS = (
    ServicePoint("een", "Een", (Siting(None, "GM0344", "noord"),), opening_hours="Mo-Fr 10:00-12:00"),
    ServicePoint("twee", "Twee", (Siting(None, "GM0363", "zuid"),), opening_hours="off"),
    ServicePoint("drie", "Drie", (Siting(None, "GM0363", "zuid"),), opened=date(2023, 7, 1)),
)
GAZETTEER = Gazetteer.default().with_places(PLACES)


def visit(day: date, point: str = "een", **changes: Any) -> Registration:
    """A visit at ten in the morning."""
    moment = datetime(day.year, day.month, day.day, 10, tzinfo=LOCAL_ZONE)
    theme = THEMES.at("ido", day)
    assert theme is not None
    return Registration(new_id(), theme.id, point, moment, **{"inquiries": (Inquiry({"topic": "digid"}),), **changes})


TODAY = NOW.date()


def counted(made: list[Registration], *measures: str, today: date = TODAY, **more: Any) -> Table:
    """The table by the reference evaluator."""
    places = Gazetteer.default().with_places(POINTS)
    query = Query.of(measures, **more)
    return answer(query, lambda cut: reference.evaluate(cut, made), THEMES, places, today)


def days_of(year: int, number: int) -> list[date]:
    """Some days of a year, in order."""
    return [date(year, 1, 1) + timedelta(days=3 * one) for one in range(number)]


MADE = st.lists(registrations(), max_size=25).map(
    lambda made: [with_id(one, number) for number, one in enumerate(made)]
)


def final(made: list[Registration]) -> list[Registration]:
    return [one for one in made if one.status is Status.FINAL]


def visitors(one: Registration) -> int:
    return one.count or 0 if one.kind is Kind.TALLY else 1


@settings(max_examples=100, deadline=None)
@given(MADE)
def test_moving_sums_are_sums_of_twelve_months(made: list[Registration]) -> None:
    """Each is what a plain loop over the records of those months gives."""
    table = answer(
        Query(("visitors", "moving_12_months_of_visitors"), "month"),
        lambda cut: reference.evaluate(cut, made),
        THEMES,
        GAZETTEER,
        date(2030, 1, 1),
    )
    for row in table.rows:
        month = Period.parse(str(row.codes[0]))
        first = month.shifted(-11).start
        meant = sum(visitors(one) for one in final(made) if first <= one.local_date < month.end)
        known = first >= date(2019, 6, 1)
        assert row.numbers[1] == (meant if known else None)
        assert row.absences()[1] == (None if known else Absence.NOT_EXISTING)


@settings(max_examples=100, deadline=None)
@given(MADE, st.sampled_from(["month", "quarter", "year"]))
def test_running_sums_begin_at_the_first_registration(made: list[Registration], kind: str) -> None:
    """Also where only later days are asked."""
    query = Query(("cumulative_visitors",), kind, start="2022-01-01")
    table = answer(query, lambda cut: reference.evaluate(cut, made), THEMES, GAZETTEER, date(2030, 1, 1))
    for row in table.rows:
        end = Period.parse(str(row.codes[0])).end
        assert row.numbers[0] == sum(visitors(one) for one in final(made) if one.local_date < end)


@settings(max_examples=100, deadline=None)
@given(MADE)
def test_pairs_are_unordered_distinct_and_of_one_registration(made: list[Registration]) -> None:
    """Each registration counts once for each pair of topics that it has, and tallies never do."""
    query = Query(together="topic")
    table = answer(query, lambda cut: reference.evaluate(cut, made), THEMES, GAZETTEER, NOW.date())
    meant: Counter[Any] = Counter()
    for one in final(made):
        topics = sorted({str(inquiry.answers["topic"]) for inquiry in one.inquiries if "topic" in inquiry.answers})
        if one.kind is Kind.VISIT:
            meant.update(combinations(topics, 2))
    assert {row.codes: row.numbers[0] for row in table.rows} == dict(meant)


def test_growth_needs_a_whole_period_and_something_before() -> None:
    """Twice as much is 1.0; a running year, a year before the form, and a year of nothing give no number."""
    made = [visit(day) for day in (*days_of(2022, 4), *days_of(2023, 8), *days_of(2024, 2), *days_of(2020, 1))]
    table = counted(made, "growth_of_visitors", by="year", today=date(2024, 6, 1))
    found = {row.codes[0]: (row.numbers[0], row.absences()[0]) for row in table.rows}
    assert found == {
        "2020": (None, Absence.NOT_EXISTING),
        "2022": (None, Absence.NO_BASE),
        "2023": (1.0, None),
        "2024": (None, Absence.PARTIAL),
    }


def test_growth_of_what_was_not_asked_a_year_before() -> None:
    """A field that is new has not grown from nothing."""
    made = [visit(date(2024, 5, 1), answers={"returning": True}), visit(date(2023, 5, 1))]
    table = counted(made, "growth_of_registrations", by=["year", "returning"], today=date(2025, 6, 1))
    why = {row.codes: row.absences()[0] for row in table.rows}
    assert why["2024", "yes"] is Absence.NOT_EXISTING


def test_growth_of_leap_days_and_week_53() -> None:
    """What the year before did not have cannot be compared with."""
    made = [visit(date(2024, 2, 29)), visit(date(2020, 12, 31)), visit(date(2023, 3, 1)), visit(date(2024, 3, 1))]
    by_day = counted(made, "growth_of_visitors", by="day", today=date(2025, 1, 1))
    assert {row.codes[0]: row.numbers[0] for row in by_day.rows}["2024-02-29"] is None
    assert {row.codes[0]: row.numbers[0] for row in by_day.rows}["2024-03-01"] == 0.0
    by_week = counted(made, "growth_of_visitors", by="week", today=date(2025, 1, 1))
    assert {row.codes[0]: row.absences()[0] for row in by_week.rows}["2020-W53"] is Absence.NOT_EXISTING


def test_ranks_share_places_and_unknown_has_none() -> None:
    """1, 1, 3: equal counts share a rank, and the next one counts them all."""
    topics = ["digid"] * 3 + ["pension"] * 3 + ["work"]
    made = [visit(date(2023, 1, 2), inquiries=(Inquiry({"topic": topic}),)) for topic in topics]
    made.append(visit(date(2020, 1, 2), inquiries=(Inquiry({}),)))
    table = counted(made, "rank_by_inquiries", by="topic")
    assert {row.codes[0]: row.numbers[0] for row in table.rows} == {"digid": 1, "pension": 1, "work": 3, None: None}


def test_null_is_not_zero_is_not_closed() -> None:
    """A rate per open hour: of the open one a number, of the closed and of the unknown why there is none."""
    made = [visit(date(2023, 7, 3)), *(visit(date(2023, 7, 4), point) for point in ("twee", "drie", "drie"))]
    table = counted(made, "visitors_per_open_hour", by="service_point", period="2023-07")
    found = {row.codes[0]: (row.numbers[0], row.absences()[0]) for row in table.rows}
    hours = open_hours(POINTS[0], date(2023, 7, 1), date(2023, 8, 1))
    assert hours == 42.0
    assert found == {
        "een": (1 / hours, None),
        "twee": (None, Absence.CLOSED),
        "drie": (None, Absence.UNKNOWN),
    }
    whole = counted(made, "visitors_per_open_hour", period="2023-07").rows[0].numbers[0]
    assert whole == 2 / hours  # those of whom no hours are known count in neither part


def test_averages_declare_their_kind() -> None:
    """A point that opened in July halves no average of its own: 12 a month there, 6 over the year in the sums."""
    made = [visit(date(2023, month, day), "drie") for month in range(7, 13) for day in range(1, 13)]
    made += [visit(date(2023, month, 1)) for month in range(1, 13)]
    names = ("average_of_sums_of_visitors", "sum_of_averages_of_visitors")
    row = counted(made, *names, period="2023", today=date(2024, 6, 1)).rows[0]
    assert row.numbers == ((72 + 12) / 12, 12.0 + 1.0)
    by_point = counted(made, *names, by="service_point", period="2023", today=date(2024, 6, 1))
    assert {row.codes[0]: row.numbers for row in by_point.rows} == {"een": (1.0, 1.0), "drie": (12.0, 12.0)}


def test_averages_leave_out_the_month_that_runs() -> None:
    """Half of March is no March."""
    made = [visit(date(2023, month, 2)) for month in (1, 2, 3)]
    table = counted(made, "average_of_sums_of_visitors", period="2023", today=date(2023, 3, 15))
    assert table.rows[0].numbers[0] == 1.0
    table = counted(made[:2], "average_of_sums_of_visitors", period="2023", today=date(2023, 3, 15))
    assert table.rows[0].numbers[0] == 1.0


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["under-5", "5-to-10", "10-to-15", "15-to-20", "20-to-30"]), min_size=1, max_size=40))
def test_medians_lie_in_the_class_of_the_middle_one(given_: list[str]) -> None:
    """With one amount anywhere in each class, the median class is the same."""
    bounds = {"under-5": (0, 5), "5-to-10": (5, 10), "10-to-15": (10, 15), "15-to-20": (15, 20), "20-to-30": (20, 30)}
    made = [visit(date(2023, 1, 2), answers={"duration": code}) for code in given_]
    found = counted(made, "median_of_duration").rows[0].numbers[0]
    assert found is not None
    assert median_low(bounds[code][0] for code in given_) <= found <= median_high(bounds[code][1] for code in given_)


def test_the_median_of_an_open_class_is_not_made_up() -> None:
    """More than thirty minutes is all that is known."""
    made = [visit(date(2023, 1, 2), answers={"duration": "over-30"})]
    row = counted(made, "median_of_duration").rows[0]
    assert (row.numbers, row.why) == ((None,), (Absence.OPEN_ENDED,))


@pytest.mark.parametrize(
    ("measures", "more", "code"),
    [
        ("growth_of_visitors", {}, "growth-of-nothing"),
        ("moving_12_months_of_visitors", {"by": "year"}, "moving-needs-months"),
        ("cumulative_visitors", {}, "cumulative-needs-a-period"),
        ("rank_by_visitors", {}, "rank-of-nothing"),
        ("visitors_per_open_hour", {"by": "topic"}, "rate-by-place-and-period"),
        ("average_of_sums_of_visitors", {"by": "month"}, "average-over-coarser"),
        ("median_of_duration", {"by": "duration"}, "median-by-itself"),
        ("visitors", {"together": "topic"}, "together-counts-registrations"),
        ("registrations", {"together": "topic", "by": "provider"}, "together-by-inquiry"),
        ("registrations", {"together": "duration"}, "together-needs-several"),
        ("registrations", {"together": "topik"}, "unknown-dimension"),
        ("median_of_topic", {}, "unknown-measure"),
        ("registrations", {"by": ["day", "topic", "provider"], "complete": True}, "too-many-rows"),
    ],
)
def test_what_has_no_meaning_says_why(measures: str, more: dict[str, Any], code: str) -> None:
    """Measures that cannot be combined say why, in both languages."""
    with pytest.raises(InvalidQueryError) as caught:
        counted([], measures, **more)
    assert caught.value.code == code
    assert len({caught.value.message("nl"), caught.value.message("en")}) == 2


def test_an_empty_result_is_an_empty_table_with_its_base() -> None:
    """Nothing was counted, and that is said."""
    table = counted([], "registrations", "inquiries", by="topic", period="2023")
    assert (len(table), table.base) == (0, {"registrations": 0, "inquiries": 0})


@settings(max_examples=60, deadline=None)
@given(MADE, queries())
def test_a_complete_table_holds_the_other_one(made: list[Registration], query: Query) -> None:
    """Complete or not, what was counted is the same; what is added is zero, or says why it is not there."""

    def table(query: Query) -> Table:
        return answer(query, lambda cut: reference.evaluate(cut, made), THEMES, GAZETTEER, NOW.date())

    plain_ = attrs.evolve(query, measures=("inquiries",), together=None, start=date(2022, 1, 1), end=date(2022, 7, 1))
    try:
        complete = table(attrs.evolve(plain_, complete=True))
    except InvalidQueryError as error:
        assert error.code == "too-many-rows"  # noqa: PT017
        return
    there = {row.codes: row.numbers for row in table(plain_).rows}
    for row in complete.rows:
        if row.codes not in there:
            assert row.numbers == (0,) or row.absences()[0] is not None
    assert there.items() <= {row.codes: row.numbers for row in complete.rows}.items()


def test_what_did_not_exist_is_never_zero() -> None:
    """A topic of 2022 in free-text 2021, a code before its day, a point before it opened: none of them is 0."""
    made = [visit(date(2022, 3, 1)), visit(date(2023, 8, 1), "drie")]
    topics = counted(
        made, "registrations", by=["half_year", "topic"], start="2021-07-01", end="2022-07-01", complete=True
    )
    why = {row.codes: (row.numbers[0], row.absences()[0]) for row in topics.rows}
    assert why["2021-H2", "digid"] == (None, Absence.NOT_EXISTING)
    assert why["2022-H1", "pension"] == (0, None)
    points = counted(made, "registrations", by=["half_year", "service_point"], period="2023", complete=True)
    there = {row.codes: (row.numbers[0], row.absences()[0]) for row in points.rows}
    assert there["2023-H1", "drie"] == (None, Absence.CLOSED)
    assert there["2023-H2", "twee"] == (None, Absence.CLOSED)
    assert there["2023-H1", "een"] == (0, None)
    assert there["2023-H2", "drie"] == (1, None)


def test_the_note_says_which_wording_changed_when() -> None:
    """A series over a change of the form carries its bridge's note, with the day; one within a version does not."""
    across = counted([], "registrations", by="duration", start="2021-07-01", end="2023-01-01")
    said = [note.message("en") for note in across.notes if note.code == "note-bridge"]
    assert any(text.startswith("From 2022-01-01: Until 2022 there were three classes") for text in said)
    within = counted([], "registrations", by="duration", period="2023")
    assert not [note for note in within.notes if note.code == "note-bridge"]


def test_comparable_classes_add_up() -> None:
    """Old and new durations fall in the classes that both can tell apart, and nothing is lost."""
    old = [visit(date(2021, 8, 1), answers={"duration": code}, inquiries=()) for code in ("under-10", "over-20")]
    new = [visit(date(2022, 8, 1), answers={"duration": code}) for code in ("under-5", "5-to-10", "over-30")]
    table = counted(old + new, "registrations", by=["year", "duration"], codes="comparable")
    assert {row.codes: row.numbers[0] for row in table.rows} == {
        ("2021", "under-10"): 1,
        ("2021", "over-20"): 1,
        ("2022", "under-10"): 2,
        ("2022", "over-20"): 1,
    }


def answered(made: list[tuple[str, date, dict[str, Any]]], codes: str = "base") -> dict[Any, dict[str | None, int]]:
    """Inquiries by theme version and thing, in the theme that changes in every way."""
    records = [
        Registration(
            new_id(),
            theme,
            SERVICE_POINTS[0].id,
            datetime(day.year, day.month, day.day, 10, tzinfo=LOCAL_ZONE),
            inquiries=(Inquiry(answers),),
        )
        for theme, day, answers in made
    ]
    query = Query("inquiries", ("theme", "all_things"), theme="changing", codes=codes)  # type: ignore[arg-type]
    table = answer(query, lambda cut: reference.evaluate(cut, records), THEMES, GAZETTEER, NOW.date())
    found: dict[Any, dict[str | None, int]] = defaultdict(dict)
    for row in table.rows:
        found[row.codes[0]][row.codes[1]] = int(row.numbers[0] or 0)
    return found


CHANGING = [
    ("changing@1", date(2020, 1, 1), {"object": "lantern", "second_object": "furniture"}),
    ("changing@1", date(2020, 1, 1), {"object": "own-lamp"}),
    ("changing@2", date(2022, 1, 1), {"things": ("set", "rug")}),
    ("changing@3", date(2024, 1, 1), {"all_things": ("chair", "lamp")}),
]


def test_a_series_follows_the_bridges() -> None:
    """Renamed and merged fields, merged codes, what stands for all: carried; a split code stays what it was."""
    assert answered(CHANGING) == {
        "changing@1": {"lamp": 2, "furniture": 1},
        "changing@2": {"chair": 1, "table": 1, "rug": 1},
        "changing@3": {"chair": 1, "lamp": 1},
    }


def test_what_was_split_is_comparable_as_a_whole() -> None:
    """Chairs and tables are furniture in every version, once that is all that some version can tell."""
    assert answered(CHANGING, "comparable") == {
        "changing@1": {"lamp": 2, "furniture": 1},
        "changing@2": {"furniture": 1, "rug": 1},
        "changing@3": {"furniture": 1, "lamp": 1},
    }
