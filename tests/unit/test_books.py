"""Books: what another program wrote is what we read, whatever the file is called."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from idocore import ExchangeError
from idocore_excel.books import Row, address, open_book
from tests.soffice import Soffice

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="_"), max_size=20)
VALUES = st.one_of(
    st.none(),
    # Of spaces alone openpyxl says only with lxml that they are to be kept.
    TEXTS.filter(str.strip),
    st.booleans(),
    st.integers(-(10**9), 10**9),
    st.decimals(-1000, 1000, places=2).map(float).filter(lambda value: not value.is_integer()),
    st.dates(date(1950, 1, 1), date(2090, 1, 1)),
    st.datetimes(datetime(1950, 1, 1), datetime(2090, 1, 1)).map(lambda value: value.replace(microsecond=0)),
)
GRIDS = st.lists(st.lists(VALUES, max_size=6), max_size=8)


def saved(grid: list[list[Any]], path: Path, **more: Any) -> Path:
    """A workbook with these cells in its first sheet."""
    workbook = openpyxl.Workbook()
    for key, value in more.items():
        setattr(workbook, key, value)
    sheet: Any = workbook.active
    sheet.title = "Blad1"
    for number, row in enumerate(grid, start=1):
        for column, value in enumerate(row, start=1):
            if value is not None:
                cell = sheet.cell(number, column)
                cell.value = value
                if isinstance(value, str):
                    cell.data_type = "s"
    workbook.save(path)
    return path


def rows(grid: list[list[Any]]) -> list[Row]:
    """What has to come out: no empty rows, no empty ends; midnight is a day."""
    found = []
    for number, row in enumerate(grid, start=1):
        cells = [_plain(value) for value in row]
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            found.append(Row(number, tuple(cells)))
    return found


def _plain(value: Any) -> Any:
    return value.date() if isinstance(value, datetime) and value.time() == time(0) else value


def read(path: Path, name: str | None = None) -> list[Row]:
    with open_book(path) as book:
        return list(book.rows(name))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(grid=GRIDS, is_1904=st.booleans())
def test_what_was_written_is_read(grid: list[list[Any]], is_1904: bool, tmp_path: Path) -> None:
    """Every type at its own address, in both date systems."""
    epoch = {"epoch": CALENDAR_MAC_1904} if is_1904 else {}
    assert read(saved(grid, tmp_path / "a.xlsx", **epoch)) == rows(grid)


@pytest.mark.parametrize("number_format", ["mm-dd-yy", "d-m-yyyy", "[$-413]dddd d mmmm yyyy;@", "dd/mm/jj"])
def test_days_in_every_dress(number_format: str, tmp_path: Path) -> None:
    """Format 14 and those that Dutch people choose are dates; a number without one is a number."""
    workbook = openpyxl.Workbook()
    sheet: Any = workbook.active
    sheet["A1"], sheet["B1"] = 45000, 45000
    sheet["A1"].number_format = number_format
    workbook.save(tmp_path / "a.xlsx")
    expected = 45000 if number_format == "dd/mm/jj" else date(2023, 3, 15)  # jj is no code of the file format
    cells = read(tmp_path / "a.xlsx")[0].cells
    assert cells[1] == 45000
    assert cells[0] in (expected, date(2023, 3, 15))


def test_times_durations_merged_and_hidden(tmp_path: Path) -> None:
    """A time of day, a duration, the range of a merged cell, a sheet that nobody sees."""
    workbook = openpyxl.Workbook()
    sheet: Any = workbook.active
    sheet["B2"], sheet["C2"] = time(9, 15), timedelta(hours=30)
    sheet.merge_cells("B4:C5")
    sheet["B4"] = "samen"
    workbook.create_sheet("Weg").sheet_state = "hidden"
    workbook.save(tmp_path / "a.xlsx")
    with open_book(tmp_path / "a.xlsx") as book:
        assert [(one.name, one.is_hidden) for one in book.sheets] == [("Sheet", False), ("Weg", True)]
        first = book.rows()
        assert next(first) == Row(2, (None, time(9, 15), timedelta(hours=30)))
        assert list(book.rows("Sheet"))[1] == Row(4, (None, "samen"))  # another pass, while the first one waits
        assert [row.number for row in first] == [4]
        assert book.merged("Sheet") == ((4, 2, 5, 3),)
        assert list(book.rows("Weg")) == []


CSV = 'Datum;Onderwerp;Naam\r\n1-3-2020;DigiD;café\r\n;;\r\n2-3-2020;"twee\r\nregels";\r\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("declared", [True, False])
def test_csv_of_every_make(encoding: str, delimiter: str, declared: bool, tmp_path: Path) -> None:
    """The same rows from every encoding and delimiter; a row's number is that in a spreadsheet program."""
    text = (f"sep={delimiter}\r\n" if declared else "") + CSV.replace(";", delimiter)
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(encoding))
    assert read(path) == [
        Row(1, ("Datum", "Onderwerp", "Naam")),
        Row(2, ("1-3-2020", "DigiD", "café")),
        Row(4, ("2-3-2020", "twee\r\nregels")),
    ]


def test_the_content_decides_not_the_name(tmp_path: Path) -> None:
    """A workbook that is called CSV, and the other way round."""
    assert read(saved([["a"]], tmp_path / "a.xlsx").rename(tmp_path / "a.csv")) == [Row(1, ("a",))]
    (tmp_path / "b.xlsx").write_text("a;b\n1;2\n")
    assert read(tmp_path / "b.xlsx") == [Row(1, ("a", "b")), Row(2, ("1", "2"))]


def test_threads_do_not_mix_up_their_rows(tmp_path: Path) -> None:
    """Each reads its own file, at the same time."""
    found: dict[int, list[Row]] = {}
    paths = [saved([[number]] * 3000, tmp_path / f"{number}.xlsx") for number in range(4)]
    threads = [Thread(target=lambda n=n, p=p: found.update({n: read(p)})) for n, p in enumerate(paths)]  # type: ignore[misc]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {number: {row.cells for row in found[number]} for number in found} == {n: {(n,)} for n in range(4)}


def test_what_does_not_exist_is_told(tmp_path: Path) -> None:
    """No such file, no such table."""
    with pytest.raises(ExchangeError) as caught, open_book(tmp_path / "weg.xlsx"):
        pass
    assert caught.value.code == "file-unreadable"


def test_addresses() -> None:
    """As people write them."""
    assert [address(7, 3), address(1, 27), address(1048576, 16384)] == ["C7", "AA1", "XFD1048576"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
def test_what_libreoffice_saved(kind: Any, soffice: Soffice, tmp_path: Path) -> None:
    """The same cells, whichever program and format wrote them."""
    grid = [
        ["Datum", "Aantal", None, "Ja"],
        [],
        [date(2023, 3, 15), 3, None, True],
        [datetime(2023, 3, 15, 10, 30), 2.5, "007", False],
    ]
    made = soffice.convert(saved(grid, tmp_path / "a.xlsx"), kind, tmp_path / "made")
    assert read(made) == rows(grid)
