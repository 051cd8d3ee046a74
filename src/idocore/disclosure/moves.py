"""Ways in which the counts could have been otherwise while every shown number stays as it is.

A move adds one to some hidden counts and takes one from others so that everything still adds up: in every axis a code
is exchanged for another (which changes every total that only one of them counts in), or lifted with all its totals.
The product of such exchanges over the axes is what the hypercube method calls a hypercube. One move that is made
several times, or several moves one after another, lead to a world in which a hidden count is another.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice, product
from types import MappingProxyType

from attrs import field, frozen

from idocore.disclosure.systems import Axis, Counts, Key, System

Vector = tuple[tuple[str, int], ...]
"""Codes of an axis, each with +1 or -1, that keep every sum of the axis."""

_FEW = 60


@frozen
class Move:
    """Every key of these places, periods and categories has one more or one less: the product of their signs."""

    places: Vector
    periods: Vector
    categories: Vector

    def cells(self) -> Iterator[tuple[Key, int]]:
        """The keys that change, each with +1 or -1."""
        for place, one in self.places:
            for period, two in self.periods:
                for category, three in self.categories:
                    yield Key(place, category, period), one * two * three


Amounts = tuple[int, ...]
"""For each measure, how many times a move is made; less than nothing: the other way."""
World = tuple[tuple[Move, Amounts], ...]
"""How everything could have been: moves from how it is."""


@frozen
class Proof:
    """That `key` is protected: for each sensitive measure two worlds in which everything shown is as it is.

    In `low` and `high` the counts at `key` differ by the protected interval at least.
    """

    key: Key
    low: tuple[World, ...]
    high: tuple[World, ...]
    strangers: frozenset[str] = field(default=frozenset())
    """Organisations of elsewhere that know part of it, and for whom it is no proof."""

    @property
    def touched(self) -> frozenset[Key]:
        """All keys whose counts differ somewhere from how they are."""
        moves = dict.fromkeys(move for world in chain(self.low, self.high) for move, _ in world)
        return frozenset(key for move in moves for key, _ in move.cells())


def swap(axis: Axis, code: str, leaf: str, other: str) -> Vector:
    """`leaf`, below `code`, gains what `other` loses; where they may be exchanged, that keeps every sum."""
    mine, theirs = axis.chains[leaf], axis.chains[other]
    gains = [(one, 1) for one in mine - theirs if one != code]
    return ((code, 1), *gains, *((one, -1) for one in theirs - mine))


def lifts(axis: Axis, code: str) -> Iterator[Vector]:
    """A leaf below `code` gains, and with it every total that it counts in."""
    if not axis.sums:
        yield ((code, 1),)
        return
    for leaf in axis.leaves[code]:
        for parts in islice(product(*(one.parts for one in axis.lacking[leaf])), _FEW):
            yield ((code, 1), *((one, 1) for one in axis.chains[leaf] | set(parts) if one != code))


class Possible:
    """Whether counts are possible, as far as everybody knows how they hang together."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._distinct = [
            (one.total, frozenset(one.parts), [system.measures.index(name) for name in one.distinct])
            for one in system.categories.sums
            if one.distinct
        ]
        self._below: dict[tuple[Key, frozenset[str]], list[Key]] = {}

    def holds(self, changed: Mapping[Key, Counts], before: Mapping[Key, Counts] = MappingProxyType({})) -> bool:
        """Whether `changed` is possible beside all that is as `before`, or else as it is.

        That sums are kept is seen to by the move.
        """
        pairs, is_together = self._system.pairs, self._system.is_together
        for key, after in changed.items():
            if any(count < floor for count, floor in zip(after, self._system.floors(key), strict=True)):
                return False
            if any(after[less] > after[more] for less, more in pairs):
                return False
            if is_together and any(after) != all(after):
                return False
        return all(self._fits(key, after, changed, before) for key, after in changed.items())

    def _fits(self, key: Key, after: Counts, *worlds: Mapping[Key, Counts]) -> bool:
        """Whether the sums of distinct counts that `key` is in still lie within their bounds."""
        for total, parts, measures in self._distinct:
            if key.category in parts:
                whole = self._count(Key(key.place, total, key.period), worlds)
                if any(after[one] > whole[one] for one in measures):
                    return False
            elif key.category == total:
                below = [self._count(part, worlds) for part in self._parts(key, parts)]
                if any(row[one] > after[one] for row in below for one in measures):
                    return False
        return True

    def _count(self, key: Key, worlds: Iterable[Mapping[Key, Counts]]) -> Counts:
        """The counts at `key` in the first of `worlds` in which they differ, or else as they are."""
        return next((row for world in worlds if (row := world.get(key))), None) or self._system.counts[key]

    def _parts(self, key: Key, parts: frozenset[str]) -> list[Key]:
        """The keys of `parts` below `key` that have counts; a total may be that of several dimensions."""
        if (key, parts) not in self._below:
            keys = (Key(key.place, part, key.period) for part in parts)
            self._below[key, parts] = [one for one in keys if one in self._system.counts]
        return self._below[key, parts]


class Reach:
    """How far counts can go along one move."""

    def __init__(self, system: System, interval: int, fewest: int) -> None:
        self._system = system
        self._interval = interval
        self._fewest = fewest
        self._possible = Possible(system)

    def proof(self, key: Key, move: Move) -> Proof | None:
        """That `key` is protected by `move`, if it is."""
        counts = self._system.counts[key]
        cells = tuple(move.cells())
        low, high = [], []
        for measure, count in enumerate(counts):
            if 0 < count < self._fewest:
                down, up = self._farthest(cells, measure, -1), self._farthest(cells, measure, 1)
                if up[measure] - down[measure] < self._interval:
                    return None
                low.append(((move, down),))
                high.append(((move, up),))
        return Proof(key, tuple(low), tuple(high))

    def _farthest(self, cells: tuple[tuple[Key, int], ...], measure: int, way: int) -> Amounts:
        """The largest steps of all measures, this one first, that leave every count possible."""
        system, number = self._system, len(self._system.measures)
        shrinking = (system.counts[key][measure] - system.floors(key)[measure] for key, sign in cells if sign * way < 0)
        room = min(shrinking, default=self._interval)
        for step in range(min(room, self._interval), 0, -1):
            for others in range(step, -1, -1):
                amounts = tuple(way * (step if one == measure else others) for one in range(number))
                if self._possible.holds(self._after(cells, amounts)):
                    return amounts
        return (0,) * number

    def _after(self, cells: tuple[tuple[Key, int], ...], amounts: Amounts) -> dict[Key, tuple[int, ...]]:
        counts = self._system.counts
        return {
            key: tuple(count + sign * amount for count, amount in zip(counts[key], amounts, strict=True))
            for key, sign in cells
        }
