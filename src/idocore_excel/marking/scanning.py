"""Where the elements of a piece of XML begin and end, so that a few can be added and the rest stays as it was."""

import re
from collections.abc import Iterable, Sequence
from typing import Final
from xml.parsers import expat

from attrs import define, field, frozen

MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


class ForeignXmlError(Exception):
    """XML that we do not know our way in; the file is copied instead."""


@define
class Element:
    """An element: its name without prefix, how deep it lies (the root is 0), and where.

    `start` to `end` is all of it, `inside` where its content ends (that of ``<a/>`` is where it itself ends).
    """

    name: str
    depth: int
    attributes: dict[str, str]
    start: int
    inside: int = 0
    end: int = 0
    text: str = ""


@frozen
class Splice:
    """Put `new` in the place of what stands from `start` to `end`."""

    start: int
    end: int
    new: bytes


def spliced(data: bytes, splices: Iterable[Splice]) -> bytes:
    """`data` with all of `splices` done; those at one place in the order given."""
    parts, at = [], 0
    for one in sorted(splices, key=lambda one: one.start):
        parts += [data[at : one.start], one.new]
        at = one.end
    return b"".join([*parts, data[at:]])


def scan(data: bytes, depth: int, *, text_of: Sequence[str] = ()) -> list[Element]:
    """The elements of `data` down to `depth`, in order; those named in `text_of` add their text to what holds them.

    Raises ForeignXmlError for what is no XML, or holds a document type: no sheet has one.
    """
    scanner = _Scanner(data, depth, frozenset(text_of))
    parser = scanner.parser
    parser.StartElementHandler, parser.EndElementHandler = scanner.start, scanner.finish
    parser.StartDoctypeDeclHandler = scanner.refuse
    parser.CharacterDataHandler = scanner.say
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise ForeignXmlError(str(error)) from error
    _check_root(data, scanner.found[0])
    return scanner.found


def _check_root(data: bytes, root: Element) -> None:
    if root.name in _OURS and MAIN.encode() not in data[root.start : root.start + 4096]:
        raise ForeignXmlError(root.name)


_OURS: Final = ("workbook", "worksheet", "styleSheet", "comments")
_EMPTY: Final = re.compile(rb"""<[^\s/>]+(?:\s+[^\s=]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*/>""")
_COUNT: Final = re.compile(rb"""\scount=["'](\d+)["']""")


@define
class _Scanner:
    data: bytes
    depth: int
    text_of: frozenset[str]
    parser: expat.XMLParserType = field(factory=expat.ParserCreate, init=False)
    found: list[Element] = field(factory=list, init=False)
    _open: list[Element] = field(factory=list, init=False)
    _at: int = field(default=0, init=False)
    _listens: bool = field(default=False, init=False)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = local_name(name)
        if self._at <= self.depth:
            element = Element(local, self._at, attributes, self.parser.CurrentByteIndex)
            self._open.append(element)
            self.found.append(element)
        self._listens = local in self.text_of
        self._at += 1

    def finish(self, name: str) -> None:
        self._at -= 1
        self._listens = False
        if self._at > self.depth:
            return
        element, index = self._open.pop(), self.parser.CurrentByteIndex
        empty = _EMPTY.match(self.data, element.start) if index == element.start else None
        element.end = empty.end() if empty else _end_of(self.data, index)
        element.inside = element.end if empty else index

    def say(self, text: str) -> None:
        if self._listens and self._open:
            self._open[-1].text += text

    def refuse(self, *_: object) -> None:
        raise ForeignXmlError("a document type")


def _end_of(data: bytes, index: int) -> int:
    """Where the tag ends that begins at `index`; a tag that is cut off does so nowhere."""
    found = data.find(b">", index)
    if found < 0:
        raise ForeignXmlError("a tag that does not end")
    return found + 1


def local_name(name: str) -> str:
    """A name without its prefix."""
    return name.rpartition(":")[2]


def attribute(element: Element, name: str) -> str:
    """An attribute by its name without prefix; empty when it is not there."""
    return next((value for key, value in element.attributes.items() if local_name(key) == name), "")


def added(data: bytes, element: Element, new: bytes, count: int = 0) -> list[Splice]:
    """What puts `new` at the end inside `element`, and counts `count` more where it says how many there are."""
    opening = _COUNT.search(data, element.start, data.index(b">", element.start))
    counted = [_recounted(opening, count)] if opening and count else []
    if element.inside < element.end:
        return [*counted, Splice(element.inside, element.inside, new)]
    name = data[element.start + 1 : element.end - 2].split(None, 1)[0]
    return [*counted, Splice(element.end - 2, element.end, b">" + new + b"</" + name + b">")]


def _recounted(found: re.Match[bytes], count: int) -> Splice:
    return Splice(found.start(1), found.end(1), str(int(found[1]) + count).encode())
