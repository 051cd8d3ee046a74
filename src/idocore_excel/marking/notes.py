"""The comments of one sheet: what is wrong beside what people wrote there themselves."""

import re
from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from typing import Final

from attrs import frozen
from openpyxl.utils.cell import coordinate_to_tuple

from idocore_excel.marking.package import Package
from idocore_excel.marking.scanning import MAIN, Splice, added, attribute, scan, spliced
from idocore_excel.marking.texts import escaped

MARK: Final = "[idocore]"
"""With this our part of a comment begins."""

_WIDTH: Final = 240
"""Of a comment, in points."""

_IN_LINE: Final = 44
_TYPES: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_COMMENTS: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_DRAWING: Final = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_NO_COMMENTS: Final = f'<comments xmlns="{MAIN}"><authors></authors><commentList></commentList></comments>'
_NO_SHAPES: Final = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel">'
    '<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout></xml>'
)
_KIND: Final = (
    '<v:shapetype xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_SHAPE: Final = (
    '<v:shape xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel" id="_x0000_s{number}" type="#_x0000_t202" '
    'style="position:absolute;margin-left:59.25pt;margin-top:1.5pt;width:{width}pt;height:{height}pt;z-index:1;'
    'visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/>'
    '<v:shadow color="black" obscured="t"/><v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:AutoFill>False</x:AutoFill>'
    "<x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)
_AUTHOR: Final = "idocore"
_TEXTS: Final = ("t", "author")
_SHAPES: Final = re.compile(rb"<v:shape[\s>].*?</v:shape>", re.DOTALL)
_NUMBER: Final = re.compile(rb"_x0000_s(\d+)")


@frozen
class _Comment:
    cell: str
    author: str
    text: str
    start: int
    end: int

    @property
    def own(self) -> str:
        """What people wrote."""
        return self.text.partition(MARK)[0].rstrip()


def annotate(package: Package, sheet: str, shapes_id: str, texts: Mapping[str, str]) -> str:
    """Put `texts`, by cell, in the comments of a sheet instead of those of an earlier time.

    `shapes_id` is the sheet's reference to the drawing of its comments; gives a new one when it had none and needs it.
    """
    parts = {one.kind: one.part for one in package.relations(sheet) if one.kind == "comments" or one.id == shapes_id}
    if not texts and "comments" not in parts:
        return ""
    comments = parts.get("comments") or _new_part(
        package, sheet, "comments", "xl/comments{}.xml", _NO_COMMENTS, _COMMENTS
    )
    data = package.read(comments)
    was = list(_comments(data))
    shown = {one.cell: one.own for one in was if one.own or MARK not in one.text}
    changed = set(texts) | {one.cell for one in was if MARK in one.text}
    if not changed:
        return ""
    package.write(comments, _rewritten(data, was, changed, shown, texts))
    return _draw(
        package, sheet, parts.get("vmlDrawing"), changed, {cell: _whole(cell, shown, texts) for cell in changed}
    )


def _whole(cell: str, own: Mapping[str, str], texts: Mapping[str, str]) -> str:
    """What people wrote in a comment, and below it what is wrong."""
    ours = f"{MARK} {texts[cell]}" if cell in texts else ""
    return "\n\n".join(one for one in (own.get(cell, ""), ours) if one)


def _new_part(package: Package, sheet: str, kind: str, pattern: str, data: str, content_type: str) -> str:
    part = package.free(pattern)
    package.write(part, data.encode())
    package.declare(part, content_type)
    package.relate(sheet, part, f"{_TYPES}/{kind}")
    return part


def _comments(data: bytes) -> Iterator[_Comment]:
    # The texts lie deeper than the comments; what is read goes to the comment that holds them.
    for one in scan(data, 2, text_of=_TEXTS):
        if one.name == "comment":
            yield _Comment(attribute(one, "ref"), attribute(one, "authorId"), one.text, one.start, one.end)


def _rewritten(
    data: bytes, was: Sequence[_Comment], changed: set[str], own: Mapping[str, str], texts: Mapping[str, str]
) -> bytes:
    elements = scan(data, 2, text_of=_TEXTS)
    (authors,) = (one for one in elements if one.name == "authors")
    (listed,) = (one for one in elements if one.name == "commentList")
    names = [one.text for one in elements if one.name == "author"]
    author = names.index(_AUTHOR) if _AUTHOR in names else len(names)
    new_author = [] if _AUTHOR in names else [f'<author xmlns="{MAIN}">{_AUTHOR}</author>'.encode()]
    splices = [splice for one in new_author for splice in added(data, authors, one)]
    splices += [
        Splice(one.start, one.end, _comment(one.cell, one.author, _whole(one.cell, own, texts)))
        for one in was
        if one.cell in changed
    ]
    before = {one.cell for one in was}
    new = (_comment(cell, str(author), _whole(cell, own, texts)) for cell in texts if cell not in before)
    return spliced(data, [*splices, *added(data, listed, b"".join(new))])


def _comment(cell: str, author: str, text: str) -> bytes:
    if not text:
        return b""
    line = f'<r><rPr><sz val="10"/><rFont val="Calibri"/></rPr><t xml:space="preserve">{escaped(text)}</t></r>'
    return f'<comment xmlns="{MAIN}" ref="{cell}" authorId="{author}"><text>{line}</text></comment>'.encode(
        "ascii", "xmlcharrefreplace"
    )


def _draw(package: Package, sheet: str, part: str | None, changed: set[str], texts: Mapping[str, str]) -> str:
    """Draw the comments of the changed cells anew, large enough for their text."""
    data = package.read(part) if part else _NO_SHAPES.encode()
    places = {tuple(one - 1 for one in coordinate_to_tuple(cell)) for cell in changed}
    data = _SHAPES.sub(lambda found: b"" if _place(found[0]) in places else found[0], data)
    number = max((int(one) for one in _NUMBER.findall(data)), default=1024) + 1
    kind = "" if b'"_x0000_t202"' in data else _KIND
    shapes = (_shape(cell, text, number + index) for index, (cell, text) in enumerate(texts.items()) if text)
    at = data.rindex(b"</xml>")
    data = data[:at] + kind.encode() + "".join(shapes).encode() + data[at:]
    if part:
        package.write(part, data)
        return ""
    new = package.free("xl/drawings/vmlDrawing{}.vml")
    package.write(new, data)
    package.declare(new, _DRAWING, by_ending=True)
    return package.relate(sheet, new, f"{_TYPES}/vmlDrawing")


def _place(shape: bytes) -> tuple[int, ...]:
    """Row and column (from 0) of the cell that a comment's shape belongs to; nothing for another shape."""
    if b'ObjectType="Note"' not in shape:
        return ()
    found = [re.search(rb"<x:%s>\s*(\d+)\s*</x:%s>" % (name, name), shape) for name in (b"Row", b"Column")]
    return tuple(int(one[1]) for one in found if one)


def _shape(cell: str, text: str, number: int) -> str:
    row, column = coordinate_to_tuple(cell)
    lines = sum(max(1, ceil(len(line) / _IN_LINE)) for line in text.splitlines())
    return _SHAPE.format(number=number, width=_WIDTH, height=14 * lines + 12, row=row - 1, column=column - 1)
