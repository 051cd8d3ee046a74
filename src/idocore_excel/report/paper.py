"""One page of the report: title, grids, notes and charts, one below the other, ready to be printed."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from textwrap import wrap
from typing import Any, Final, Literal

from attrs import define, field, frozen
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from idocore_excel.report import styles
from idocore_excel.report.charts import Kind, Picture, draw
from idocore_excel.report.discretion import HIDDEN, Hidden
from idocore_excel.report.words import Words
from idocore_excel.streaming import COUNT, DAY, MOMENT
from idocore_excel.texts import cell_text

Shown = str | int | float | date | datetime | Hidden | None
Format = Literal["text", "count", "share", "points", "decimal", "hours", "day", "moment"]

_FORMATS: Final = {
    "text": "@",
    "count": COUNT,
    "share": "0.0%",
    "points": "+0.0%;-0.0%;0.0%",
    "decimal": "[<0.0995]0.0000;[<0.995]0.000;#,##0.00",  # of a small rate as much is seen as of a large one
    "hours": "#,##0.0",
    "day": DAY,
    "moment": MOMENT,
}
_LEFT: Final = ("text", "day", "moment")
_INDENTED: Final = Alignment("left", "top", wrap_text=True, indent=1)
_ABSENT: Final = "–"
_CM_PER_CHARACTER: Final = 0.196
_CM_PER_POINT: Final = 0.0353
_LINE: Final = 15.0
"""Points: the height of a row of one line."""
_LONG, _SHORT = 25.5, 17.9
"""Centimetres of A4 within its margins."""
_FILLING: Final = 0.9
"""How much of a line words fill before they go on in the next, in a font that may be wider than ours."""
_SMALL: Final = 1.1
"""How many more characters go into a line of small text."""
_A4: Final = 9


@frozen
class Column:
    """A column of a grid: its heading, how wide it is in characters, and how its numbers are written."""

    heading: str
    width: float = 13
    format: Format = "count"


@frozen
class Grid:
    """Where a grid stands: the row of its header, and the first and last row of its body."""

    header: int
    first: int
    last: int


@define
class Paper:
    """A sheet that is filled from the top; `widths` are those of all grids on it, in characters."""

    sheet: Worksheet
    widths: Sequence[float]
    is_wide: bool = False
    row: int = field(default=1, init=False)
    has_absent: bool = field(default=False, init=False)
    has_hidden: bool = field(default=False, init=False)
    _frozen_at: int = field(default=0, init=False)

    def title(self, text: str, lead: str) -> None:
        """The title of the page, and beneath it for what and for when."""
        self._line(text, styles.TITLE, 26)
        self._line(lead, styles.LEAD, 18)
        self.row += 1

    def section(self, text: str) -> None:
        """A heading above what follows."""
        self._line(text, styles.SECTION, 20)

    def grid(
        self, columns: Sequence[Column], rows: Iterable[Sequence[Shown]], totals: Iterable[Sequence[Shown]] = ()
    ) -> Grid:
        """A header and rows, and beneath them rows of totals."""
        header = self.row
        self._frozen_at = self._frozen_at or header
        for number, column in enumerate(columns, start=1):
            write(self.sheet, header, number, column.heading, styles.HEADING)
            if number > 1:
                side = "left" if column.format in _LEFT else "right"
                indent = 1 if column.format in _LEFT else 0
                self.sheet.cell(header, number).alignment = Alignment(side, "center", wrap_text=True, indent=indent)
        self._set_height(header, (column.heading for column in columns))
        self.row += 1
        for row in rows:
            self._write(columns, row, styles.BODY)
        last = self.row - 1
        for row in totals:
            self._write(columns, row, styles.TOTAL)
        self.row += 1
        return Grid(header, header + 1, last)

    def listing(self, name: str, columns: Sequence[Column], rows: Iterable[Sequence[Shown]]) -> Grid:
        """A grid that is a table of Excel, to be filtered and sorted; `name` is unique in the workbook."""
        found = self.grid(columns, rows)
        if found.last >= found.first:
            corner = f"{get_column_letter(len(columns))}{found.last}"
            table = Table(displayName=name, ref=f"A{found.header}:{corner}")
            table.tableStyleInfo = TableStyleInfo("TableStyleLight1", showRowStripes=True)
            self.sheet.add_table(table)
        return found

    def total(self, columns: Sequence[Column], row: Sequence[Shown]) -> None:
        """One more row of totals, right beneath a grid; not part of its table."""
        self.row -= 1
        self._write(columns, row, styles.TOTAL)
        self.row += 1

    def note(self, text: str, style: str = styles.NOTE) -> None:
        """A sentence over the whole width, as many lines as it takes."""
        write(self.sheet, self.row, 1, text, style)
        self.sheet.merge_cells(start_row=self.row, end_row=self.row, start_column=1, end_column=len(self.widths))
        self.sheet.row_dimensions[self.row].height = _LINE * _lines(text, sum(self.widths) * _SMALL)
        self.row += 1

    def notes(self, heading: str, texts: Iterable[str]) -> None:
        """Sentences under a heading; nothing when there are none."""
        found = list(dict.fromkeys(texts))
        if found:
            self.section(heading)
            for text in found:
                self.note(text)

    def facts(self, facts: Iterable[tuple[str, Shown]]) -> None:
        """Names with what they are, beside each other."""
        for name, value in facts:
            write(self.sheet, self.row, 1, name, styles.TOTAL)
            cell = write(self.sheet, self.row, 2, value, styles.BODY)
            cell.alignment = Alignment("left", "top", wrap_text=True)
            if isinstance(value, date):
                cell.number_format = _FORMATS["moment" if isinstance(value, datetime) else "day"]
            self.sheet.merge_cells(start_row=self.row, end_row=self.row, start_column=2, end_column=len(self.widths))
            self.row += 1
        self.row += 1

    def contents(self, heading: str, entries: Iterable[tuple[str, str]]) -> None:
        """Names of sheets, to be followed, with what they are about."""
        self.section(heading)
        for name, about in entries:
            cell = write(self.sheet, self.row, 1, name)
            cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{name}'!A1")
            cell.style = styles.LINK
            write(self.sheet, self.row, 2, about, styles.BODY)
            self.sheet.merge_cells(start_row=self.row, end_row=self.row, start_column=2, end_column=len(self.widths))
            self.row += 1
        self.row += 1

    def legend(self, say: Words) -> None:
        """What the signs on this page stand for."""
        if self.has_absent:
            self.note(say("legend-absent"))
        if self.has_hidden:
            self.note(say("legend-hidden"))

    def chart(self, kind: Kind, title: str, columns: Sequence[int], grid: Grid, most: int | None = None) -> None:
        """A chart of the first `most` rows of a grid as far as they may be seen; none when that leaves nothing."""
        last = grid.last if most is None else min(grid.last, grid.first + most - 1)
        last = self._last_drawn(kind, grid.first, last, columns)
        if last < grid.first:
            return
        self._draw(Picture(kind, title, columns, grid.header, grid.first, last))

    def chart_of_row(self, kind: Kind, title: str, grid: Grid, row: int, count: int) -> None:
        """A chart of the first `count` numbers of one row of a grid, against their headings."""
        self._draw(Picture(kind, title, range(2, count + 2), grid.header, row, row, by_row=True))

    def _draw(self, picture: Picture) -> None:
        lines = self._lines_per_page
        on_page = (self.row - 1) % lines
        if on_page + picture.rows > lines and on_page:
            self.sheet.row_breaks.append(Break(self.row - 1))
        draw(self.sheet, picture, self.row, len(self.widths))
        self.row += picture.rows + 1

    def finish(self) -> None:
        """Widths, a header that stays in view and on every page, A4 one page wide, page numbers."""
        for number, width in enumerate(self.widths, start=1):
            self.sheet.column_dimensions[get_column_letter(number)].width = width
        set_up(self.sheet, self._frozen_at, is_wide=self.is_wide)
        self.sheet.print_area = f"A1:{get_column_letter(len(self.widths))}{max(self.row, self.sheet.max_row)}"

    def _line(self, text: str, style: str, height: float) -> None:
        write(self.sheet, self.row, 1, text, style)
        self.sheet.row_dimensions[self.row].height = height
        self.row += 1

    def _write(self, columns: Sequence[Column], row: Sequence[Shown], style: str) -> None:
        for number, (column, value) in enumerate(zip(columns, row, strict=True), start=1):
            self._cell(number, column, value, style)
        self._set_height(self.row, (value if isinstance(value, str) else "" for value in row))
        self.row += 1

    def _cell(self, number: int, column: Column, value: Shown, style: str) -> None:
        format = "count" if isinstance(value, int) else column.format
        is_text = format == "text"
        if value is None and not is_text:
            self.has_absent, value = True, _ABSENT
        if value is HIDDEN:
            self.has_hidden, style, value = True, styles.HIDDEN, HIDDEN.value
        cell = write(self.sheet, self.row, number, value, style)
        if not isinstance(value, str) and value is not None:
            cell.number_format = _FORMATS[format]
        if number > 1:
            cell.alignment = Alignment("right", "top") if format not in _LEFT else _INDENTED

    def _set_height(self, row: int, texts: Iterable[str]) -> None:
        most = max((_lines(text, width) for text, width in zip(texts, self.widths, strict=False)), default=1)
        if most > 1:
            self.sheet.row_dimensions[row].height = _LINE * most

    @property
    def _lines_per_page(self) -> int:
        """How many rows fit on a page, as small as it is printed to be one page wide."""
        across, down = (_LONG, _SHORT) if self.is_wide else (_SHORT, _LONG)
        scale = min(1.0, across / (sum(self.widths) * _CM_PER_CHARACTER))
        return int(down / (_LINE * _CM_PER_POINT * scale)) - 1

    def _last_drawn(self, kind: Kind, first: int, last: int, columns: Sequence[int]) -> int:
        """The last row that a chart can show, before `first` when there is none: it cannot show what is hidden.

        What is ranked ends where nothing is left; a line ends before it; bars and columns without some would lie.
        """
        for row in range(first, last + 1):
            values = [self.sheet.cell(row, column).value for column in columns]
            is_hidden = HIDDEN.value in values
            if is_hidden and kind in ("bar", "column"):
                return first - 1
            if is_hidden or (kind == "ranked" and not all(isinstance(value, int) and value for value in values)):
                return row - 1
        return last


def _lines(text: str, width: float) -> int:
    """How many lines `text` takes, `width` characters wide."""
    return max(1, len(wrap(text, max(4, int(width * _FILLING)))))


def write(sheet: Worksheet, row: int, column: int, value: Any, style: str | None = None) -> Any:
    """Put `value` into a cell; text stays text, whatever it begins with."""
    cell: Any = sheet.cell(row, column)
    if isinstance(value, str):
        cell.value = cell_text(value)
        cell.data_type = "s"
    else:
        cell.value = value
    if style:
        cell.style = style
    return cell


def set_up(sheet: Worksheet, header: int, *, is_wide: bool, across: int = 1) -> None:
    """A header (a row, or 0: none) that stays in view and on every page, A4 `across` pages wide, page numbers."""
    if header:
        sheet.freeze_panes = f"A{header + 1}"
        sheet.print_title_rows = f"{header}:{header}"
    sheet.page_setup.orientation = "landscape" if is_wide else "portrait"
    sheet.page_setup.paperSize = _A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = across, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.sheet_view.showGridLines = False
    margins = sheet.page_margins
    margins.left = margins.right = 0.6
    margins.top = margins.bottom = 0.7
    footer: Any = sheet.oddFooter
    footer.left.text, footer.right.text = "&A", "&P / &N"
