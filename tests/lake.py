"""Random registers frozen as snapshots are, and random cuts asked of an engine over them."""

from pathlib import Path

import ibis
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from idocore.statistics.cells import Cut
from idocore.testing.strategies import THEMES
from idocore_lake import engine
from idocore_lake.columns import Columns
from idocore_lake.connections import Connection
from idocore_lake.writing import write
from tests.cuts import Engine, Sample, cuts, differing, samples

EACH = 24
"""How many cuts are asked of each register."""
_GENERATED = settings(phases=(Phase.generate,), suppress_health_check=list(HealthCheck))


def frozen(sample: Sample, path: Path, connection: Connection) -> Engine:
    """An engine over `sample`, written as a snapshot is."""
    with path.open("wb") as file:
        write(file, Columns.of("ido", THEMES), sample.facts)
    table = connection.read(path)
    return lambda cut: engine.cells(table, cut, connection)


def tried(connection: Connection, directory: Path, examples: int, *, until_wrong: bool = False) -> tuple[int, int]:
    """How many random cuts were asked of `connection`, and how many of them it answered otherwise than they mean.

    With `until_wrong` no more are asked once a register has some of those.
    """
    count, wrong = 0, 0

    @settings(_GENERATED, max_examples=examples)
    @given(samples(), st.lists(cuts(), min_size=EACH, max_size=EACH))
    def same(sample: Sample, asked: list[Cut]) -> None:
        nonlocal count, wrong
        if until_wrong and wrong:
            return
        path = directory / f"{count}.parquet"
        wrong += len(differing(frozen(sample, path, connection), sample, asked))
        path.unlink()
        count += len(asked)

    same()
    return count, wrong


def first_wrong(connection: Connection, directory: Path) -> tuple[Sample, Cut]:
    """The first random register with a cut that `connection` answers otherwise than it means."""

    def is_wrong(one: tuple[Sample, Cut]) -> bool:
        sample, cut = one
        return differing(frozen(sample, directory / "one.parquet", connection), sample, [cut]) != []

    return find(st.tuples(samples(), cuts()), is_wrong, settings=settings(_GENERATED, max_examples=1000))


def as_rows(patched: pytest.MonkeyPatch) -> None:
    """Have the engine take every inquiry for a visitor."""
    distinct = engine._Plan._distinct
    counted = {"_rows": ibis.literal(1, "int32")}
    patched.setattr(engine._Plan, "_first", lambda _: None)
    patched.setattr(engine._Plan, "_distinct", lambda plan, rows, asked: distinct(plan, rows.mutate(**counted), asked))
