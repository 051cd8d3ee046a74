"""Where Ibis runs what is asked: DuckDB in this process, or a Spark cluster."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from attrs import define, field

Found = Sequence[tuple[Any, ...]]


class Connection(Protocol):
    """What the engine needs of a backend of Ibis."""

    def read(self, path: Path) -> ir.Table:
        """The rows of a Parquet file."""

    def beside(self, rows: pa.Table) -> Any:
        """A context manager that gives `rows` as a table beside the files, for one question only."""

    def ask(self, expression: ir.Table) -> Found:
        """The rows of `expression`, in any order."""


@define
class DuckDB:
    """DuckDB in this process; nothing is kept in it."""

    _backend: Any = field(factory=lambda: ibis.duckdb.connect())
    _names: Iterator[int] = field(factory=count, init=False)

    def read(self, path: Path) -> ir.Table:
        found: ir.Table = self._backend.read_parquet(str(path), table_name=f"file_{next(self._names)}")
        return found

    @contextmanager
    def beside(self, rows: pa.Table) -> Iterator[ir.Table]:
        name = f"beside_{next(self._names)}"
        self._backend.con.register(name, rows)
        yield self._backend.table(name)
        self._backend.con.unregister(name)

    def ask(self, expression: ir.Table) -> Found:
        return list(zip(*(column.to_pylist() for column in self._backend.to_pyarrow(expression).columns), strict=True))


@define
class Spark:
    """A Spark session, on this machine or a cluster whose workers see the same files."""

    _session: Any
    _names: Iterator[int] = field(factory=count, init=False)

    @property
    def _backend(self) -> Any:
        return ibis.pyspark.connect(self._session)

    def read(self, path: Path) -> ir.Table:
        name = f"file_{next(self._names)}"
        self._session.read.parquet(str(path)).createOrReplaceTempView(name)
        found: ir.Table = self._backend.table(name)
        return found

    @contextmanager
    def beside(self, rows: pa.Table) -> Iterator[ir.Table]:
        # Not by ibis.memtable: on its way through pandas a missing code becomes the text NaN.
        from pyspark.sql import types

        kinds = {pa.string(): types.StringType(), pa.int32(): types.IntegerType()}
        schema = types.StructType([types.StructField(one.name, kinds[one.type]) for one in rows.schema])
        name = f"beside_{next(self._names)}"
        values = [tuple(row.values()) for row in rows.to_pylist()]
        self._session.createDataFrame(values, schema).createOrReplaceTempView(name)
        yield self._backend.table(name)
        self._session.catalog.dropTempView(name)

    def ask(self, expression: ir.Table) -> Found:
        # Not by way of pandas either.
        return [tuple(row) for row in self._session.sql(self._backend.compile(expression)).collect()]
