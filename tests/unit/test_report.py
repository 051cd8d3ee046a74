"""The report for any place: its numbers are those of the tables, its charts stand on numbers, small ones are hidden."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.utils import range_boundaries

import idocore
from idocore.simulation import simulate
from tests.registers import furnished
from tests.soffice import Soffice

COUNTS = ["registrations", "visitors", "inquiries"]
PAGES = ["Development", "By place", "Providers", "Topics", "Help given", "Referral", "Contact", "Duration"]
CHART = re.compile(r"<(?:c:)?f>(.+?)</(?:c:)?f>")


@pytest.fixture(scope="module")
def nation() -> Iterator[idocore.Register]:
    """A small invented nation."""
    made = simulate(600, 7)
    with idocore.open("memory:") as register:
        register.places.put(*made.places)
        assert not [one for one in register.load(made.lines()) if one.is_rejected]
        yield register


def largest(register: idocore.Register, level: str) -> str:
    """The scope of `level` with the most registrations in 2023."""
    rows = register.table("registrations", level, period="2023").rows
    return f"{level}/" + max((row.numbers[0] or 0, row.codes[0]) for row in rows if row.codes[0])[1]


SCOPES = ["nation", "province", "organisation", "service_point"]


@pytest.fixture(scope="module", params=SCOPES)
def asked(request: pytest.FixtureRequest, nation: idocore.Register) -> str:
    return "nation" if request.param == "nation" else largest(nation, request.param)


def made(register: idocore.Register, path: Path, **asked: Any) -> Path:
    register.export(path, **{"period": "2023", "language": "en", **asked})
    return path


def where(asked: str) -> dict[str, str]:
    return idocore.Scope.parse(asked).where


def rows_of(sheet: Any) -> dict[Any, list[Any]]:
    """The rows of a page by what stands in their first cell, the upper one where two have the same there."""
    found: dict[Any, list[Any]] = {}
    for row in sheet.iter_rows(values_only=True):
        if row[0] is not None:
            found.setdefault(row[0], list(row[1:]))
    return found


def test_the_numbers_are_those_of_the_tables(nation: idocore.Register, asked: str, tmp_path: Path) -> None:
    """Cover, development, by answer and the raw registrations, for a place of every level."""
    book = openpyxl.load_workbook(made(nation, tmp_path / "r.xlsx", scope=asked))
    base = nation.table(COUNTS, where=where(asked), period="2023").base
    cover = rows_of(book["Cover"])
    assert [cover[name][0] for name in ("Registrations", "Visitors", "Inquiries")] == [base[name] for name in COUNTS]
    months = nation.table(COUNTS, "month", where=where(asked), period="2023").rows
    development = rows_of(book["Development"])
    found = [row[:3] for name, row in development.items() if re.fullmatch(r"\w{3} 2023", name)]
    assert sorted(row for row in found if any(one for one in row if isinstance(one, int))) == sorted(
        list(row.numbers) for row in months
    )
    assert development["Total"][:3] == [base[name] for name in COUNTS]
    ids = {row[0] for row in book["Registrations"].iter_rows(min_row=2, max_col=1, values_only=True)}
    within = nation.revisions(period="2023", scope=asked, statuses=[idocore.Status.FINAL])
    assert ids == {str(revision.subject) for revision in within}


@pytest.mark.parametrize(
    ("page", "key", "measure"),
    [
        ("Topics", "topic", "inquiries"),
        ("Providers", "provider", "inquiries"),
        ("Duration", "duration", "registrations"),
    ],
)
def test_shares_are_of_the_known(nation: idocore.Register, tmp_path: Path, page: str, key: str, measure: str) -> None:
    """Every answer with its number and share as the table has them; the base N, the unknown and the total beneath."""
    book = openpyxl.load_workbook(made(nation, tmp_path / "r.xlsx"))
    table = nation.table([measure, f"share_of_{measure}"], key, period="2023")
    found = rows_of(book[page])
    for row in table.rows:
        if row.codes[0] is not None:
            count, share = found[table.label(key, row.codes[0], "en")][:2]
            assert (count, share) == (row.numbers[0], pytest.approx(row.numbers[1]))
    unknown = table.unknown[key][measure]
    beneath = [found[name][0] for name in ("Known (N)", "Unknown or not asked", "Total")]
    assert beneath == [table.base[measure] - unknown, unknown, table.base[measure]]


def references(path: Path) -> Iterator[str]:
    with ZipFile(path) as parts:
        for name in parts.namelist():
            if name.startswith("xl/charts/chart"):
                yield from CHART.findall(parts.read(name).decode())


def test_charts_stand_on_filled_cells(nation: idocore.Register, asked: str, tmp_path: Path) -> None:
    """No chart points at an empty cell, and every place has some charts."""
    path = made(nation, tmp_path / "r.xlsx", scope=asked)
    book = openpyxl.load_workbook(path)
    found = list(references(path))
    assert len(found) > 10
    for reference in found:
        name, _, area = reference.replace("'", "").rpartition("!")
        left, top, right, bottom = range_boundaries(area)
        cells = [cell for row in book[name].iter_rows(top, bottom, left, right, values_only=True) for cell in row]
        assert cells, reference
        assert None not in cells, reference


def test_every_page_can_be_printed(nation: idocore.Register, asked: str, tmp_path: Path) -> None:
    """A4, one page wide, page numbers, a header that stays; tables of Excel with names of their own."""
    book = openpyxl.load_workbook(made(nation, tmp_path / "r.xlsx", scope=asked))
    names = [name for sheet in book for name in sheet.tables]
    assert max(Counter(names).values()) == 1
    for sheet in book:
        # The columns of the registrations are too many to be read on one page.
        assert (sheet.page_setup.paperSize, sheet.page_setup.fitToWidth) == (
            9,
            3 if sheet.title == "Registrations" else 1,
        )
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert "&P" in sheet.oddFooter.right.text
        assert sheet.freeze_panes
    expected = ["Cover", *PAGES, "Asked together", "Opening hours", "Data quality", "Registrations"]
    assert set(expected) - {"By place"} <= set(book.sheetnames)
    assert ("Benchmark" in book.sheetnames) == (asked != "nation")
    said = {str(cell) for row in book["Opening hours"].iter_rows(values_only=True) for cell in row}
    assert any("no Benchmark page" in text for text in said) == (asked == "nation"), "its absence is explained"


def small(path: Path) -> list[str]:
    """Where a count from 1 to 4 can be read in columns of registrations, visitors, inquiries or numbers."""
    found = []
    for sheet in openpyxl.load_workbook(path):
        if sheet.title in ("Benchmark", "Data quality", "Cover"):
            continue  # numbers of places, and averages
        for row in sheet.iter_rows():
            found += [f"{sheet.title}!{one.coordinate}" for one in row if _is_small(one) and not _is_of_points(one)]
    return found


def _is_small(cell: Any) -> bool:
    return type(cell.value) is int and 0 < cell.value < 5 and "%" not in cell.number_format


def _is_of_points(cell: Any) -> bool:
    return str(cell.parent.cell(cell.row, 1).value).startswith("Points ")


def test_what_is_published_has_no_small_counts(nation: idocore.Register, asked: str, tmp_path: Path) -> None:
    """Counts from 1 to 4 are marked as suppressed, with a legend, and the registrations are left out.

    The broken twin is the same report for one's own use: the same look finds small counts in it.
    """
    published = made(nation, tmp_path / "p.xlsx", scope=asked, publish=True)
    book = openpyxl.load_workbook(published)
    assert small(published) == []
    assert "Registrations" not in book.sheetnames
    hidden = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value == "<5"]
    assert hidden
    assert {cell.style for cell in hidden} == {"ido hidden"}
    for sheet in {cell.parent for cell in hidden}:
        assert any("<5" in str(cell.value) and cell.value != "<5" for row in sheet.iter_rows() for cell in row)
    assert small(made(nation, tmp_path / "own.xlsx", scope=asked))


def test_an_empty_register_gives_every_page(tmp_path: Path) -> None:
    """No registrations is an answer: the pages say so, and no chart stands on nothing."""
    with idocore.open("memory:") as register:
        assert register.export(tmp_path / "r.xlsx", language="en") == 0
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert "There are no registrations in this period." in rows_of(book["Cover"])
    assert list(references(tmp_path / "r.xlsx")) == []
    assert book["Registrations"].max_row == 1


def test_unknown_hours_are_not_zero(tmp_path: Path) -> None:
    """A point of which the hours are not known has no open hours and no rate, and one that is always closed has 0."""
    with idocore.open("memory:") as register:
        for name, hours in (("silent", None), ("shut", "off"), ("open", "Mo-Fr 10:00-12:00")):
            register.places.add_service_point(name, name, municipality="Utrecht", opening_hours=hours)
        register.record("open", inquiries=[{"topic": "digid", "provider": "logius"}], moment="2024-05-06T10:30")
        made(register, tmp_path / "r.xlsx", period="2024-W19")
    found = {
        name: row[3:]
        for name, row in rows_of(openpyxl.load_workbook(tmp_path / "r.xlsx")["Opening hours"]).items()
        if name in ("silent", "shut", "open")
    }
    assert found == {"silent": ["–", 0, "–"], "shut": [0, 0, "–"], "open": [10, 1, 0.1]}


def test_somebody_of_one_organisation_sees_no_other(tmp_path: Path) -> None:
    """The benchmark of who may see one organisation says that the province and the nation are left out."""
    with furnished(idocore.open("memory:")) as register:
        for point in ("centrale", "weesp"):
            register.record(point, inquiries=[{"topic": "digid", "provider": "logius"}], moment="2024-05-06T10:30")
        mine = register.acting_as("desk-1", "coordinator", "organisation/noord")
        assert mine.export(tmp_path / "r.xlsx", scope="organisation/noord", language="en") == 1
        assert register.export(tmp_path / "all.xlsx", scope="nation", language="en") == 2
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    benchmark = rows_of(book["Benchmark"])
    assert [one for one in benchmark["Figure"] if one] == ["This report"]
    assert any("Utrecht" in text and "the Netherlands" in text for text in benchmark)
    texts = {str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
    assert not {text for text in texts if "weesp" in text.casefold() or "Zuid" in text}


@pytest.mark.parametrize("asked", ["organisation/nonsense", "service_point/nonsense", "village/noord"])
def test_a_place_that_is_not_there_is_refused(asked: str, tmp_path: Path) -> None:
    """An empty report would look like an answer."""
    with idocore.open("memory:") as register, pytest.raises(idocore.InvalidValueError):
        register.export(tmp_path / "r.xlsx", scope=asked)


@pytest.mark.slow
@pytest.mark.parametrize(("level", "publish"), [("organisation", False), ("province", True)])
def test_libreoffice_opens_every_page(
    nation: idocore.Register, level: str, publish: bool, tmp_path: Path, soffice: Soffice
) -> None:
    """What LibreOffice opened and saved has the same pages with the same numbers, no errors; and it prints."""
    path = made(nation, tmp_path / "r.xlsx", scope=largest(nation, level), publish=publish)
    again = openpyxl.load_workbook(soffice.convert(path, "xlsx", tmp_path / "again"))
    before = openpyxl.load_workbook(path)
    assert again.sheetnames == before.sheetnames
    for sheet in before:
        numbers = [[c for c in row if isinstance(c, int | float)] for row in sheet.iter_rows(values_only=True)]
        there = [
            [c for c in row if isinstance(c, int | float)] for row in again[sheet.title].iter_rows(values_only=True)
        ]
        assert [row for row in there if row] == [pytest.approx(row) for row in numbers if row]
        assert len(again[sheet.title]._charts) == len(sheet._charts)
    assert soffice.convert(path, "pdf", tmp_path / "pdf").stat().st_size > 10_000
