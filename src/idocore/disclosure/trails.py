"""Where a move may go: places and periods to try, the nearest first, and what each category along them costs."""

from collections.abc import Iterable, Iterator, Mapping, Set
from itertools import islice
from math import inf

from attrs import define, field, frozen

from idocore.disclosure.moves import Vector, lifts, swap
from idocore.disclosure.systems import Axis, Key, System

_LEAVES = 2
_NEAR = 60
_FAR = 30
_SPANS = 4

Room = tuple[int, ...]
"""For each measure, the smallest of some counts."""


@frozen
class Column:
    """A category along a trail: what hiding it costs, and the smallest counts that would grow and shrink."""

    cost: float
    growing: Room
    shrinking: Room


@define
class Cell:
    """The counts at a key, and what hiding it costs: nothing once it is hidden, infinitely much if it cannot be."""

    counts: Room
    price: float


Rows = Mapping[tuple[str, str], Mapping[str, Cell]]
"""The cells of each place and period by category."""


@define
class Trail:
    """Places and periods, each with the way in which counts there change."""

    places: Vector
    periods: Vector
    strangers: frozenset[str]
    _rows: tuple[tuple[Mapping[str, Cell], int], ...]
    _columns: dict[str, Column | None] = field(factory=dict)

    def column(self, category: str) -> Column | None:
        """`category` along the trail; None when something there is zero and known to be, or may not be hidden."""
        if category not in self._columns:
            self._columns[category] = self._column(category)
        return self._columns[category]

    def _column(self, category: str) -> Column | None:
        cost = 0.0
        growing: list[Room] = []
        shrinking: list[Room] = []
        for row, sign in self._rows:
            cell = row.get(category)
            if cell is None or cell.price == inf:
                return None
            cost += cell.price
            (growing if sign > 0 else shrinking).append(cell.counts)
        return Column(cost, _least(growing), _least(shrinking))


def _least(rooms: list[Room]) -> Room:
    return tuple(map(min, *rooms)) if len(rooms) > 1 else rooms[0] if rooms else ()


@define
class Trails:
    """The trails for each key, group by group."""

    system: System
    rows: Rows
    _near: dict[str, list[str]] = field(factory=dict)
    _ordered: dict[tuple[str, str], list[str]] = field(factory=dict)

    def of(self, key: Key, *, abroad: bool, totals: bool) -> Iterator[list[Trail]]:
        """Groups of trails for `key`: within the organisation unless `abroad`, near by, far away, with all `totals`."""
        spans = self._spans(key)
        own = self.system.owner(key)
        for places in self._groups(key, own, abroad, totals):
            yield [self._trail(one, span, own) for one in places for span in spans]

    def _spans(self, key: Key) -> list[Vector]:
        """The periods to exchange with: those with the largest counts, and the totals."""
        found = list(vectors(self.system.periods, key.period))
        if len(found) <= _SPANS:
            return found
        return sorted(found, key=lambda span: -self._smallest(key, span))[:_SPANS]

    def _smallest(self, key: Key, span: Vector) -> int:
        counts = self.system.counts
        rows = (counts.get(Key(key.place, key.category, period), (0,)) for period, _ in span)
        return min(max(row) for row in rows)

    def _trail(self, places: Vector, span: Vector, own: str | None) -> Trail:
        owners = (self.system.owners.get(code) for code, _ in places)
        strangers = frozenset(owner for owner in owners if owner is not None and owner != own)
        rows = tuple((self.rows.get((place, period), {}), one * two) for place, one in places for period, two in span)
        return Trail(places, span, strangers, rows)

    def _groups(self, key: Key, own: str | None, abroad: bool, totals: bool) -> Iterator[list[Vector]]:
        axis = self.system.places
        if not axis.sums:
            yield [((key.place, 1),)]
            return
        below = set(axis.leaves[key.place])
        wide = _NEAR if len(self.system.periods.chains) == 1 else _NEAR // _SPANS
        mine = self._largest(below, key, _LEAVES)
        near = {other for leaf in mine for other in self._neighbours(leaf) if other not in below}
        home = set() if own is None or abroad else set(axis.leaves.get(own, ())) - below
        yield self._swaps(key, mine, sorted(home & near))
        yield self._swaps(key, mine, self._largest(near - home, key, wide))
        yield self._swaps(key, mine, sorted(home - near))
        yield self._swaps(key, mine, self._largest(set(axis.chains) - near - below, key, _FAR))
        if totals:
            yield list(lifts(axis, key.place))

    def _swaps(self, key: Key, mine: Iterable[str], others: Iterable[str]) -> list[Vector]:
        listed = list(others)
        axis = self.system.places
        pairs = ((leaf, other) for leaf in mine for other in listed if axis.may_exchange(leaf, other))
        return [swap(axis, key.place, leaf, other) for leaf, other in pairs]

    def _largest(self, leaves: Set[str], key: Key, number: int) -> list[str]:
        """Those of `leaves` with the largest counts of the category."""
        return list(islice((leaf for leaf in self._from_large_to_small(key) if leaf in leaves), number))

    def _from_large_to_small(self, key: Key) -> list[str]:
        """All leaves with counts of the category, those with the largest first."""
        of = key.category, key.period
        if of not in self._ordered:
            counts = self.system.counts
            found = [(max(row), leaf) for leaf in self.system.places.chains if (row := counts.get(Key(leaf, *of)))]
            self._ordered[of] = [leaf for _, leaf in sorted(found, reverse=True)]
        return self._ordered[of]

    def _neighbours(self, leaf: str) -> list[str]:
        """The leaves that share the smallest total with `leaf` that is of more than one organisation."""
        if leaf not in self._near:
            self._near[leaf] = self._find_neighbours(leaf)
        return self._near[leaf]

    def _find_neighbours(self, leaf: str) -> list[str]:
        axis, owners = self.system.places, self.system.owners
        shared = sorted((code for code in axis.chains[leaf] if code != leaf), key=lambda code: len(axis.leaves[code]))
        for code in shared:
            if len({owners.get(other) for other in axis.leaves[code]}) > 1:
                return list(axis.leaves[code])
        return []


def vectors(axis: Axis, code: str) -> Iterator[Vector]:
    """Every exchange of `code` for another that keeps every sum of the axis, then every lift."""
    if not axis.sums:
        yield ((code, 1),)
        return
    for leaf in axis.leaves[code]:
        for other, chain in axis.chains.items():
            if code not in chain and axis.may_exchange(leaf, other):
                yield swap(axis, code, leaf, other)
    yield from lifts(axis, code)
