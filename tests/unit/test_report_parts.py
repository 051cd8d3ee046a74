"""The parts of the report that are functions of their own: what is hidden, pairs, open hours."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from itertools import combinations
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

import idocore
from idocore import Kind, Registration, Revision, ServicePoint, Siting
from idocore.gazetteer import Gazetteer
from idocore.peers import SIZES, called, size_class, sizes
from idocore.periods import LOCAL_ZONE
from idocore.presence import within
from idocore.rules import opening_hours
from idocore.testing import strategies
from idocore_excel.report.discretion import FEWEST, HIDDEN, Discretion, Number
from idocore_excel.report.gathering import Gathered, pairs
from idocore_excel.report.pages.benchmark import FEWEST_OTHERS
from idocore_excel.report.pages.development import year_before

COUNTS = st.one_of(st.none(), st.integers(0, 12))
RECORDED = datetime(2024, 12, 31, 12, tzinfo=LOCAL_ZONE)
OPEN, PUBLISHED = Discretion(), Discretion(publish=True)


# What is hidden


@given(COUNTS, COUNTS)
def test_what_derives_from_a_small_count_is_hidden(part: Number, whole: Number) -> None:
    """Published, a count from 1 to 4 is hidden, and so is every figure made of one; nothing else is."""
    small = [count for count in (part, whole) if isinstance(count, int) and 0 < count < FEWEST]
    figures = (PUBLISHED.ratio(part, whole), PUBLISHED.growth(part, whole))
    assert all((figure is HIDDEN) == bool(small) for figure in figures)
    assert (PUBLISHED.count(part) is HIDDEN) == (part in small and part is not None)
    assert HIDDEN not in (OPEN.count(part), OPEN.ratio(part, whole), OPEN.growth(part, whole))


@given(st.lists(COUNTS, max_size=8))
def test_running_sums_do_not_tell_what_is_hidden(counts: list[Number]) -> None:
    """From the first hidden count on every sum is hidden; before it, and for own use, they are the sums."""
    sums = [sum(one for one in counts[: place + 1] if isinstance(one, int)) for place in range(len(counts))]
    plain = OPEN.running(counts)
    assert [one or 0 for one in plain if isinstance(one, int | None)] == sums
    small = [place for place, one in enumerate(counts) if PUBLISHED.hides(one)]
    first = small[0] if small else len(counts)
    found = PUBLISHED.running(counts)
    assert found[:first] == plain[:first]
    assert set(found[first:]) <= {HIDDEN}


@given(COUNTS, st.one_of(st.none(), st.floats(0, 1000)))
def test_there_is_nothing_to_divide_by_zero(part: Number, amount: float | None) -> None:
    """Without hours, or with none, there is no rate; null is not zero."""
    found = OPEN.rate(part, amount)
    assert found is None if part is None or not amount else found == part / amount  # type: ignore[operator]
    assert OPEN.ratio(part, 0) is None


# What passes by


def raw(topics: list[str], kind: str = "visit") -> Registration:
    """A registration with those topics."""
    inquiries = tuple(idocore.Inquiry({"topic": topic}) for topic in topics)
    moment = datetime(2024, 5, 6, 10, tzinfo=LOCAL_ZONE)
    return Registration(UUID(int=0), "ido@2024", "centrale", moment, Kind(kind), inquiries=inquiries)


def is_visit(registration: Registration) -> bool:
    return registration.kind is Kind.VISIT


def counted_by_hand(registrations: list[Registration], recode: dict[str, str]) -> Counter[tuple[str, str]]:
    """Every two codes that there are, with the visits that have both."""
    asked = [
        {
            recode.get(str(one.answers["topic"]), str(one.answers["topic"]))
            for one in each.inquiries
            if "topic" in one.answers
        }
        for each in registrations
        if each.kind is Kind.VISIT
    ]
    known = sorted(set().union(*asked))
    found = {(a, b): sum({a, b} <= codes for codes in asked) for a, b in combinations(known, 2)}
    return Counter({pair: count for pair, count in found.items() if count})


@given(st.lists(strategies.registrations(), max_size=12), st.booleans())
def test_pairs_are_unordered_and_distinct(registrations: list[Registration], local: bool) -> None:
    """As counted by hand, whether looked at one by one or in passing; a local code counts as what it names."""
    recode = {"printing": "devices", "banking": "other"} if local else {}
    wanted = counted_by_hand(registrations, recode)
    assert pairs(registrations, "topic", recode) == wanted
    gathered = Gathered("topic", recode)
    for one in registrations:
        gathered.add(Revision(one.id, 1, one, "me", RECORDED))
    assert gathered.pairs == wanted
    assert gathered.with_several <= gathered.with_topic <= gathered.count == len(registrations)


def test_pairs_by_example() -> None:
    """Three topics make three pairs, the same one twice makes none, and a tally makes none."""
    found = pairs([raw(["work", "digid", "care"]), raw(["digid", "digid"]), raw(["digid", "care"], "tally")], "topic")
    assert found == {("care", "digid"): 1, ("care", "work"): 1, ("digid", "work"): 1}


# Places


@given(
    st.sampled_from(["Mo-Fr 10:00-17:00; PH off", "Tu 13:00-17:00,18:00-20:00", "Sa 22:00-02:00", "off", "24/7"]),
    st.dates(date(2023, 1, 1), date(2024, 12, 1)),
    st.integers(0, 40),
)
def test_open_hours_are_those_of_the_clock(text: str, start: date, days: int) -> None:
    """As many half hours as the opening hours say, looked at one by one."""
    point = ServicePoint("centrale", "Centrale", (Siting(None, "GM0344"),), opening_hours=text)
    places = Gazetteer.default().with_places([point])
    found = within(places, idocore.Scope("service_point", "centrale"), start, start + timedelta(days=days))
    if not days:
        assert found == []
        return
    first = datetime.combine(start, time())
    ticks = (first + timedelta(minutes=30 * number) for number in range(days * 48))
    assert found[0].hours == sum(opening_hours(text).is_open(tick) for tick in ticks) / 2


def test_a_point_is_there_only_while_it_exists_and_belongs() -> None:
    """Opened, closed and handed over: each organisation has the days that were its own."""
    sitings = (Siting(None, "GM0344", "noord"), Siting(date(2024, 3, 1), "GM0344", "zuid"))
    point = ServicePoint("p", "P", sitings, opened=date(2024, 2, 1), closed=date(2024, 4, 1))
    places = Gazetteer.default().with_places([point])

    def days(level: str, code: str) -> Any:
        found = within(places, idocore.Scope(level, code), date(2024, 1, 1), date(2025, 1, 1))
        return [one.stretches for one in found]

    assert days("organisation", "noord") == [((date(2024, 2, 1), date(2024, 3, 1)),)]
    assert days("organisation", "zuid") == [((date(2024, 3, 1), date(2024, 4, 1)),)]
    assert days("nation", "NL") == [((date(2024, 2, 1), date(2024, 3, 1)), (date(2024, 3, 1), date(2024, 4, 1)))]
    assert days("province", "PV20") == []
    assert (sizes(places, date(2024, 2, 15)), sizes(places, date(2024, 3, 15))) == ({"noord": 1}, {"zuid": 1})
    assert sizes(places, date(2024, 5, 1)) == {}


@given(st.integers(1, 200))
def test_every_size_has_one_class(points: int) -> None:
    """The classes follow on each other and the last has no end."""
    low, high = size_class(points)
    assert (low, high) in SIZES
    assert low <= points <= (points if high is None else high)
    assert [called(one) for one in SIZES] == ["1-4", "5+"]


@pytest.mark.parametrize(
    ("day", "before"),
    [("2024-05-06", "2023-05-06"), ("2024-02-29", "2023-02-28"), ("2024-03-01", "2023-03-01")],
)
def test_a_year_before(day: str, before: str) -> None:
    """The same day; for 29 February the 28th."""
    assert year_before(date.fromisoformat(day)) == date.fromisoformat(before)


def test_fewest_others() -> None:
    """With fewer than three others, one's own figure taken off gives another's."""
    assert FEWEST_OTHERS == 3
