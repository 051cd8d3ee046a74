"""The answer to a query: rows with their base, their unknowns and their notes."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from idocore.messages import Language
from idocore.safe_text import harmless
from idocore.statistics import charts, csv_on_the_web, files, handover, sdmx, sdmx_structure, viewing, wording
from idocore.statistics.measures import Absence, Measure
from idocore.statistics.noting import Note
from idocore.statistics.query import Query
from idocore.themes import Label

if TYPE_CHECKING:
    import altair
    import duckdb
    import pandas
    import polars
    import pyarrow

    from idocore.citations import Citation

Number = int | float | None
"""A count, a share between 0 and 1, or None: no share can be given."""


@frozen
class Row:
    """One line of a table: a code (None: not known) for each dimension, a number for each measure.

    `why` says for each number that is None why it is; empty when all are there.
    """

    codes: tuple[str | None, ...]
    numbers: tuple[Number, ...]
    why: tuple[Absence | None, ...] = ()

    def absences(self) -> tuple[Absence | None, ...]:
        """Why each number is not there; None for those that are."""
        return self.why or (None,) * len(self.numbers)


@frozen
class Table:
    """The answer to `query`.

    `rows` are in order: periods in time, codes as their list has them, unknown last; a combination that never
    occurred has no row. `base` is the total of each count, computed over the records, never by adding rows up.
    `unknown` tells, for each dimension, how much of each count has no code there; `unlinked` how many tallied
    visitors a filter or split on inquiries could not look at. `labels` name the codes for people.
    """

    query: Query
    rows: tuple[Row, ...]
    base: Mapping[str, int] = field(hash=False)
    unknown: Mapping[str, Mapping[str, int]] = field(hash=False)
    unlinked: int
    notes: tuple[Note, ...]
    labels: Mapping[str, Mapping[str, Label]] = field(hash=False, repr=False)
    as_of: Mapping[str, int] = field(factory=dict, hash=False, repr=False)
    measures: tuple[Measure, ...] = field(default=(), repr=False)
    citation: "Citation | None" = field(default=None, eq=False, repr=False)
    """What it takes to compute a table from snapshots again; None for one of live figures."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns: dimensions, the two of a pair, then measures."""
        return self.query.columns

    @property
    def code_columns(self) -> tuple[str, ...]:
        """The names of the columns that hold codes."""
        return self.columns[: len(self.columns) - len(self.query.measures)]

    @property
    def has_total(self) -> bool:
        """Whether a total can be shown under the rows: the base of what was asked, where something was split."""
        return bool(self.code_columns) and any(name in self.base for name in self.query.measures)

    def measure(self, name: str) -> Measure:
        """The measure of column `name`; raises KeyError."""
        return {measure.name: measure for measure in self.measures}[name]

    def __iter__(self) -> Iterator[dict[str, str | Number]]:
        return iter(self.to_dicts())

    def __len__(self) -> int:
        return len(self.rows)

    def to_dicts(self) -> list[dict[str, str | Number]]:
        """The rows as dictionaries by column name."""
        return [dict(zip(self.columns, row.codes + row.numbers, strict=True)) for row in self.rows]

    def to_json(self, language: Language = "en") -> str:
        """The rows with base, unknowns and notes, as one JSON object; ``why`` tells of numbers that are null."""
        content = {
            "rows": [values | _why(row, self.query.measures) for values, row in zip(self, self.rows, strict=True)],
            "base": dict(self.base),
            "unknown": {name: dict(counts) for name, counts in self.unknown.items()} | {"unlinked": self.unlinked},
            "notes": [note.message(language) for note in self.notes],
        }
        return json.dumps(content, ensure_ascii=False)

    def to_csv(self) -> str:
        """The rows as CSV (comma, CRLF) with a header; an unknown code is empty; no cell can become a formula."""
        target = io.StringIO()
        writer = csv.writer(target)
        writer.writerow(self.columns)
        for row in self.rows:
            writer.writerow([*("" if code is None else harmless(code) for code in row.codes), *row.numbers])
        return target.getvalue()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """For whoever takes Arrow: ``polars.DataFrame(table)``, ``pyarrow.table(table)``, DuckDB's ``FROM table``."""
        return self._arrow.__arrow_c_stream__(requested_schema)

    def __dataframe__(self, nan_as_null: bool = False, allow_copy: bool = True) -> object:
        """The dataframe interchange protocol, for programs that do not take Arrow."""
        return self._arrow.__dataframe__(nan_as_null, allow_copy)

    @cached_property
    def _arrow(self) -> "pyarrow.Table":
        return handover.to_arrow(self)

    def to_arrow(self, labels: Language | None = None, *, categories: bool = False) -> "pyarrow.Table":
        """The rows as an Arrow table, what is said beside them in the schema's metadata; needs the extra ``frames``.

        Codes are strings, counts int64, shares float64; what is None is null. With `labels` "nl" or "en" columns are
        named by their headings and codes by their names. With `categories` codes are dictionary-encoded, in the order
        of their list. Raises PluginDependencyError when a library is missing, as the others do.
        """
        return handover.to_arrow(self, labels, categories=categories)

    def to_polars(self, labels: Language | None = None, *, categories: bool = False) -> "polars.DataFrame":
        """The rows as a polars frame; with `categories` codes are an Enum in the order of their list."""
        return handover.to_polars(self, labels, categories=categories)

    def to_pandas(self, labels: Language | None = None, *, categories: bool = False) -> "pandas.DataFrame":
        """The rows as a pandas frame of nullable types; base, unknowns and notes are in ``attrs["idocore"]``."""
        return handover.to_pandas(self, labels, categories=categories)

    def to_duckdb(
        self, connection: "duckdb.DuckDBPyConnection | None" = None, labels: Language | None = None
    ) -> "duckdb.DuckDBPyRelation":
        """The rows as a relation of `connection`, or of DuckDB's own connection; needs the extra ``lake``."""
        return handover.to_duckdb(self, connection, labels)

    def label(self, dimension: str, code: str | None, language: Language = "nl") -> str:
        """What people call `code`; the code itself when nothing is known of it."""
        if code is None:
            return "onbekend" if language == "nl" else "unknown"
        known = self.labels.get(dimension.removeprefix("and_"), {})
        # A class of what several versions can tell apart may be of several codes.
        parts = [code] if code in known else code.split("+")
        return " / ".join(known[one].text(language) if one in known else one for one in parts)

    def heading(self, column: str, language: Language = "nl") -> str:
        """What people call a column."""
        for measure in self.measures:
            if measure.name == column:
                return measure.label.text(language)
        known = self.labels.get("", {}).get(column.removeprefix("and_"))
        return known.text(language) if known else column

    def written(self, column: str, number: Number, language: Language = "nl") -> str:
        """A number of a column as people write it: 1.234 or 12,5%; a dash for None."""
        return wording.written(number, language, self.measure(column))

    def in_words(self, row: Row, language: Language = "nl") -> list[str]:
        """A row as people read it: the names of its codes, then its numbers, or why they are not there."""
        return wording.row_in_words(self, row, language)

    def to_sdmx_csv(self, labels: Language | None = None) -> str:
        """The rows as SDMX-CSV 2.0, an observation for each number; with `labels` as ``code: name``.

        An unknown code is ``_U``, a number that is None is empty with an OBS_STATUS that says why, a half-year is
        ``2024-S1``. Characters that SDMX does not allow in a code stand as their number between dollars.
        """
        return sdmx.to_csv(self, labels)

    def to_sdmx_structure(self) -> str:
        """The structure message (SDMX-ML 3.0) that names the codes of `to_sdmx_csv`, in Dutch and English."""
        return sdmx_structure.to_xml(self)

    def to_csvw(self, path: str | Path) -> tuple[Path, ...]:
        """Write CSV on the Web: the rows to `path`, beside it ``...-metadata.json`` and a list of codes for each
        dimension that has one. The files that were written; raises ExchangeError when one cannot be.
        """
        return csv_on_the_web.write(self, Path(path))

    def write(self, path: str | Path, *, format: str | None = None, language: Language = "nl") -> tuple[Path, ...]:
        """Write a file: text, csv, json, html, svg, png, parquet, sdmx or csvw; by default what the name ends in.

        SDMX writes its structure message beside the rows, csvw its metadata and codes: all files are returned. Each
        appears whole or not at all. Raises InvalidValueError for a format that is not known, ExchangeError when a
        file cannot be written.
        """
        return files.write(self, Path(path), format, language)

    def to_text(self, language: Language = "nl") -> str:
        """Every row in aligned columns, with what was asked, total, unknowns and notes."""
        return viewing.to_text(self, language)

    def to_html(self, language: Language = "nl") -> str:
        """A page with every row, readable for a screen reader; no cell becomes a formula in a spreadsheet."""
        return viewing.page(self, language)

    def plot(
        self, kind: str | None = None, language: Language = "nl", measure: str | None = None
    ) -> "altair.TopLevelMixin":
        """A chart of `measure` (the first), as Altair draws it; needs the extra ``charts``.

        `kind`: "line" over time, "bar", "grouped" or "stacked" bars, "heatmap"; None takes the one that fits best.
        ``.save("chart.svg")`` needs no network. What is None breaks a line and leaves a mark; it is not drawn as 0.
        Raises InvalidQueryError that names the kinds that fit, or for a table of more than two dimensions.
        """
        return charts.plot(self, kind, language, measure)

    def __str__(self) -> str:
        return viewing.to_text(self, rows=viewing.SHOWN)

    def _repr_html_(self) -> str:
        return viewing.fragment(self, rows=viewing.SHOWN)


def _why(row: Row, measures: tuple[str, ...]) -> dict[str, Any]:
    """Why numbers are not there, by measure, under ``why``; nothing when all are."""
    found = {name: why.value for name, why in zip(measures, row.absences(), strict=True) if why is not None}
    return {"why": found} if found else {}
