"""What is hidden beforehand of a release by month, in which most counts are small.

Where many of a place's monthly counts by category would have to be hidden, all of them are, zeros as well: one that
shows between hidden ones would protect nobody, and tell much. Its year by category and its monthly totals may still be
shown. So the months of small places are hidden whole, and those of the places around them are read.
"""

from collections import defaultdict
from collections.abc import Iterator
from enum import Enum, auto

from attrs import define, field

from idocore.disclosure.systems import Key, Side, System, with_code

_SPARSE = 0.2
"""From which share of its counts on a block is hidden, all of it."""
_TIGHT = 10
"""A total below this leaves too little for its parts, as soon as somebody knows one of them."""
_NEAR = 12
"""With how many other places exchanges are made possible for one key."""


class Kind(Enum):
    """What of a place makes up a block, from what is missed least."""

    MONTHS = auto()
    """Its months by category."""
    MONTHLY_TOTALS = auto()
    WHOLE = auto()
    """What it has by category in the period as a whole."""
    TOTAL = auto()
    """What it has in the period as a whole."""


_MONTHLY = Kind.MONTHS, Kind.MONTHLY_TOTALS
BlockName = tuple[str, Kind]


def whole_periods(system: System) -> Iterator[System]:
    """The system of each period that is no part of another, by itself."""
    parts = system.periods.by_part
    for period in dict.fromkeys(key.period for key in system.counts if key.period not in parts):
        yield system.within(period)


@define
class Blocks:
    """The counts of each place in blocks, as they are hidden together or opened to walks together."""

    system: System
    _keys: dict[BlockName, list[Key]] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        system = self.system
        keys = defaultdict(list)
        fixed = system.shown | system.firm
        for key in system.counts:
            if key in system.published and key not in fixed:
                keys[key.place, self._kind(key)].append(key)
        self._keys = dict(keys)

    def _kind(self, key: Key) -> Kind:
        is_part, is_split = (key[side] in self.system.axes[side].by_part for side in (Side.PERIOD, Side.CATEGORY))
        if is_part:
            return Kind.MONTHS if is_split else Kind.MONTHLY_TOTALS
        return Kind.WHOLE if is_split else Kind.TOTAL

    def sparse(self, small: frozenset[Key]) -> Iterator[Key]:
        """The keys of all blocks of which many are `small`."""
        for name, keys in self._keys.items():
            counted = [key for key in keys if any(self.system.counts[key])]
            if name[1] in _MONTHLY and sum(key in small for key in counted) > _SPARSE * len(counted):
                yield from keys

    def of(self, key: Key) -> list[Key]:
        """The block that `key` is in; empty when it is in none, or alone."""
        kind = self._kind(key)
        return [] if kind is Kind.TOTAL else self._keys.get((key.place, kind), [])

    def near(self, key: Key) -> Iterator[list[Key]]:
        """More and more blocks that may help to protect `key`, those first that are missed least."""
        for group in self._groups(key):
            yield [one for name in group for one in self._keys.get(name, ())]

    def _groups(self, key: Key) -> Iterator[list[BlockName]]:
        """The place itself; totals around it that are hardly larger; with each other place near by all that an exchange
        with it changes; then every total; and in the end all that there is near by."""
        around = self._around(key.place)
        yield [(key.place, Kind.MONTHS)]
        for place in around:
            if self._is_tight(with_code(key, Side.PLACE, place)):
                yield [(place, Kind.MONTHS)]
        exchanges = self._exchanges(key.place)
        for kind in (Kind.MONTHS, Kind.MONTHLY_TOTALS):
            for places in exchanges[:_NEAR]:
                yield [(place, kind) for place in places]
        for kind in (Kind.WHOLE, Kind.MONTHS, Kind.MONTHLY_TOTALS):
            for place in (key.place, *around):
                yield [(place, kind)]
        for places in ([key.place, *around], *exchanges[:_NEAR]):
            yield [(place, kind) for place in places for kind in Kind]

    def _around(self, place: str) -> list[str]:
        """The totals that all of `place` counts in, the smallest first."""
        axis = self.system.places
        chains = [axis.chains[leaf] for leaf in axis.leaves.get(place, (place,))]
        shared = frozenset.intersection(*chains) - {place} if axis.sums else frozenset[str]()
        return sorted(shared, key=lambda code: (len(axis.leaves[code]), code))

    def _is_tight(self, key: Key) -> bool:
        """Whether the count at `key` is so small that who knows a part of it knows the rest too well."""
        return max(self.system.counts.get(key, (0,))) < _TIGHT

    def _exchanges(self, place: str) -> list[list[str]]:
        """The places that change when somebody goes elsewhere instead: the fewest first, and then the smallest."""
        axis = self.system.places
        if not axis.sums:
            return []
        mine = axis.chains[axis.leaves[place][0]]
        found = [sorted(mine ^ theirs) for theirs in axis.chains.values() if place not in theirs]
        return sorted(found, key=lambda places: (len(places), sum(map(self._size, places)), places))

    def _size(self, place: str) -> int:
        return sum(max(self.system.counts[key]) for key in self._keys.get((place, Kind.MONTHLY_TOTALS), ()))
