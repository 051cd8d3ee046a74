"""Citations: what it takes to compute a table again, years later, and to see that it is the same."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import attrs
from attrs import frozen

from idocore.codec import canonical, digest
from idocore.errors import ExchangeError, InvalidQueryError, InvalidValueError
from idocore.statistics.query import Query
from idocore.statistics.table import Table


@frozen
class Citation:
    """Where the figures of a table came from.

    `query` has its place date as a day (or ``then``), `snapshots` the hash of each snapshot by its id, and `figures` is
    the hash over the rows. `live` is empty, or the journal position up to which an open period was counted beside them:
    such a table cannot be computed again until that period has been closed and frozen.
    """

    query: Query
    snapshots: Mapping[str, str] = attrs.field(hash=False)
    figures: str
    scope: str = "nation/NL"
    live: Mapping[str, int] = attrs.field(factory=dict, hash=False)
    made_with: str = ""

    @property
    def is_frozen(self) -> bool:
        """Whether everything that was counted lies in snapshots."""
        return not self.live

    def to_json(self) -> dict[str, Any]:
        """The citation as plain JSON values."""
        content = {field.name: getattr(self, field.name) for field in attrs.fields(Citation)}
        return {**content, "query": query_to_json(self.query)}

    @classmethod
    def from_json(cls, values: Any) -> "Citation":
        """The citation that `to_json` wrote; raises ExchangeError when it is none."""
        try:
            content = dict(values)
            return cls(**{**content, "query": Query(**content["query"])})
        except (InvalidQueryError, InvalidValueError, KeyError, TypeError, ValueError) as error:
            raise ExchangeError("citation-unreadable", reason=str(error)) from error

    @classmethod
    def parse(cls, text: str) -> "Citation":
        """The citation in `text`, as `str` writes it; raises ExchangeError."""
        try:
            values = json.loads(text)
        except ValueError as error:
            raise ExchangeError("citation-unreadable", reason=str(error)) from error
        return cls.from_json(values)

    def __str__(self) -> str:
        return canonical(self.to_json())


def query_to_json(query: Query) -> dict[str, Any]:
    """`query` as the plain values that make it again; what is as it always is left out."""
    plain, found = Query(), {}
    for field in attrs.fields(Query):
        value = getattr(query, field.name)
        if value != getattr(plain, field.name):
            found[field.name] = value.isoformat() if isinstance(value, date) else value
    return found


def figures_of(table: Table) -> str:
    """The hash over the rows of `table`, its base and its unknowns; the same for the same figures."""
    rows = [[list(row.codes), list(row.numbers)] for row in table.rows]
    unknown = {name: dict(counts) for name, counts in table.unknown.items()}
    return digest(canonical({"rows": rows, "base": dict(table.base), "unknown": unknown, "unlinked": table.unlinked}))
