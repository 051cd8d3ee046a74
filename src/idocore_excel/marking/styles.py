"""The few styles that marks need, added to those of the file."""

from typing import Final

from attrs import frozen

from idocore_excel.marking.package import Package
from idocore_excel.marking.scanning import MAIN, Element, ForeignXmlError, Splice, added, scan, spliced

_COLOUR: Final = (
    f'<dxf xmlns="{MAIN}"><font><color rgb="FF9C0006"/></font>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFFFC7CE"/><bgColor rgb="FFFFC7CE"/></patternFill></fill>'
    "</dxf>"
)
_FONTS: Final = (
    f'<font xmlns="{MAIN}"><b/><sz val="11"/><name val="Calibri"/></font>'
    f'<font xmlns="{MAIN}"><u/><sz val="11"/><color rgb="FF0563C1"/><name val="Calibri"/></font>'
)
_AFTER_FORMATS: Final = ("tableStyles", "colors", "extLst")


@frozen
class Styles:
    """The numbers of our styles in the file."""

    colour: int
    bold: int
    link: int
    wrapped: int


def add_styles(package: Package, part: str) -> Styles:
    """Add our styles to the part with the styles; raises ForeignXmlError when it has no cell formats."""
    data = package.read(part)
    elements = scan(data, 2)
    fonts, formats = _one(elements, "fonts"), _one(elements, "cellXfs")
    if fonts is None or formats is None:
        raise ForeignXmlError(part)
    font, cell = _within(elements, fonts), _within(elements, formats)
    looks = _format(font) + _format(font + 1) + _format(0, '<alignment vertical="top" wrapText="1"/>')
    splices = [
        *added(data, fonts, _FONTS.encode(), 2),
        *added(data, formats, looks.encode(), 3),
        *_coloured(data, elements),
    ]
    package.write(part, spliced(data, splices))
    known = _one(elements, "dxfs")
    return Styles(_within(elements, known) if known else 0, cell, cell + 1, cell + 2)


def _coloured(data: bytes, elements: list[Element]) -> list[Splice]:
    known = _one(elements, "dxfs")
    if known:
        return added(data, known, _COLOUR.encode(), 1)
    at = next((one.start for one in elements if one.depth == 1 and one.name in _AFTER_FORMATS), elements[0].inside)
    return [Splice(at, at, f'<dxfs xmlns="{MAIN}" count="1">{_COLOUR}</dxfs>'.encode())]


def _one(elements: list[Element], name: str) -> Element | None:
    return next((one for one in elements if one.depth == 1 and one.name == name), None)


def _within(elements: list[Element], parent: Element) -> int:
    return sum(one.depth == 2 and parent.start < one.start < parent.end for one in elements)


def _format(font: int, more: str = "") -> str:
    aligned = ' applyAlignment="1"' if more else ""
    return (
        f'<xf xmlns="{MAIN}" numFmtId="0" fontId="{font}" fillId="0" borderId="0" xfId="0" applyFont="1"{aligned}>'
        f"{more}</xf>"
    )
