"""Bulk load of validated registrations, journal included, against a bare SQLAlchemy Core executemany of the fact rows.

python -m benchmarks.bulk [--registrations 50000] [--rounds 5] [--postgres URL]
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine, create_engine, event, insert, text

import idocore
from benchmarks.preparing import fact_rows, fact_tables, prepared, seconds, still
from idocore.journal import Revision
from idocore.loading import BULK_CHUNK

_CORE_CHUNK = 10_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--registrations", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--postgres", help="a database that may be emptied")
    arguments = parser.parse_args()
    _, revisions = prepared(arguments.registrations)
    with TemporaryDirectory() as directory:
        _compare("SQLite", revisions, arguments.rounds, *_sqlite(Path(directory)))
    if arguments.postgres:
        _compare("PostgreSQL", revisions, arguments.rounds, *_postgresql(arguments.postgres))


def _sqlite(directory: Path) -> tuple[Callable[[int], str], Callable[[int], Engine]]:
    def engine(number: int) -> Engine:
        made = create_engine(f"sqlite:///{directory}/core-{number}.db")
        event.listen(made, "connect", _as_durable)
        return made

    return lambda number: f"sqlite:///{directory}/ours-{number}.db", engine


def _as_durable(connection: Any, _: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _postgresql(url: str) -> tuple[Callable[[int], str], Callable[[int], Engine]]:
    def emptied() -> Engine:
        made = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        with made.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        return made

    def ours(_: int) -> str:
        emptied().dispose()
        return url

    return ours, lambda _: emptied()


def _compare(
    name: str,
    revisions: list[Revision],
    rounds: int,
    url: Callable[[int], str],
    engine: Callable[[int], Engine],
) -> None:
    rows = fact_rows(revisions, fact_tables())

    def ours(number: int) -> float:
        with idocore.open(url(number)) as register:
            return seconds(lambda: _load(register, revisions))

    def core(number: int) -> float:
        made = engine(number)
        rows[0][0].metadata.create_all(made)
        taken = seconds(lambda: _execute(made, rows))
        made.dispose()
        return taken

    def turn(number: int) -> tuple[float, float]:
        """What each takes, one right after the other: the machine changes within seconds, so who is first does, too."""
        if number % 2:
            mine = ours(number)
            return mine, core(number)
        theirs = core(number)
        return ours(number), theirs

    with still():
        taken = [turn(number) for number in range(rounds)]
    rates = sorted(core_taken / ours_taken for ours_taken, core_taken in taken)
    mine, theirs = (median(several) / len(revisions) * 1e6 for several in zip(*taken, strict=True))
    print(f"{name}: {len(revisions)} registrations, medians of {rounds}, journal included on our side only")
    print(
        f"idocore {mine:.1f} us each; Core executemany of the fact rows {theirs:.1f} us; "
        f"rate of a round {median(rates):.2f} of Core's ({rates[0]:.2f} to {rates[-1]:.2f})"
    )


def _load(register: idocore.Register, revisions: list[Revision]) -> None:
    stream = idocore.new_id()
    for start in range(0, len(revisions), BULK_CHUNK):
        register.store.append(revisions[start : start + BULK_CHUNK], stream=stream, closings=0)


def _execute(engine: Engine, rows: list[tuple[Any, list[dict[str, Any]]]]) -> None:
    with engine.begin() as connection:
        for table, values in rows:
            for start in range(0, len(values), _CORE_CHUNK):
                connection.execute(insert(table), values[start : start + _CORE_CHUNK])


if __name__ == "__main__":
    main()
