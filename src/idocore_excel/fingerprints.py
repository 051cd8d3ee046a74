"""What a row is known by: all that stands in it, whatever the profile makes of it.

A profile is corrected after a sheet was loaded: one more column is mapped, a code is translated. The rows are the same
rows then, so nothing here depends on the mapping. Not part of it are running numbers, which shift when a row is put in
above; people's names, which nobody should be able to guess from an id; and what the profile says will change.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date, time, timedelta
from functools import cache, lru_cache
from typing import Any, Final

from attrs import frozen

from idocore_excel.headers import named
from idocore_excel.labels import words
from idocore_excel.tables import Entry, Table
from idocore_excel.values import clock, folded, moment, number, plain

_BOOLEANS: Final = {"waar": "ja", "true": "ja", "onwaar": "nee", "false": "nee"}
"""What spreadsheet programs write into a CSV file for a cell that holds yes or no."""


@frozen
class Fingerprint:
    """Makes of a row what it is known by; `columns` have the header of each, and the how-manieth of that name it is."""

    columns: Mapping[int, tuple[str, int]]
    left_out: frozenset[int]

    @classmethod
    def of_table(cls, table: Table) -> "Fingerprint":
        """For the rows of `table`."""
        headers = {index: folded(text) for index, text in table.headers.items()}
        seen: Counter[str] = Counter()
        columns = {}
        for index, text in headers.items():
            columns[index] = text, seen[text]
            seen[text] += 1
        visitors = {one.index for one in table.bound if one.column.to == "visitor"}
        shifting = {index for index, text in headers.items() if text in _shifting()}
        return cls(columns, frozenset(visitors | shifting | named(table.profile.changing, table.headers)))

    def of(self, entry: Entry) -> list[list[Any]]:
        """Header and content of every cell that is filled in, in an order that does not depend on where it stands."""
        found: list[list[Any]] = []
        for index, value in enumerate(entry.cells):
            text = "" if value is None or index in self.left_out else said(value)
            if text:
                found.append([*self.columns.get(index, ("", 0)), text])
        return sorted(found)


@cache
def _shifting() -> frozenset[str]:
    return frozenset(folded(text) for text in (*words()["paths"]["visitor"], *words()["people"]["headers"]))


def said(value: Any) -> str:
    """What a cell says, the same whether it came as text, as in a CSV file, or as a value of its own kind.

    Text is read as people write it here, day before month, whatever the profile says of it.
    """
    if isinstance(value, str):
        return _text_said(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number_said(value)
    read = clock(value) if isinstance(value, time | timedelta) else moment(value) if isinstance(value, date) else None
    return plain(value if read is None else read)


@lru_cache(maxsize=10_000)
def _text_said(text: str) -> str:
    amount = number(text)
    if amount is not None:
        return _number_said(amount)
    read = moment(text) or clock(text)
    return _BOOLEANS.get(folded(text), plain(text)) if read is None else plain(read)


def _number_said(value: float) -> str:
    return f"{value:.15g}"
