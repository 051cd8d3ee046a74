"""The same engine on a real Spark cluster gives the cells that cuts mean."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from idocore_lake.connections import Spark
from tests.lake import as_rows, tried
from tests.spark import workers

pytestmark = [
    pytest.mark.spark,
    pytest.mark.slow,
    pytest.mark.timeout(3600),
    # What pyspark says of its own use of others is not about us.
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::ResourceWarning"),
]
EXAMPLES = int(os.environ.get("IDOCORE_SPARK_EXAMPLES", "1"))
"""Registers with 24 cuts each; a cluster takes seconds for a cut, so the whole number (21) is asked by hand."""


def test_a_cluster_counts_as_the_reference_does(
    spark_session: Any, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """A master and two workers, the same random registers and cuts as for DuckDB; 0 differences."""
    assert workers(spark_session) == 2
    count, wrong = tried(Spark(spark_session), tmp_path, EXAMPLES)
    assert wrong == 0
    record_property("promise", "every backend means the same")
    record_property("reached", f"{count:,} random cuts over snapshots on Spark (two workers), 0 differences")


def test_a_cluster_that_counts_rows_is_caught(
    spark_session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every inquiry taken for a visitor: the same check sees it."""
    as_rows(monkeypatch)
    _, wrong = tried(Spark(spark_session), tmp_path, 12, until_wrong=True, each=6)
    assert wrong
