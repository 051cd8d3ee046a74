"""Tables and listings as text, JSON or CSV."""

import csv
import io
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table as Grid

import idocore
from idocore import Language
from idocore_cli.setting import print_json

_WIDE: Final = 1000
"""Characters on a line where nobody looks at a screen: as many as it takes."""

TABLE_FORMATS: Final = ("text", "json", "csv", "html", "svg", "sdmx", "csvw", "png", "parquet")
"""What a table can be written as."""


def print_table(table: idocore.Table, format: str, language: Language) -> None:
    """A table of counts on stdout."""
    if format == "text":
        _print_grid(table, language)
    elif format in _PRINTED:
        sys.stdout.write(_PRINTED[format](table, language))
    else:
        raise click.UsageError(f"{format}: --out FILE")


def _svg(table: idocore.Table, language: Language) -> str:
    picture = io.StringIO()
    chart: Any = table.plot(language=language)
    chart.save(picture, format="svg")
    return picture.getvalue()


_PRINTED: Final[Mapping[str, Callable[[idocore.Table, Language], str]]] = {
    "json": lambda table, language: table.to_json(language) + "\n",
    "csv": lambda table, language: table.to_csv().replace("\r\n", "\n"),
    "html": lambda table, language: table.to_html(language),
    "sdmx": lambda table, language: table.to_sdmx_csv().replace("\r\n", "\n"),
    "svg": _svg,
}
"""How each format is printed; the others are files."""


def _print_grid(table: idocore.Table, language: Language) -> None:
    grid = Grid(show_footer=table.has_total, box=None, pad_edge=False)
    total = "totaal" if language == "nl" else "total"
    for number, name in enumerate(table.code_columns):
        grid.add_column(table.heading(name, language), footer=total if number == 0 else "")
    for name in table.query.measures:
        base = table.base.get(name)
        footer = "" if base is None else _number(base, language)
        grid.add_column(table.heading(name, language), footer=footer, justify="right")
    for row in table.rows:
        grid.add_row(*table.in_words(row, language))
    console = Console(highlight=False, markup=False)
    console.print(grid)
    if not table.rows:
        console.print("(geen registraties)" if language == "nl" else "(no registrations)")
    for note in table.notes:
        console.print(f"* {note.message(language)}", soft_wrap=True)


def _number(value: float | None, language: Language) -> str:
    if value is None:
        return "-"
    text = f"{value:.1%}" if isinstance(value, float) else f"{value:,}"
    return text.translate(str.maketrans(",.", ".,")) if language == "nl" else text


def print_rows(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], format: str) -> None:
    """A listing on stdout."""
    listed = [{name: row.get(name) for name in columns} for row in rows]
    if format == "json":
        print_json({"rows": listed})
    elif format == "csv":
        writer = csv.DictWriter(sys.stdout, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(listed)
    else:
        grid = Grid(box=None, pad_edge=False)
        for name in columns:
            grid.add_column(name, overflow="fold")  # an id that is cut off is none
        for row in listed:
            grid.add_row(*("" if row[name] is None else str(row[name]) for name in columns))
        width = None if sys.stdout.isatty() else _WIDE
        Console(highlight=False, markup=False, soft_wrap=True, width=width).print(grid)
