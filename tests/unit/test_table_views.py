"""A table to look at: text that stands in columns, and HTML that is read as it is meant."""

from html.parser import HTMLParser

import attrs
import pytest
from hypothesis import Phase, given, settings

import idocore
from idocore.safe_text import harmless
from idocore.statistics import viewing
from tests.tables import table, tables

QUICK = settings(max_examples=60, phases=[Phase.explicit, Phase.generate])


class Cells(HTMLParser):
    """The texts of the cells, by row, and the attributes of every tag."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._is_cell = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self._is_cell = True
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self._is_cell = self._is_cell and tag not in ("th", "td")

    def handle_data(self, data: str) -> None:
        if self._is_cell:
            self.rows[-1][-1] += data


def check_html(counted: idocore.Table) -> None:
    found = Cells(counted.to_html("en"))
    expected = [
        [harmless(counted.label(name, code, "en")) for name, code in zip(counted.code_columns, row.codes, strict=True)]
        for row in counted.rows
    ]
    body = found.rows[1 : 1 + len(expected)]
    assert [row[: len(counted.code_columns)] for row in body] == expected
    assert all(attributes.get("scope") in ("col", "row") for tag, attributes in found.tags if tag == "th")
    assert "b" not in {tag for tag, _ in found.tags}
    assert all(cell.startswith("'") or harmless(cell) == cell for row in found.rows for cell in row)


@QUICK
@given(tables())
def test_html_is_escaped_and_says_its_scopes(counted: idocore.Table) -> None:
    """Every name comes out of a parser as it went in, every heading has a scope, no cell is like a formula."""
    check_html(counted)


def test_html_that_is_not_escaped_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken twin writes names as they are."""
    counted = table(("help",), [("a", 1)], help={"a": idocore.Label("<b>x", "<b>x")})
    check_html(counted)
    monkeypatch.setattr(viewing, "_safe", lambda text: text)
    with pytest.raises(AssertionError):
        check_html(counted)


def check_alignment(counted: idocore.Table) -> None:
    lines = counted.to_text("nl").split("\n\n")[1].split("\n")
    grid = lines[: 1 + len(counted.rows)]
    assert len({viewing._width(line) for line in grid}) == 1


@QUICK
@given(tables())
def test_text_stands_in_columns(counted: idocore.Table) -> None:
    """Numbers end at the same place in every row, whatever the names, wide characters and line breaks included."""
    check_alignment(counted)


def test_text_that_counts_characters_is_caught() -> None:
    """The broken twin takes every character for one column."""
    counted = table(
        ("help",), [("a", 1), ("b", 2)], help={"a": idocore.Label("漢字", "x"), "b": idocore.Label("abcdef", "y")}
    )
    check_alignment(counted)
    lines = counted.to_text("nl").split("\n\n")[1].split("\n")
    assert len({len(line) for line in lines[:3]}) > 1


def test_the_empty_table_says_so() -> None:
    """Nothing counted is told with the base, in both views and languages."""
    empty = table(("province",), [])
    for view in (str(empty), empty._repr_html_()):
        assert "Niets geteld" in view
        assert "Totaal (N): 0 bezoekers." in view
    assert "Nothing was counted" in empty.to_text("en")
    assert "Total (N): 0 visitors." in empty.to_html("en")


def test_a_long_table_is_cut_only_where_people_look() -> None:
    """`print` and a notebook show some rows and how many more there are; files have them all."""
    counted = table(("municipality",), [(f"g{number:04}", number) for number in range(1500)])
    assert "... en nog 1.400 rijen" in str(counted)
    assert "... en nog 1.400 rijen" in counted._repr_html_()
    assert "g1499" not in str(counted)
    assert "g1499" in counted.to_text()
    assert "g1499" in counted.to_html()


def test_numbers_are_written_as_people_do() -> None:
    """Points for thousands in Dutch, a percentage for a share, and a dash, not 0, for what cannot be given."""
    counted = table(("province",), [("PV26", 1234567)])
    assert [counted.written("visitors", 1234567, one) for one in ("nl", "en")] == ["1.234.567", "1,234,567"]
    share = table(("province",), [("PV26", 0.125), (None, None)], "share_of_visitors")
    assert [share.written("share_of_visitors", 0.125, one) for one in ("nl", "en")] == ["12,5%", "12.5%"]
    assert share.written("share_of_visitors", None) == "–"
    assert share.to_text().split("\n\n")[1].split("\n")[2].split() == ["onbekend", "–"]


def test_what_was_asked_is_the_caption() -> None:
    """Measures, dimensions and filters by their names."""
    counted = table(("province",), [("PV26", 1)])
    asked = attrs.evolve(counted.query, where={"province": ["PV26"]}, start="2024", end="2025")
    text = attrs.evolve(counted, query=asked).to_text("nl")
    assert text.startswith("Bezoekers naar province; alleen province: PV26\n2024-01-01 – 2024-12-31\n")
