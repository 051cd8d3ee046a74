"""The last sheet of a marked file: everything that was found, with a way to the cell."""

from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import quoteattr

from attrs import define, field

from idocore import Language, Mark
from idocore_excel.marking.scanning import MAIN
from idocore_excel.marking.styles import Styles
from idocore_excel.marking.texts import escaped

_WORDS: Final = {
    "title": ("Wat er verbeterd moet worden", "What has to be mended"),
    "how": (
        "Verbeter de gekleurde cellen en lees dit bestand opnieuw in. Wat al goed was, wordt niet dubbel geteld.",
        "Mend the coloured cells and load this file again. What was right already is not counted twice.",
    ),
    "capped": (
        "Op blad {sheet} hebben alleen de eerste {most} cellen een opmerking; ze staan hieronder allemaal.",
        "On sheet {sheet} only the first {most} cells have a comment; all of them are listed below.",
    ),
    "cut": (
        "Er zijn er meer dan hier passen; verbeter deze eerst.",
        "There are more than fit here; mend these first.",
    ),
    "sheet": ("Blad", "Sheet"),
    "cell": ("Cel", "Cell"),
    "what": ("Wat er is, en wat u kunt doen", "What is the matter, and what to do"),
    "code": ("Code", "Code"),
}
_MOST_ROWS: Final = 1_048_576
_MOST_LINKS: Final = 50_000
"""A sheet of Excel can have 65,530 of them."""


@define
class Summary:
    """Lists `marks`; `capped` are the sheets on which not every cell has a comment, with how many have."""

    marks: Sequence[Mark]
    capped: dict[str, int]
    styles: Styles
    language: Language
    most_rows: int = _MOST_ROWS
    _links: list[str] = field(factory=list, init=False)

    def xml(self) -> bytes:
        """The sheet."""
        rows = "".join(self._rows())
        links = f"<hyperlinks>{''.join(self._links)}</hyperlinks>" if self._links else ""
        widths = "".join(
            f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>'
            for number, width in enumerate((24, 10, 100, 24), start=1)
        )
        text = (
            f'<worksheet xmlns="{MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
            f"<cols>{widths}</cols><sheetData>{rows}</sheetData>{links}"
            '<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.5" header="0.3" footer="0.3"/>'
            '<pageSetup paperSize="9" fitToHeight="0" orientation="landscape"/></worksheet>'
        )
        return text.encode("ascii", "xmlcharrefreplace")

    def _say(self, name: str, **parameters: object) -> str:
        nl, en = _WORDS[name]
        return (nl if self.language == "nl" else en).format(**parameters)

    def _rows(self) -> Iterator[str]:
        number = 0
        for number, (cells, style) in enumerate(self._head(), start=1):
            yield _row(number, [(text, style) for text in cells])
        for mark in self.marks:
            for finding in mark.findings:
                number += 1
                if number == self.most_rows:
                    yield _row(number, [(self._say("cut"), self.styles.bold)])
                    return
                yield self._line(number, mark, finding.message(self.language), finding.code)

    def _head(self) -> Iterator[tuple[list[str], int]]:
        yield [self._say("title")], self.styles.bold
        yield [self._say("how")], 0
        for sheet, most in self.capped.items():
            yield [self._say("capped", sheet=sheet, most=most)], 0
        yield [self._say(name) for name in ("sheet", "cell", "what", "code")], self.styles.bold

    def _line(self, number: int, mark: Mark, sentence: str, code: str) -> str:
        if len(self._links) < _MOST_LINKS:
            sheet = mark.sheet.replace("'", "''")
            place = quoteattr(f"'{sheet}'!{mark.cell}")
            self._links.append(f'<hyperlink ref="B{number}" location={place}/>')
        looks = (0, self.styles.link, self.styles.wrapped, 0)
        return _row(number, list(zip((mark.sheet, mark.cell, sentence, code), looks, strict=True)))


def _row(number: int, cells: Sequence[tuple[str, int]]) -> str:
    """A row of text: none of it can be a formula."""
    written = "".join(
        f'<c r="{letter}{number}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{escaped(text)}</t></is></c>'
        for letter, (text, style) in zip("ABCD", cells, strict=False)
    )
    return f'<row r="{number}">{written}</row>'
