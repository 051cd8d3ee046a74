"""Disclosure control against somebody who looks at every way in which the counts could have been, in whole numbers."""

import random
from collections.abc import Collection
from itertools import combinations, product

import numpy as np
import numpy.typing as npt
import pytest

from idocore.disclosure import Axis, Key, Policy, Sum, System, protect, sensitive

POLICY = Policy()
VISITS = 14
SYSTEMS = 40
PLACES, CATEGORIES, MONTHS = ("a", "b"), ("c0", "c1"), ("m0", "m1")
LEAVES = [Key(*codes) for codes in product(PLACES, CATEGORIES, MONTHS)]
CELLS = [Key(*codes) for codes in product((*PLACES, "all"), (*CATEGORIES, "*"), (*MONTHS, "year"))]
WHOLE = Key("all", "*", "year")


def is_in(leaf: Key, cell: Key) -> bool:
    pairs = zip(cell, leaf, ("all", "*", "year"), strict=True)
    return all(code in (own, total) for code, own, total in pairs)


SUMS = np.array([[is_in(leaf, cell) for leaf in LEAVES] for cell in CELLS], dtype=np.int64)


@pytest.fixture(scope="module")
def worlds() -> npt.NDArray[np.int64]:
    """Every way to divide the visits: a row for each, with the count of every cell."""
    bars = np.array(list(combinations(range(VISITS + len(LEAVES) - 1), len(LEAVES) - 1)))
    edges = np.pad(bars, ((0, 0), (1, 1)), constant_values=((0, 0), (-1, VISITS + len(LEAVES) - 1)))
    found: npt.NDArray[np.int64] = (np.diff(edges, axis=1) - 1) @ SUMS.T
    return found


def invented(seed: int) -> System:
    """Visits to two places for two categories in two months, with all totals; how many there were is shown."""
    chance = random.Random(seed)
    drawn = chance.choices(range(len(LEAVES)), [chance.random() + 0.1 for _ in LEAVES], k=VISITS)
    counts = dict(zip(CELLS, SUMS @ np.bincount(drawn, minlength=len(LEAVES)), strict=True))
    return System(
        measures=("inquiries",),
        counts={key: (int(count),) for key, count in counts.items()},
        places=Axis((Sum("all", PLACES),)),
        categories=Axis((Sum("*", CATEGORIES),)),
        periods=Axis((Sum("year", MONTHS),)),
        published=frozenset(counts),
        firm=frozenset({WHOLE}),
    )


def known(system: System, hidden: Collection[Key], worlds: npt.NDArray[np.int64]) -> list[Key]:
    """The sensitive keys that are within less than the interval in all worlds in which the shown cells are as shown."""
    real = np.array([system.counts[cell][0] for cell in CELLS])
    least = np.array([system.floors(cell)[0] for cell in CELLS])
    shown = [number for number, cell in enumerate(CELLS) if cell not in hidden]
    possible = worlds[(worlds[:, shown] == real[shown]).all(axis=1) & (worlds >= least).all(axis=1)]
    widths = dict(zip(CELLS, possible.max(axis=0) - possible.min(axis=0), strict=True))
    return [key for key in sorted(sensitive(system, POLICY)) if widths[key] < POLICY.interval]


@pytest.mark.slow
def test_no_small_count_is_the_same_in_all_worlds(worlds: npt.NDArray[np.int64]) -> None:
    """Whatever may be published leaves each small count a width of 5; hiding the small ones only never does."""
    published = 0
    for system in map(invented, range(SYSTEMS)):
        found = protect(system, POLICY)
        if not found.unproven:
            published += 1
            assert known(system, found.hidden, worlds) == []
            assert known(system, found.primary, worlds)
    assert published > SYSTEMS * 3 / 4
