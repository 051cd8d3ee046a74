"""No formula ever leaves: what looks like one comes back as the same text, from workbooks and from CSV."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from html import unescape as unescape_html
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import python_calamine
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils.escape import unescape

import idocore
from idocore.safe_text import harmless, original
from idocore_excel import texts
from idocore_excel.streaming import StreamedBook
from tests.payloads import payloads
from tests.soffice import Soffice

Property = Callable[[str, object], None]
TEXTS = payloads()


@pytest.fixture(scope="module")
def register() -> Iterator[idocore.Register]:
    """Each text is the name of a service point and the note of a visit to it."""
    with idocore.open("memory:") as register:
        points = [
            idocore.ServicePoint(f"p{number:04}", text, (idocore.Siting(municipality="GM0344"),))
            for number, text in enumerate(TEXTS)
        ]
        register.places.put(*points)
        lines = [
            idocore.Line(
                number,
                {
                    "service_point": point.id,
                    "moment": f"2024-05-{number % 28 + 1:02}",
                    "inquiries": [{"topic": "digid", "provider": "logius"}],
                    "answers": {"note": point.name},
                },
            )
            for number, point in enumerate(points)
        ]
        assert not [one for one in register.load(lines) if one.is_rejected]
        yield register


@pytest.fixture(scope="module")
def workbook(register: idocore.Register, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.xlsx"
    assert register.export(path, period="2024", with_texts=True) == len(TEXTS)
    return path


@pytest.fixture(scope="module")
def csv_file(register: idocore.Register, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("csv") / "records.csv"
    assert register.export(path, with_texts=True) == len(TEXTS)
    return path


def formulas(path: Path) -> int:
    book = openpyxl.load_workbook(path)
    return sum(cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row)


def by_openpyxl(path: Path) -> Counter[Any]:
    """The texts of all cells; openpyxl hands over the escapes of the format as they stand, so both readings count."""
    book = openpyxl.load_workbook(path)
    texts = (value for sheet in book for row in sheet.iter_rows(values_only=True) for value in row)
    return Counter(one for text in texts if isinstance(text, str) for one in {text, unescape(text)})


def by_calamine(path: Path) -> Counter[Any]:
    """The texts of all cells."""
    book = python_calamine.load_workbook(str(path))
    rows = (row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python())
    return Counter(value for row in rows for value in row if value not in ("", None))


def missing(found: Counter[Any], *wanted: Iterable[str]) -> list[str]:
    """The texts that did not come back as often as they went."""
    went = Counter(text for several in wanted or (TEXTS,) for text in several)
    return [text for text, times in went.items() if found[text] < times]


def notes(register: idocore.Register) -> list[str]:
    """The notes as they are stored, without blanks around them."""
    return sorted(revision.registration.answers["note"] for revision in register.revisions())


def test_every_text_is_stored_as_it_was_given(register: idocore.Register) -> None:
    """What comes back is compared with all 1,000 texts, not with what was left of them."""
    assert len(set(TEXTS)) == 1000
    assert [point.name for point in register.places.service_points] == list(TEXTS)


@pytest.mark.parametrize("read", [by_openpyxl, by_calamine])
def test_no_formula_leaves_in_a_workbook(
    workbook: Path, register: idocore.Register, read: Callable[[Path], Counter[Any]], record_property: Property
) -> None:
    """On the pages as names and in the raw sheet as notes, 1,000 texts are the same text, and no cell is a formula."""
    found = read(workbook)
    assert missing(found, TEXTS, notes(register)) == []
    assert formulas(workbook) == 0
    record_property("promise", "no live formulas leave")
    record_property("reached", f"xlsx, {read.__name__.replace('_', ' ')}: {len(TEXTS)} texts the same, 0 formulas")


@pytest.mark.slow
def test_no_formula_wakes_up_in_libreoffice(
    workbook: Path, csv_file: Path, tmp_path: Path, soffice: Soffice, record_property: Property
) -> None:
    """LibreOffice opens and saves both files, and has no formula in either."""
    again = soffice.convert(workbook, "xlsx", tmp_path / "xlsx")
    assert formulas(again) == 0
    found = by_openpyxl(again)
    assert [text for text in TEXTS if "\r" not in text and found[text] < 1] == []
    assert formulas(soffice.convert(csv_file, "xlsx", tmp_path / "csv")) == 0
    record_property("promise", "no live formulas leave")
    record_property("reached", f"LibreOffice, xlsx and CSV: {len(TEXTS)} texts, 0 formulas")


def test_no_formula_leaves_in_csv(
    csv_file: Path, register: idocore.Register, tmp_path: Path, record_property: Property
) -> None:
    """No cell of the file begins like a formula, and read back every note is the same text."""
    with csv_file.open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert [cell for cell in cells if cell.strip().startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    read = [line.raw["answers"]["note"] for line in register.read_file(csv_file) if line.raw]
    assert sorted(read) == notes(register)
    record_property("promise", "no live formulas leave")
    record_property("reached", f"CSV, read back: {len(read)} texts the same, 0 cells that begin like a formula")


def test_no_formula_leaves_in_a_table(register: idocore.Register, tmp_path: Path, record_property: Property) -> None:
    """In CSV, CSV on the Web, SDMX-CSV and HTML no cell begins like a formula; the names come back from the lists."""
    counted = register.table(by="service_point")
    named = [original(row["nl"]) for row in csv.DictReader(io.StringIO(codes_of(counted, tmp_path), newline=""))]
    assert sorted(named) == sorted(TEXTS)
    files = [counted.to_csv(), codes_of(counted, tmp_path), counted.to_sdmx_csv(), counted.to_sdmx_csv("nl")]
    cells = [cell for text in files for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    cells += [unescape_html(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", counted.to_html(), re.S)]
    assert [cell for cell in cells if cell.strip().startswith(("=", "+", "-", "@"))] == []
    assert len(cells) > 10 * len(TEXTS)
    record_property("promise", "no live formulas leave")
    record_property("reached", f"tables as CSV, CSVW, SDMX-CSV and HTML: {len(TEXTS)} texts, 0 cells like a formula")


def codes_of(counted: idocore.Table, directory: Path) -> str:
    """The list of codes and names that goes with CSV on the Web."""
    *_, names = counted.to_csvw(directory / "counts.csv")
    with names.open(encoding="utf-8", newline="") as file:
        return file.read()


def test_a_table_that_trusts_its_names_is_caught(
    register: idocore.Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin writes names as they are."""
    monkeypatch.setattr("idocore.statistics.csv_on_the_web.harmless", lambda text: text)
    rows = csv.reader(io.StringIO(codes_of(register.table(by="service_point"), tmp_path), newline=""))
    assert [cell for row in rows for cell in row if cell.strip().startswith(("=", "+", "@"))]


def test_a_writer_that_trusts_its_text_is_caught(tmp_path: Path) -> None:
    """The broken twin hands the texts to openpyxl as they are: some become formulas, some are not the same."""
    book = Workbook()
    sheet: Any = book.active
    for text in TEXTS:
        sheet.append([text])
    book.save(tmp_path / "trusting.xlsx")
    assert formulas(tmp_path / "trusting.xlsx") > 50
    assert missing(by_calamine(tmp_path / "trusting.xlsx"))


def test_a_raw_sheet_without_escapes_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken twin of the raw sheet leaves out the escapes of the format: other text comes back."""
    assert missing(by_calamine(streamed(tmp_path / "whole.xlsx"))) == []
    monkeypatch.setattr("idocore_excel.streaming.cell_text", lambda text: text)
    assert missing(by_calamine(streamed(tmp_path / "bare.xlsx")))


def streamed(path: Path) -> Path:
    book = Workbook()
    with path.open("wb") as target, StreamedBook(book, target) as long:
        long.stream(lambda number: book.create_sheet(f"Rows {number}"), ([text] for text in TEXTS))
        long.save()
    return path


@given(st.text())
def test_harmless_text_can_be_had_back(text: str) -> None:
    """Whatever the text, `original` undoes `harmless`, and twice is not once."""
    assert original(harmless(text)) == text
    assert original(harmless(harmless(text))) == harmless(text)


@given(st.text(st.sampled_from("_x0123DFd\r\n a")))
@example("_x0000\r")
@settings(max_examples=500)
def test_text_in_a_cell_is_not_taken_for_an_escape(text: str) -> None:
    """Read by the rule of the format, a cell gives back its text."""
    assert unescape(texts.cell_text(text)) == text
