"""Snapshots of closed periods as Parquet, and the same queries over them with Ibis on DuckDB or Spark.

A backend: it uses only `idocore`, which finds it through the entry point group ``idocore.snapshots``.
"""

from idocore_lake.door import door

__all__ = ["door"]
