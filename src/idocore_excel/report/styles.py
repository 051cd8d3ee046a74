"""The named styles of the report, so that a library can change its looks in one place."""

from typing import Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side

DARK: Final = "1F3864"
LIGHT: Final = "8FAADC"
_PALE: Final = "D9E2F3"
_GREY: Final = "595959"
_FONT: Final = "Calibri"

TITLE, LEAD, SECTION, HEADING, BODY, TOTAL, NOTE, HIDDEN, LINK, STRONG = (
    f"ido {name}"
    for name in ("title", "lead", "section", "heading", "body", "total", "note", "hidden", "link", "strong")
)


def _filled(colour: str) -> PatternFill:
    return PatternFill("solid", fgColor=colour)


def add_styles(workbook: Workbook) -> None:
    """Add every style that pages use."""
    thin = Border(bottom=Side("hair", color="BFBFBF"))
    top, middle = Alignment(wrap_text=True, vertical="top"), Alignment(wrap_text=True, vertical="center")
    styles = (
        NamedStyle(TITLE, Font(_FONT, bold=True, size=18, color=DARK)),
        NamedStyle(LEAD, Font(_FONT, size=11, color=_GREY)),
        NamedStyle(SECTION, Font(_FONT, bold=True, size=13, color=DARK)),
        NamedStyle(HEADING, Font(_FONT, bold=True, color="FFFFFF"), _filled(DARK), alignment=middle),
        NamedStyle(BODY, Font(_FONT), border=thin, alignment=top),
        NamedStyle(TOTAL, Font(_FONT, bold=True), _filled(_PALE), alignment=top),
        NamedStyle(NOTE, Font(_FONT, italic=True, size=10, color=_GREY), alignment=top),
        NamedStyle(STRONG, Font(_FONT, bold=True, size=10, color="7F3F00"), _filled("FFF2CC"), alignment=top),
        NamedStyle(HIDDEN, Font(_FONT, italic=True, color=_GREY), _filled("F2F2F2"), border=thin),
        NamedStyle(LINK, Font(_FONT, color="2F5597", underline="single"), border=thin, alignment=top),
    )
    for style in styles:
        workbook.add_named_style(style)
