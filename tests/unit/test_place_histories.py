"""Sums over places: the nation is its provinces is its municipalities, whatever happened to them."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from idocore import Query, Registration, Table
from idocore.gazetteer import Gazetteer
from idocore.periods import LOCAL_ZONE
from idocore.places import (
    Municipality,
    Province,
    ServicePoint,
    Siting,
    Succession,
    SuccessionKind,
    SuccessionStatus,
)
from idocore.registrations import Inquiry, new_id
from idocore.statistics import reference
from idocore.statistics.answer import answer
from idocore.testing.strategies import THEMES

PROVINCES = (Province("PV20", "Noord"), Province("PV30", "Zuid"))
DAYS = st.dates(date(2019, 7, 1), date(2024, 11, 30))
_FIRST = date(2019, 6, 1)


@st.composite
def histories(draw: st.DrawFn) -> tuple[Gazetteer, list[str]]:
    """Municipalities that merge and split for some years, and service points that move between them."""
    alive = [
        Municipality(f"GM{number:04}", f"G{number}", draw(st.sampled_from(["PV20", "PV30"]))) for number in range(4)
    ]
    known = {one.code: one for one in alive}
    steps: list[Succession] = []
    days = sorted(draw(st.lists(DAYS, max_size=4, unique=True)))
    for day in days:
        number = len(known)
        ended = draw(st.lists(st.sampled_from(alive), min_size=1, max_size=2, unique=True))
        kind = draw(st.sampled_from(list(SuccessionKind)))
        status = draw(
            st.sampled_from([SuccessionStatus.CONFIRMED, SuccessionStatus.CONFIRMED, SuccessionStatus.PLANNED])
        )
        count = 1 if kind is SuccessionKind.MERGE else 2
        made = [
            Municipality(f"GM{number + one:04}", f"G{number + one}", ended[0].province, day if _law(status) else None)
            for one in range(count)
        ]
        if not _law(status):
            steps += [Succession(day, old.code, ended[0].code, kind, status) for old in ended if old is not ended[0]]
            continue
        sources = ended if kind is SuccessionKind.MERGE else ended[:1]
        default = draw(st.booleans())
        steps += [
            Succession(day, old.code, new.code, kind, status, is_default=default and new is made[0])
            for old in sources
            for new in made
        ]
        alive = [one for one in alive if one not in sources] + made
        known |= {one.code: one for one in made}
    points = [draw(_points(f"p{number}", sorted(known))) for number in range(draw(st.integers(1, 4)))]
    return Gazetteer().with_places([*PROVINCES, *known.values(), *steps, *points]), [one.id for one in points]


def _law(status: SuccessionStatus) -> bool:
    return status is SuccessionStatus.CONFIRMED


@st.composite
def _points(draw: st.DrawFn, name: str, codes: list[str]) -> ServicePoint:
    moves = draw(st.lists(DAYS, max_size=2, unique=True))
    somewhere = st.one_of(st.none(), st.sampled_from(codes))
    return ServicePoint(name, name, tuple(Siting(day, draw(somewhere)) for day in (None, *sorted(moves))))


@st.composite
def visits(draw: st.DrawFn, points: list[str]) -> list[Registration]:
    """Visits at these points over the years."""
    made = []
    for _ in range(draw(st.integers(0, 12))):
        day = _FIRST + timedelta(days=draw(st.integers(0, 2000)))
        theme = THEMES.at("ido", day)
        assert theme is not None
        moment = datetime(day.year, day.month, day.day, 10, tzinfo=LOCAL_ZONE)
        inquiries = (Inquiry({}),) * draw(st.integers(1, 3))
        made.append(Registration(new_id(), theme.id, draw(st.sampled_from(points)), moment, inquiries=inquiries))
    return made


def totals(made: Iterable[Registration], places: Gazetteer, level: str, day: date | str) -> dict[str | None, int]:
    """The inquiries by the places of a level."""
    table: Table = answer(
        Query("inquiries", level, place_date=day),
        lambda cut: reference.evaluate(cut, list(made)),
        THEMES,
        places,
        date(2024, 12, 31),
    )
    return {row.codes[0]: int(row.numbers[0] or 0) for row in table.rows}


def adds_up(made: list[Registration], places: Gazetteer, day: date | str) -> bool:
    """Whether nation, provinces and municipalities have the same sum, and each province that of its own."""
    nation, provinces, municipalities = (
        totals(made, places, level, day) for level in ("nation", "province", "municipality")
    )
    asked = sum(len(one.inquiries) for one in made)
    by_province: dict[str | None, int] = {}
    for code, count in municipalities.items():
        province = None if code is None else places.municipality(code).province
        by_province[province] = by_province.get(province, 0) + count
    return sum(nation.values()) == asked and by_province == provinces and sum(provinces.values()) == asked


PLACE_DATES = st.one_of(st.just("then"), st.just("now"), st.dates(date(2019, 1, 1), date(2025, 12, 31)))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_the_nation_is_its_provinces_is_its_municipalities(data: st.DataObject) -> None:
    """For every place date, on random histories of mergers, splits, moves and plans."""
    places, points = data.draw(histories())
    made = data.draw(visits(points))
    assert adds_up(made, places, data.draw(PLACE_DATES))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_municipality_is_shown_that_does_not_exist_then(data: st.DataObject) -> None:
    """As on a date: only municipalities of that date; as then: only those of the day of the visit."""
    places, points = data.draw(histories())
    made = data.draw(visits(points))
    day = data.draw(st.dates(date(2019, 1, 1), date(2025, 12, 31)))
    there = {one.code for one in places.municipalities(day)}
    assert totals(made, places, "municipality", day).keys() - {None} <= there
    for one in made:
        then = totals([one], places, "municipality", "then").keys() - {None}
        assert then <= {place.code for place in places.municipalities(one.local_date)}


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_plan_changes_nothing(data: st.DataObject) -> None:
    """Without the changes that are only planned, every number is the same."""
    places, points = data.draw(histories())
    made = data.draw(visits(points))
    plans = {key for key, one in places.places.items() if isinstance(one, Succession) and not _law(one.status)}
    law = Gazetteer({key: one for key, one in places.places.items() if key not in plans})
    day = data.draw(PLACE_DATES)
    assert totals(made, places, "municipality", day) == totals(made, law, "municipality", day)


def test_a_sum_that_loses_what_split_is_caught() -> None:
    """What nobody can place stays in every sum; and the broken twin, provinces that are not their municipalities'."""
    halves = [Municipality(code, code, "PV20", date(2021, 1, 1)) for code in ("GM0002", "GM0003")]
    steps = [Succession(date(2021, 1, 1), "GM0001", one.code, SuccessionKind.SPLIT) for one in halves]
    point = ServicePoint("p", "P", (Siting(None, "GM0001"),))
    places = Gazetteer().with_places([*PROVINCES, Municipality("GM0001", "A", "PV20"), *halves, *steps, point])
    moment = datetime(2022, 5, 2, 10, tzinfo=LOCAL_ZONE)
    visit = Registration(new_id(), "ido@2022", "p", moment, inquiries=(Inquiry({}),))
    assert adds_up([visit], places, "then")

    class Forgetful(Gazetteer):
        """Puts every municipality in another province."""

        def municipality(self, code_or_name: str, on: date | None = None) -> Municipality:
            return attrs.evolve(super().municipality(code_or_name, on), province="PV30")

    whole = Gazetteer().with_places([*PROVINCES, Municipality("GM0001", "A", "PV20"), point])
    assert adds_up([visit], whole, "then")
    assert not adds_up([visit], Forgetful(whole.places), "then")
