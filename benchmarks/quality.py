"""Data quality over the demo nation: findings for each service point and year, and what looking costs.

    python -m benchmarks.quality [registrations]

The records are entered promptly and without faults, so every finding is one too many. The cost is a ratio within one
run: reading the year's registrations from SQLite and looking at them, beside reading them alone.
"""

import sys
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import idocore
from idocore.periods import LOCAL_ZONE
from idocore.simulation import simulate

YEAR = idocore.Period.parse("2024")


def main(registrations: int) -> None:
    """Load, look, print."""
    nation = simulate(registrations, 1)
    clock = [datetime(2019, 1, 1, tzinfo=LOCAL_ZONE)]
    with TemporaryDirectory() as directory:
        register = idocore.open(f"sqlite:///{Path(directory) / 'ido.db'}", clock=lambda: clock[0])
        register.places.put(*nation.places)
        clock[0] = datetime(2025, 1, 31, tzinfo=LOCAL_ZONE)
        loaded = sum(not one.is_rejected for one in register.load(nation.lines(), bulk=True))
        start = perf_counter()
        read = sum(1 for _ in register.revisions(period=YEAR, theme="ido", statuses=[idocore.Status.FINAL]))
        reading = perf_counter() - start
        start = perf_counter()
        found = register.quality(YEAR)
        looking = perf_counter() - start
        register.close()
    # All was loaded at one moment, which is told once for each point and is no fault.
    codes = Counter(one.code for one in found.findings if one.code != "quality-at-once")
    lived = sum((YEAR.end - max(one.opened or date.min, YEAR.start)).days for one in nation.service_points) / 366
    print(f"{loaded} loaded, {read} in {YEAR}; {dict(codes)} for {lived:.0f} point-years")
    print(f"{codes.total() / lived:.4f} findings for each service point and year")
    print(f"looking and judging takes {looking / reading:.2f}x reading alone")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 179_266)
