"""Ways in which the counts could have been otherwise while every shown number stays as it is.

A move adds one to some hidden counts and takes one from others so that everything still adds up: in every axis a code
is exchanged for another (which changes every total that only one of them counts in), or lifted with all its totals.
The product of such exchanges over the axes is what the hypercube method calls a hypercube.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, product
from operator import lt

from attrs import field, frozen

from idocore.disclosure.systems import Axis, Key, System

Vector = tuple[tuple[str, int], ...]
"""Codes of an axis, each with +1 or -1, that keep every sum of the axis."""

_FEW = 60


Move = tuple[tuple[Key, int], ...]
"""Keys, each with +1 or -1: so many more, or fewer."""


@frozen
class Proof:
    """Two ways in which everything could have been otherwise, `low` and `high`, from one move.

    At the first key of `move` they differ, for each sensitive measure, by the protected interval at least.
    """

    move: Move
    low: tuple[tuple[int, ...], ...]
    high: tuple[tuple[int, ...], ...]
    strangers: frozenset[str] = field(default=frozenset())
    """Organisations of elsewhere that know part of it, and for whom it is no proof."""

    @property
    def key(self) -> Key:
        """The key that is protected."""
        return self.move[0][0]


def swap(axis: Axis, code: str, leaf: str, other: str) -> Vector:
    """`leaf`, below `code`, gains what `other` loses."""
    mine, theirs = axis.chains[leaf], axis.chains[other]
    gains = [(one, 1) for one in mine - theirs if one != code]
    return ((code, 1), *gains, *((one, -1) for one in theirs - mine))


def lifts(axis: Axis, code: str) -> Iterator[Vector]:
    """A leaf below `code` gains, and with it every total that it counts in."""
    if not axis.sums:
        yield ((code, 1),)
        return
    for leaf in axis.leaves[code]:
        for chosen in _completed(axis, axis.chains[leaf]):
            yield ((code, 1), *((one, 1) for one in chosen if one != code))


def _completed(axis: Axis, codes: frozenset[str]) -> Iterator[frozenset[str]]:
    """`codes` with a part for each sum whose total is among them, but none of its parts."""
    lacking = [one for one in axis.sums if one.total in codes and codes.isdisjoint(one.parts)]
    for parts in islice(product(*(one.parts for one in lacking)), _FEW):
        yield codes | set(parts)


def crossed(steps: Iterable[tuple[str, str, int]], categories: Vector) -> Iterator[tuple[Key, int]]:
    """The keys that change along `steps` (place, period and way) and `categories`, and which way."""
    for place, period, one in steps:
        for category, two in categories:
            yield Key(place, category, period), one * two


class Reach:
    """How far counts can go along a move."""

    def __init__(self, system: System, interval: int, fewest: int) -> None:
        self._system = system
        self._interval = interval
        self._fewest = fewest
        self._tops: dict[tuple[str, str, str, int], int] = {}
        self._distinct = [
            (one.total, frozenset(one.parts), [system.measures.index(name) for name in one.distinct])
            for one in system.categories.sums
            if one.distinct
        ]

    def proof(self, move: Move) -> Proof | None:
        """That the first key of `move` is protected by it, if it is."""
        counts = self._system.counts[move[0][0]]
        low, high = [], []
        for measure, count in enumerate(counts):
            if 0 < count < self._fewest:
                down, up = self._farthest(move, measure, -1), self._farthest(move, measure, 1)
                if up[measure] + down[measure] < self._interval:
                    return None
                low.append(down)
                high.append(up)
        return Proof(move, tuple(low), tuple(high))

    def _farthest(self, move: Move, measure: int, way: int) -> tuple[int, ...]:
        """The largest steps of all measures, this one first, that leave every count possible."""
        counts, number = self._system.counts, len(self._system.measures)
        shrinking = (counts[key][measure] for key, sign in move if sign * way < 0)
        room = min(shrinking, default=self._interval + 1) - self._system.floors[measure]
        for step in range(min(room, self._interval), 0, -1):
            for others in range(step, -1, -1):
                steps = tuple(step if one == measure else others for one in range(number))
                if self._is_possible(move, steps, way):
                    return steps
        return (0,) * number

    def _is_possible(self, move: Move, steps: tuple[int, ...], way: int) -> bool:
        counts, pairs, floors = self._system.counts, self._system.pairs, self._system.floors
        changed = {}
        for key, sign in move:
            after = tuple(count + way * sign * step for count, step in zip(counts[key], steps, strict=True))
            if any(map(lt, after, floors)) or any(after[less] > after[more] for less, more in pairs):
                return False
            changed[key] = after
        return all(self._fits(key, after, changed) for key, after in changed.items())

    def _fits(self, key: Key, after: tuple[int, ...], changed: Mapping[Key, tuple[int, ...]]) -> bool:
        """Whether the sums of distinct counts that `key` is in still lie within their bounds."""
        for total, parts, measures in self._distinct:
            if key.category in parts:
                whole = Key(key.place, total, key.period)
                counted = changed.get(whole) or self._system.counts[whole]
                if any(after[one] > counted[one] for one in measures):
                    return False
            elif key.category == total and any(after[one] < self._top(key, parts, one, changed) for one in measures):
                return False
        return True

    def _top(self, key: Key, parts: Iterable[str], measure: int, changed: Mapping[Key, tuple[int, ...]]) -> int:
        """The largest part below `key` of those that do not change."""
        counts = self._system.counts
        keys = (Key(key.place, part, key.period) for part in parts)
        return max((counts[one][measure] for one in keys if one in counts and one not in changed), default=0)
