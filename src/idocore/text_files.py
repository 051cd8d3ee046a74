"""Text files in the encodings that Dutch offices produce."""

import codecs
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from idocore.errors import ExchangeError

_CHUNK: Final = 1 << 20
_OLD: Final = ("cp1252", "cp850", "mac_roman")
"""Windows, DOS and the Macintosh before UTF-8; where two are as likely, the first."""
_HIGH: Final = re.compile(rb"(?=([\x00-\x7f]?)([\x80-\xff])([\x00-\x7f]?))")
_USUAL: Final = frozenset("éëïöüè")
_POSSIBLE: Final = frozenset("àáâäçêíîñóôúûß")
_SIGNS: Final = frozenset("€‘“”–—…´°²³½£§\xa0")
_MOST: Final = 5_000


def decode(path: Path) -> str:
    """The text of the file, in the encoding that `encoding_of` finds."""
    encoding = encoding_of(path)
    return path.read_bytes().decode(encoding, errors="strict" if encoding.startswith("utf") else "replace")


def encoding_of(path: Path) -> str:
    """UTF-16 with a byte order mark, UTF-8 with or without one, or the old encoding in which the text is most Dutch.

    The file is read in pieces, so that its size does not matter. Raises ExchangeError when it cannot be read.
    """
    try:
        with path.open("rb") as file:
            if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
                return "utf-16"
        return "utf-8-sig" if _is_utf8(path) else _old_encoding(path)
    except OSError as error:
        raise ExchangeError("file-unreadable", path=str(path), reason=error.strerror or str(error)) from error


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            yield piece


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for piece in _pieces(path):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _old_encoding(path: Path) -> str:
    scores = dict.fromkeys(_OLD, 0)
    high = (found.groups() for piece in _pieces(path) for found in _HIGH.finditer(piece))
    for around in islice(high, _MOST):
        for encoding in _OLD:
            left, sign, right = (one.decode(encoding, errors="replace") for one in around)
            scores[encoding] += _likelihood(sign, after=left.isalpha(), before=right.isalpha())
    return max(_OLD, key=lambda encoding: scores[encoding])


def _likelihood(sign: str, *, after: bool, before: bool) -> int:
    """How much a sign looks like Dutch, `after` a letter or not, `before` one or not."""
    if sign in _USUAL or (sign == "“" and before and not after) or (sign == "”" and after and not before):
        return 3
    if sign in _POSSIBLE or sign == "’":
        return 1
    if sign.isalpha():
        return -1 if after and before else 0  # a capital, or a letter of another language, in the middle of a word
    return -1 if (after and before) or sign not in _SIGNS else 1
