"""A table as CSV on the Web (W3C Tabular Data): the rows, a list of codes for each dimension, and what they mean.

Beside ``counts.csv`` come ``counts.csv-metadata.json``, where readers look for it, and ``counts-province.csv`` for
each dimension whose codes have names. A code or number that is not known is an empty cell.
"""

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from idocore.messages import LANGUAGES
from idocore.reports import written
from idocore.safe_text import harmless
from idocore.statistics.handover import about, in_order, is_whole, listed_codes
from idocore.statistics.wording import caption

if TYPE_CHECKING:
    from idocore.statistics.table import Table

_PERIODS: Final[dict[str, Any]] = {
    "day": "date",
    "year": "gYear",
    "month": "gYearMonth",
    "week": {"base": "string", "format": r"\d{4}-W\d{2}"},
    "quarter": {"base": "string", "format": r"\d{4}-Q\d"},
    "half_year": {"base": "string", "format": r"\d{4}-H\d"},
}


def write(table: "Table", path: Path) -> tuple[Path, ...]:
    """Write the rows to `path` and everything else beside it; the files, the rows first."""
    lists = {
        name: path.with_name(f"{path.stem}-{name}{path.suffix}")
        for name in table.code_columns
        if _is_listed(table, name)
    }
    for name, beside in lists.items():
        _write(beside, ["code", *LANGUAGES], _names(table, name))
    _write(path, table.columns, _rows(table))
    about_it = path.with_name(f"{path.name}-metadata.json")
    content = metadata(table, path.name, {name: beside.name for name, beside in lists.items()})
    written(about_it, lambda file: json.dump(content, file, ensure_ascii=False, indent=1))
    return (path, about_it, *lists.values())


def metadata(table: "Table", url: str, lists: dict[str, str]) -> dict[str, Any]:
    """The description of the file `url`, and of the files with codes for the dimensions in `lists`."""
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "nl"}],
        "dc:title": {one: caption(table, one) for one in LANGUAGES},
        "dc:source": f"idocore ({table.query.theme})",
        "notes": [about(table)],
        "tables": [_of_rows(table, url, lists), *(_of_codes(table, name, file) for name, file in lists.items())],
    }


def _of_rows(table: "Table", url: str, lists: dict[str, str]) -> dict[str, Any]:
    counts = {
        name: "integer" if is_whole(table, number) else "number" for number, name in enumerate(table.query.measures)
    }
    kinds = {name: _PERIODS.get(name, "string") for name in table.code_columns} | counts
    return {
        "url": url,
        "tableSchema": {
            "columns": [
                {"name": name, "titles": _titles(table, name), "datatype": kind, "null": [""]}
                for name, kind in kinds.items()
            ],
            "foreignKeys": [
                {"columnReference": [name], "reference": {"resource": file, "columnReference": ["code"]}}
                for name, file in lists.items()
            ],
        },
    }


def _of_codes(table: "Table", name: str, url: str) -> dict[str, Any]:
    texts = {"nl": "naam", "en": "name"}
    return {
        "url": url,
        "dc:title": {one: table.heading(name, one) for one in LANGUAGES},
        "tableSchema": {
            "columns": [
                {"name": "code", "titles": {"und": ["code"]}, "datatype": "string", "required": True},
                *(
                    {"name": one, "titles": {"und": [one], one: [texts[one]]}, "lang": one, "datatype": "string"}
                    for one in LANGUAGES
                ),
            ],
            "primaryKey": ["code"],
        },
    }


def _titles(table: "Table", name: str) -> dict[str, list[str]]:
    """The heading in the file itself, which has no language, and those for people."""
    return {"und": [name], **{one: [table.heading(name, one)] for one in LANGUAGES}}


def _is_listed(table: "Table", name: str) -> bool:
    return bool(listed_codes(table, name)) and name not in _PERIODS


def _names(table: "Table", name: str) -> Iterable[Sequence[str]]:
    for code in in_order(table, name):
        yield [harmless(text) for text in (code, *(table.label(name, code, one) for one in LANGUAGES))]


def _rows(table: "Table") -> Iterable[Sequence[object]]:
    for row in table.rows:
        yield [*("" if code is None else harmless(code) for code in row.codes), *row.numbers]


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    def fill(file: IO[str]) -> None:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)

    written(path, fill)
