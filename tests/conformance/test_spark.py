"""The same engine on a real Spark cluster gives the cells that cuts mean."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from idocore_lake.connections import DuckDB, Spark
from tests.cuts import differing
from tests.lake import as_rows, first_wrong, frozen, tried
from tests.spark import workers

pytestmark = [
    pytest.mark.spark,
    pytest.mark.slow,
    pytest.mark.timeout(3600),
    # What pyspark says of its own use of others is not about us.
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::ResourceWarning"),
]
EXAMPLES = 21
"""Registers with 24 cuts each, as for DuckDB."""


def test_a_cluster_counts_as_the_reference_does(
    spark_session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    """A master and two workers, the same random registers and cuts as for DuckDB; 0 differences.

    The broken twin takes every inquiry for a visitor, and the same check sees it; on the same cluster, which takes long
    to start.
    """
    assert workers(spark_session) == 2
    count, wrong = tried(Spark(spark_session), tmp_path, EXAMPLES)
    assert count >= 500
    assert wrong == 0
    with monkeypatch.context() as broken:
        as_rows(broken)
        sample, cut = first_wrong(DuckDB(), tmp_path)
    engine = frozen(sample, tmp_path / "one.parquet", Spark(spark_session))
    assert differing(engine, sample, [cut]) == []
    as_rows(monkeypatch)
    assert differing(engine, sample, [cut]) == [cut]
    record_property("promise", "every backend means the same")
    record_property("reached", f"{count:,} random cuts over snapshots on Spark (two workers), 0 differences")
