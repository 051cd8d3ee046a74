"""Which snapshot counts which days, and which days none does: each day is counted once."""

from collections.abc import Iterable
from datetime import date

from attrs import frozen

from idocore.snapshots import Snapshot

Days = tuple[date | None, date | None]
"""From a day up to, not including, another; None is open."""


@frozen
class Part:
    """The days from `start` up to, not including, `end`, as `snapshot` has them."""

    snapshot: Snapshot
    start: date
    end: date


def split(snapshots: Iterable[Snapshot], days: Days) -> tuple[tuple[Part, ...], tuple[Days, ...]]:
    """The parts that `snapshots` count of `days`, and the days that are left.

    Where snapshots overlap (a year and a quarter of it), the one that was made last counts.
    """
    parts: list[Part] = []
    left: list[Days] = [days]
    for one in sorted(snapshots, key=lambda one: (one.made_at, one.id), reverse=True):
        still: list[Days] = []
        for start, end in left:
            first = max(one.days.start, start or date.min)
            last = min(one.days.end, end or date.max)
            if first >= last:
                still.append((start, end))
                continue
            parts.append(Part(one, first, last))
            still += [(start, first)] if start is None or start < first else []
            still += [(last, end)] if end is None or last < end else []
        left = still
    return tuple(parts), tuple(left)
