"""A raw sheet of registrations, written row by row, against openpyxl's write-only mode with the same rows.

python -m benchmarks.writing [--rows 100000] [--rounds 5] [--sizes 100000 1000000]
"""

import argparse
import resource
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from benchmarks.preparing import in_turns, seconds
from idocore_excel.streaming import StreamedBook, Value

_HEADER = ("id", "service_point", "date", "channel", "duration", "count", "topic", "provider", "help", "again")
_POINTS = [f"service-point-{number}" for number in range(700)]
_TOPICS = ("digid", "pension", "work", "printing", "allowances & care")
_START = date(2022, 1, 3)

Row = tuple[Value, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sizes", type=int, nargs=2, default=[100_000, 1_000_000])
    parser.add_argument("--write", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.write:
        print(_peak(arguments.write))
        return
    _compare(arguments.rows, arguments.rounds)
    few, many = (_measured(size) for size in arguments.sizes)
    print(
        f"{arguments.sizes[0]} rows peak at {few:.0f} MB, {arguments.sizes[1]} at {many:.0f} MB; "
        f"{many / few:.2f} times as much"
    )


def _compare(count: int, rounds: int) -> None:
    """Both write the same rows, which are there already, beside one small page."""
    rows = list(_rows(count))
    with TemporaryDirectory() as directory:
        path = Path(directory) / "book.xlsx"
        taken = in_turns(
            rounds,
            ours=lambda _: seconds(lambda: _streamed(path, rows)),
            theirs=lambda _: seconds(lambda: _write_only(path, rows)),
        )
    ours, theirs = taken["ours"], taken["theirs"]
    print(
        f"{count} rows of {len(_HEADER)} cells: {count / ours:.0f} rows a second, openpyxl write-only "
        f"{count / theirs:.0f}; {theirs / ours:.1f} times as many"
    )


def write_by_peer(path: Path, count: int) -> None:
    """A workbook with `count` rows at `path`, as openpyxl writes it."""
    _write_only(path, _rows(count))


def _streamed(path: Path, rows: Iterable[Row]) -> None:
    workbook = Workbook()
    _page(workbook.worksheets[0])

    def make(number: int) -> Worksheet:
        sheet: Worksheet = workbook.create_sheet(f"Rows {number}")
        sheet.append(_HEADER)
        sheet.freeze_panes, sheet.auto_filter.ref = "A2", "A1:J1"
        return sheet

    with path.open("wb") as target, StreamedBook(workbook, target) as book:
        book.stream(make, rows)
        book.save()


def _write_only(path: Path, rows: Iterable[Row]) -> None:
    workbook = Workbook(write_only=True)
    _page(workbook.create_sheet("Page"))
    sheet = workbook.create_sheet("Rows 1")
    sheet.append(_HEADER)
    for row in rows:
        sheet.append(row)
    workbook.save(path)


def _page(sheet: Worksheet) -> None:
    sheet.append(["registrations", 1])


def _measured(size: int) -> float:
    """The peak in MB of a process of its own that writes `size` rows as they are made."""
    command = [sys.executable, "-m", "benchmarks.writing", "--write", str(size)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def _peak(size: int) -> float:
    with TemporaryDirectory() as directory:
        _streamed(Path(directory) / "book.xlsx", _rows(size))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _rows(count: int) -> Iterator[Row]:
    for number in range(count):
        yield (
            f"0190a5b0-{number:04x}-7abc-8def-{number:012x}",
            _POINTS[number % len(_POINTS)],
            _START + timedelta(days=number % 900),
            "desk",
            "10-to-20" if number % 3 else None,
            1,
            _TOPICS[number % len(_TOPICS)],
            "logius",
            "digital-traffic | referral",
            number % 7 == 0,
        )


if __name__ == "__main__":
    main()
