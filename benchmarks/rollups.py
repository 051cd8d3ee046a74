"""A dashboard's declared queries for one province and one year on SQLite: from what is kept, against a scan.

python -m benchmarks.rollups [--registrations 10000000] [--rounds 3] [--file FILE]
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import idocore
from benchmarks.filling import filled
from benchmarks.preparing import in_turns, seconds
from idocore.statistics import Query
from idocore.statistics.answer import answer
from idocore_sql.queries import evaluate

_ASKED = (("month",), ("month", "provider"), ("municipality", "topic"), ("topic", "help"), ("organisation",))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--registrations", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--file", type=Path, help="a database that an earlier run filled, or is to fill")
    parser.add_argument("--only-asked", action="store_true", help="keep only what is asked here")
    arguments = parser.parse_args()
    with TemporaryDirectory() as directory:
        path = arguments.file or Path(directory) / "rollups.db"
        with filled(path, arguments.registrations) as register:
            if arguments.only_asked:
                register.rollups.declare(_declared())
            taken = seconds(register.rollups.refresh)
            print(f"counted anew in {taken:.0f} s: {len(register.rollups.declared())} sets of dimensions")
            _compare(register, arguments.rounds)


def _declared() -> list[list[str]]:
    """The sets that answer what is asked here."""
    return [["provider"], ["topic"], ["help"], ["help", "topic"]]


def _compare(register: idocore.Register, rounds: int) -> None:
    store: Any = register.store
    places, today = register.places.gazetteer, register._now().date()

    def scanned(query: Query) -> idocore.Table:
        with store._access.snapshot() as connection:
            known = store._tables["ido"]
            return answer(query, lambda cut: evaluate(connection, cut, known), register.themes, places, today)

    for by in _ASKED:
        query = Query.of(["visitors", "inquiries"], by, where={"province": "PV26"}, period="2023")
        assert register.answer(query).rows == scanned(query).rows
        taken = in_turns(
            rounds,
            kept=lambda _, query=query: seconds(lambda: register.answer(query)),
            scan=lambda _, query=query: seconds(lambda: scanned(query)),
        )
        print(
            f"by {', '.join(by)}: kept {taken['kept'] * 1000:.0f} ms, scanned {taken['scan'] * 1000:.0f} ms, "
            f"{taken['scan'] / taken['kept']:.0f} times as quick; medians of {rounds}, the whole table each"
        )


if __name__ == "__main__":
    main()
