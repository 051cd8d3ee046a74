"""Text that leaves for a spreadsheet and must not become a formula there."""

import re
from typing import Final

_RISKY: Final = re.compile(r"'*[=+\-@\t\r\n]")


def harmless(text: str) -> str:
    """`text` for a CSV cell: what a spreadsheet would take for a formula gets an apostrophe in front."""
    return f"'{text}" if _RISKY.match(text) else text


def original(cell: str) -> str:
    """The text that `harmless` was given."""
    return cell[1:] if cell.startswith("'") and _RISKY.match(cell[1:]) else cell
