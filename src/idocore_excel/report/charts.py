"""Native charts over cells that stand on the page."""

from collections.abc import Sequence
from typing import Any, Final, Literal

from attrs import frozen
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.data_source import StrRef
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.series import SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.worksheet.worksheet import Worksheet

from idocore_excel.report.styles import DARK, LIGHT

Kind = Literal["ranked", "bar", "column", "line"]
"""Bars in order of size, bars in an order of their own, columns in time, or lines in time."""

_COLOURS: Final = (DARK, LIGHT)
_GAP: Final = 60_000
"""Between what stands above it and the chart, in the measure of drawings (360,000 to the centimetre)."""
_BARS: Final = ("ranked", "bar")
_TIME: Final = 14
"""Rows of the sheet that a chart in time covers."""


@frozen
class Picture:
    """What a chart shows: the `columns` (from 1) of rows `first` to `last`, under the headings in row `header`."""

    kind: Kind
    title: str
    columns: Sequence[int]
    header: int
    first: int
    last: int
    by_row: bool = False
    """The numbers stand beside each other in one row, and their headings are what they are drawn against."""

    @property
    def rows(self) -> int:
        """How many rows of the sheet it covers: enough for a readable label at every bar."""
        return max(9, int((self.last - self.first) * 1.15) + 6) if self.kind in _BARS else _TIME


def draw(sheet: Worksheet, picture: Picture, row: int, columns: int) -> None:
    """Draw `picture` from row `row` on, over the first `columns` columns."""
    chart: Any = LineChart() if picture.kind == "line" else BarChart()
    _add_numbers(chart, sheet, picture)
    chart.title = picture.title
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.number_format, chart.y_axis.scaling.min = "General" if picture.by_row else "#,##0", 0
    chart.y_axis.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill="D9D9D9"))
    if picture.kind != "line":
        _as_bars(chart, picture.kind)
    if picture.kind in _BARS or picture.by_row:
        _labelled(chart)
    _coloured(chart, picture.kind)
    if len(chart.series) == 1:
        chart.legend = None
    else:
        chart.legend.position = "b"
    start, end = AnchorMarker(0, 0, row - 1, _GAP), AnchorMarker(columns, 0, row - 1 + picture.rows, 0)
    chart.anchor = TwoCellAnchor("oneCell", start, end)
    sheet.add_chart(chart)


def _add_numbers(chart: Any, sheet: Worksheet, picture: Picture) -> None:
    header, columns = picture.header, picture.columns
    if picture.by_row:
        across = columns[0], picture.first, columns[-1], picture.first
        chart.add_data(Reference(sheet, *across), from_rows=True)
        chart.series[-1].tx = _name(Reference(sheet, min_col=1, min_row=picture.first))
        chart.set_categories(Reference(sheet, columns[0], header, columns[-1], header))
        return
    for column in columns:
        chart.add_data(Reference(sheet, min_col=column, min_row=picture.first, max_row=picture.last))
        chart.series[-1].tx = _name(Reference(sheet, min_col=column, min_row=header))
    chart.set_categories(Reference(sheet, min_col=1, min_row=picture.first, max_row=picture.last))


def _name(heading: Reference) -> Any:
    return SeriesLabel(strRef=StrRef(str(heading)))


def _as_bars(chart: Any, kind: Kind) -> None:
    chart.type = "bar" if kind in _BARS else "col"
    chart.gapWidth = 40
    if kind in _BARS:
        chart.x_axis.scaling.orientation = "maxMin"  # the first row on top, as on the page
        chart.y_axis.delete = True
        chart.y_axis.majorGridlines = None
        chart.x_axis.tickLblSkip = 1


def _labelled(chart: Any) -> None:
    chart.dataLabels = DataLabelList()
    chart.dataLabels.showVal = True
    for other in ("showSerName", "showCatName", "showLegendKey", "showPercent"):
        setattr(chart.dataLabels, other, False)


def _coloured(chart: Any, kind: Kind) -> None:
    for series, colour in zip(chart.series, _COLOURS, strict=False):
        series.smooth = False  # a curve would show numbers that nobody counted
        if kind == "line":
            series.graphicalProperties.line.solidFill = colour
            series.graphicalProperties.line.width = 28_000
        else:
            series.graphicalProperties.solidFill = colour
