"""Monthly visitors and inquiries per province and provider, from the facts on SQLite, against hand-written SQL.

python -m benchmarks.live [--registrations 1000000] [--rounds 3] [--file FILE]

The engine alone (the cells of that one cut), and the whole `register.table` with its base, unknowns and notes.
"""

import argparse
import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import idocore
from benchmarks.filling import filled
from benchmarks.preparing import in_turns, seconds
from idocore.statistics.cells import INQUIRIES, REGISTRATIONS, TALLIED, Cut
from idocore.statistics.query import dimensions
from idocore_sql.queries import evaluate

_BY = ("month", "province", "provider")

_INQUIRIES = """
SELECT r.month, a.province, i.provider, count(DISTINCT CASE WHEN r.kind = 'visit' THEN r.key END), sum(i.count)
FROM ido_registration r LEFT JOIN ido_inquiry i ON i.registration = r.key
LEFT JOIN a ON a.service_point = r.service_point AND a.valid_from <= r.local_date AND r.local_date < a.valid_until
WHERE r.status = 'final' GROUP BY 1, 2, 3
"""
_TALLIES = """
SELECT r.month, a.province, sum(r.count) FROM ido_registration r
LEFT JOIN a ON a.service_point = r.service_point AND a.valid_from <= r.local_date AND r.local_date < a.valid_until
WHERE r.status = 'final' AND r.kind = 'tally' GROUP BY 1, 2
"""
_FIRSTS = """
SELECT r.month, a.province, i.provider, sum(r.kind = 'visit' AND (i.ordinal IS NULL OR i.ordinal = 1 OR NOT EXISTS (
  SELECT 1 FROM ido_inquiry j WHERE j.registration = i.registration AND j.ordinal < i.ordinal
  AND j.provider IS i.provider))), sum(i.count)
FROM ido_registration r LEFT JOIN ido_inquiry i ON i.registration = r.key
LEFT JOIN a ON a.service_point = r.service_point AND a.valid_from <= r.local_date AND r.local_date < a.valid_until
WHERE r.status = 'final' GROUP BY 1, 2, 3
"""
"""Without a distinct count: a registration counts at the first of its inquiries that has the provider."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--registrations", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--file", type=Path, help="a database that an earlier run filled, or is to fill")
    arguments = parser.parse_args()
    with TemporaryDirectory() as directory:
        path = arguments.file or Path(directory) / "live.db"
        with filled(path, arguments.registrations) as register:
            _compare(path, register, arguments.rounds)


def _compare(path: Path, register: idocore.Register, rounds: int) -> None:
    hand = _connected(path, register)
    store: Any = register.store
    known = dimensions(register.themes, "ido")
    measures = frozenset({REGISTRATIONS, TALLIED, INQUIRIES})
    cut = Cut("ido", tuple(known[name] for name in _BY), measures, register.places.gazetteer.then)

    def engine(_: int) -> float:
        with store._access.snapshot() as connection:
            return seconds(lambda: evaluate(connection, cut, store._tables["ido"]))

    def whole(_: int) -> float:
        # As it is asked: what is kept ready answers what it can, where it was refreshed.
        return seconds(lambda: register.table(["visitors", "inquiries"], by=_BY))

    taken = in_turns(
        rounds,
        distinct=lambda _: seconds(lambda: _run(hand, _INQUIRIES, _TALLIES)),
        firsts=lambda _: seconds(lambda: _run(hand, _FIRSTS, _TALLIES)),
        engine=engine,
        whole=whole,
    )
    best = min(taken["distinct"], taken["firsts"])
    by_hand = f"with a distinct count {taken['distinct']:.2f} s, without {taken['firsts']:.2f} s"
    print(f"medians of {rounds}: hand-written {by_hand}")
    print(f"engine {taken['engine']:.2f} s, {taken['engine'] / best:.2f} times the best of them", end="; ")
    print(f"whole table {taken['whole']:.2f} s, {taken['whole'] / best:.2f} times")


def _connected(path: Path, register: idocore.Register) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    for pragma in ("cache_size=-65536", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(
        "CREATE TEMP TABLE a (service_point TEXT, valid_from TEXT, valid_until TEXT, province TEXT,"
        " PRIMARY KEY (service_point, valid_from)) WITHOUT ROWID"
    )
    spans = register.places.gazetteer.then.spans
    rows = [(one.service_point, str(one.valid_from), str(one.valid_until), one.province) for one in spans]
    connection.executemany("INSERT INTO a VALUES (?, ?, ?, ?)", rows)
    return connection


def _run(connection: sqlite3.Connection, *statements: str) -> None:
    for statement in statements:
        connection.execute(statement).fetchall()


if __name__ == "__main__":
    main()
