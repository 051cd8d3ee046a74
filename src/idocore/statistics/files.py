"""A table as a file, in the format that is named or that the file's name ends in."""

import io
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from idocore.errors import InvalidValueError
from idocore.messages import Language
from idocore.plugins import library
from idocore.reports import written
from idocore.statistics import csv_on_the_web

if TYPE_CHECKING:
    from idocore.statistics.table import Table

Writer = Callable[["Table", Path, Language], tuple[Path, ...]]
_SUFFIXES: Final = {
    ".sdmx.csv": "sdmx",
    ".csv": "csv",
    ".json": "json",
    ".html": "html",
    ".htm": "html",
    ".txt": "text",
    ".svg": "svg",
    ".png": "png",
    ".parquet": "parquet",
}


def write(table: "Table", path: Path, format: str | None, language: Language) -> tuple[Path, ...]:
    """Write `table` to `path`; the files that were written. Each appears whole or not at all."""
    chosen = format or next((kind for end, kind in _SUFFIXES.items() if path.name.lower().endswith(end)), path.suffix)
    if chosen not in WRITERS:
        near = get_close_matches(chosen.strip("."), WRITERS, n=3) or list(WRITERS)
        raise InvalidValueError("unknown-table-format", value=chosen, known=near)
    return WRITERS[chosen](table, path, language)


def _text(render: Callable[["Table", Language], str]) -> Writer:
    def write_text(table: "Table", path: Path, language: Language) -> tuple[Path, ...]:
        written(path, lambda file: file.write(render(table, language)))
        return (path,)

    return write_text


def _picture(format: str) -> Writer:
    def write_picture(table: "Table", path: Path, language: Language) -> tuple[Path, ...]:
        drawn: Any = table.plot(language=language)
        picture = io.BytesIO() if format == "png" else io.StringIO()
        drawn.save(picture, format=format)
        written(path, lambda file: file.write(picture.getvalue()), binary=format == "png")
        return (path,)

    return write_picture


def _sdmx(table: "Table", path: Path, language: Language) -> tuple[Path, ...]:
    structure = path.with_suffix(".xml")
    written(structure, lambda file: file.write(table.to_sdmx_structure()))
    written(path, lambda file: file.write(table.to_sdmx_csv()))
    return path, structure


def _csvw(table: "Table", path: Path, language: Language) -> tuple[Path, ...]:
    return csv_on_the_web.write(table, path)


def _parquet(table: "Table", path: Path, language: Language) -> tuple[Path, ...]:
    rows = table.to_arrow()
    written(path, lambda file: library("pyarrow.parquet").write_table(rows, file), binary=True)
    return (path,)


WRITERS: Final[Mapping[str, Writer]] = {
    "text": _text(lambda table, language: table.to_text(language) + "\n"),
    "csv": _text(lambda table, language: table.to_csv()),
    "json": _text(lambda table, language: table.to_json(language) + "\n"),
    "html": _text(lambda table, language: table.to_html(language)),
    "sdmx": _sdmx,
    "csvw": _csvw,
    "svg": _picture("svg"),
    "png": _picture("png"),
    "parquet": _parquet,
}
"""How each format is written."""
