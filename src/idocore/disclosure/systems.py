"""Published counts as a system: keys, what adds up to what, and what everybody knows of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from functools import cached_property
from typing import NamedTuple

import attrs
from attrs import field, frozen


class Key(NamedTuple):
    """What a row of counts is about: a place, a category and a period, each by its code within its axis."""

    place: str
    category: str
    period: str


Counts = tuple[int, ...]
"""The numbers at a key, one for each measure."""


class Side(IntEnum):
    """The axes of a key, by their position in it."""

    PLACE = 0
    CATEGORY = 1
    PERIOD = 2


@frozen
class Sum:
    """`total` is the sum of `parts`, at every key of the other axes.

    Measures in `distinct` count something once in the total that several parts may count: their total lies between
    the largest of the parts and the sum of them.
    """

    total: str
    parts: tuple[str, ...]
    distinct: frozenset[str] = frozenset()


@frozen
class Relation:
    """A `Sum` at certain keys."""

    total: Key
    parts: tuple[Key, ...]
    distinct: frozenset[str]


@frozen
class Axis:
    """The codes of one axis and how they add up; there may be several trees over the same leaves."""

    sums: tuple[Sum, ...]
    single: str = ""
    """The only code, where nothing adds up."""

    @cached_property
    def by_part(self) -> Mapping[str, tuple[Sum, ...]]:
        """The sums in which each code is a part."""
        found: dict[str, list[Sum]] = {}
        for one in self.sums:
            for part in one.parts:
                found.setdefault(part, []).append(one)
        return {code: tuple(sums) for code, sums in found.items()}

    @cached_property
    def chains(self) -> Mapping[str, frozenset[str]]:
        """Each leaf with itself and every total that it counts in."""
        totals = {one.total for one in self.sums}
        leaves = [code for one in self.sums for code in one.parts if code not in totals] or [self.single]
        return {leaf: frozenset(self._upwards(leaf)) for leaf in dict.fromkeys(leaves)}

    def _upwards(self, code: str) -> Iterator[str]:
        yield code
        for one in self.by_part.get(code, ()):
            yield from self._upwards(one.total)

    @cached_property
    def lacking(self) -> Mapping[str, tuple[Sum, ...]]:
        """For each leaf the sums of a total that it counts in, but through none of their parts.

        Such are the answers to another question, which have the same total.
        """
        return {
            leaf: tuple(one for one in self.sums if one.total in chain and chain.isdisjoint(one.parts))
            for leaf, chain in self.chains.items()
        }

    def may_exchange(self, leaf: str, other: str) -> bool:
        """Whether one more of `leaf` and one less of `other` keep every sum: both are answers to the same questions."""
        return self.lacking[leaf] == self.lacking[other]

    @cached_property
    def leaves(self) -> Mapping[str, tuple[str, ...]]:
        """The leaves below each code; of a leaf, itself."""
        found: dict[str, list[str]] = {}
        for leaf, chain in self.chains.items():
            for code in chain:
                found.setdefault(code, []).append(leaf)
        return {code: tuple(leaves) for code, leaves in found.items()}


@frozen
class System:
    """Counts by key, and everything that outsiders know of how they hang together.

    `counts` has a number for each of `measures` at every key that is not known by all to be zero. Zeros are shown, but
    for parts of periods, such as the months of a year: where those are hidden, a zero may be among them. Those that may
    be are in `counts`.
    `published` are the keys of all tables; other keys lie between them and are known to nobody but their owner.
    `owners` tells which organisation knows the numbers of a place. `at_most` are pairs of measures of which the first
    is never more than the second, at any key. `shown` are keys that an earlier release shows, which nothing can hide
    any more, `held` those that it hides. `above_zero` are keys that would show if they were zero, also by month.
    `implied` are keys that no table holds, but that the tables together give away like one. `firm` are keys that the
    policy never hides.
    """

    measures: tuple[str, ...]
    counts: Mapping[Key, tuple[int, ...]] = field(hash=False, repr=False)
    places: Axis
    categories: Axis
    periods: Axis
    published: frozenset[Key] = field(repr=False)
    owners: Mapping[str, str] = field(factory=dict, hash=False, repr=False)
    at_most: tuple[tuple[str, str], ...] = ()
    shown: frozenset[Key] = field(default=frozenset(), repr=False)
    held: frozenset[Key] = field(default=frozenset(), repr=False)
    above_zero: frozenset[Key] = field(default=frozenset(), repr=False)
    implied: frozenset[Key] = field(default=frozenset(), repr=False)
    firm: frozenset[Key] = field(default=frozenset(), repr=False)

    @property
    def axes(self) -> tuple[Axis, Axis, Axis]:
        """The axes, in the order of a key."""
        return self.places, self.categories, self.periods

    @cached_property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """`at_most` by position of the measures, where it holds throughout: what is not so, nobody can know."""
        places = [(self.measures.index(less), self.measures.index(more)) for less, more in self.at_most]
        return tuple(pair for pair in places if all(row[pair[0]] <= row[pair[1]] for row in self.counts.values()))

    @cached_property
    def is_together(self) -> bool:
        """Whether all measures of a key are zero together: who came asked something, and everybody knows that."""
        return all(any(row) == all(row) for row in self.counts.values())

    def floors(self, key: Key) -> tuple[int, ...]:
        """The least that the counts at `key` can be: 0, or 1 where zeros are shown and it is so at all such keys."""
        if key.period not in self.periods.by_part:
            return self._not_zero
        return tuple(min(1, count) for count in self.counts[key]) if key in self.above_zero else self._may_be_zero

    @cached_property
    def _may_be_zero(self) -> tuple[int, ...]:
        return (0,) * len(self.measures)

    @cached_property
    def _not_zero(self) -> tuple[int, ...]:
        parts = self.periods.by_part
        rows = [row for key, row in self.counts.items() if key.period not in parts]
        return tuple(min((min(1, row[one]) for row in rows), default=0) for one in range(len(self.measures)))

    @cached_property
    def relations(self) -> tuple[Relation, ...]:
        """Every relation between keys with counts."""
        return tuple(one for side in Side for one in self._along(side))

    def relations_of(self, key: Key) -> Sequence[Relation]:
        """The relations that `key` is in, as total or as part."""
        return self._by_key.get(key, ())

    def about(self, keys: Iterable[Key]) -> Iterator[Relation]:
        """The relations that any of `keys` is in, each once."""
        yield from {id(relation): relation for key in keys for relation in self.relations_of(key)}.values()

    @cached_property
    def _by_key(self) -> Mapping[Key, list[Relation]]:
        found: dict[Key, list[Relation]] = {}
        for relation in self.relations:
            for key in (relation.total, *relation.parts):
                found.setdefault(key, []).append(relation)
        return found

    def _along(self, side: Side) -> Iterator[Relation]:
        by_code: dict[str, set[Key]] = {}
        for key in self.counts:
            by_code.setdefault(key[side], set()).add(key)
        for one in self.axes[side].sums:
            for total in by_code.get(one.total, ()):
                parts = tuple(key for part in one.parts if (key := with_code(total, side, part)) in self.counts)
                yield Relation(total, parts, one.distinct)

    def unknown(self, hidden: Iterable[Key]) -> frozenset[Key]:
        """The keys whose counts an outsider is not shown, when `hidden` are."""
        secret = {key for key in self.counts if key not in self.published}
        return frozenset(secret | set(hidden) | (self.held & self.counts.keys())) - self.shown

    def owned(self, owner: str) -> frozenset[Key]:
        """The keys whose counts the organisation `owner` knows as its own."""
        return self._owned.get(owner, frozenset())

    def owner(self, key: Key) -> str | None:
        """Whose counts those at `key` are: of who runs the place, or of the only one with anything there."""
        return self._owner_of.get(key)

    @cached_property
    def _owned(self) -> Mapping[str, frozenset[Key]]:
        found: dict[str, set[Key]] = {}
        for key, owner in self._owner_of.items():
            if owner is not None:
                found.setdefault(owner, set()).add(key)
        return {owner: frozenset(keys) for owner, keys in found.items()}

    @cached_property
    def _owner_of(self) -> Mapping[Key, str | None]:
        return {key: self.owners.get(key.place) or self._only_owner(key) for key in self.counts}

    def _only_owner(self, key: Key) -> str | None:
        leaves = self.places.leaves.get(key.place, (key.place,))
        there = (leaf for leaf in leaves if any(self.counts.get(Key(leaf, key.category, key.period), ())))
        found = {self.owners.get(leaf) for leaf in there}
        return next(iter(found)) if len(found) == 1 else None

    def within(self, period: str) -> "System":
        """The same of one period alone."""
        counts = {key: row for key, row in self.counts.items() if key.period == period}
        keys = counts.keys()
        return attrs.evolve(
            self,
            counts=counts,
            periods=Axis((), period),
            published=self.published & keys,
            shown=self.shown & keys,
            held=self.held & keys,
            above_zero=self.above_zero & keys,
            implied=self.implied & keys,
            firm=self.firm & keys,
        )

    def with_shown(self, keys: Iterable[Key]) -> "System":
        """The same, when an earlier release shows `keys`."""
        return attrs.evolve(self, shown=self.shown | frozenset(keys))


def with_code(key: Key, side: Side, code: str) -> Key:
    """`key` with another code on one side."""
    place, category, period = key
    match side:
        case Side.PLACE:
            return Key(code, category, period)
        case Side.CATEGORY:
            return Key(place, code, period)
        case Side.PERIOD:
            return Key(place, category, code)
