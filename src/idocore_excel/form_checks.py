"""What a form checks while it is filled in, and the colours that say what is still to be done."""

from datetime import date, timedelta
from typing import Final

from openpyxl.formatting.rule import Rule
from openpyxl.styles import Font, PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from idocore_excel.form_layout import COUNT, ID, VISITOR, Column, Kind, Layout
from idocore_excel.form_looks import MISSING, NOT_ASKED, WRONG
from idocore_excel.form_words import word

_LONGEST_TEXT: Final = 2000
_MOST: Final = 1_000_000

Ranges = dict[str, str]
"""The names of the ranges with labels, by path."""


def add_checks(sheet: Worksheet, layout: Layout, ranges: Ranges, first: int, last: int) -> None:
    """A check with a prompt and an error text on every column that is filled in."""
    for number, column in enumerate(layout.columns, start=1):
        if column.path == ID:
            continue
        check = _check(column, layout, ranges)
        check.promptTitle, check.prompt = column.heading[:32], prompt(column, layout)
        check.errorTitle, check.error = word("error-title", layout.language), _error(column, layout)
        check.showInputMessage = check.showErrorMessage = True
        letter = get_column_letter(number)
        check.add(f"{letter}{first}:{letter}{last}")
        sheet.add_data_validation(check)


def _check(column: Column, layout: Layout, ranges: Ranges) -> DataValidation:
    match column.kind:
        case Kind.DATE:
            theme = layout.theme
            until = f"MIN(TODAY(),{_day(theme.valid_until - timedelta(days=1))})" if theme.valid_until else "TODAY()"
            return DataValidation("date", formula1=_day(theme.valid_from), formula2=until, operator="between")
        case Kind.TIME:
            return DataValidation("time", formula1="0", formula2="0.999999", operator="between")
        case Kind.NUMBER:
            least = 0 if column.path == COUNT else 1 if column.path == VISITOR else -_MOST
            return DataValidation("whole", formula1=str(least), formula2=str(_MOST), operator="between")
        case Kind.TEXT:
            return DataValidation("textLength", formula1=str(_LONGEST_TEXT), operator="lessThanOrEqual")
        case _:
            return DataValidation("list", formula1=ranges[column.path])


def _day(day: date) -> str:
    return f"DATE({day.year},{day.month},{day.day})"


def prompt(column: Column, layout: Layout) -> str:
    """What to fill in, in one or two sentences."""
    name = "prompt-visitor" if column.path == VISITOR else f"prompt-{column.kind.value}"
    return word(name, layout.language, day=_written(layout.theme.valid_from + timedelta(days=32)))


def _error(column: Column, layout: Layout) -> str:
    name = _ERRORS.get(column.kind, "error-choice")
    theme = layout.theme
    days = {"first": _written(theme.valid_from), "day": _written(theme.valid_from + timedelta(days=32))}
    if column.kind is Kind.DATE and theme.valid_until:
        return word("error-date-ended", layout.language, last=_written(theme.valid_until - timedelta(days=1)), **days)
    return word(name, layout.language, **days)


_ERRORS: Final = {
    Kind.DATE: "error-date",
    Kind.TIME: "error-time",
    Kind.NUMBER: "error-number",
    Kind.TEXT: "error-text",
}


def _written(day: date) -> str:
    return day.strftime("%d-%m-%Y")


def add_colours(sheet: Worksheet, layout: Layout, ranges: Ranges, first: int, last: int) -> None:
    """Grey for what is not asked, red when it was answered all the same, yellow for what is still missing."""
    begun = f"COUNTA($B{first}:${get_column_letter(len(layout.columns))}{first})>0"
    for number, column in enumerate(layout.columns, start=1):
        letter = get_column_letter(number)
        where, cell = f"{letter}{first}:{letter}{last}", f"${letter}{first}"
        if column.asked:
            skipped = _skipped(column, layout, ranges, first)
            wrong = f'AND({cell}<>"",{skipped})'
            sheet.conditional_formatting.add(where, _rule(wrong, WRONG, Font(color="9C0006", bold=True)))
            sheet.conditional_formatting.add(where, _rule(f"AND({begun},{skipped})", NOT_ASKED))
        if column.required:
            missing = f'AND({cell}="",{begun}{_on_first_row(column, layout, first)})'
            sheet.conditional_formatting.add(where, _rule(missing, MISSING))


def _skipped(column: Column, layout: Layout, ranges: Ranges, row: int) -> str:
    """Whether the column is not asked; spelled with SUMPRODUCT, which takes labels as they are, unlike COUNTIF."""
    assert column.asked is not None
    labels = ranges[f"asked.{column.path}"]
    answers = (f"${get_column_letter(number)}{row}" for number in layout.numbers[column.asked.path])
    return "+".join(f"SUMPRODUCT(--({labels}={answer}))" for answer in answers) + "=0"


def _on_first_row(column: Column, layout: Layout, row: int) -> str:
    """What is about the visit is needed on its first row only: not below a row with the same visitor number."""
    if column.is_inquiry or VISITOR not in layout.numbers:
        return ""
    letter = get_column_letter(layout.numbers[VISITOR][0])
    return f',OR(${letter}{row}="",${letter}{row}<>${letter}{row - 1})'


def _rule(formula: str, colour: str, font: Font | None = None) -> Rule:
    # Of a conditional format the background is what fills the cell.
    fill = PatternFill("solid", bgColor=colour, fgColor=colour)
    return Rule("expression", formula=[formula], stopIfTrue=True, dxf=DifferentialStyle(font=font, fill=fill))
