"""Text on its way into a workbook: always text, whatever it looks like."""

import re
from typing import Final
from xml.sax.saxutils import escape

_UNWRITABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPES: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_LONGEST: Final = 32_767


def escaped(text: str) -> str:
    """`text` as it stands in the XML of a workbook: without what no XML can hold, and cut to what a cell can."""
    return escape(_ESCAPES.sub("_x005F_", _UNWRITABLE.sub("", text)[:_LONGEST]))
