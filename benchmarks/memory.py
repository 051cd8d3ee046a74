"""Peak memory of a bulk load from a stream of lines, for two sizes: it should not grow with the size.

python -m benchmarks.memory [--sizes 100000 1000000]
"""

import argparse
import resource
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import idocore
from idocore.periods import LOCAL_ZONE

_START = datetime(2022, 1, 3, 10, tzinfo=LOCAL_ZONE)
_TOPICS = ("digid", "pension", "work", "printing")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs=2, default=[100_000, 1_000_000])
    parser.add_argument("--load", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.load:
        print(_peak(arguments.load))
        return
    few, many = (_measured(size) for size in arguments.sizes)
    print(
        f"SQLite, bulk load: {arguments.sizes[0]} registrations peak at {few:.0f} MB, {arguments.sizes[1]} at "
        f"{many:.0f} MB; {many / few:.2f} times as much"
    )


def _measured(size: int) -> float:
    """The peak in MB of a process of its own that loads `size` registrations."""
    command = [sys.executable, "-m", "benchmarks.memory", "--load", str(size)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout)


def _peak(size: int) -> float:
    with TemporaryDirectory() as directory, idocore.open(f"sqlite:///{Path(directory)}/ido.db") as register:
        register.places.add_service_point("centrale", municipality="Utrecht")
        for _ in register.load(_lines(size), bulk=True):
            pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _lines(size: int) -> Iterator[idocore.Line]:
    for number in range(size):
        moment = _START + timedelta(minutes=number % 500_000)
        topic = _TOPICS[number % len(_TOPICS)]
        raw = {
            "id": str(idocore.new_id()),
            "service_point": "centrale",
            "moment": moment.isoformat(),
            "inquiries": [{"topic": topic, "help": ["referral"]}] if topic != "printing" else [{"topic": topic}],
        }
        yield idocore.Line(number + 1, raw, None, "")


if __name__ == "__main__":
    main()
