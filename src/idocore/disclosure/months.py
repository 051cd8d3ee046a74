"""What is hidden beforehand of a release by month, in which most counts are small.

Where many of a place's monthly counts by category would have to be hidden, all of them are, zeros as well: one that
shows between hidden ones would protect nobody, and tell much. Its year by category and its monthly totals may still be
shown. So the months of small places are hidden whole, and those of the places around them are read.
"""

from collections import defaultdict
from collections.abc import Iterator

from attrs import define, field

from idocore.disclosure.systems import Key, System

_SPARSE = 0.2
"""From which share of its counts on a block is hidden, all of it."""

BlockName = tuple[str, bool]
"""A place, and whether its totals are meant or its counts by category."""


def whole_periods(system: System) -> Iterator[System]:
    """The system of each period that is no part of another, by itself."""
    parts = system.periods.by_part
    for period in dict.fromkeys(key.period for key in system.counts if key.period not in parts):
        yield system.within(period)


@define
class Blocks:
    """The monthly counts of each place, its totals apart from what is by category."""

    system: System
    _keys: dict[BlockName, list[Key]] = field(factory=dict, init=False)
    _hidden: set[BlockName] = field(factory=set, init=False)

    def __attrs_post_init__(self) -> None:
        system = self.system
        keys = defaultdict(list)
        fixed = system.shown | system.firm
        for key in system.counts:
            if key.period in system.periods.by_part and key in system.published and key not in fixed:
                keys[self._name(key)].append(key)
        self._keys = dict(keys)

    def _name(self, key: Key) -> BlockName:
        return key.place, key.category not in self.system.categories.by_part

    def sparse(self, small: frozenset[Key]) -> Iterator[Key]:
        """The keys of all blocks of which many are `small`."""
        for name, keys in self._keys.items():
            counted = [key for key in keys if any(self.system.counts[key])]
            if sum(key in small for key in counted) > _SPARSE * len(counted):
                yield from self._hide(name)

    def next(self, key: Key) -> list[Key]:
        """The keys of one more block that may help to protect `key`: of its own place, then of one beside it.

        Blocks by category go before totals. Empty when there is none left.
        """
        place, is_total = self._name(key)
        for kind in (True,) if is_total else (False, True):
            for name in ((place, kind), *((other, kind) for other in self._beside(place))):
                if name in self._keys and name not in self._hidden:
                    return self._hide(name)
        return []

    def _hide(self, name: BlockName) -> list[Key]:
        self._hidden.add(name)
        return self._keys[name]

    def _beside(self, place: str) -> list[str]:
        """The places that make up a total together with `place`, the smallest total first, and in it the smallest."""
        axis = self.system.places
        sums = sorted(axis.by_part.get(place, ()), key=lambda one: len(axis.leaves[one.total]))
        return [other for one in sums for other in sorted(one.parts, key=self._size) if other != place]

    def _size(self, place: str) -> tuple[int, str]:
        return sum(max(self.system.counts[key]) for key in self._keys.get((place, True), ())), place
