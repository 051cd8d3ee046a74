"""Statistics that a few wrong counts do not lead astray."""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from statistics import median
from typing import Final

_NORMAL: Final = 1.4826
"""What makes the median absolute deviation of a normal distribution its standard deviation."""


def outliers(counts: Mapping[date, int], score: float, least: int) -> Iterator[tuple[date, int, float]]:
    """The days whose count lies `score` robust deviations above the median: day, count, median; in order of time.

    The deviation is the median absolute one, over square roots of counts (which spread alike whether there are many
    or few), and at least that of chance alone. Fewer than `least` days say nothing; nor does a count below `least`.
    """
    if len(counts) < least:
        return
    roots = {day: _steadied(count) for day, count in counts.items()}
    middle = median(roots.values())
    spread = max(1.0, _NORMAL * median(abs(root - middle) for root in roots.values()))
    usual = median(counts.values())
    for day in sorted(counts):
        if counts[day] >= least and roots[day] - middle >= score * spread:
            yield day, counts[day], usual


def _steadied(count: int) -> float:
    """Anscombe's square root: the counts of chance then have a deviation of one."""
    return 2 * math.sqrt(count + 3 / 8)


def empty_runs(days: Sequence[date], heard: Collection[date]) -> Iterator[tuple[date, date, int]]:
    """The runs of `days`, which are in order, that are not in `heard`: first and last day, and how many."""
    run: list[date] = []
    for day in days:
        if day not in heard:
            run.append(day)
        elif run:
            yield run[0], run[-1], len(run)
            run = []
    if run:
        yield run[0], run[-1], len(run)


def chance_of_run(length: int, days: int, heard: int) -> float:
    """How many runs of `length` empty days chance gives among `days`, `heard` of which were not empty (at most).

    Whether a day is empty is a throw of a coin, whose bias is judged by the days outside the run.
    """
    empty = 1 - heard / max(days - length, 1)
    return float(days * max(empty, 0.0) ** length)


def surprise(after: int, before: int, odds: float) -> float:
    """How many standard deviations `after` lies above what `before` leads to expect.

    `odds` is how many of both together are expected after for each before: the conditional test of two counts.
    """
    total, share = after + before, odds / (1 + odds)
    spread = math.sqrt(total * share * (1 - share))
    return (after - total * share) / spread if spread else 0.0
