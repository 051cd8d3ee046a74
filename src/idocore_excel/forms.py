"""Forms to fill in: a theme version as a workbook that Excel and LibreOffice open, for who has no network."""

from typing import IO, Any, Final

from attrs import define, field
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.worksheet import Worksheet

from idocore import FormRequest, new_id
from idocore_excel import form_identity
from idocore_excel.form_checks import add_checks, add_colours
from idocore_excel.form_explanation import explain
from idocore_excel.form_identity import Identity
from idocore_excel.form_layout import ID, Column, Kind, Layout, is_tally, lay_out
from idocore_excel.form_looks import add_styles, put, set_up, style_of
from idocore_excel.form_words import word
from idocore_excel.own_sheets import IDENTITY

TITLE_ROW, HINT_ROW, BAND_ROW, HEADINGS_ROW, FIRST_ROW = range(1, 6)

_WIDTHS: Final = {Kind.DATE: 12, Kind.TIME: 8, Kind.NUMBER: 11, Kind.YES_NO: 13, Kind.TEXT: 28, Kind.ID: 38}
_WIDTH: Final = 20
_MOST_UPRIGHT: Final = 8
"""So many columns can be read on a page that stands upright."""
_HEIGHT: Final = 32
"""Of a row to fill in: two lines, also for who writes by hand."""


def make_form(request: FormRequest, target: IO[bytes]) -> None:
    """Write a form to `target` (xlsx); raises ExchangeError when there is no service point to choose."""
    _Form(lay_out(request), request.rows).write(target)


@define
class _Form:
    layout: Layout
    rows: int
    workbook: Workbook = field(factory=Workbook, init=False)

    def write(self, target: IO[bytes]) -> None:
        add_styles(self.workbook)
        sheet: Any = self.workbook.active
        sheet.title = self._say("fill-in")
        self._head(sheet)
        self._body(sheet)
        explain(self.workbook.create_sheet(self._say("explanation")), self.layout)
        ranges = self._lists()
        self._identity(sheet.title)
        last = FIRST_ROW + self.rows - 1
        add_checks(sheet, self.layout, ranges, FIRST_ROW, last)
        add_colours(sheet, self.layout, ranges, FIRST_ROW, last)
        self._protect()
        self._properties()
        self.workbook.save(target)

    def _say(self, name: str, **parameters: Any) -> str:
        return word(name, self.layout.language, **parameters)

    def _head(self, sheet: Worksheet) -> None:
        theme = self.layout.theme
        put(sheet, TITLE_ROW, 2, self._title(), "ido form title")
        put(sheet, HINT_ROW, 2, self._say("hint-tally" if is_tally(theme) else "hint"), "ido form hint")
        before = ""
        for number, column in enumerate(self.layout.columns, start=1):
            band = self._say("inquiry" if column.is_inquiry else "visit")
            style = "ido form inquiry" if column.is_inquiry else "ido form visit"
            is_first = band != before and column.path != ID
            put(sheet, BAND_ROW, number, band if is_first else None, style)
            before = band if column.path != ID else before
            put(sheet, HEADINGS_ROW, number, f"{column.heading}{' *' * column.required}", f"{style} heading")
            sheet.column_dimensions[get_column_letter(number)].width = _width(column)
        sheet.column_dimensions["A"].hidden = True
        is_wide = len(self.layout.columns) > _MOST_UPRIGHT
        set_up(sheet, self.layout, HEADINGS_ROW, "landscape" if is_wide else "portrait")

    def _title(self) -> str:
        theme = self.layout.theme.label.text(self.layout.language)
        point = self.layout.point
        return self._say("title-at", theme=theme, point=point.name) if point else self._say("title", theme=theme)

    def _body(self, sheet: Worksheet) -> None:
        for row in range(FIRST_ROW, FIRST_ROW + self.rows):
            # Made here, in the file: sent twice, it is the same visit.
            put(sheet, row, 1, str(new_id()), "ido form id")
            sheet.row_dimensions[row].height = _HEIGHT
            for number, column in enumerate(self.layout.columns[1:], start=2):
                sheet.cell(row, number).style = style_of(column.kind)

    def _lists(self) -> dict[str, str]:
        """Write what is chosen from, a column for each list; the name of the range with the labels, by path.

        A range has no limit of 255 characters and may hold commas, both of which a list in the check itself cannot.
        """
        sheet = self.workbook.create_sheet(self._say("lists"))
        sheet.sheet_state = "hidden"
        lists = {path: list(choices) for path, choices in self.layout.choices.items()}
        lists |= {f"asked.{one.path}": list(one.asked.labels) for one in self.layout.columns if one.asked}
        names: dict[str, str] = {}
        for number, (path, labels) in enumerate(lists.items(), start=1):
            names[path] = f"ido_{path.replace('.', '_')}"
            for row, label in enumerate((path, *labels), start=1):
                put(sheet, row, number, label)
            letter = get_column_letter(number)
            where = f"'{sheet.title}'!${letter}$2:${letter}${1 + max(1, len(labels))}"
            self.workbook.defined_names[names[path]] = DefinedName(names[path], attr_text=where)
        return names

    def _identity(self, title: str) -> None:
        sheet = self.workbook.create_sheet(IDENTITY)
        sheet.sheet_state = "veryHidden"
        for row, values in enumerate(Identity.of(self.layout, title, FIRST_ROW).rows(), start=1):
            for column, value in enumerate(values, start=1):
                put(sheet, row, column, value)

    def _protect(self) -> None:
        """Only the cells to fill in can be changed; without a password, since this guards against slips."""
        for sheet in self.workbook.worksheets:
            sheet.protection.sheet = True
            sheet.protection.formatColumns = False  # false: it may be done
            sheet.protection.formatRows = False
        self.workbook.security = WorkbookProtection(lockStructure=True)

    def _properties(self) -> None:
        theme, properties = self.layout.theme, self.workbook.properties
        properties.title = self._title()
        properties.subject = self._say("footer", version=form_identity.VERSION, theme=theme.id)
        properties.creator = "idocore"
        properties.language = self.layout.language


def _width(column: Column) -> float:
    """Wide enough for the longest word of its heading."""
    longest = max(len(one) for one in column.heading.split())
    return max(_WIDTHS.get(column.kind, _WIDTH), longest + 3)
