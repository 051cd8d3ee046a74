"""Dutch habits in cells: what people write reads as what they mean, and nothing ever raises."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idocore import SheetRequest
from idocore_excel.cells import at, column_index, letters
from idocore_excel.labels import Labels
from idocore_excel.values import boolean, clock, folded, moment, number, parts, plain
from tests.sheets import two_points

NL = (
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
)
DAYS = st.dates(date(2019, 1, 1), date(2039, 12, 31))
CELLS: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.text(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
)


def spellings(day: date) -> list[Any]:
    month = NL[day.month - 1]
    return [
        day,
        datetime.combine(day, time()),
        day.isoformat(),
        f"{day.day}-{day.month}-{day.year}",
        f" {day:%d/%m/%y}\u00a0",
        f"{day.day}.{day.month}.{day.year}",
        f"{day.day} {month} {day.year}",
        f"{day.day} {month[:3].upper()}. '{day:%y}",
        f"{day:%d-%b-%y}",
        f"{day:%A} {day:%d-%m-%Y}",
        f"{day:%B} {day.day}, {day.year}",
        int(f"{day:%Y%m%d}"),
    ]


@given(DAYS)
def test_a_day_is_the_same_day_however_it_is_written(day: date) -> None:
    """Day, month, year; Dutch and English names; two digits of a year."""
    assert {moment(one) for one in spellings(day)} == {day.isoformat()}


@given(DAYS, st.times().map(lambda one: one.replace(microsecond=0)))
def test_a_day_with_a_time(day: date, at_: time) -> None:
    """In one cell, as text or as a date that spreadsheets keep."""
    wanted = datetime.combine(day, at_)
    text = f"{day.day}-{day.month}-{day.year} {at_:%H:%M:%S}"
    assert moment(text) == wanted.isoformat()
    if at_ != time():
        assert moment(wanted) == moment(wanted + timedelta(milliseconds=1)) == wanted.isoformat()


@given(DAYS)
def test_a_month_and_a_day_without_a_year(day: date) -> None:
    """A month is a month; a day without a year needs the profile to say which year."""
    month = f"{day:%Y-%m}"
    name = NL[day.month - 1]
    assert {moment(one) for one in (f"{name} {day.year}", f"{name[:3]}-{day:%y}", f"{day.month}-{day.year}")} == {month}
    assert moment(f"{day.year} {name}") == month
    assert moment(name) is None
    assert moment(name, year=day.year) == month
    assert moment(f"{day.day} {name}", year=day.year) == moment(f"{day.day}-{day.month}", year=day.year)


def test_no_day_is_guessed() -> None:
    """What does not exist in the order of the profile is not read in another."""
    for text in ("31-2-2020", "1-13-2020", "0-1-2020", "12", "", "NA", "2020", "1-2", "mei mei"):
        assert moment(text) is None, text
    assert (moment("3/14/2020", "mdy"), moment("1/2/2020"), moment("1/2/2020", "mdy")) == (
        "2020-03-14",
        "2020-02-01",
        "2020-01-02",
    )


@given(CELLS)
def test_nothing_raises(value: Any) -> None:
    """Whatever a cell holds, it is read or it is not."""
    for read in (plain, folded, number, boolean, clock, moment, lambda v: moment(v, "mdy", 2020)):
        read(value)  # type: ignore[operator]


@given(st.integers(-(10**9), 10**9))
def test_numbers_in_dutch(value: int) -> None:
    """Thousands points, a decimal comma, spaces, text."""
    dotted = f"{value:,}".replace(",", ".")
    assert {number(one) for one in (value, float(value), str(value), dotted, f"{dotted},0", f" {value}\u00a0")} == {
        value
    }
    assert number(f"{dotted},25") == pytest.approx(abs(value) + 0.25 if value >= 0 else value - 0.25)
    assert number("1,5 of 2") is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("10:30", "10:30"),
        ("10.30", "10:30"),
        ("10u30", "10:30"),
        ("9 uur", "09:00"),
        ("1:30 PM", "13:30"),
        (0.4375, "10:30"),
    ],
)
def test_times(text: Any, wanted: str) -> None:
    """Times as people write them."""
    assert clock(text) == time.fromisoformat(wanted)


def test_no_times() -> None:
    """A bare number is no time, and neither is 25:00."""
    assert [clock(one) for one in ("12", "25:00", "10:61", 12, True, None, "13:00 pm", timedelta(days=2))] == [None] * 8


def test_yes_and_no() -> None:
    """Also as a localised formula leaves it."""
    assert [boolean(one) for one in ("Ja ", "X", "WAAR", 1, True, "true", "\u2713")] == [True] * 7
    assert [boolean(one) for one in ("nee", "ONWAAR", 0, False, "-")] == [False] * 5
    assert boolean("misschien") is None


@given(st.text())
def test_folding_is_stable(text: str) -> None:
    """Comparing folds once."""
    assert plain(plain(text)) == plain(text)
    assert folded("\u2018Caf\u00c9\u00a0 X\u2019") == "cafe x"


@given(st.integers(0, 16_383))
def test_addresses(index: int) -> None:
    """Columns by letters and back."""
    assert column_index(letters(index)) == index
    assert (at(7, 2), letters(16_383)) == ("C7", "XFD")


def test_every_label_finds_its_own_code() -> None:
    """In Dutch and English, in capitals, on every day that the code holds; so does the code itself."""
    register = two_points()
    request = SheetRequest(__file__, register.themes, register.sheets._places)  # type: ignore[arg-type]
    for codelist in request.themes.codelists.values():
        labels = Labels.of(codelist)
        for entry in codelist.codes:
            day = entry.valid_from or (entry.valid_until - timedelta(days=1) if entry.valid_until else date(2024, 5, 1))
            for text in (entry.code, entry.label.nl, entry.label.en.upper(), f" \u2018{entry.label.nl}\u2019 "):
                assert labels.find(text, day) == entry.code, (codelist.id, text)


def test_minutes_find_their_class_of_that_day() -> None:
    """A number falls in the class that held that day."""
    labels = Labels.of(two_points().themes.codelist("idocore-basis/durations"))
    assert labels.find(12, date(2021, 8, 1)) == "10-to-20"
    assert labels.find("12 min", date(2023, 8, 1)) == "10-to-15"
    assert [labels.find(one, date(2023, 8, 1)) for one in (-1, "lang", None)] == [None] * 3
    assert labels.find(500, date(2023, 8, 1)) == "over-30"


def test_parts() -> None:
    """A cell with several values."""
    assert list(parts(" a ; b;;c ", ";")) == ["a", "b", "c"]
