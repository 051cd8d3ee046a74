"""One durable `record` on SQLite, against a bare sqlite3 transaction that writes the same rows, journal included.

python -m benchmarks.record [--registrations 600] [--rounds 5]
"""

import argparse
import sqlite3
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory
from typing import Any

import idocore
from benchmarks.preparing import seconds, still
from idocore.simulation import simulate

_WARM = 100
"""How many records go before what is measured: a program at a desk runs all day."""

_SLICE = 20
"""How many go in one turn."""

_TABLES = ("ido_registration", "ido_inquiry", "ido_choice", "idocore_journal", "idocore_text", "idocore_rollup_mark")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--registrations", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    nation = simulate(arguments.registrations, 1)
    raws = [line.raw for line in nation.lines() if line.raw]
    with TemporaryDirectory() as name:
        directory = Path(name)
        model = directory / "furnished.db"
        with _opened(model) as register:
            register.places.put(*nation.places)
        written = _written(model, raws)

        with still():
            rounds = [_round(model, raws, written) for _ in range(arguments.rounds)]
    count = len(raws) - _WARM
    ours, bare = (statistics.median(taken) / count * 1e6 for taken in zip(*rounds, strict=True))
    ratios = sorted(ours / bare for ours, bare in rounds)
    print(
        f"SQLite: {len(raws)} records, medians of {arguments.rounds}: idocore {ours:.0f} us each, reader and rules "
        f"included; bare sqlite3 {bare:.0f} us; ratio of a round {statistics.median(ratios):.2f} "
        f"({ratios[0]:.2f} to {ratios[-1]:.2f})"
    )


def _round(model: Path, raws: list[Any], written: list[dict[str, list[tuple[Any, ...]]]]) -> tuple[float, float]:
    """The seconds of ours and of the bare transactions, some of each in turns: the machine changes within seconds."""
    with _copied(model) as ours, _copied(model) as bare, _opened(ours) as register, _bare(bare) as connection:
        works = (partial(_record, register, raws), partial(_write, connection, written))
        taken = [0.0, 0.0]
        for work in works:
            work(slice(_WARM))
        for turn, start in enumerate(range(_WARM, len(raws), _SLICE)):
            for side in (0, 1) if turn % 2 else (1, 0):
                taken[side] += seconds(partial(works[side], slice(start, start + _SLICE)))
        return taken[0], taken[1]


def _record(register: idocore.Register, raws: list[Any], some: slice) -> None:
    for raw in raws[some]:
        register.record_raw(raw)


def _opened(path: Path) -> idocore.Register:
    return idocore.open(f"sqlite:///{path}")


@contextmanager
def _copied(model: Path) -> Iterator[Path]:
    """A copy of the database `model`, with its places in it: a fuller database writes more pages."""
    with TemporaryDirectory(dir=model.parent) as name:
        yield Path(copy(model, name))


def _written(model: Path, raws: list[Any]) -> list[dict[str, list[tuple[Any, ...]]]]:
    """For each record the rows that our store writes of it, by table."""
    with _copied(model) as path:
        with _opened(path) as register:
            for raw in raws:
                register.record_raw(raw)
        return _rows(path)


def _rows(path: Path) -> list[dict[str, list[tuple[Any, ...]]]]:
    connection = sqlite3.connect(path)
    found: list[dict[str, list[tuple[Any, ...]]]] = []
    for key, *rest in connection.execute("SELECT * FROM ido_registration ORDER BY key").fetchall():
        mine = {"ido_registration": [(key, *rest)]}
        for table in ("ido_inquiry", "ido_choice"):
            mine[table] = connection.execute(f"SELECT * FROM {table} WHERE registration = ?", (key,)).fetchall()
        entries = connection.execute("SELECT * FROM idocore_journal WHERE subject = ?", (rest[0],)).fetchall()
        mine["idocore_journal"] = entries
        place = entries[0][:2]
        texts = "SELECT * FROM idocore_text WHERE stream = ? AND position = ?"
        mine["idocore_text"] = connection.execute(texts, place).fetchall()
        marks = "SELECT * FROM idocore_rollup_mark WHERE id = ?"
        mine["idocore_rollup_mark"] = connection.execute(marks, (len(found) + 1,)).fetchall()
        found.append(mine)
    connection.close()
    return found


@contextmanager
def _bare(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to our database, as durable as ours, with SQLite's own cache and no checks of foreign keys."""
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL"):
        connection.execute(statement)
    try:
        yield connection
    finally:
        connection.close()


def _write(connection: sqlite3.Connection, written: list[dict[str, list[tuple[Any, ...]]]], some: slice) -> None:
    """The same rows, and the head of the stream, in a transaction for each record."""
    for mine in written[some]:
        connection.execute("BEGIN IMMEDIATE")
        for table in _TABLES:
            for row in mine[table]:
                marks = ",".join("?" * len(row))
                connection.execute(f"INSERT INTO {table} VALUES ({marks})", row)
        stream, position = mine["idocore_journal"][0][:2]
        moved = (position, b"0" * 32, stream)
        connection.execute("UPDATE idocore_stream SET position = ?, head = ? WHERE id = ?", moved)
        connection.execute("COMMIT")


if __name__ == "__main__":
    main()
