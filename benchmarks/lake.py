"""Monthly visitors and inquiries per province x provider over snapshots, against hand-written DuckDB and pandas.

python -m benchmarks.lake [--registrations 10000000] [--rounds 5] [--no-pandas] [--folder DIRECTORY]

The hand-written statement is distinct-correct: it groups twice, first by registration, over the same files.
"""

import argparse
import gc
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from pyarrow import parquet

from benchmarks.preparing import in_turns, seconds
from idocore.places import Ancestry, Span
from idocore.statistics.cells import INQUIRIES, REGISTRATIONS, TALLIED, Cut, Dimension, Origin
from idocore.themes import Level
from idocore_lake.columns import SHARED, first_of
from idocore_lake.connections import DuckDB
from idocore_lake.engine import cells
from idocore_lake.writing import GROUP, writer

_POINTS, _PROVINCES, _PROVIDERS = 700, 12, 40
_CHUNK = 500_000
_ANCESTRY = Ancestry(
    tuple(
        Span(f"point-{n:03}", date.min, date.max, f"GM{n:04}", f"PV{20 + n % _PROVINCES}", None, "inside", None)
        for n in range(_POINTS)
    )
)
_CUT = Cut(
    theme="ido",
    dimensions=(
        Dimension("month", Origin.PERIOD),
        Dimension("province", Origin.PLACE),
        Dimension("provider", Origin.ANSWER, Level.INQUIRY),
    ),
    measures=frozenset({REGISTRATIONS, TALLIED, INQUIRIES}),
    ancestry=_ANCESTRY,
)

_PLAIN = """
SELECT month, province, provider,
       count(DISTINCT registration) FILTER (kind = 'visit') AS visitors, sum(inquiries) AS inquiries
FROM read_parquet('{path}') JOIN ancestry USING (service_point)
GROUP BY ALL
"""
_TWICE = """
SELECT month, province, provider, count(*) FILTER (kind = 'visit') AS visitors, sum(inquiries) AS inquiries
FROM (
    SELECT month, province, provider, kind, registration, sum(inquiries) AS inquiries
    FROM read_parquet('{path}') JOIN ancestry USING (service_point)
    GROUP BY ALL
)
GROUP BY ALL
"""
_FLAGGED = """
SELECT month, province, provider, count(*) FILTER (kind = 'visit' AND _first_provider) AS visitors,
       sum(inquiries) AS inquiries
FROM read_parquet('{path}') JOIN ancestry USING (service_point)
GROUP BY ALL
"""
_TALLIES = """
UNION ALL BY NAME
SELECT month, province, NULL AS provider, sum("count") AS visitors, 0 AS inquiries
FROM read_parquet('{path}') JOIN ancestry USING (service_point)
WHERE kind = 'tally' AND ordinal = 1
GROUP BY ALL
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--registrations", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-pandas", action="store_true", help="for a machine without the memory for it")
    parser.add_argument("--folder", type=Path, help="where the file is kept for a next time")
    arguments = parser.parse_args()
    with TemporaryDirectory() as directory:
        path = (arguments.folder or Path(directory)) / f"rows-{arguments.registrations}.parquet"
        if not path.exists():
            print(f"made in {seconds(lambda: _make(path, arguments.registrations)):.0f} s")
        print(f"{arguments.registrations:,} registrations, {path.stat().st_size / 1e6:,.0f} MB")
        _compare(path, arguments.rounds, with_pandas=not arguments.no_pandas)


def _make(path: Path, registrations: int) -> None:
    """Rows as a snapshot has them: a year, 700 service points, 1 to 4 inquiries, one record in a hundred a tally."""
    chance = np.random.default_rng(1)
    fields = [*SHARED, pa.field("provider", pa.string()), pa.field("topic", pa.string())]
    fields += [pa.field(first_of(key), pa.bool_(), nullable=False) for key in ("provider", "topic")]
    schema = pa.schema(fields)
    with path.open("wb") as file, writer(file, schema) as target:
        for first in range(0, registrations, _CHUNK):
            size = min(_CHUNK, registrations - first)
            target.write_table(_chunk(chance, first, size, registrations, schema), row_group_size=GROUP)


def _chunk(chance: np.random.Generator, first: int, size: int, total: int, schema: pa.Schema) -> pa.Table:
    of = chance.choice([1, 2, 3, 4], size, p=[0.72, 0.2, 0.06, 0.02]).astype(np.int32)
    days = (np.arange(first, first + size) * 366 // total).astype("timedelta64[D]") + np.datetime64("2024-01-01")
    of_month = days.astype("datetime64[M]")
    month = (of_month.astype(int) // 12 + 1970) * 100 + of_month.astype(int) % 12 + 1
    tally = chance.random(size) < 0.01
    points = np.array([f"point-{n:03}" for n in range(_POINTS)])
    own = {
        "registration": np.arange(first, first + size),
        "_rows": of,
        "kind": np.where(tally, "tally", "visit"),
        "count": np.where(tally, chance.integers(1, 20, size), 1),
        "theme": np.full(size, "ido@2024"),
        "service_point": points[(chance.random(size) ** 2 * _POINTS).astype(int)],
        "local_date": days.astype("datetime64[D]"),
        "precision": np.full(size, "instant"),
        "month": month.astype(np.int32),
        "week": (202401 + np.arange(size) % 52).astype(np.int32),
        "weekday": (1 + np.arange(size) % 7).astype(np.int32),
        "hour": chance.integers(9, 18, size).astype(np.int32),
        "channel": np.full(size, "desk"),
        "amendment": np.zeros(size, bool),
    }
    rows = {name: pa.array(np.repeat(values, of)) for name, values in own.items()}
    many = int(of.sum())
    starts = np.repeat(np.cumsum(of) - of, of)
    providers = np.array([f"provider-{n:02}" for n in range(_PROVIDERS)])
    topics = np.array([f"topic-{n:02}" for n in range(30)])
    rows["ordinal"] = pa.array((np.arange(many) - starts + 1).astype(np.int32))
    rows["inquiries"] = pa.array(np.ones(many, np.int64))
    rows["provider"] = pa.array(
        providers[(chance.random(many) ** 2 * _PROVIDERS).astype(int)], mask=chance.random(many) < 0.1
    )
    rows["topic"] = pa.array(topics[chance.integers(0, 30, many)])
    for key in ("provider", "topic"):
        frame = pa.table({"registration": rows["registration"], key: rows[key]}).to_pandas()
        rows[first_of(key)] = pa.array(~frame.duplicated().to_numpy())
    return pa.table({name: rows[name].cast(schema.field(name).type) for name in schema.names}, schema=schema)


def _compare(path: Path, rounds: int, *, with_pandas: bool) -> None:
    connection = DuckDB()
    table = connection.read(path)
    driver = duckdb.connect()
    driver.register("ancestry", _ancestry())

    def ours() -> list[Any]:
        return cells(table, _CUT, connection)

    def written(statement: str) -> Callable[[], list[Any]]:
        whole = (statement + _TALLIES).format(path=path)
        return lambda: driver.execute(whole).fetchall()

    peers = {"ours": ours, "plain": written(_PLAIN), "twice": written(_TWICE), "flagged": written(_FLAGGED)}
    _agree(peers)
    taken = in_turns(rounds, **{name: _timed(run) for name, run in peers.items()})
    best = min(taken[name] for name in peers if name != "ours")
    print(f"snapshot {taken['ours']:.2f} s; hand-written: count(DISTINCT) {taken['plain']:.2f} s, grouped twice")
    print(f"{taken['twice']:.2f} s, by the column of first rows {taken['flagged']:.2f} s;")
    print(f"snapshot / best hand-written = {taken['ours'] / best:.2f} (bar: 1.3)")
    if with_pandas:
        frame = _frame(path)
        slow = in_turns(min(rounds, 3), pandas=_timed(lambda: _by_pandas(frame)))["pandas"]
        print(f"pandas in memory (loading not counted) {slow:.2f} s = {slow / taken['ours']:.1f} x snapshot (bar: 10)")


def _agree(peers: dict[str, Callable[[], list[Any]]]) -> None:
    """All give the same totals: figures that differ have no place in a comparison."""
    ours = peers["ours"]()
    visitors = sum(one.get(REGISTRATIONS, 0) + one.get(TALLIED, 0) for _, one in ours)
    inquiries = sum(one.get(INQUIRIES, 0) for _, one in ours)
    for name in peers.keys() - {"ours"}:
        rows = peers[name]()
        assert (sum(row[3] for row in rows), sum(row[4] for row in rows)) == (visitors, inquiries), name


def _timed(run: Callable[[], object]) -> Callable[[int], float]:
    def once(_: int) -> float:
        gc.collect()
        return seconds(run)

    return once


def _ancestry() -> pa.Table:
    spans = _ANCESTRY.spans
    return pa.table(
        {"service_point": [one.service_point for one in spans], "province": [one.province for one in spans]}
    )


def _frame(path: Path) -> Any:
    names = ["registration", "ordinal", "kind", "count", "service_point", "month", "provider", "inquiries"]
    texts = ["kind", "service_point", "provider"]
    return parquet.read_table(path, columns=names, read_dictionary=texts).to_pandas(self_destruct=True)


def _by_pandas(frame: Any) -> Any:
    """As somebody who knows pandas would: texts as categories, distinct by dropping repeats."""
    frame = frame.merge(_ancestry().to_pandas(), on="service_point")
    keys = ["month", "province", "provider"]
    visits = frame.loc[frame.kind == "visit", [*keys, "registration"]].drop_duplicates()
    visitors = visits.groupby(keys, dropna=False, observed=True).size()
    inquiries = frame.groupby(keys, dropna=False, observed=True).inquiries.sum()
    tallies = frame[(frame.kind == "tally") & (frame.ordinal == 1)]
    return visitors, inquiries, tallies.groupby(keys[:2])["count"].sum()


if __name__ == "__main__":
    main()
