"""Where what Ibis writes is run: DuckDB in this process, or a Spark cluster.

Ibis makes the SQL from expressions over tables of a known schema; we hand it to the driver ourselves, and take plain
values from it. The way back through pandas would make the text NaN of a missing code.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from attrs import define, field
from pyarrow import parquet

Found = Sequence[tuple[Any, ...]]


class Connection(Protocol):
    """What the engine needs of a backend of Ibis."""

    def read(self, path: Path) -> ir.Table:
        """The rows of a Parquet file."""

    def beside(self, rows: pa.Table) -> AbstractContextManager[ir.Table]:
        """`rows` (text and int32) as a table beside the files, for one question only."""

    def ask(self, expression: ir.Table) -> Found:
        """The rows of `expression`, in any order."""


def _table(name: str, schema: pa.Schema) -> ir.Table:
    found: ir.Table = ibis.table(ibis.Schema.from_pyarrow(schema), name=name)
    return found


def _duckdb() -> Any:
    import duckdb

    return duckdb.connect()


@define
class DuckDB:
    """DuckDB in this process; nothing is kept in it."""

    _driver: Any = field(factory=_duckdb)
    _names: Iterator[int] = field(factory=count, init=False)

    def read(self, path: Path) -> ir.Table:
        name = f"file_{next(self._names)}"
        self._driver.read_parquet(str(path)).create_view(name)
        return _table(name, parquet.read_schema(path))

    @contextmanager
    def beside(self, rows: pa.Table) -> Iterator[ir.Table]:
        name = f"beside_{next(self._names)}"
        self._driver.register(name, rows)
        try:
            yield _table(name, rows.schema)
        finally:
            self._driver.unregister(name)

    def ask(self, expression: ir.Table) -> Found:
        found: Found = self._driver.execute(ibis.to_sql(expression, dialect="duckdb")).fetchall()
        return found


@define
class Spark:
    """A Spark session, on this machine or a cluster whose workers see the same files."""

    _session: Any
    _names: Iterator[int] = field(factory=count, init=False)

    def read(self, path: Path) -> ir.Table:
        name = f"file_{next(self._names)}"
        self._session.read.parquet(str(path)).createOrReplaceTempView(name)
        return _table(name, parquet.read_schema(path))

    @contextmanager
    def beside(self, rows: pa.Table) -> Iterator[ir.Table]:
        name = f"beside_{next(self._names)}"
        self._session.createDataFrame(rows).createOrReplaceTempView(name)
        try:
            yield _table(name, rows.schema)
        finally:
            self._session.catalog.dropTempView(name)

    def ask(self, expression: ir.Table) -> Found:
        return [tuple(row) for row in self._session.sql(ibis.to_sql(expression, dialect="pyspark")).collect()]
