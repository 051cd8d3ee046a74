"""The sheet of a form that explains it: how to fill it in, what the colours say, what each column means."""

from math import ceil
from typing import Any

from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from idocore_excel.form_checks import prompt
from idocore_excel.form_layout import ID, Column, Kind, Layout, is_tally
from idocore_excel.form_looks import MISSING, NOT_ASKED, WRONG, on_paper, put
from idocore_excel.form_words import word

_WIDTHS = {"A": 4, "B": 30, "C": 46, "D": 60}
_IN_LINE = 58
"""About how many characters stand on a line of the widest column."""


def explain(sheet: Worksheet, layout: Layout) -> None:
    """Write the explanation of the form."""
    for letter, width in _WIDTHS.items():
        sheet.column_dimensions[letter].width = width
    language = layout.language
    put(sheet, 1, 1, word("how", language), "ido form title")
    steps = ["how-tally"] if is_tally(layout.theme) else ["how-1", "how-2"]
    row = 2
    for number, step in enumerate([*steps, "how-3", "how-4", "how-5"], start=1):
        put(sheet, row, 1, number, "ido form strong")
        _across(sheet, row, word(step, language))
        row += 1
    put(sheet, row + 1, 1, word("colours", language), "ido form title")
    row = _colours(sheet, layout, row + 2)
    put(sheet, row + 1, 1, word("columns", language), "ido form title")
    _columns(sheet, layout, row + 2)
    on_paper(sheet, layout, "portrait")


def _across(sheet: Worksheet, row: int, text: str) -> None:
    put(sheet, row, 2, text, "ido form wrapped")
    sheet.merge_cells(start_row=row, start_column=2, end_row=row, end_column=4)
    _heighten(sheet, row, len(text) / (2.1 * _IN_LINE))


def _colours(sheet: Worksheet, layout: Layout, row: int) -> int:
    shown = [("colour-missing", MISSING)]
    if any(column.asked for column in layout.columns):
        shown += [("colour-not-asked", NOT_ASKED), ("colour-wrong", WRONG)]
    for name, colour in shown:
        sheet.cell(row, 1).fill = PatternFill("solid", fgColor=colour)
        _across(sheet, row, word(name, layout.language))
        row += 1
    return row


def _columns(sheet: Worksheet, layout: Layout, row: int) -> None:
    for number, name in enumerate(("column", "meaning", "choices"), start=2):
        put(sheet, row, number, word(name, layout.language), "ido form visit")
    put(sheet, row, 1, None, "ido form visit")
    before: Column | None = None
    for column in layout.columns:
        is_again = before is not None and before.path == column.path
        before = column
        if column.path == ID or is_again:
            continue
        row += 1
        choices = "; ".join(layout.choices.get(column.path, ()))
        meaning = _meaning(column, layout)
        heading = column.heading.removesuffix(" 1") if column.kind is Kind.CHOICES else column.heading
        put(sheet, row, 2, f"{heading}{' *' * column.required}", "ido form strong")
        put(sheet, row, 3, meaning, "ido form wrapped")
        put(sheet, row, 4, choices, "ido form wrapped")
        _heighten(sheet, row, max(len(meaning) / 44, len(choices) / _IN_LINE, len(heading) / 28))


def _meaning(column: Column, layout: Layout) -> str:
    says = prompt(column, layout)
    if column.asked:
        before: Any = layout.columns[layout.numbers[column.asked.path][0] - 1]
        heading = before.heading.removesuffix(" 1") if before.kind is Kind.CHOICES else before.heading
        labels = ", ".join(column.asked.labels)
        says += " " + word("only-when", layout.language, field=heading, labels=labels)
    return says


def _heighten(sheet: Worksheet, row: int, lines: float) -> None:
    sheet.row_dimensions[row].height = 16 * max(1, ceil(lines))
