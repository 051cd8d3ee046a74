"""Protecting a national year: what is hidden, how long it takes, and a check of every proof.

python -m benchmarks.disclosure [--points 700] [--categories 20] [--visits 70000] [--months 1] [--provinces 12]

There is no peer to compare with: the programs of statistical offices solve the same task, and do not promise a width
against every library. With more than one month the places are best those of one province: --points 58 --provinces 1
--visits 5800 --months 12.
"""

import argparse

from tests.disclosures import Shape, invented

from benchmarks.preparing import seconds
from idocore.disclosure import Policy, Protection, protect
from idocore.disclosure.proofs import Checker


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=700)
    parser.add_argument("--provinces", type=int, default=12)
    parser.add_argument("--categories", type=int, default=20)
    parser.add_argument("--visits", type=int, default=70_000)
    parser.add_argument("--months", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long protecting may take")
    asked = parser.parse_args()
    runners = max(1, asked.points * 145 // 700)
    shape = Shape(asked.points, runners, asked.provinces, asked.categories, asked.visits, asked.months, astray=0.02)
    system, policy = invented(1, shape), Policy(seconds=asked.seconds)
    found: list[Protection] = []
    taken = seconds(lambda: found.append(protect(system, policy)))
    protection = found[0]
    print(f"{len(system.counts):,} cells: {len(protection.primary):,} small, {len(protection.complementary):,} beside")
    print(f"protected in {taken:.1f} s; {len(protection.unproven):,} not shown to be safe (then nothing is published)")
    checker = Checker(system, protection.hidden, policy)
    checked = seconds(lambda: checker.unproven(protection.primary, protection.proofs))
    print(f"{len(protection.proofs):,} proofs checked in {checked:.1f} s")


if __name__ == "__main__":
    main()
