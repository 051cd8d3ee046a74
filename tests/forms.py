"""Forms filled in as people do, for the tests: by what the headings and the drop-downs show."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

import idocore
from idocore_excel.form_layout import Layout, lay_out
from idocore_excel.forms import FIRST_ROW, make_form

POINTS = {"centrale": "Centrale Bibliotheek, Neude", "wijk": '=Wijk "De Jager"', "bus": "Bibliobus"}


def register_of(points: Mapping[str, str] | None = None) -> idocore.Register:
    """A register in memory with some service points."""
    register = idocore.open("memory:")
    for code, name in (POINTS if points is None else points).items():
        register.places.add_service_point(code, name, municipality="Utrecht")
    return register


def form_of(register: idocore.Register, path: Path, *, rows: int = 20, theme: str = "ido@2024", **more: Any) -> Layout:
    """A form of one theme version, written to `path`; how it is laid out."""
    version = register.themes.get(theme)
    points = register.places.service_points
    request = idocore.FormRequest(version, register.themes, more.pop("points", points), rows=rows, **more)
    with path.open("wb") as file:
        make_form(request, file)
    return lay_out(request)


Cells = Mapping[str, Any]
"""What one row holds, by path; a list for several columns."""


def fill_in(path: Path, layout: Layout, rows: Sequence[Cells], *, first: int = FIRST_ROW) -> None:
    """Fill in rows of the form at `path` from `first` on."""
    book = load_workbook(path)
    sheet = book.worksheets[0]
    for number, row in enumerate(rows, start=first):
        for key, value in row.items():
            several = value if isinstance(value, list) else [value]
            for column, one in zip(layout.numbers[key], several, strict=False):
                cell: Any = sheet.cell(number, column)
                cell.value = one
                if isinstance(one, str):
                    cell.data_type = "s"
                if isinstance(one, date | time):
                    assert cell.is_date
    book.save(path)


def label(layout: Layout, path: str, code: str) -> str:
    """What the drop-down shows for a code."""
    return next(label for label, one in layout.choices[path].items() if one == code)


def day_of(moment: str) -> date:
    """The day of a moment."""
    return date.fromisoformat(moment[:10])
