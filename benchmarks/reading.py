"""The rows of a workbook that openpyxl wrote, read through its door and by openpyxl's read-only mode.

python -m benchmarks.reading [--rows 100000] [--rounds 5]
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from openpyxl import load_workbook

from benchmarks.preparing import in_turns, seconds
from benchmarks.writing import write_by_peer
from idocore_excel.books import open_book


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with TemporaryDirectory() as directory:
        path = Path(directory) / "book.xlsx"
        write_by_peer(path, arguments.rows)
        taken = in_turns(
            arguments.rounds,
            ours=lambda _: seconds(lambda: _ours(path, arguments.rows)),
            theirs=lambda _: seconds(lambda: _theirs(path, arguments.rows)),
        )
    ours, theirs = taken["ours"], taken["theirs"]
    print(
        f"{arguments.rows} rows of 10 cells: {arguments.rows / ours:.0f} rows a second, openpyxl read-only "
        f"{arguments.rows / theirs:.0f}; {theirs / ours:.1f} times as many"
    )


def _ours(path: Path, count: int) -> None:
    with open_book(path) as book:
        assert sum(1 for _ in book.rows("Rows 1")) == count + 1


def _theirs(path: Path, count: int) -> None:
    book = load_workbook(path, read_only=True)
    assert sum(1 for _ in book["Rows 1"].iter_rows(values_only=True)) == count + 1
    book.close()


if __name__ == "__main__":
    main()
