"""The answer to a query: rows with their base, their unknowns and their notes."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from attrs import field, frozen

from idocore.messages import Language
from idocore.plugins import missing_library
from idocore.safe_text import harmless
from idocore.statistics.measures import Absence, Measure
from idocore.statistics.noting import Note
from idocore.statistics.query import Query
from idocore.themes import Label

if TYPE_CHECKING:
    import pandas
    import polars

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
        """The rows with base, unknowns and notes, as one JSON object."""
        content = {
            "rows": self.to_dicts(),
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

    def to_polars(self) -> "polars.DataFrame":
        """The rows as a polars frame; needs the extra ``frames``."""
        try:
            import polars
        except ImportError as error:
            raise missing_library("polars") from error
        types = dict.fromkeys(self.code_columns, polars.String)
        numbers = {one.name: polars.Int64 if one.is_whole else polars.Float64 for one in self.measures}
        return polars.DataFrame(self.to_dicts(), schema={**types, **numbers})

    def to_pandas(self) -> "pandas.DataFrame":
        """The rows as a pandas frame; needs the extra ``frames``."""
        try:
            import pandas
        except ImportError as error:
            raise missing_library("pandas") from error
        return pandas.DataFrame(self.to_dicts(), columns=list(self.columns))

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

    def __str__(self) -> str:
        lines = ["\t".join(self.columns)]
        lines += ["\t".join(str(value) for value in row.values()) for row in self.to_dicts()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from html import escape

        def line(tag: str, values: list[str]) -> str:
            return "<tr>" + "".join(f"<{tag}>{escape(value)}</{tag}>" for value in values) + "</tr>"

        head = line("th", [self.heading(column) for column in self.columns])
        body = (
            [self.label(name, code) for name, code in zip(self.code_columns, row.codes, strict=True)]
            + ["" if number is None else f"{number:g}" for number in row.numbers]
            for row in self.rows
        )
        return f"<table><thead>{head}</thead><tbody>{''.join(line('td', values) for values in body)}</tbody></table>"
