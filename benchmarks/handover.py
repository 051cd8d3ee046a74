"""A table of a million rows handed over as columns, against the same frames built from its dictionaries.

python -m benchmarks.handover [--rows 1000000] [--rounds 3]
"""

import argparse
from collections.abc import Callable

import pandas
import polars
import pyarrow

import idocore
from benchmarks.preparing import in_turns, seconds
from idocore.statistics.query import Query
from idocore.statistics.table import Row, Table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    rows = _rows(arguments.rows)
    runs: dict[str, tuple[Callable[[Table], object], Callable[[Table], object]]] = {
        "pyarrow": (pyarrow.table, lambda table: pyarrow.Table.from_pylist(table.to_dicts())),
        "polars": (polars.DataFrame, lambda table: polars.DataFrame(table.to_dicts(), infer_schema_length=None)),
        "pandas": (Table.to_pandas, lambda table: pandas.DataFrame(table.to_dicts())),
    }
    for name, (ours, theirs) in runs.items():
        taken = in_turns(
            arguments.rounds,
            ours=_timed(ours, rows),
            dicts=_timed(theirs, rows),
            again=_timed(ours, rows, is_warm=True),
        )
        print(
            f"{name}: {arguments.rows} rows in {taken['ours']:.2f} s, once more in {taken['again']:.3f} s, from "
            f"dictionaries in {taken['dicts']:.2f} s; {taken['dicts'] / taken['ours']:.1f} times as fast"
        )


def _timed(work: Callable[[Table], object], rows: tuple[Row, ...], *, is_warm: bool = False) -> Callable[[int], float]:
    """How long `work` takes with a new table, or with one that handed itself over before."""

    def run(_: int) -> float:
        table = _table(rows)
        if is_warm:
            work(table)
        return seconds(lambda: work(table))

    return run


def _rows(count: int) -> tuple[Row, ...]:
    return tuple(
        Row((f"p{number % 12}", f"m{number // 12}"), (None if number % 97 == 0 else number, number / count))
        for number in range(count)
    )


def _table(rows: tuple[Row, ...]) -> Table:
    measures = ("visitors", "share_of_visitors")
    return Table(
        query=Query(measures, ("province", "service_point")),
        rows=rows,
        base={"visitors": len(rows)},
        unknown={},
        unlinked=0,
        notes=(),
        labels={},
        measures=tuple(idocore.MEASURES[name] for name in measures),
    )


if __name__ == "__main__":
    main()
