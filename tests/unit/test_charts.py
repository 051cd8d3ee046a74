"""Drawings: what cannot be given is not drawn as zero, and everything on them can be read."""

import io
import re
from typing import Any

import pytest

import idocore
from idocore.statistics import chart_values
from idocore.statistics.charts import kinds
from tests.tables import table

MONTHS = [("2024-01", 1200), ("2024-02", 900), ("2024-03", None), ("2024-04", 700), ("2024-05", 800)]


def svg(counted: idocore.Table, **how: Any) -> str:
    """The picture, made without a network."""
    target = io.StringIO()
    chart: Any = counted.plot(**how)
    chart.save(target, format="svg")
    return target.getvalue()


def pieces(picture: str) -> int:
    """How many pieces the lines of a picture consist of."""
    paths = re.findall(r'aria-roledescription="line mark"[^>]* d="([^"]*)"', picture)
    paths += re.findall(r' d="([^"]*)"[^>]*aria-roledescription="line mark"', picture)
    lines = paths or re.findall(r'class="mark-line[^"]*".*?<path[^>]* d="([^"]*)"', picture, re.S)
    assert lines
    return sum(line.count("M") for line in lines)


def test_what_cannot_be_given_breaks_the_line() -> None:
    """The line is in two pieces, with a mark between them that the footnote explains."""
    picture = svg(table(("month",), MONTHS))
    assert pieces(picture) == 2
    assert picture.count("×") >= 2
    assert "× geen cijfer" in picture


def test_a_line_drawn_through_zero_is_caught() -> None:
    """The broken twin draws None as 0: one piece."""
    assert pieces(svg(table(("month",), [(month, number or 0) for month, number in MONTHS]))) == 1


def test_a_period_without_a_row_breaks_the_line_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Months are drawn from the first to the last; the broken twin closes the gap."""
    counted = table(("month",), [("2024-01", 5), ("2024-02", 6), ("2024-05", 7), ("2024-06", 8)])
    assert pieces(svg(counted)) == 2
    assert "2024-04" in [point["category"] for point in drawn(counted, "line").points]
    monkeypatch.setattr(chart_values, "_every_period", list)
    assert pieces(svg(counted)) == 1


def drawn(counted: idocore.Table, kind: str) -> chart_values.Drawing:
    return chart_values.drawing(counted, kind, counted.query.measures[0], "nl")


def test_bars_go_from_large_to_small_and_unknown_comes_last() -> None:
    """Categories by size; times and classes in their own order."""
    counted = table(("province",), [("a", 1), ("b", 30), ("c", 4), (None, 99)])
    assert drawn(counted, "bar").category.texts == ("b", "c", "a", "onbekend")
    hours = table(("hour",), [("09", 1), ("10", 30), ("11", 4)])
    assert drawn(hours, "bar").category.texts == ("09", "10", "11")


@pytest.mark.parametrize(("language", "number"), [("nl", "1.234.567"), ("en", "1,234,567")])
def test_numbers_and_words_are_of_the_language(language: Any, number: str) -> None:
    """Thousands, title, axis, base and source."""
    picture = svg(table(("province",), [("a", 1234567), ("b", 1)]), language=language)
    assert number in picture
    expected = {
        "nl": ("Bezoekers naar province", "bezoekers", "Totaal (N): 1.234.568 bezoekers.", "Bron: registraties (ido)."),
        "en": ("Visitors by province", "visitors", "Total (N): 1,234,568 visitors.", "Source: registrations (ido)."),
    }
    for text in expected[language]:
        assert f">{text}<" in picture


def two(first: str, second: str, count: int = 3) -> idocore.Table:
    rows = [(a, f"k{number}", number) for a in ("2024-01", "2024-02") for number in range(count)]
    return table((first, second), [(b, a, n) if first == "help" else (a, b, n) for a, b, n in rows])


@pytest.mark.parametrize(
    ("counted", "expected"),
    [
        (table(("month",), MONTHS), ("line", "bar")),
        (table(("province",), [("a", 1)]), ("bar",)),
        (table((), [(3,)]), ("bar",)),
        (two("month", "help"), ("line", "grouped", "stacked", "heatmap")),
        (two("help", "month"), ("line", "grouped", "stacked", "heatmap")),
        (two("province", "help"), ("heatmap", "grouped", "stacked")),
        (two("province", "help", 12), ("heatmap",)),
        (two("month", "help", 12), ("line", "heatmap")),
    ],
)
def test_every_kind_that_fits_can_be_drawn(counted: idocore.Table, expected: tuple[str, ...]) -> None:
    """The kinds for each shape of table, the best first, and a picture of each."""
    assert kinds(counted) == expected
    for kind in expected:
        assert svg(counted, kind=kind).startswith("<svg")
    assert counted.plot().to_dict()["vconcat"] == counted.plot(expected[0]).to_dict()["vconcat"]


def test_parts_that_overlap_are_not_stacked() -> None:
    """A field with several answers counts a record more than once: its parts are no whole."""
    register = idocore.open("memory:")
    register.places.add_service_point("centrale", municipality="Utrecht")
    asked = [{"topic": "digid", "provider": "logius"}, {"topic": "work", "provider": "uwv"}]
    register.record("centrale", inquiries=asked, moment="2024-05-06")
    counted = register.table(by=["province", "topic"])
    assert kinds(counted) == ("heatmap", "grouped")


def test_a_wrong_kind_says_which_fit() -> None:
    """The error names the kinds; more than two dimensions are refused; so is a column that is not there."""
    with pytest.raises(idocore.InvalidQueryError, match="bar"):
        table(("province",), [("a", 1)]).plot("line")
    with pytest.raises(idocore.InvalidQueryError, match="two dimensions"):
        table(("province", "help", "month"), [("a", "b", "2024-01", 1)]).plot()
    with pytest.raises(idocore.InvalidQueryError, match="visitors"):
        table(("province",), [("a", 1)]).plot(measure="inquiries")


def test_an_empty_table_is_a_picture_that_says_so() -> None:
    """With its base."""
    picture = svg(table(("province",), []))
    assert "Niets geteld" in picture
    assert "Totaal (N): 0 bezoekers." in picture
