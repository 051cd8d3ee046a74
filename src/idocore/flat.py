"""Registrations as CSV, one row for each inquiry, for people who open them in a spreadsheet; and read back."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from idocore.errors import ExchangeError
from idocore.exchange import Line, to_raw
from idocore.reading import KEYS
from idocore.safe_text import harmless, original
from idocore.text_files import decode
from idocore.theme_files import Themes
from idocore.themes import Field, FieldType, Level

if TYPE_CHECKING:
    from idocore.reports import ExportRequest

_RECORD: Final = tuple(key for key in KEYS if key not in ("answers", "inquiries", "overrides"))
_SEPARATOR: Final = "|"


def columns(themes: Themes, theme: str, *, with_texts: bool) -> tuple[str, ...]:
    """The columns: the record's own, ``answers.*``, ``inquiry.count`` and ``inquiry.*`` for all versions of `theme`."""
    fields = _fields(themes, theme)
    wanted = [entry for entry in fields.values() if with_texts or entry.type is not FieldType.TEXT]
    answers = [f"answers.{entry.key}" for entry in wanted if entry.level is Level.REGISTRATION]
    inquiries = [f"inquiry.{entry.key}" for entry in wanted if entry.level is Level.INQUIRY]
    return (*_RECORD, *answers, "inquiry.count", *inquiries)


def _fields(themes: Themes, theme: str) -> dict[str, Field]:
    return {entry.key: entry for version in themes.versions(theme) for entry in version.fields}


def rows(raw: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows of one record: one for each inquiry, or a single one without."""
    record = {key: raw.get(key) for key in _RECORD}
    record |= {f"answers.{key}": value for key, value in raw["answers"].items()}
    inquiries: list[dict[str, Any]] = raw["inquiries"] or [{}]
    for inquiry in inquiries:
        yield record | {f"inquiry.{key}": value for key, value in inquiry.items()}


def export_csv(request: "ExportRequest", target: IO[str]) -> int:
    """The exporter ``csv``: comma, CRLF, several codes joined by ``|``; no cell can become a formula."""
    names = columns(request.register.themes, request.theme, with_texts=request.with_texts)
    writer = csv.writer(target)
    writer.writerow(names)
    count = 0
    for revision in request.revisions():
        for row in rows(to_raw(revision, with_texts=request.with_texts)):
            writer.writerow([_cell(row.get(name)) for name in names])
        count += 1
    return count


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return harmless(_SEPARATOR.join(value))
    return harmless(str(value))


def read_csv(source: str | Path, themes: Themes) -> Iterator[Line]:
    """The records of a CSV file as `export_csv` writes them; a line's number is that of its first row."""
    # Line ends within quotes belong to the text, so the file is not cut into lines beforehand.
    reader = csv.DictReader(io.StringIO(decode(Path(source)), newline=""))
    names = reader.fieldnames or ()
    if "service_point" not in names:
        raise ExchangeError("csv-columns", row=1, missing=["service_point"])
    numbered = enumerate(reader, start=2)
    for _, group in groupby(numbered, key=lambda item: item[1].get("id") or item[0]):
        yield _record(list(group), themes)


def _record(numbered: list[tuple[int, dict[str, str]]], themes: Themes) -> Line:
    number, first = numbered[0]
    theme = (first.get("theme") or "ido").partition("@")[0]
    fields = _fields(themes, theme)
    raw: dict[str, Any] = {key: _whole(first[key], key) for key in _RECORD if first.get(key)}
    raw["answers"] = _answers(first, "answers.", fields)
    raw["inquiries"] = [one for one in (_inquiry(row, fields) for _, row in numbered) if one]
    return Line(number, raw)


def _inquiry(row: Mapping[str, str], fields: Mapping[str, Field]) -> dict[str, Any]:
    answers = _answers(row, "inquiry.", fields)
    count = row.get("inquiry.count")
    return {**answers, "count": _whole(count, "count")} if count else answers


def _answers(row: Mapping[str, str], prefix: str, fields: Mapping[str, Field]) -> dict[str, Any]:
    cells: Iterable[tuple[str, str]] = (
        (name.removeprefix(prefix), cell) for name, cell in row.items() if name and name.startswith(prefix)
    )
    return {key: _answer(cell, fields.get(key)) for key, cell in cells if cell and key != "count"}


def _answer(cell: str, entry: Field | None) -> Any:
    text = original(cell)
    match entry.type if entry else None:
        case FieldType.CODES:
            return text.split(_SEPARATOR)
        case FieldType.BOOLEAN:
            return {"yes": True, "no": False}.get(text, text)
        case FieldType.INTEGER:
            return _whole(text, "count")
    return text


def _whole(cell: str, key: str) -> Any:
    """A number where the format has one; anything else stays text, and the reader says what is wrong with it."""
    if key in ("count", "revision") and cell.lstrip("-").isdigit():
        return int(cell)
    return original(cell)
