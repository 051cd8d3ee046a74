"""Marks put into one sheet: a conditional format that colours the cells, and a reference to their comments.

The colour is a conditional format of our own, not a style of the cells: theirs stay as they are, and when the marks
are taken away again nothing has to be put back.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from attrs import define, field

from idocore_excel.books import address
from idocore_excel.marking.package import LARGEST, Package, Tail
from idocore_excel.marking.scanning import (
    MAIN,
    RELATIONS,
    Element,
    ForeignXmlError,
    Splice,
    attribute,
    scan,
    spliced,
)

FORMULA: Final = 'N("idocore")=0'
"""Always true: by it our formats are known again."""

_AFTER_COMMENTS: Final = (
    "legacyDrawingHF",
    "drawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
    "AlternateContent",
)
_AFTER_COLOURS: Final = frozenset(
    {
        "conditionalFormatting",
        "dataValidations",
        "hyperlinks",
        "printOptions",
        "pageMargins",
        "pageSetup",
        "headerFooter",
        "rowBreaks",
    }
    | {"colBreaks", "customProperties", "cellWatches", "ignoredErrors", "smartTags", "drawing", "legacyDrawing"}
    | set(_AFTER_COMMENTS)
)
_ROWS: Final = re.compile(rb"<(?:[\w.-]+:)?sheetData\s*/>|</(?:[\w.-]+:)?sheetData\s*>")
_OPENING: Final = re.compile(rb"<(?:[\w.-]+:)?sheetData[\s>/]")
_PRIORITY: Final = re.compile(rb'(\spriority=")(\d+)"')
_PIECE: Final = 1_000_000
_RANGES: Final = 500
"""In one format: more of them would make a line that is hard to work with."""


@define
class SheetXml:
    """A sheet without its rows, which are passed over; `start` is where what comes after them begins in the part."""

    head: bytes
    tail: bytes
    start: int
    elements: list[Element] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.elements = scan(self.head + self.tail, 2)

    @classmethod
    def read(cls, package: Package, part: str) -> "SheetXml":
        """The ends of a sheet; raises ForeignXmlError for one without rows."""
        with package.stream(part) as file:
            data, at = b"", 0
            head: bytes | None = None
            while piece := file.read(_PIECE):
                data += piece
                opening = _OPENING.search(data) if head is None else None
                if opening:
                    head = data[: opening.start()]
                found = _ROWS.search(data) if head is not None else None
                if head is not None and found:
                    return cls(head, data[found.end() :] + file.read(LARGEST), at + found.end())
                if head is None and len(data) > LARGEST:
                    break
                if head is not None:
                    at, data = at + max(0, len(data) - 200), data[-200:]
        raise ForeignXmlError(part)

    @property
    def comments_id(self) -> str:
        """The reference to the drawing of the comments; empty when there is none."""
        return next((attribute(one, "id") for one in self.elements if one.name == "legacyDrawing"), "")

    @property
    def is_coloured(self) -> bool:
        """Whether there are marks of an earlier time."""
        return _is_ours(self.tail)

    def merged(self) -> Iterator[str]:
        """The ranges whose cells are merged."""
        return (attribute(one, "ref") for one in self.elements if one.name == "mergeCell")

    def marked(self, ranges: Sequence[str], colour: int, comments_id: str) -> Tail:
        """The sheet with these ranges in the style `colour`, instead of what was marked before.

        `comments_id` is the new reference to the drawing of comments; empty for none, or none that is new.
        """
        new = [(self._place(_AFTER_COLOURS), _colours(ranges, colour))]
        if comments_id:
            line = f'<legacyDrawing xmlns="{MAIN}" xmlns:r="{RELATIONS}" r:id="{comments_id}"/>'
            new.append((self._place(_AFTER_COMMENTS), line.encode()))
        # Ours first: by its place for LibreOffice, by its priority for Excel.
        splices = [*(Splice(at, at, data) for at, data in new), *self._without_colours()]
        whole = spliced(self.head + self.tail, splices)
        return Tail(self.start, whole[len(self.head) :])

    def _place(self, before: Collection[str]) -> int:
        """Where something comes that has to stand before those elements."""
        later = (one.start for one in self.elements if one.depth == 1 and one.name in before)
        return next((at for at in later if at >= len(self.head)), self.elements[0].inside)

    def _without_colours(self) -> Iterator[Splice]:
        """Take our own formats out, and let all others come after the new one."""
        data = self.head + self.tail
        for one in self.elements:
            if one.depth == 1 and one.name == "conditionalFormatting" and one.start >= len(self.head):
                was = data[one.start : one.end]
                now = b"" if _is_ours(was) else _PRIORITY.sub(lambda m: b'%s%d"' % (m[1], int(m[2]) + 1), was)
                yield Splice(one.start, one.end, now)


def _is_ours(data: bytes) -> bool:
    return FORMULA.encode() in data.replace(b"&quot;", b'"')


def _colours(ranges: Sequence[str], colour: int) -> bytes:
    return b"".join(
        f'<conditionalFormatting xmlns="{MAIN}" sqref="{" ".join(ranges[at : at + _RANGES])}">'
        f'<cfRule type="expression" dxfId="{colour}" priority="1"><formula>{FORMULA}</formula></cfRule>'
        "</conditionalFormatting>".encode()
        for at in range(0, len(ranges), _RANGES)
    )


def runs(cells: Iterable[tuple[int, int]]) -> list[str]:
    """The (row, column) pairs as ranges: cells below one another go together."""
    found: list[tuple[int, int, int]] = []
    for column, row in sorted({(column, row) for row, column in cells}):
        if found and found[-1][0] == column and found[-1][2] == row - 1:
            found[-1] = (column, found[-1][1], row)
        else:
            found.append((column, row, row))
    return [
        address(first, column) if first == last else f"{address(first, column)}:{address(last, column)}"
        for column, first, last in found
    ]
