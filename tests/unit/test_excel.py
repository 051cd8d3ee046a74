"""The report workbook: its numbers are those of the tables, and nothing in it is a formula."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest

import idocore
from idocore_excel import read_rows


def register_with(names: list[str]) -> idocore.Register:
    register = idocore.open("memory:")
    for number, name in enumerate(names):
        register.places.add_service_point(f"p{number}", name, municipality="Utrecht")
        register.record(
            f"p{number}",
            inquiries=[{"topic": "digid", "provider": "logius"}, {"topic": "work", "provider": "uwv"}],
            moment=f"2024-0{5 + number % 3}-06T10:00+02:00",
        )
    return register


def sheets(path: Path) -> Any:
    return openpyxl.load_workbook(path)


def test_the_numbers_are_those_of_the_tables(tmp_path: Path) -> None:
    """Every row by month and every total is what `register.table` says."""
    register = register_with(["a", "b", "c", "d"])
    count = register.export(tmp_path / "2024.xlsx", period="2024")
    book = sheets(tmp_path / "2024.xlsx")
    table = register.table(["registrations", "visitors", "inquiries"], by="month", period="2024")
    rows = [[cell.value for cell in row] for row in book["Per maand"]["A4:D6"]]
    assert rows == [[*row.codes, *row.numbers] for row in table.rows]
    assert [cell.value for cell in book["Per maand"][7]][1:4] == [4, 4, 8]
    assert count == 4
    assert book["Registraties"].max_row == 1 + 8


def test_charts_are_native_and_pages_are_set_up(tmp_path: Path) -> None:
    """Charts that Excel draws itself, a header on every page, A4 on its side."""
    register_with(["a"]).export(tmp_path / "r.xlsx")
    book = sheets(tmp_path / "r.xlsx")
    assert len(book["Per maand"]._charts) == len(book["Per dienstverlener"]._charts) == 1
    for sheet in book:
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.print_title_rows
        assert sheet.freeze_panes


@pytest.mark.parametrize("name", ["=1+1", "@x", "+A1", "-1", "\t=x", '=HYPERLINK("http://example.org")'])
def test_no_text_becomes_a_formula(tmp_path: Path, name: str) -> None:
    """A name that looks like a formula comes back as the same text."""
    register_with([name]).export(tmp_path / "r.xlsx")
    book = sheets(tmp_path / "r.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert [cell for cell in cells if cell.data_type == "f"] == []
    assert name in [cell.value for cell in cells]


def test_an_empty_register_gives_a_workbook_that_says_so(tmp_path: Path) -> None:
    """No registrations is an answer, not an error."""
    idocore.open("memory:").export(tmp_path / "r.xlsx", language="en")
    assert "There are no registrations in this period." in [
        c.value for row in sheets(tmp_path / "r.xlsx")["Overview"] for c in row
    ]


def test_rows_are_read_with_their_numbers(tmp_path: Path) -> None:
    """Rows come as they stand, numbered from 1."""
    book = openpyxl.Workbook()
    book.active.append(["a", 1])
    book.active.append(["b", None])
    book.save(tmp_path / "x.xlsx")
    assert list(read_rows(tmp_path / "x.xlsx")) == [(1, ["a", 1]), (2, ["b", None])]


def test_what_is_no_workbook_is_one_typed_error(tmp_path: Path) -> None:
    """A broken file raises ExchangeError with a stable code."""
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(idocore.ExchangeError) as caught:
        list(read_rows(path))
    assert caught.value.code == "workbook-unreadable"
