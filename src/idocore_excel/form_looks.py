"""How a form looks: its styles, page set-up and the cells themselves."""

from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Protection, Side
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from idocore_excel import form_identity
from idocore_excel.form_layout import Kind, Layout
from idocore_excel.form_words import word

_FONT: Final = "Calibri"
_VISIT, _INQUIRY = "1F4E79", "2E6B4F"
MISSING, NOT_ASKED, WRONG = "FFF2CC", "D9D9D9", "F8CBAD"
"""The colours that say what still has to be done; each differs from the others in lightness, too."""

_FORMATS: Final = {Kind.DATE: "dd-mm-yyyy", Kind.TIME: "hh:mm", Kind.NUMBER: "0", Kind.TEXT: "@"}


def style_of(kind: Kind) -> str:
    """The style of a cell to fill in."""
    return f"ido form {kind.value}"


def add_styles(workbook: Workbook) -> None:
    """The named styles of a form."""
    plain = Font(name=_FONT, size=11)
    thin = Side("thin", color="BFBFBF")
    box = Border(left=thin, right=thin, top=thin, bottom=thin)
    for kind in Kind:
        style = NamedStyle(style_of(kind), font=plain, number_format=_FORMATS.get(kind, "General"))
        style.protection = Protection(locked=kind is Kind.ID)
        if kind is not Kind.ID:
            style.border = box
            centred = kind in (Kind.DATE, Kind.TIME, Kind.NUMBER, Kind.YES_NO)
            style.alignment = Alignment("center" if centred else "left", "center", wrap_text=True)
        workbook.add_named_style(style)
    for name, colour in (("visit", _VISIT), ("inquiry", _INQUIRY)):
        fill = PatternFill("solid", fgColor=colour)
        band = NamedStyle(f"ido form {name}", font=Font(name=_FONT, bold=True, size=12, color="FFFFFF"), fill=fill)
        heading = NamedStyle(f"ido form {name} heading", font=Font(name=_FONT, bold=True, color="FFFFFF"), fill=fill)
        heading.alignment = Alignment("center", "center", wrap_text=True)
        heading.border = Border(left=Side("thin", color="FFFFFF"), right=Side("thin", color="FFFFFF"))
        workbook.add_named_style(band)
        workbook.add_named_style(heading)
    workbook.add_named_style(NamedStyle("ido form title", font=Font(name=_FONT, bold=True, size=16, color=_VISIT)))
    workbook.add_named_style(NamedStyle("ido form hint", font=Font(name=_FONT, size=11, color="404040")))
    wrapped = NamedStyle("ido form wrapped", font=plain, alignment=Alignment(vertical="top", wrap_text=True))
    workbook.add_named_style(wrapped)
    strong = NamedStyle("ido form strong", font=Font(name=_FONT, bold=True, size=11))
    strong.alignment = Alignment(vertical="top", wrap_text=True)
    workbook.add_named_style(strong)


def put(sheet: Worksheet, row: int, column: int, value: Any, style: str | None = None) -> None:
    """Put `value` into a cell; text stays text, whatever it begins with."""
    cell: Any = sheet.cell(row, column)
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
        cell.data_type = "s"
    else:
        cell.value = value
    if style:
        cell.style = style


def set_up(sheet: Worksheet, layout: Layout, headings: int, orientation: str) -> None:
    """Headings and the day stay in view, and headings come on every page; A4, one page wide."""
    for row, height in ((1, 26), (2, 20), (headings - 1, 20), (headings, 64)):
        sheet.row_dimensions[row].height = height
    day = layout.numbers["date"][0]
    sheet.freeze_panes = sheet.cell(headings + 1, day + 1).coordinate
    sheet.print_title_rows = f"{headings - 1}:{headings}"
    on_paper(sheet, layout, orientation)


def on_paper(sheet: Worksheet, layout: Layout, orientation: str) -> None:
    """A4, one page wide, with the version of the form at the foot."""
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.orientation = orientation  # type: ignore[assignment]
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    margins = sheet.page_margins
    margins.left = margins.right = margins.top = 0.4
    margins.bottom = 0.8
    footer: Any = sheet.oddFooter
    says = word("footer", layout.language, version=form_identity.VERSION, theme=layout.theme.id)
    footer.left.text, footer.right.text = says, "&P / &N"
