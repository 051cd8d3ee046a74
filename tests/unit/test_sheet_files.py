"""Sheets as files: a workbook and the same sheet as CSV give the same records, with the same ids."""

from datetime import date, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import idocore
from idocore.text_files import encoding_of
from idocore_excel.delimited import read_delimited
from tests.sheets import two_points

PROFILE = """
profile = "bieb"
header = [2, 3]
fixed = { service_point = "centrale" }
ignore = ["Wie"]
columns = [
  { header = "Datum", to = "moment.date" },
  { header = "Tijd", to = "moment.time" },
  { header = "Onderwerp DigiD", to = "inquiries.topic", code = "digid" },
  { header = "Onderwerp Werk", to = "inquiries.topic", code = "work" },
  { header = "Duur", to = "answers.duration" },
]
"""
ROWS: list[list[Any]] = [
    ["Registratie 2022"],
    ["Datum", "Tijd", "Onderwerp", None, "Duur", "Wie"],
    [None, None, "DigiD", "Werk"],
    [date(2022, 3, 1), time(10, 30), "x", None, 12, "caf\xe9"],
    [date(2022, 3, 1), None, True, False, "> 30 min", None],
    [],
    [date(2022, 3, 2), "9.05", None, "ja", 5, None],
    ["Totaal", None, 2, 1],
]
CSV = """Registratie 2022;;;;;
Datum;Tijd;Onderwerp;Onderwerp;Duur;Wie
;;DigiD;Werk;;
1-3-2022;10:30;x;;12;caf\xe9
01/03/22;;WAAR;ONWAAR;> 30 min;
;;;;;
2 mrt. 2022;09:05;;ja;5;
Totaal;;2;1;;
"""


def workbook(path: Path) -> Path:
    book = openpyxl.Workbook()
    hidden, sheet = book.active, book.create_sheet("Telblad")
    hidden.append(["lijsten"])
    hidden.sheet_state = "hidden"
    for row in ROWS:
        sheet.append(row)
    sheet["A4"].number_format = sheet["A5"].number_format = "mm-dd-yy"  # format 14: shown as the country writes it
    sheet.merge_cells("C2:D2")
    book.active = 1
    book.save(path)
    return path


def test_a_workbook_and_its_csv_are_the_same(tmp_path: Path) -> None:
    """Whichever is loaded first, the other changes nothing; every row is accounted for."""
    (tmp_path / "p.toml").write_text(PROFILE, encoding="utf-8")
    (tmp_path / "b.csv").write_bytes(CSV.encode("cp1252"))
    xlsx = workbook(tmp_path / "a.xlsx")
    register = two_points()
    first = register.sheets.load(xlsx, profile=tmp_path / "p.toml")
    assert (first.registrations, first.read, first.rejected) == (3, 5, 0)
    assert first.skipped_for == {"row-blank": 1, "row-total": 1}
    again = register.sheets.load(tmp_path / "b.csv", profile=tmp_path / "p.toml")
    assert (again.registrations, again.unchanged, again.read) == (0, 3, 5)
    found = sorted((one.moment.isoformat(), one.answers["duration"]) for one in register.find().registrations)
    assert [duration for _, duration in found] == ["over-30", "10-to-15", "5-to-10"]


def test_without_a_profile_it_says_how_to_get_one(tmp_path: Path) -> None:
    """What is no form of ours needs a profile."""
    with pytest.raises(idocore.ExchangeError, match="ido propose") as caught:
        two_points().sheets.load(workbook(tmp_path / "a.xlsx"))
    assert caught.value.code == "profile-needed"


def test_a_theme_that_is_not_known_gets_no_proposal(tmp_path: Path) -> None:
    """Nor does a version of it; the error names what is near, and nothing is written."""
    xlsx, register = workbook(tmp_path / "a.xlsx"), two_points()
    for theme, near in (("visists", ["visits"]), ("ido@1999", ["ido@2024"])):
        with pytest.raises(idocore.NotFoundError) as caught:
            register.sheets.propose(xlsx, theme=theme, save=tmp_path / "p.toml")
        assert caught.value.code == "unknown-theme"
        assert set(near) <= set(caught.value.parameters["known"])
    assert not (tmp_path / "p.toml").exists()
    assert 'theme = "ido@2024"' in register.sheets.propose(xlsx, theme="ido@2024")


@pytest.mark.parametrize("text", [PROFILE, '[{"Datum": "1-3-2022"}]'], ids=["a profile", "JSON"])
def test_data_that_is_no_table_gets_no_proposal(text: str, tmp_path: Path) -> None:
    """A profile given in the place of the sheet is refused; a small CSV is none of it."""
    (tmp_path / "p.toml").write_text(text, encoding="utf-8")
    with pytest.raises(idocore.ExchangeError) as caught:
        two_points().sheets.propose(tmp_path / "p.toml")
    assert caught.value.code == "not-a-table"
    (tmp_path / "a.csv").write_text("Datum;Vraag\n1-3-2022;digid\n", encoding="utf-8")
    assert 'to = "moment"' in two_points().sheets.propose(tmp_path / "a.csv")


def test_the_file_itself_is_never_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither by its marked copy nor by a profile, also by another name for the same file."""
    (tmp_path / "p.toml").write_text(PROFILE, encoding="utf-8")
    xlsx, register = workbook(tmp_path / "a.xlsx"), two_points()
    was = xlsx.read_bytes()
    (tmp_path / "link.xlsx").symlink_to(xlsx)
    (tmp_path / "hard.xlsx").hardlink_to(xlsx)
    for name in ("a.xlsx", "link.xlsx", "hard.xlsx", "../" + tmp_path.name + "/a.xlsx"):
        with pytest.raises(idocore.InvalidValueError) as caught:
            register.sheets.load(xlsx, profile=tmp_path / "p.toml", errors=tmp_path / name)
        assert caught.value.code == "target-is-source"
        with pytest.raises(idocore.InvalidValueError):
            register.sheets.propose(xlsx, save=tmp_path / name)
    assert xlsx.read_bytes() == was
    monkeypatch.setattr("idocore.sheet_book._check_apart", lambda path, target: None)
    register.sheets.propose(xlsx, save=xlsx)
    assert xlsx.read_bytes() != was, "the broken twin does not look"


WORDS = (
    "Caf\xe9",
    "co\xf6rdinatie",
    "\xe9\xe9n",
    "Belgi\xeb, ru\xefne",
    "Zo\xeb",
    "cr\xe8me br\xfbl\xe9e",
    "foto\u2019s",
    "\u201cja\u201d",
)
OLD = ("cp1252", "cp850", "mac_roman")


@pytest.mark.parametrize("encoding", OLD)
def test_an_old_encoding_is_told_by_what_reads_as_dutch(encoding: str, tmp_path: Path) -> None:
    """From Windows, DOS or an old Macintosh: each word alone reads as it was written."""
    for word in WORDS:
        if word.encode(encoding, errors="ignore").decode(encoding) == word:
            (tmp_path / "a.csv").write_bytes(f"Datum;Vraag\n1-3-2022;{word}\n".encode(encoding))
            assert [cells for _, cells in read_delimited(tmp_path / "a.csv")][1] == ("1-3-2022", word)


def test_one_encoding_for_all_is_caught(tmp_path: Path) -> None:
    """The broken twin takes every old text for Windows."""
    (tmp_path / "a.csv").write_bytes("Caf\xe9".encode("cp850"))
    assert encoding_of(tmp_path / "a.csv") == "cp850"
    assert (tmp_path / "a.csv").read_bytes().decode("cp1252") != "Caf\xe9"
