"""Files as people keep them: a year of a gate counter, formulas, links to other files, blank columns."""

import random
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl

import idocore
from idocore_excel.marking import mark
from tests.sheets import marked, two_points
from tests.soffice import Kind, Soffice

ABSENT = dict.fromkeys((9, 14, 150, 204, 217, 284), "NA") | dict.fromkeys((41, 137, 262, 315), "Gate broken")
CLOSED = {13: '"Gate Closed"'}
LEAPS = {52: 400_000, 102: 800_000, 184: 999_999, 185: 9_500, 235: 450_000, 285: 850_000}
"""By row of the sheet."""


def gate(path: Path) -> None:
    """A sheet shaped like sampleGateCount.csv of the R package gateCounts (MIT, Anjali Silva 2023), numbers invented.

    333 days from 1 September 2021; not available, closed and broken on the same days; the counter leaps, reaches its
    end and begins again at the same places.
    """
    chance, reading, lines = random.Random(3), 9_800, ["dates,counts"]
    for row in range(2, 335):
        reading = LEAPS.get(row, reading + chance.randint(5, 220))
        day = date(2021, 9, 1) + timedelta(days=row - 2)
        lines.append(f"{day:%d-%b-%y},{(ABSENT | CLOSED).get(row, reading)}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_every_row_of_a_year_at_the_gate_is_accounted_for(tmp_path: Path) -> None:
    """All 333 rows, by the profile that is proposed: nothing is counted where the counter leapt or fell."""
    gate(tmp_path / "gate.csv")
    register = two_points()
    text = register.sheets.propose(tmp_path / "gate.csv", theme="visits")
    text = text.replace("[fixed]", '[fixed]\nservice_point = "centrale"')
    (tmp_path / "gate.toml").write_text(text, encoding="utf-8")
    report = register.sheets.load(tmp_path / "gate.csv", profile=tmp_path / "gate.toml")
    assert (report.read, report.accepted, report.warned, report.rejected, report.skipped) == (333, 306, 9, 6, 12)
    assert report.skipped_for == {"counter-start": 1, "cell-skipped": 11}
    assert marked(report) == {f"B{row}": ["counter-fell" if row == 185 else "counter-leapt"] for row in LEAPS}, (
        "and no other row"
    )
    base = register.table("visitors", theme="visits").base["visitors"]
    assert 333 * 5 < base < 333 * 220, "no leap is among the visitors"
    again = register.sheets.load(tmp_path / "gate.csv", profile=tmp_path / "gate.toml")
    assert (again.registrations, again.unchanged) == (0, 315)


PROFILE = """
profile = "formules"
fixed = { service_point = "centrale" }
columns = [
  { header = "Datum", to = "moment" },
  { header = "DigiD", to = "inquiries.topic", code = "digid" },
  { header = "Werk", to = "inquiries.topic", code = "work" },
]
"""


def loaded(path: Path) -> list[list[Any]]:
    """The topics of every visit, by day."""
    (path.parent / "p.toml").write_text(PROFILE, encoding="utf-8")
    register = two_points()
    report = register.sheets.load(path, profile=path.parent / "p.toml")
    assert (report.rejected, report.warned) == (0, 0)
    found = sorted(register.find().registrations, key=lambda one: one.moment.isoformat())
    return [[inquiry.answers["topic"] for inquiry in one.inquiries] for one in found]


def test_formulas_that_say_yes_or_no(soffice: Soffice, tmp_path: Path) -> None:
    """LibreOffice works out TRUE() and a comparison; of each formula the value is read."""
    workbook = openpyxl.Workbook()
    sheet: Any = workbook.active
    for row in (
        ("Datum", "DigiD", "Werk"),
        (date(2022, 3, 1), "=TRUE()", "=1>2"),
        (date(2022, 3, 2), "=NOT(B2)", "=A3>A2"),
    ):
        sheet.append(row)
    workbook.save(tmp_path / "f.xlsx")
    kinds: tuple[Kind, ...] = ("xlsx", "ods", "xls")
    for kind in kinds:
        assert loaded(soffice.convert(tmp_path / "f.xlsx", kind, tmp_path / "made")) == [["digid"], ["work"]]


def test_blank_columns_among_the_others(tmp_path: Path) -> None:
    """Wholly blank columns, before and between, are nobody's business."""
    workbook = openpyxl.Workbook()
    sheet: Any = workbook.active
    sheet.append((None, "Datum", None, "DigiD", None, None, "Werk"))
    sheet.append((None, date(2022, 3, 1), None, "x", " ", None, None))
    sheet.append((None, date(2022, 3, 2), None, None, None, None, "x"))
    workbook.save(tmp_path / "blank.xlsx")
    assert loaded(tmp_path / "blank.xlsx") == [["digid"], ["work"]]


_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_LINK = f"""<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="{_LINKS}">
<externalBook r:id="rId1"><sheetNames><sheetName val="Blad1"/></sheetNames></externalBook></externalLink>"""
_TARGET = f"""<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship
Id="rId1" Type="{_LINKS}/externalLinkPath"
Target="file:///elders/geheim.xlsx" TargetMode="External"/></Relationships>"""


def test_a_workbook_with_links_to_another_file(tmp_path: Path) -> None:
    """The other file is never asked for; what the program stored is read, and the marked copy keeps the links."""
    workbook = openpyxl.Workbook()
    sheet: Any = workbook.active
    sheet.append(("Datum", "DigiD", "Werk"))
    sheet.append((date(2022, 3, 1), "x", None))
    workbook.save(tmp_path / "plain.xlsx")
    with zipfile.ZipFile(tmp_path / "plain.xlsx") as old, zipfile.ZipFile(tmp_path / "links.xlsx", "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/_rels/workbook.xml.rels":
                target = 'Target="externalLinks/externalLink1.xml"'
                more = f'<Relationship Id="rIdLink" Type="{_LINKS}/externalLink" {target}/>'
                content = content.replace(b"</Relationships>", more.encode() + b"</Relationships>")
            if name == "xl/workbook.xml":
                more = (
                    f'<externalReferences><externalReference xmlns:r="{_LINKS}" r:id="rIdLink"/></externalReferences>'
                )
                content = content.replace(b"</sheets>", b"</sheets>" + more.encode())
            if name == "xl/worksheets/sheet1.xml":
                linked = b'<c r="C2" t="str"><f>[1]Blad1!A1</f><v>x</v></c></row></sheetData>'
                content = content.replace(b"</row></sheetData>", linked)
            new.writestr(name, content)
        new.writestr("xl/externalLinks/externalLink1.xml", _LINK)
        new.writestr("xl/externalLinks/_rels/externalLink1.xml.rels", _TARGET)
    assert loaded(tmp_path / "links.xlsx") == [["digid", "work"]]
    marks = (idocore.Mark("Sheet", "B2", (idocore.Finding("required", "moment", parameters={"label": "x"}),)),)
    register = two_points()
    request = idocore.SheetRequest(tmp_path / "links.xlsx", register.themes, register.sheets._places)
    with (tmp_path / "marked.xlsx").open("w+b") as into:
        mark(request, marks, into, "nl")
    with zipfile.ZipFile(tmp_path / "marked.xlsx") as done:
        assert done.read("xl/externalLinks/_rels/externalLink1.xml.rels") == _TARGET.encode()
