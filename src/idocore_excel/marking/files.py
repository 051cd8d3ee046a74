"""A file marked: the user's own when it is one of Excel's, and else a new one with the same rows."""

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from tempfile import TemporaryFile
from typing import IO, Final
from xml.sax.saxutils import quoteattr
from zipfile import BadZipFile, ZipFile, is_zipfile

import attrs
from attrs import frozen
from openpyxl.utils.cell import coordinate_to_tuple
from openpyxl.worksheet.cell_range import CellRange

from idocore import Language, Mark, SheetRequest
from idocore_excel.books import address, open_book
from idocore_excel.marking.copying import copy
from idocore_excel.marking.notes import annotate
from idocore_excel.marking.package import Package
from idocore_excel.marking.scanning import MAIN, RELATIONS, ForeignXmlError, added, attribute, scan, spliced
from idocore_excel.marking.sheets import SheetXml, runs
from idocore_excel.marking.styles import Styles, add_styles
from idocore_excel.marking.summary import Summary
from idocore_excel.own_sheets import REMARKS

MOST_COMMENTS: Final = 2000
"""On one sheet: with many more of them Excel becomes slow."""

_UNKNOWN: Final = (ForeignXmlError, BadZipFile, zlib.error, EOFError, LookupError, ValueError, NotImplementedError)
"""What comes of a package that does not hold what it should, or holds it in a way of its own."""
_MOST_MERGED: Final = 100_000
_RELATION: Final = f"{RELATIONS}/worksheet"
_SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"


def mark(request: SheetRequest, marks: Sequence[Mark], target: IO[bytes], language: Language) -> None:
    """Write the file of `request` to `target` with `marks` in it, instead of those of an earlier time.

    A source that is no xlsx or xlsm, or one that is written in a way that we do not know, is copied: the same rows at
    the same addresses. Raises ExchangeError for a file that cannot be read.
    """
    if is_zipfile(request.path):
        try:
            with ZipFile(request.path) as file:
                _mark(Package(file), marks, target, language)
        except _UNKNOWN:
            target.seek(0)
            target.truncate()
        else:
            return
    _mark_copy(request, marks, target, language)


def _mark_copy(request: SheetRequest, marks: Sequence[Mark], target: IO[bytes], language: Language) -> None:
    with TemporaryFile() as unmarked:
        with open_book(request.path) as book:
            titles = copy(book, unmarked)
        renamed = [attrs.evolve(one, sheet=titles.get(one.sheet, one.sheet)) for one in marks]
        with ZipFile(unmarked) as file:
            _mark(Package(file), renamed, target, language)


def _mark(package: Package, marks: Sequence[Mark], target: IO[bytes], language: Language) -> None:
    workbook = _Workbook.of(package)
    styles = add_styles(package, workbook.styles)
    by_sheet: dict[str, list[Mark]] = {}
    for one in marks:
        by_sheet.setdefault(one.sheet, []).append(one)
    for title, part in workbook.sheets.items():
        if title not in REMARKS.values():
            _mark_sheet(package, part, by_sheet.get(title, ()), styles, language)
    capped = {title: MOST_COMMENTS for title, some in by_sheet.items() if len(some) > MOST_COMMENTS}
    workbook.put_last(package, Summary(marks, capped, styles, language).xml(), REMARKS[language])
    package.save(target)


def _mark_sheet(package: Package, part: str, marks: Sequence[Mark], styles: Styles, language: Language) -> None:
    sheet = SheetXml.read(package, part)
    first = _first_of_merged(sheet.merged())
    texts: dict[str, str] = {}
    for one in marks:
        cell = first.get(one.cell, one.cell)
        said = "\n".join(finding.message(language) for finding in one.findings)
        texts[cell] = f"{texts[cell]}\n{said}" if cell in texts else said
    comments_id = annotate(package, part, sheet.comments_id, dict(list(texts.items())[:MOST_COMMENTS]))
    if texts or sheet.is_coloured:
        package.write(part, sheet.marked(runs(map(coordinate_to_tuple, texts)), styles.colour, comments_id))


def _first_of_merged(ranges: Iterable[str]) -> Mapping[str, str]:
    """By cell that is covered by a merged one, the first cell of that, which is the only one that shows."""
    found: dict[str, str] = {}
    for one in ranges:
        cells = CellRange(one)
        if len(found) + cells.size["rows"] * cells.size["columns"] <= _MOST_MERGED:
            first = address(cells.min_row, cells.min_col)
            found |= {address(row, column): first for row, column in cells.cells}
    return found


@frozen
class _Workbook:
    """The part that lists the sheets: the part of each by its title, and that of the styles."""

    part: str
    sheets: Mapping[str, str]
    styles: str

    @classmethod
    def of(cls, package: Package) -> "_Workbook":
        part = next((one.part for one in package.relations("") if one.kind == "officeDocument"), "")
        relations = {one.id: one for one in package.relations(part)}
        styles = next((one.part for one in relations.values() if one.kind == "styles"), "")
        parts = {key: one.part for key, one in relations.items() if one.kind == "worksheet"}
        return cls(part, dict(_worksheets(package, part, parts)), styles)

    def put_last(self, package: Package, sheet: bytes, title: str) -> None:
        """Add a sheet, or put it in the place of the one of that purpose that is there."""
        known = next((part for name, part in self.sheets.items() if name in REMARKS.values()), None)
        if known:
            package.write(known, sheet)
            return
        part = package.free("xl/worksheets/sheet{}.xml")
        package.write(part, sheet)
        package.declare(part, _SHEET)
        number = package.relate(self.part, part, _RELATION)
        data = package.read(self.part)
        elements = scan(data, 2)
        (listed,) = (one for one in elements if one.depth == 1 and one.name == "sheets")
        last = max(int(attribute(one, "sheetId") or 0) for one in elements if one.name == "sheet")
        named = f'name={quoteattr(title)} sheetId="{last + 1}" r:id="{number}"'
        line = f'<sheet xmlns="{MAIN}" xmlns:r="{RELATIONS}" {named}/>'
        package.write(self.part, spliced(data, added(data, listed, line.encode())))


def _worksheets(package: Package, part: str, parts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for one in scan(package.read(part), 2):
        if one.depth == 2 and one.name == "sheet" and attribute(one, "id") in parts:
            yield attribute(one, "name"), parts[attribute(one, "id")]
