"""Workbooks as people have them, and what a marked one holds, for the tests."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.datavalidation import DataValidation

import idocore
from idocore_excel.marking import mark

OWN = "Vraag Anna nog even"
REGISTER = idocore.open("memory:")


def a_workbook(path: Path) -> Path:
    """A workbook with about everything that people put in one: nothing of it may get lost."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = "Bezoek '24"
    for row in range(1, 41):
        sheet.append([row, f"tekst {row}", "=A1*2", "=1+1" if row == 1 else None])
    sheet["D1"].data_type = "s"
    sheet["B2"].fill, sheet["B2"].font = PatternFill("solid", fgColor="00FF00"), Font(bold=True)
    sheet["B3"].comment = Comment(OWN, "Jan")
    sheet.conditional_formatting.add("A1:A40", CellIsRule("greaterThan", ["20"], fill=PatternFill("solid", "FFFF00")))
    check = DataValidation("list", formula1='"ja,nee"')
    check.add("E1:E40")
    sheet.add_data_validation(check)
    sheet.merge_cells("F2:G4")
    sheet["F2"] = "samen"
    sheet.protection.sheet = True
    chart: Any = BarChart()
    chart.add_data(Reference(sheet, min_col=1, min_row=1, max_row=40))
    sheet.add_chart(chart, "H2")
    sheet["A1"].hyperlink = "https://example.org/"
    other = book.create_sheet("Verborgen & wel")
    other.sheet_state = "hidden"
    other["A1"] = "x"
    book.save(path)
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("xl/media/image1.png", b"a picture")
        file.writestr("customXml/item1.xml", b"<something/>")
    return path


def with_macros(path: Path) -> Path:
    """The same as a workbook with macros."""
    target = path.with_suffix(".xlsm")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as file:
        for name in source.namelist():
            data = source.read(name)
            if name == "[Content_Types].xml":
                plain = b"vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
                data = data.replace(plain, b"vnd.ms-excel.sheet.macroEnabled.main+xml")
            file.writestr(name, data)
        file.writestr("xl/vbaProject.bin", b"macros")
    return target


def marks_of(cells: Mapping[str, Sequence[str]]) -> list[idocore.Mark]:
    """A mark for each cell (by ``Sheet!A1``) with these findings."""
    return [
        idocore.Mark(*place.split("!"), findings=tuple(idocore.Finding(code, "topic") for code in codes))
        for place, codes in cells.items()
    ]


def marked(path: Path, marks: Sequence[idocore.Mark], target: Path, language: Any = "nl") -> Path:
    """The file at `path` with `marks`."""
    request = idocore.SheetRequest(path, REGISTER.themes, REGISTER.places.gazetteer)
    with target.open("wb") as file:
        mark(request, marks, file, language)
    return target


def comments(path: Path) -> dict[str, str]:
    """The comments of a workbook, by sheet and cell."""
    return {
        f"{sheet.title}!{cell.coordinate}": cell.comment.text
        for sheet in load_workbook(path)
        for cell in sheet._cells.values()  # not by rows: they would be a million of 16,384 when the last cell has one
        if cell.comment
    }


def coloured(path: Path) -> set[str]:
    """The cells that a mark colours, by sheet and cell."""
    return {
        f"{sheet.title}!{sheet.cell(row, column).coordinate}"
        for sheet in load_workbook(path)
        for one in sheet.conditional_formatting
        if any("idocore" in str(rule.formula) for rule in one.rules)
        for where in str(one.sqref).split()
        for left, top, right, bottom in [range_boundaries(where)]
        for row in range(top or 0, (bottom or 0) + 1)
        for column in range(left or 0, (right or 0) + 1)
    }


def parts(path: Path) -> dict[str, bytes]:
    """The parts of the file."""
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}
