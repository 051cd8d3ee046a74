"""The places of a system of releases: service points as they lay then, and everything published that they count in.

Beside a release of the whole country those of single provinces tell what is left of an organisation, a service point
or the nation in all other provinces together. Those rests are places, too, although no table holds them.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final

from attrs import define, field, frozen

from idocore.disclosure.systems import Sum
from idocore.places import NATION
from idocore.releases import LEVELS, ReleasePlan, level_of, lying_in

_NATION: Final = f"nation/{NATION}"


@frozen
class Atom:
    """A service point as it lay on some day: who ran it, and everything that it counts in."""

    name: str
    """Begins as no level does, so that no table holds it."""
    runner: str
    places: tuple[str, ...]


@define
class PlaceTree:
    """The places of `plans`, as far as something was counted there."""

    plans: tuple[ReleasePlan, ...]
    _atoms: dict[tuple[str, ...], Atom] = field(factory=dict, init=False)

    @cached_property
    def levels(self) -> tuple[str, ...]:
        """The levels between the nation and service points by which to count, from large to small."""
        asked = {level for plan in self.plans for table in plan.tables for level in table.levels}
        asked |= {"organisation", "province"} if self.provinces else {"organisation"}
        return tuple(level for level in LEVELS[1:-1] if level in asked)

    @cached_property
    def is_national(self) -> bool:
        """Whether a plan is about the whole country."""
        return any(plan.within is None for plan in self.plans)

    @cached_property
    def provinces(self) -> tuple[str, ...]:
        """The codes of the provinces that a plan is about alone."""
        return tuple(dict.fromkeys(plan.within for plan in self.plans if plan.within is not None))

    def chain(self, codes: Mapping[str, str | None]) -> tuple[str, ...]:
        """The places that something with these codes by level counts in, the smallest first."""
        lying = {level: codes[level] or "" for level in ("service_point", *self.levels)}
        found = tuple(lying.values())
        if found not in self._atoms:
            places = tuple(dict.fromkeys(self._around(lying)))
            self._atoms[found] = Atom(f"then/{len(self._atoms)}", f"organisation/{lying['organisation']}", places)
        atom = self._atoms[found]
        return (atom.name, *atom.places, *((_NATION,) if self.is_national else ()))

    def _around(self, lying: Mapping[str, str]) -> Iterator[str]:
        if self.is_national:
            yield from (f"{level}/{code}" for level, code in lying.items())
        if lying.get("province") in self.provinces:
            yield from (f"{lying_in(level, lying['province'])}/{code}" for level, code in lying.items())

    @cached_property
    def rests(self) -> Mapping[str, tuple[str, ...]]:
        """What of each place lies outside the provinces of the plans, where part of it lies within; by its atoms."""
        if not (self.is_national and self.provinces):
            return {}
        split = {place for atom in self._atoms.values() for place in atom.places if "@" in level_of(place)}
        found: dict[str, list[str]] = defaultdict(list)
        for lying, atom in self._atoms.items():
            codes = dict(zip(("service_point", *self.levels), lying, strict=True))
            if codes["province"] not in self.provinces:
                found[f"nation@elsewhere/{NATION}"].append(atom.name)
                for level, code in codes.items():
                    if any(f"{lying_in(level, province)}/{code}" in split for province in self.provinces):
                        found[f"{level}@elsewhere/{code}"].append(atom.name)
        return {place: tuple(names) for place, names in found.items()}

    def sums(self) -> tuple[Sum, ...]:
        """How the places add up, once all is counted."""
        parts: dict[str, list[str]] = defaultdict(list)
        for _, atom in sorted(self._atoms.items()):
            for place in atom.places:
                parts[place].append(atom.name)
        small = (Sum(place, tuple(names)) for place, names in (*parts.items(), *self.rests.items()))
        large = (Sum(whole, tuple(one for one in parts if level_of(one) == level)) for whole, level in self._wholes())
        return (*small, *large)

    def _wholes(self) -> Iterator[tuple[str, str]]:
        """The large places, each with the levels by which it is divided, as keys have those."""
        if self.is_national:
            yield from ((_NATION, level) for level in self.levels)
        for province in self.provinces:
            divided = ((level, lying_in(level, province)) for level in self.levels)
            yield from ((f"province/{province}", part) for level, part in divided if part != level)

    def owners(self) -> dict[str, str]:
        """Who knows the counts of a place: the organisation that runs all of it, be it a point or a whole province."""
        found: dict[str, set[str]] = defaultdict(set)
        runners = {atom.name: atom.runner for atom in self._atoms.values()}
        for atom in self._atoms.values():
            for place in (atom.name, *atom.places):
                found[place].add(atom.runner)
        for rest, names in self.rests.items():
            found[rest] = {runners[name] for name in names}
        return {place: next(iter(of)) for place, of in found.items() if len(of) == 1 and of != {"organisation/"}}
