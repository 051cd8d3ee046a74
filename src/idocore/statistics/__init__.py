"""Counting: a `Query` asks, a `Table` answers.

What a query means is written down once, in `reference`; every engine gives the same table.
"""

from idocore.statistics.query import Query
from idocore.statistics.table import Table

__all__ = ["Query", "Table"]
