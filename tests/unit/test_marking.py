"""Marked files: the faulty cells are coloured and commented, and all the rest is the user's own, byte for byte."""

import re
import zipfile
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.styles import PatternFill

import idocore
from idocore import InvalidValueError
from idocore_excel.books import open_book
from idocore_excel.marking import summary
from idocore_excel.marking.files import MOST_COMMENTS
from idocore_excel.own_sheets import REMARKS
from idocore_excel.tables import chosen
from tests.forms import POINTS, fill_in, form_of, label, register_of
from tests.marked import OWN, a_workbook, coloured, comments, marked, marks_of, parts, with_macros
from tests.sheets import ListBook
from tests.soffice import Soffice

SHEET, HIDDEN = "Bezoek '24", "Verborgen & wel"
CHANGED = re.compile(
    r"\[Content_Types\]\.xml|xl/workbook\.xml|xl/_rels/.*|xl/styles\.xml|xl/worksheets/.*"
    r"|(xl/)?(comments|drawings)/?.*(comment|vml).*|xl/comments.*"
)

CELLS = st.sampled_from(
    [f"{SHEET}!{column}{row}" for column in "ABCDEFG" for row in range(1, 45)]
    + [f"{HIDDEN}!A1", f"{HIDDEN}!XFD1048576"]
)
MARKS = st.dictionaries(
    CELLS, st.lists(st.sampled_from(["required", "unknown-code", "wrong-type"]), min_size=1), min_size=1, max_size=30
)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_workbook(tmp_path_factory.mktemp("marks") / "2024.xlsx")


def expected_cells(cells: dict[str, list[str]]) -> set[str]:
    """Where the marks show: of merged cells in the first."""
    merged = {f"{SHEET}!{column}{row}" for column in "FG" for row in (2, 3, 4)}
    return {f"{SHEET}!F2" if one in merged else one for one in cells}


def check_marks(path: Path, cells: dict[str, list[str]]) -> None:
    """Exactly these cells are coloured and have a comment of ours; the user's own comment is there."""
    found = comments(path)
    assert found[f"{SHEET}!B3"].startswith(OWN)
    shown = expected_cells(cells)
    assert coloured(path) == shown
    assert {cell for cell, text in found.items() if "[idocore]" in text} == shown
    assert set(found) == shown | {f"{SHEET}!B3"}


def check_kept(path: Path, source: Path) -> None:
    """Every part that holds no mark is the same, byte for byte, and so are all cells."""
    was, now = parts(source), parts(path)
    assert {name for name in was if was[name] != now.get(name)} <= {name for name in was if CHANGED.fullmatch(name)}
    for name, data in was.items():
        if name.startswith("xl/worksheets/sheet"):
            rows = re.search(rb"<sheetData.*</sheetData>", data, re.DOTALL)
            assert rows is not None
            assert rows[0] in now[name]
    kept = ("charts/chart1.xml", "media/image1.png", "drawings/drawing1.xml", "customXml/item1.xml")
    assert all(any(name.endswith(one) for name in now) for one in kept)


# ---- The user's own file ----


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=MARKS, later=MARKS)
def test_exactly_the_faulty_cells_are_marked(source: Path, tmp_path: Path, cells: Any, later: Any) -> None:
    """Any cells, with any findings; marked again, the earlier marks are gone. The rest stays as it was."""
    first = marked(source, marks_of(cells), tmp_path / "first.xlsx")
    check_marks(first, cells)
    check_kept(first, source)
    second = marked(first, marks_of(later), tmp_path / "second.xlsx")
    check_marks(second, later)
    check_kept(second, source)
    assert load_workbook(second).sheetnames == [SHEET, HIDDEN, REMARKS["nl"]]


def test_the_broken_twin_that_saves_anew_loses_things(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is opened and saved by a library is not the user's own: the same check finds that."""

    def anew(request: Any, marks: Any, target: Any, language: Any) -> None:
        book = load_workbook(request.path)
        for one in marks:
            book[one.sheet][one.cell].fill = PatternFill("solid", fgColor="FF0000")
        book.save(target)

    monkeypatch.setattr("tests.marked.mark", anew)
    found = marked(source, marks_of({f"{SHEET}!A5": ["required"]}), tmp_path / "anew.xlsx")
    with pytest.raises(AssertionError):
        check_kept(found, source)


def test_a_comment_of_the_user_stays(source: Path, tmp_path: Path) -> None:
    """Ours comes below theirs, and when the mark is taken away theirs is what it was."""
    first = marked(source, marks_of({f"{SHEET}!B3": ["required"]}), tmp_path / "first.xlsx")
    text = comments(first)[f"{SHEET}!B3"]
    assert text.startswith(f"{OWN}\n\n[idocore] ")
    second = marked(first, marks_of({f"{SHEET}!A1": ["required"]}), tmp_path / "second.xlsx")
    assert comments(second)[f"{SHEET}!B3"] == OWN


def test_the_mark_colours_above_a_format_of_the_user(source: Path, tmp_path: Path) -> None:
    """A cell that the user's own conditional format colours still shows ours: it comes first."""
    path = marked(source, marks_of({f"{SHEET}!A30": ["required"]}), tmp_path / "m.xlsx")
    rules = [rule for one in load_workbook(path)[SHEET].conditional_formatting for rule in one.rules]
    ours = [rule.priority for rule in rules if "idocore" in str(rule.formula)]
    assert max(ours) < min(rule.priority for rule in rules if "idocore" not in str(rule.formula))


def test_macros_and_protection_stay(source: Path, tmp_path: Path) -> None:
    """An xlsm stays one, with its macros; a protected sheet stays protected."""
    macros = with_macros(source)
    path = marked(macros, marks_of({f"{SHEET}!A1": ["required"]}), tmp_path / "m.xlsm")
    assert parts(path)["xl/vbaProject.bin"] == b"macros"
    assert b"macroEnabled.main+xml" in parts(path)["[Content_Types].xml"]
    assert load_workbook(path)[SHEET].protection.sheet


def test_comments_are_as_high_as_their_text(source: Path, tmp_path: Path) -> None:
    """Ten findings make a higher comment than one."""
    cells = {f"{SHEET}!A1": ["required"], f"{SHEET}!A2": ["required"] * 10}
    path = marked(source, marks_of(cells), tmp_path / "m.xlsx")
    drawings = b"".join(data for name, data in parts(path).items() if b"x:Row" in data)
    heights = {int(row): int(high) for high, row in re.findall(rb"height:(\d+)pt.*?<x:Row>(\d+)<", drawings)}
    assert heights[1] > 4 * heights[0] > 0


def test_a_prefixed_file_is_marked_too(tmp_path: Path) -> None:
    """Some programs write every name with a prefix, and no comments, formats or styles beyond the least."""
    path = _by_hand(tmp_path / "x.xlsx", "http://schemas.openxmlformats.org/spreadsheetml/2006/main")
    found = marked(path, marks_of({"Blad1!A1": ["required"]}), tmp_path / "m.xlsx")
    assert coloured(found) == set(comments(found)) == {"Blad1!A1"}
    assert load_workbook(found)["Blad1"]["A1"].value == 5
    assert b"<x:sheetData>" in parts(found)["xl/worksheets/sheet1.xml"]


def test_a_file_that_is_written_in_another_way_is_copied(tmp_path: Path) -> None:
    """A workbook without the styles that every program writes: a new one with the same rows."""
    path = _by_hand(tmp_path / "x.xlsx", "http://schemas.openxmlformats.org/spreadsheetml/2006/main", styles=False)
    found = marked(path, marks_of({"Blad1!A1": ["required"]}), tmp_path / "m.xlsx")
    assert coloured(found) == set(comments(found)) == {"Blad1!A1"}
    assert load_workbook(found)["Blad1"]["A1"].value == 5


def _by_hand(path: Path, namespace: str, *, styles: bool = True) -> Path:
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    rels = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    style = f'<Relationship Id="r2" Type="{rel}/styles" Target="styles.xml"/>' if styles else ""
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.'
            'sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.'
            'openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" '
            'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>',
        )
        book = f'<Relationship Id="r1" Type="{rel}/officeDocument" Target="xl/workbook.xml"/>'
        file.writestr("_rels/.rels", f"{rels}{book}</Relationships>")
        sheet = f'<Relationship Id="r1" Type="{rel}/worksheet" Target="/xl/worksheets/sheet1.xml"/>'
        file.writestr("xl/_rels/workbook.xml.rels", f"{rels}{sheet}{style}</Relationships>")
        file.writestr(
            "xl/workbook.xml",
            f'<x:workbook xmlns:x="{namespace}" xmlns:r="{rel}"><x:sheets>'
            '<x:sheet name="Blad1" sheetId="1" r:id="r1"/></x:sheets></x:workbook>',
        )
        file.writestr(
            "xl/styles.xml",
            f'<x:styleSheet xmlns:x="{namespace}"><x:fonts count="1"><x:font/></x:fonts>'
            "<x:fills><x:fill><x:patternFill/></x:fill></x:fills><x:borders><x:border/></x:borders>"
            '<x:cellStyleXfs><x:xf/></x:cellStyleXfs><x:cellXfs count="1"><x:xf xfId="0"/></x:cellXfs>'
            '<x:cellStyles><x:cellStyle name="Normal" xfId="0" builtinId="0"/></x:cellStyles></x:styleSheet>',
        )
        file.writestr(
            "xl/worksheets/sheet1.xml",
            f'<x:worksheet xmlns:x="{namespace}"><x:sheetData><x:row r="1"><x:c r="A1"><x:v>5</x:v></x:c></x:row>'
            "</x:sheetData></x:worksheet>",
        )
    return path


# ---- The list of what was found ----


def test_the_last_sheet_lists_everything_with_a_way_to_it(source: Path, tmp_path: Path) -> None:
    """Sheet, cell, sentence, code, and a link; in the language that was asked for; nothing is a formula."""
    cells = {f"{SHEET}!B7": ["required", "wrong-type"], f"{HIDDEN}!A1": ["=HYPERLINK(1)"]}
    path = marked(source, marks_of(cells), tmp_path / "m.xlsx", "en")
    sheet = load_workbook(path).worksheets[-1]
    assert sheet.title == REMARKS["en"]
    rows = list(sheet.iter_rows(min_row=4))
    assert [(row[0].value, row[1].value, row[3].value) for row in rows] == [
        (SHEET, "B7", "required"),
        (SHEET, "B7", "wrong-type"),
        (HIDDEN, "A1", "=HYPERLINK(1)"),
    ]
    assert [row[1].hyperlink.location for row in rows] == ["'Bezoek ''24'!B7"] * 2 + [f"'{HIDDEN}'!A1"]
    assert all(cell.data_type != "f" for row in rows for cell in row)
    assert "fill it in" in str(rows[0][2].value)


def test_very_many_marks(tmp_path: Path) -> None:
    """A hundred thousand: all coloured and listed, comments on as many as a program can bear."""
    book = Workbook()
    for row in range(1, 1001):
        book.active.append([f"{row}"] * 100)
    book.save(tmp_path / "many.xlsx")
    cells = {f"Sheet!{cell.coordinate}": ["required"] for row in book.active.iter_rows() for cell in row}
    path = marked(tmp_path / "many.xlsx", marks_of(cells), tmp_path / "m.xlsx")
    found = parts(path)
    listed = found["xl/worksheets/sheet2.xml"]
    assert listed.count(b"<row ") == 100_000 + 4
    assert listed.count(b"<hyperlink ") == 50_000
    assert f"de eerste {MOST_COMMENTS} cellen".encode() in listed
    assert next(data for name, data in found.items() if "comments" in name).count(b"<comment ") == MOST_COMMENTS
    # Not by openpyxl, which takes most of a minute for so many cells.
    coloured = re.findall(rb'<conditionalFormatting[^>]* sqref="([^"]*)"', found["xl/worksheets/sheet1.xml"])
    assert sum(len(one.split()) for one in coloured) == 100


def test_more_than_a_sheet_can_list(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list ends at the last row, and says so there."""
    monkeypatch.setattr(summary.Summary.__init__, "__defaults__", (10,))
    cells = {f"{SHEET}!A{row}": ["required"] for row in range(1, 41)}
    rows = list(load_workbook(marked(source, marks_of(cells), tmp_path / "m.xlsx")).worksheets[-1].values)
    assert len(rows) == 10
    assert "meer dan hier passen" in str(rows[-1][0])


def test_the_list_is_never_read_as_a_sheet_of_theirs() -> None:
    """A profile for all sheets of a file means those that were there before it was marked."""
    book = ListBook({"Jan": [], "Feb": [], REMARKS["nl"]: []})
    profile: Any = SimpleNamespace(sheets=("*",))
    assert chosen(book, profile) == ("Jan", "Feb")


# ---- Sources that cannot hold marks ----


def _rows(path: Path) -> dict[str, list[tuple[int, tuple[Any, ...]]]]:
    with open_book(path) as book:
        return {one.name: [(row.number, row.cells) for row in book.rows(one.name)] for one in book.sheets}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_of_another_kind_a_workbook_with_the_same_rows_is_made(tmp_path: Path, kind: Any, soffice: Soffice) -> None:
    """The same values at the same addresses, also below blank rows; hidden sheets stay hidden."""
    book = Workbook()
    sheet: Any = book.active
    sheet["B3"], sheet["C3"], sheet["D3"] = date(2024, 5, 6), datetime(2024, 5, 6, 10, 30), 1.5
    sheet["A9"], sheet["B9"] = "=1+1", True
    sheet["A9"].data_type = "s"
    book.create_sheet("Weg").sheet_state = "hidden"
    book["Weg"]["A2"] = "x"
    book.save(tmp_path / "b.xlsx")
    source = soffice.convert(tmp_path / "b.xlsx", kind, tmp_path)
    path = marked(source, marks_of({"Sheet!C3": ["required"]}), tmp_path / "m.xlsx")
    found = _rows(path)
    assert {name: rows for name, rows in found.items() if name not in REMARKS.values()} == _rows(source)
    assert coloured(path) == set(comments(path)) == {"Sheet!C3"}
    assert load_workbook(path)["Weg"].sheet_state == "hidden"


def test_of_a_csv_a_workbook_is_made(tmp_path: Path) -> None:
    """Texts stay texts, whatever they begin with; what a sheet cannot be called is called otherwise."""
    source = tmp_path / "bezoek [2024] van de centrale en alle wijken.csv"
    source.write_text("datum;wat\n6-5-2024;=1+1\n\n7-5-2024;@x\n", encoding="utf-8")
    path = marked(source, marks_of({f"{source.stem}!B4": ["required"]}), tmp_path / "m.xlsx")
    sheet = load_workbook(path).worksheets[0]
    assert [sheet["B2"].value, sheet["B2"].data_type, sheet["B4"].value] == ["=1+1", "s", "@x"]
    assert coloured(path) == {f"{sheet.title}!B4"}


@pytest.mark.parametrize(("path", "errors"), [("a.xlsm", "b.xlsx"), ("a.xlsx", "b.xlsm"), ("a.csv", "b.csv")])
def test_the_copy_is_called_after_what_it_is(path: str, errors: str) -> None:
    """Excel opens no workbook with macros that is called xlsx: said before anything is loaded."""
    with pytest.raises(InvalidValueError) as caught:
        register_of().sheets.load(path, errors=errors)
    assert caught.value.code == "errors-ending"


# ---- Repaired and loaded again ----


def _faulty_form(path: Path) -> tuple[idocore.Register, Any]:
    register = register_of()
    layout = form_of(register, path)
    good = {
        "date": date(2024, 5, 6),
        "service_point": POINTS["bus"],
        "inquiries.topic": label(layout, "inquiries.topic", "digid"),
    }
    fill_in(path, layout, [good, {**good, "inquiries.topic": "Sterren"}, {**good, "date": None}])
    return register, layout


def test_a_marked_form_that_was_repaired_loads(tmp_path: Path) -> None:
    """What was right the first time is not counted twice, and no marks are left when it is right."""
    register, layout = _faulty_form(tmp_path / "form.xlsx")
    report = register.sheets.load(tmp_path / "form.xlsx", errors=tmp_path / "errors.xlsx")
    assert (report.registrations, report.rejected, len(report.marks)) == (1, 2, 2)
    topic = label(layout, "inquiries.topic", "work")
    fill_in(tmp_path / "errors.xlsx", layout, [{}, {"inquiries.topic": topic}, {"date": date(2024, 5, 7)}])
    again = register.sheets.load(tmp_path / "errors.xlsx", errors=tmp_path / "none.xlsx")
    assert (again.registrations, again.unchanged, again.rejected, again.read) == (2, 1, 0, report.read)
    assert not (tmp_path / "none.xlsx").exists()


@pytest.mark.slow
def test_libreoffice_keeps_the_marks_and_loads_the_same(tmp_path: Path, soffice: Soffice) -> None:
    """A marked form that LibreOffice opened and saved: the same comments and colours, and the same records."""
    register, _ = _faulty_form(tmp_path / "form.xlsx")
    register.sheets.load(tmp_path / "form.xlsx", errors=tmp_path / "errors.xlsx")
    saved = soffice.convert(tmp_path / "errors.xlsx", "xlsx", tmp_path / "saved")
    assert comments(saved) == comments(tmp_path / "errors.xlsx")
    assert coloured(saved) == coloured(tmp_path / "errors.xlsx")
    lines = [line.raw for line in register.sheets.read(tmp_path / "form.xlsx")]
    assert [line.raw for line in register.sheets.read(saved)] == lines
    again = register.sheets.load(saved, errors=tmp_path / "again.xlsx")
    assert coloured(tmp_path / "again.xlsx") == coloured(saved)
    assert comments(tmp_path / "again.xlsx") == comments(saved)
    assert again.registrations == 0


@pytest.mark.slow
def test_values_behind_formulas_stay(tmp_path: Path, soffice: Soffice, source: Path) -> None:
    """What a formula gave when it was saved is what is read from the marked file, without computing it anew."""
    computed = soffice.convert(source, "xlsx", tmp_path / "computed")
    path = marked(computed, marks_of({f"{SHEET}!A1": ["required"]}), tmp_path / "m.xlsx")
    assert load_workbook(path, data_only=True)[SHEET]["C5"].value == 2
    assert {name: rows for name, rows in _rows(path).items() if name not in REMARKS.values()} == _rows(computed)
