"""Text as a cell can hold it: never a formula, and read back as it was."""

import re
from typing import Final

LONGEST: Final = 32_767
"""The most characters that a cell holds; what is longer is cut off."""

_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOKS_ESCAPED: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}[_\r])")
"""Also before a carriage return, whose own escape begins with an underscore."""


def cell_text(text: str) -> str:
    """`text` as it stands in a workbook: without what XML cannot hold, and with the escapes of the format.

    A workbook writes a carriage return as ``_x000D_``; text that happens to look like that gets its underscore
    escaped, so that a reader gives back the same text.
    """
    clean = _FORBIDDEN.sub("", text)[:LONGEST]
    return _LOOKS_ESCAPED.sub("_x005F_", clean).replace("\r", "_x000D_")
