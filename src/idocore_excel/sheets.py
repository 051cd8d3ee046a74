"""What every sheet has in common: harmless text, styles, print set-up, charts."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.styles import Alignment, Font, NamedStyle, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

_LONGEST: Final = 32_767
_FONT: Final = "Calibri"
COUNT: Final = "#,##0"
SHARE: Final = "0.0%"


def write(sheet: Worksheet, row: int, column: int, value: Any, style: str | None = None) -> Cell:
    """Put `value` into a cell; text stays text, whatever it begins with."""
    cell: Any = sheet.cell(row, column)
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)[:_LONGEST]
        cell.data_type = "s"
    else:
        cell.value = value
        if isinstance(value, float):
            cell.number_format = SHARE
        elif isinstance(value, int):
            cell.number_format = COUNT
    if style:
        number_format = cell.number_format
        cell.style = style
        cell.number_format = number_format
    return cell  # type: ignore[no-any-return]


def add_styles(workbook: Workbook) -> None:
    """The named styles of the report."""
    title = NamedStyle("ido title", font=Font(name=_FONT, bold=True, size=16, color="1F3864"))
    heading = NamedStyle(
        "ido heading", font=Font(name=_FONT, bold=True, color="FFFFFF"), fill=PatternFill("solid", fgColor="1F3864")
    )
    heading.alignment = Alignment(wrap_text=True, vertical="center")
    total = NamedStyle("ido total", font=Font(name=_FONT, bold=True), fill=PatternFill("solid", fgColor="D9E2F3"))
    note = NamedStyle("ido note", font=Font(name=_FONT, italic=True, color="595959"))
    for style in (title, heading, total, note):
        workbook.add_named_style(style)


def set_up(sheet: Worksheet, header: int, widths: Sequence[float]) -> None:
    """Column widths, a header that stays in view and on every page, A4 on its side, one page wide."""
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = f"A{header + 1}"
    sheet.print_title_rows = f"{header}:{header}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    footer: Any = sheet.oddFooter
    footer.left.text, footer.right.text = "&A", "&P / &N"


def write_grid(sheet: Worksheet, top: int, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """A header and rows from row `top` on; the number of the last row."""
    for column, heading in enumerate(headings, start=1):
        write(sheet, top, column, heading, "ido heading")
    last = top
    for last, row in enumerate(rows, start=top + 1):
        for column, value in enumerate(row, start=1):
            write(sheet, last, column, value)
    return last


def add_chart(sheet: Worksheet, kind: str, title: str, top: int, last: int, columns: int, anchor: str) -> None:
    """A native chart of the columns 2 to `columns` against the first, rows `top` (the header) to `last`."""
    chart: Any = LineChart() if kind == "line" else BarChart()
    if kind != "line":
        chart.type = "bar"
        chart.x_axis.scaling.orientation = "maxMin"  # the first row on top, as in the sheet
        chart.legend = None
    chart.title, chart.height, chart.width = title, 9, 20
    chart.add_data(Reference(sheet, min_col=2, max_col=columns, min_row=top, max_row=last), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=top + 1, max_row=last))
    for series in chart.series:
        series.smooth = False  # a curve would show numbers that nobody counted
    chart.x_axis.delete = chart.y_axis.delete = False
    sheet.add_chart(chart, anchor)
