"""Snapshots on disk as an engine."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
from attrs import define, field

from idocore.plugins import missing_library
from idocore.snapshots import Snapshot, SnapshotEngine
from idocore.statistics.cells import Cell, Cut
from idocore_lake.connections import Connection, DuckDB, Spark
from idocore_lake.engine import cells
from idocore_lake.folders import ROWS


@define
class _Reader:
    """Answers cuts over the snapshots in `folder`; each file is opened once."""

    folder: Path
    connection: Connection
    _tables: dict[str, ir.Table] = field(factory=dict, init=False)

    def __call__(self, snapshot: Snapshot, cut: Cut) -> Sequence[Cell]:
        if cut.theme != snapshot.theme:
            return []
        if snapshot.id not in self._tables:
            self._tables[snapshot.id] = self.connection.read(self.folder / snapshot.id / ROWS)
        return cells(self._tables[snapshot.id], cut, self.connection)


def engine(folder: Path, spark: Any = None) -> SnapshotEngine:
    """What counts the snapshots in `folder`: DuckDB in this process, or the Spark session `spark`."""
    if spark is not None:
        return _Reader(folder, Spark(spark))
    try:
        import duckdb  # noqa: F401  (Ibis needs it, and says so only when the first question is asked)
    except ImportError as error:
        raise missing_library("duckdb") from error
    return _Reader(folder, DuckDB())
