"""How far the cells of a sheet reach, told from its XML as it stands, before a native reader makes room for them."""

import re
from typing import Final

from attrs import define

from idocore_excel.cells import column_index, letters

_ODD: Final = (b"'", b"\t", b"\n", b"\r", b":row")
"""What spreadsheet programs do not put into a sheet: where there is none of it, the quick patterns see everything."""
_QUICK_ROW: Final = re.compile(rb"<row(?: [^>]*?)? r *= *\"(\d{1,9})\"[^>]*(?<!/)>")
_QUICK_FAR: Final = re.compile(rb" r *= *\"([A-Za-z]{2,3})(\d{1,9})\"[^>]*(?<!/)>")
_ROW: Final = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br\s*=\s*[\"'](\d{1,9})[\"'][^>]*(?<!/)>")
_FAR: Final = re.compile(rb"<(?:\w+:)?c\b[^>]*?\br\s*=\s*[\"']([A-Za-z]{2,3})(\d{1,9})[\"'][^>]*(?<!/)>")
_TAG: Final = re.compile(
    rb"<(?:[\w.-]+:)?(table|table-row|table-cell|covered-table-cell)(?=[\s/>])((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>"
)
_ROWS: Final = re.compile(rb"number-rows-repeated\s*=\s*[\"'](\d{1,9})")
_COLUMNS: Final = re.compile(rb"number-columns-repeated\s*=\s*[\"'](\d{1,9})")
_FIRST_COLUMNS: Final = 26


@define
class Extent:
    """The range that the filled cells of a sheet span, and how many they are."""

    row: int = 1
    column: int = _FIRST_COLUMNS
    filled: int = 0
    repeats: int = 1
    """How often one of them is said to repeat, at most."""

    @property
    def spanned(self) -> int:
        """How many cells the range holds."""
        return self.row * self.column

    @property
    def letters(self) -> str:
        """The letters of the last column."""
        return letters(self.column - 1)

    def see(self, piece: bytes) -> None:
        """Look at a piece of a sheet. What lies in columns A to Z is only counted, which is quick."""
        is_odd = any(sign in piece for sign in _ODD)
        self.filled += piece.count(b"</c>") + (piece.count(b":c>") if is_odd else 0)
        rows, far = (_ROW, _FAR) if is_odd else (_QUICK_ROW, _QUICK_FAR)
        if found := rows.findall(piece):
            self.row = max(self.row, *map(int, found))
        for column, row in far.findall(piece):
            self.row = max(self.row, int(row))
            self.column = max(self.column, column_index(column.decode()) + 1)


@define
class OpenExtent(Extent):
    """The same for the sheets of an OpenDocument file together, where rows and cells say how often they repeat."""

    _at_row: int = 0
    _at_column: int = 0
    _times: int = 0

    def see(self, piece: bytes) -> None:
        """Look at a piece of the file; an empty cell counts once something stands behind it."""
        for tag in _TAG.finditer(piece):
            kind, attributes = tag[1], tag[2]
            if kind == b"table":
                self._at_row, self._at_column, self._times = 0, 0, 0
            elif kind == b"table-row":
                self._at_row += self._times
                self._times, self._at_column = _number(_ROWS, attributes), 0
            else:
                self._see_cell(_number(_COLUMNS, attributes), attributes)

    def _see_cell(self, times: int, attributes: bytes) -> None:
        self._at_column += times
        if b"value" in attributes or not attributes.endswith(b"/"):
            self.row = max(self.row, self._at_row + self._times)
            self.column = max(self.column, self._at_column)
            self.filled += times * self._times
            self.repeats = max(self.repeats, times * self._times)


def _number(pattern: re.Pattern[bytes], attributes: bytes) -> int:
    found = pattern.search(attributes)
    return int(found[1]) if found else 1
