"""A table to look at: as aligned text, and as HTML that a screen reader can tell too."""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import islice
from typing import TYPE_CHECKING, Final
from unicodedata import combining, east_asian_width

from idocore.messages import Language, sentence
from idocore.safe_text import harmless
from idocore.statistics.wording import caption, remarks, row_in_words, span, written

if TYPE_CHECKING:
    from idocore.statistics.table import Table

SHOWN: Final = 100
"""How many rows a notebook or ``print`` shows; files have them all."""

_PAGE: Final = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ font-family: sans-serif; margin: 2em; }}
table {{ border-collapse: collapse; }}
caption {{ text-align: left; font-weight: bold; padding: .4em 0; }}
th, td {{ padding: .2em .8em; border-bottom: 1px solid #ccc; text-align: left; font-weight: normal; }}
thead th, tfoot th, tfoot td {{ font-weight: bold; }}
</style>
</head>
<body>
{table}
</body>
</html>
"""
_RIGHT: Final = ' style="text-align: right"'


def to_text(table: "Table", language: Language = "nl", rows: int | None = None) -> str:
    """Aligned columns under what was asked, then the total, unknowns and notes; at most `rows` rows."""
    lines = [_headings(table, language), *_cells(table, language, rows)]
    if table.has_total:
        lines.append(_total(table, language))
    lines = [[" ".join(cell.split()) for cell in line] for line in lines]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    split = len(table.code_columns)
    grid = ["  ".join(_padded(line, widths, split)).rstrip() for line in lines]
    above = [caption(table, language), *filter(None, [span(table)]), ""]
    below = [*_beyond(table, language, rows), "", *(f"* {text}" for text in remarks(table, language))]
    return "\n".join(above + grid + below)


def fragment(table: "Table", language: Language = "nl", rows: int | None = None) -> str:
    """A ``<div>`` with the table: its caption says what was asked, every heading its scope; remarks stand below."""
    title = " – ".join(filter(None, [caption(table, language), span(table)]))
    head = "".join(
        f'<th scope="col"{_RIGHT if number >= len(table.code_columns) else ""}>{_safe(name)}</th>'
        for number, name in enumerate(_headings(table, language))
    )
    body = "".join(_line(cells, len(table.code_columns)) for cells in _cells(table, language, rows))
    beyond = "".join(f"<p>{escape(text)}</p>" for text in _beyond(table, language, rows))
    below = "".join(f"<li>{escape(text)}</li>" for text in remarks(table, language))
    total = f"<tfoot>{_line(_total(table, language), len(table.code_columns))}</tfoot>" if table.has_total else ""
    return (
        f'<div lang="{language}"><table><caption>{escape(title)}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody>{total}</table>{beyond}<ul>{below}</ul></div>"
    )


def page(table: "Table", language: Language = "nl") -> str:
    """A whole HTML page with all rows."""
    title = escape(caption(table, language))
    return _PAGE.format(language=language, title=title, table=fragment(table, language))


def _headings(table: "Table", language: Language) -> list[str]:
    return [table.heading(name, language) for name in table.columns]


def _cells(table: "Table", language: Language, rows: int | None) -> Iterator[list[str]]:
    for row in islice(table.rows, rows):
        yield row_in_words(table, row, language)


def _total(table: "Table", language: Language) -> list[str]:
    """The line with the base; not a sum of the rows."""
    names = [sentence("table-total", language, {})] + [""] * (len(table.code_columns) - 1)
    bases = [table.base.get(name) for name in table.query.measures]
    return names + ["" if base is None else written(base, language) for base in bases]


def _beyond(table: "Table", language: Language, rows: int | None) -> Iterator[str]:
    """What stands in place of rows that are not there, or not shown."""
    if not table.rows:
        yield sentence("table-empty", language, {})
    elif rows is not None and len(table.rows) > rows:
        count = written(len(table.rows) - rows, language)
        yield sentence("table-more", language, {"count": count})


def _line(cells: Sequence[str], split: int) -> str:
    names = "".join(f'<th scope="row">{_safe(cell)}</th>' for cell in cells[:split])
    numbers = "".join(f"<td{_RIGHT}>{escape(cell)}</td>" for cell in cells[split:])
    return f"<tr>{names}{numbers}</tr>"


def _safe(text: str) -> str:
    """For a cell of HTML, which spreadsheets open too."""
    return escape(harmless(text))


def _padded(line: Sequence[str], widths: Sequence[int], split: int) -> Iterator[str]:
    for number, (cell, width) in enumerate(zip(line, widths, strict=True)):
        blank = " " * (width - _width(cell))
        yield cell + blank if number < split else blank + cell


def _width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(0 if combining(one) else 2 if east_asian_width(one) in "WF" else 1 for one in text)
