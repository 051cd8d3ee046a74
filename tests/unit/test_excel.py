"""Nothing in a workbook of ours is a formula, and rows of workbooks are read as they stand."""

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


@pytest.mark.parametrize("name", ["=1+1", "@x", "+A1", "-1", "\t=x", '=HYPERLINK("http://example.org")'])
def test_no_text_becomes_a_formula(tmp_path: Path, name: str) -> None:
    """A name that looks like a formula comes back as the same text."""
    register_with([name]).export(tmp_path / "r.xlsx")
    book = sheets(tmp_path / "r.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert [cell for cell in cells if cell.data_type == "f"] == []
    assert name in [cell.value for cell in cells]


def test_rows_are_read_with_their_numbers(tmp_path: Path) -> None:
    """Rows come as they stand, numbered from 1, up to the last cell that is filled."""
    book = openpyxl.Workbook()
    book.active.append(["a", 1])
    book.active.append(["b", None])
    book.save(tmp_path / "x.xlsx")
    assert list(read_rows(tmp_path / "x.xlsx")) == [(1, ["a", 1]), (2, ["b"])]


def test_what_is_no_workbook_is_one_typed_error(tmp_path: Path) -> None:
    """A broken file raises ExchangeError with a stable code."""
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(idocore.ExchangeError) as caught:
        list(read_rows(path))
    assert caught.value.code == "workbook-damaged"
