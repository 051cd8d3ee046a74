"""Text that leaves for a spreadsheet and must not become a formula there."""

import re
from typing import Final

# Some programs pass over blanks, or what cannot be seen, before they look for a formula; some take the wide signs of
# East Asian keyboards for the plain ones.
_RISKY: Final = re.compile(r"'*(?:[\t\r\n]|[\s\u200b\u2060\ufeff]*[=+\-@＝＋－﹣−＠])")


def harmless(text: str) -> str:
    """`text` for a CSV cell: what a spreadsheet would take for a formula gets an apostrophe in front."""
    return f"'{text}" if _RISKY.match(text) else text


def original(cell: str) -> str:
    """The text that `harmless` was given."""
    return cell[1:] if cell.startswith("'") and _RISKY.match(cell[1:]) else cell
