"""Long sheets, written row by row in constant memory into the same workbook as sheets that openpyxl makes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from io import BytesIO
from itertools import chain, islice
from types import TracebackType
from typing import IO, Any, Final
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from attrs import define, field
from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from idocore_excel.texts import cell_text

LAST_ROW: Final = 1_048_576
"""The last row that a sheet can have."""

DAY: Final = "dd-mm-yyyy"
MOMENT: Final = "dd-mm-yyyy hh:mm"
COUNT: Final = "#,##0"

_FIRST_DAY: Final = date(1899, 12, 30).toordinal()
_LARGEST: Final = 2_000_000_000
"""Bytes of XML after which a sheet ends: a plain zip entry, which every program reads, holds a little more."""
_AT_ONCE: Final = 200
_QUICKEST: Final = 1
_MOST_REMEMBERED: Final = 20_000

Value = str | bool | int | float | date | datetime | None
"""What a cell may hold; a moment without an offset, in local time."""


@define
class StreamedBook(AbstractContextManager["StreamedBook"]):
    """`workbook` on its way to `target`: first its long sheets with `stream`, then the rest with `save`.

    Pages can be made after the long sheets were written, which are then put behind them.
    """

    workbook: Workbook
    target: IO[bytes]
    last_row: int = LAST_ROW
    _zip: ZipFile = field(init=False)
    _written: list[Worksheet] = field(factory=list, init=False)

    def __attrs_post_init__(self) -> None:
        self._zip = ZipFile(self.target, "w", ZIP_DEFLATED, compresslevel=_QUICKEST)

    def stream(self, make: Callable[[int], Worksheet], rows: Iterable[Sequence[Value]]) -> int:
        """Write `rows` below what `make(1)` has on it; how many there were.

        `make` adds a sheet to the workbook, with its header, widths and filter. What does not fit on it goes on in
        those of `make(2)` and so on. The filter, if there is one, is stretched to the last row.
        """
        waiting, total = iter(rows), 0
        for number in range(1, LAST_ROW):
            first = next(waiting, None)
            if first is None and number > 1:
                break
            sheet = make(number)
            total += self._fill(sheet, chain([first], waiting) if first is not None else iter(()))
        return total

    def save(self) -> None:
        """Write everything else; the book is complete then."""
        for sheet in self._written:
            self.workbook.move_sheet(sheet, len(self.workbook.worksheets))
        rest = BytesIO()
        self.workbook.save(rest)
        moved = {sheet.path.lstrip("/"): self._name(sheet) for sheet in self._written}
        with ZipFile(rest) as parts:
            for name in parts.namelist():
                if name not in moved:
                    self._zip.writestr(name, _renamed(name, parts.read(name), moved))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._zip.close()

    def _name(self, sheet: Worksheet) -> str:
        return f"xl/worksheets/rows{self._written.index(sheet) + 1}.xml"

    def _fill(self, sheet: Worksheet, rows: Iterator[Sequence[Value]]) -> int:
        """Write `sheet` with as many of `rows` as it takes."""
        head, tail = self._around(sheet)
        render, row = _Renderer(sheet), sheet.max_row
        room, written = self.last_row - row, 0
        self._written.append(sheet)
        with self._zip.open(self._name(sheet), "w") as member:
            size = member.write(head)
            while size < _LARGEST and (several := list(islice(rows, min(_AT_ONCE, room - written)))):
                size += member.write(render.rows(several, row + written + 1))
                written += len(several)
            member.write(_stretched(sheet, tail, row + written))
        return written

    def _around(self, sheet: Worksheet) -> tuple[bytes, bytes]:
        """The XML of `sheet` as openpyxl writes it, up to where rows are added and from there on."""
        whole = BytesIO()
        self.workbook.save(whole)
        with ZipFile(whole) as parts:
            head, end, tail = parts.read(sheet.path.lstrip("/")).partition(b"</sheetData>")
        start, _, rest = head.partition(b"<dimension ")
        # The size that openpyxl knows of is not the size that the sheet will have; to say nothing is allowed.
        return start + rest.partition(b"/>")[2], end + tail


def _stretched(sheet: Worksheet, tail: bytes, last: int) -> bytes:
    """`tail` with the filter of `sheet` down to row `last`."""
    before = sheet.auto_filter.ref
    if not before:
        return tail
    first, _, corner = before.partition(":")
    column = corner.rstrip("0123456789")
    sheet.auto_filter.ref = f"{first}:{column}{last}"
    return tail.replace(f'<autoFilter ref="{before}"'.encode(), f'<autoFilter ref="{sheet.auto_filter.ref}"'.encode())


def _renamed(name: str, content: bytes, moved: dict[str, str]) -> bytes:
    """The part `name`, pointing at the sheets where they are now."""
    if name in ("[Content_Types].xml", "xl/_rels/workbook.xml.rels"):
        for old, new in moved.items():
            content = content.replace(f'"/{old}"'.encode(), f'"/{new}"'.encode())
    return content


class _Renderer:
    """Rows as XML; cells carry no address of their own, since each stands where it is counted."""

    def __init__(self, sheet: Worksheet) -> None:
        day, moment, count = (_style(sheet, number_format) for number_format in (DAY, MOMENT, COUNT))
        self._texts: dict[str, str] = {}
        self._day, self._moment = f'<c s="{day}"><v>', f'<c s="{moment}"><v>'
        self._count = f'<c s="{count}"><v>'
        self._kinds: dict[type, Callable[[Any], str]] = {
            type(None): lambda _: "<c/>",
            str: self._text,
            bool: lambda value: f'<c t="b"><v>{value:d}</v></c>',
            int: lambda value: f"{self._count}{value}</v></c>",
            float: lambda value: f"<c><v>{value!r}</v></c>",
            date: lambda value: f"{self._day}{value.toordinal() - _FIRST_DAY}</v></c>",
            datetime: self._of_moment,
        }

    def rows(self, rows: Sequence[Sequence[Value]], first: int) -> bytes:
        """The XML of `rows`, the first of which has number `first`."""
        kinds = self._kinds
        return "".join(
            [
                f'<row r="{number}">{"".join([kinds[type(value)](value) for value in row])}</row>'
                for number, row in enumerate(rows, start=first)
            ]
        ).encode()

    def _text(self, value: str) -> str:
        found = self._texts.get(value)
        if found is None:
            found = f'<c t="inlineStr"><is><t xml:space="preserve">{escape(cell_text(value))}</t></is></c>'
            if len(self._texts) < _MOST_REMEMBERED and len(value) < 32:
                self._texts[value] = found
        return found

    def _of_moment(self, value: datetime) -> str:
        seconds = value.hour * 3600 + value.minute * 60 + value.second
        return f"{self._moment}{value.toordinal() - _FIRST_DAY + seconds / 86400!r}</v></c>"


def _style(sheet: Worksheet, number_format: str) -> int:
    """The number of the workbook's style with this format."""
    cell: Any = Cell(sheet, 1, 1)
    cell.number_format = number_format
    return int(cell.style_id)
