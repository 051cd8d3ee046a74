"""Walks: several moves one after another, each by one, to where a hidden count is far enough from what it is.

Where all counts are small no single move reaches far. But one visitor more with this question, at this place and in
this month, may be one less of another question, another place and another month; and the next one of others again.
"""

from collections.abc import Iterator, Sequence, Set
from random import Random
from time import monotonic

from attrs import define, field

from idocore.disclosure.moves import Amounts, Move, Possible, Proof, Vector, World
from idocore.disclosure.policies import Policy
from idocore.disclosure.systems import Counts, Key, Side, System, with_code
from idocore.disclosure.trails import vectors

FEW_ORDERS = 4
"""In how many orders a walk is tried by month, where nothing else decides."""
_PATIENT = 32
"""In how many for what is left in the end."""
_TRIES = 5000
"""How many moves are looked at for one step."""


@define
class Walks:
    """Finds walks that change nothing but what is in `hidden`, which may grow meanwhile."""

    system: System
    policy: Policy
    hidden: Set[Key]
    deadline: float
    orders: int = FEW_ORDERS
    possible: Possible = field(init=False)
    _lines: dict[tuple[Side, str, int], tuple[Vector, ...]] = field(factory=dict, init=False)
    _place: str = field(default="", init=False)
    """The place whose exchanges are kept: of a nation there are too many to keep those of all."""

    def __attrs_post_init__(self) -> None:
        self.possible = Possible(self.system)

    def be_patient(self) -> None:
        """From now on many more walks are tried."""
        self.orders = _PATIENT

    def proof(self, key: Key, avoiding: frozenset[str]) -> Proof | None:
        """That `key` is protected, by moves through no organisation of `avoiding`; None when no walk is found."""
        low: list[World] = []
        high: list[World] = []
        for measure, count in enumerate(self.system.counts[key]):
            if 0 < count < self.policy.fewest:
                # One pair of worlds may serve several measures.
                served = (pair for pair in zip(low, high, strict=True) if self._reaches(key, measure, *pair))
                down, up = next(served, None) or self._worlds(key, measure, count, avoiding)
                if not self._reaches(key, measure, down, up):
                    return None
                low.append(down)
                high.append(up)
        return Proof(key, tuple(low), tuple(high), self._strangers(key, (*low, *high)))

    def _worlds(self, key: Key, measure: int, count: int, avoiding: frozenset[str]) -> tuple[World, World]:
        down = self._walk(key, measure, -1, min(count, self.policy.interval), avoiding)
        up = self._walk(key, measure, 1, self.policy.interval - down.length, avoiding)
        return tuple(down.steps), tuple(up.steps)

    def _walk(self, key: Key, measure: int, way: int, length: int, avoiding: frozenset[str]) -> "Walk":
        """The longest of some walks, which take the exchanges in different orders; `length` at most."""
        walks = []
        for order in range(self.orders):
            walk = Walk(self, measure, way, avoiding, order)
            while walk.length < length and walk.go(key):
                pass
            walks.append(walk)
            if walk.length == length or monotonic() > self.deadline:
                break
        return max(walks, key=lambda walk: walk.length)

    def _reaches(self, key: Key, measure: int, low: World, high: World) -> bool:
        apart = _change(high, key, measure) - _change(low, key, measure)
        return apart >= self.policy.interval

    def _strangers(self, key: Key, worlds: Sequence[World]) -> frozenset[str]:
        owners, own = self.system.owners, self.system.owner(key)
        found = {owners.get(code) for world in worlds for move, _ in world for code, _ in move.places}
        return frozenset(owner for owner in found if owner is not None and owner != own)

    def lines(self, key: Key, side: Side, order: int) -> tuple[Vector, ...]:
        """The exchanges of the code of `key` along one axis, the nearest first: those that change the fewest totals."""
        code = key[side]
        if side is Side.PLACE and code != self._place:
            self._place = code
            self._lines = {line: found for line, found in self._lines.items() if line[0] is not Side.PLACE}
        if (side, code, order) not in self._lines:
            found = list(vectors(self.system.axes[side], code))
            if order:
                Random(order).shuffle(found)  # noqa: S311  (the same order every time)
            self._lines[side, code, order] = tuple(sorted(found, key=len))
        return self._lines[side, code, order]


def _change(world: World, key: Key, measure: int) -> int:
    """By how much `measure` at `key` is another in `world`."""
    return sum(amounts[measure] * sign for move, amounts in world for one, sign in move.cells() if one == key)


@define
class Walk:
    """A walk as far as it has come: in each step a measure goes one up (`way` 1) or down (-1)."""

    walks: Walks
    measure: int
    way: int
    avoiding: frozenset[str]
    order: int
    steps: list[tuple[Move, Amounts]] = field(factory=list)
    length: int = 0
    """By how much the measure differs at the key by now."""
    _after: dict[Key, Counts] = field(factory=dict)
    _known: dict[tuple[str, str, str, int], bool] = field(factory=dict)
    """Whether a count may go one up (1) or down (-1), of those that were looked at since they changed."""

    def go(self, key: Key) -> bool:
        """One step farther at `key`; where there is none at once, after one at a total that it is part of."""
        if self._step(key):
            self.length += 1
            return True
        return any(self._step(total) and self._go_after(key) for total in self._totals(key))

    def _go_after(self, key: Key) -> bool:
        gone = self._counts(key)[self.measure] - self.walks.system.counts[key][self.measure]
        if self.way * gone > self.length:
            self.length += 1  # the step at the total was one at the key, too
            return True
        if self._step(key):
            self.length += 1
            return True
        return False

    def _totals(self, key: Key) -> Iterator[Key]:
        for side in (Side.PERIOD, Side.CATEGORY):
            for one in self.walks.system.axes[side].by_part.get(key[side], ()):
                total = with_code(key, side, one.total)
                if total in self.walks.hidden:
                    yield total

    def _step(self, key: Key) -> bool:
        """One step at `key`, along the first exchanges that fit together."""
        lines = self.walks.lines
        here, at, of = ((key.place, 1),), ((key.period, 1),), ((key.category, 1),)
        categories = [one for one in lines(key, Side.CATEGORY, self.order) if self._is_open(here, at, one)]
        periods = [one for one in lines(key, Side.PERIOD, self.order) if self._is_open(here, one, of)]
        tries = 0
        for places in lines(key, Side.PLACE, self.order):
            if tries > _TRIES or not self._is_open(places, at, of):
                continue
            fitting = [one for one in periods if self._is_open(places, one, of)]
            for category in categories if fitting else ():
                if not self._is_open(places, at, category):
                    continue
                tries += len(fitting)
                if any(self._take(places, period, category) for period in fitting):
                    return True
        return False

    def _is_open(self, places: Vector, periods: Vector, categories: Vector) -> bool:
        """Whether such a move changes nothing that is shown, and makes nothing less than it can be."""
        known = self._known
        for place, one in places:
            for period, two in periods:
                for category, three in categories:
                    cell = place, category, period, one * two * three
                    may = known.get(cell)
                    if may is None:
                        may = known[cell] = self._may(Key(place, category, period), cell[3])
                    if not may:
                        return False
        return True

    def _may(self, key: Key, sign: int) -> bool:
        if key not in self.walks.hidden or (self.avoiding and self.walks.system.owners.get(key.place) in self.avoiding):
            return False
        if sign * self.way > 0:
            return True
        counts = self._counts(key)
        count = counts[self.measure]
        if count == 1 and self.walks.system.is_together and max(counts) > 1:
            return False  # no visitor left, who asked something
        return count > self.walks.system.floors(key)[self.measure]

    def _counts(self, key: Key) -> Counts:
        return self._after.get(key) or self.walks.system.counts[key]

    def _take(self, places: Vector, periods: Vector, categories: Vector) -> bool:
        """Make this move if that is possible, in all measures or else in this one."""
        if not self._is_open(places, periods, categories):
            return False
        move = Move(places, periods, categories)
        cells = tuple(move.cells())
        for amounts in self._amounts():
            changed = {
                key: tuple(count + sign * amount for count, amount in zip(self._counts(key), amounts, strict=True))
                for key, sign in cells
            }
            if self.walks.possible.holds(changed, self._after):
                self._after |= changed
                for key in changed:
                    self._known.pop((*key, 1), None)
                    self._known.pop((*key, -1), None)
                self.steps.append((move, amounts))
                return True
        return False

    def _amounts(self) -> Iterator[Amounts]:
        number = len(self.walks.system.measures)
        yield (self.way,) * number
        if number > 1:
            yield tuple(self.way if one == self.measure else 0 for one in range(number))
