"""Whether a whole release withstands an outsider and every organisation, also where it is too large for one program.

An attacker who knows more finds narrower ranges. So a count that is safe from somebody who knows every hidden count
but those of its own organisation is safe from all other organisations and from outsiders, and that is a small
program. What is left is tried by somebody who knows all that lies farther away: what is safe then is safe from
outsiders and from organisations elsewhere. The rest is tried with everything that was published, first as an outsider,
who knows least, and then as each organisation; as several together as long as what all of them know is not enough.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from math import inf
from time import monotonic
from typing import Final

from attrs import define, field

from idocore.disclosure.attacking import Attacker, Range, Unknown
from idocore.disclosure.policies import Policy, sensitive
from idocore.disclosure.systems import Key, System

Cracks = dict[tuple[str | None, Unknown], Range]
"""What can be known too well, by the organisation that can (None: anybody)."""

_TOGETHER: Final = 8
"""So many organisations are first looked at as one that knows what all of them know."""


def audit(
    system: System,
    hidden: Collection[Key],
    policy: Policy,
    seconds: float = inf,
    keys: Collection[Key] | None = None,
    *,
    only_outsiders: bool = False,
) -> Cracks:
    """The sensitive counts that an outsider, or an organisation, can know to within less than the interval.

    Empty when everything withstands. What an outsider can know is not looked at for organisations, nor anything with
    `only_outsiders`. With `keys`, only those are looked at; what could not be found out within `seconds` counts as
    cracked.
    """
    asked = sensitive(system, policy) if keys is None else frozenset(keys)
    search = _Audit(system, frozenset(hidden), policy, monotonic() + seconds, asked)
    return search.outsiders() if only_outsiders else search.run()


@define
class _Audit:
    system: System
    hidden: frozenset[Key]
    policy: Policy
    deadline: float
    keys: frozenset[Key]
    _unknown: frozenset[Key] = field(init=False)
    _by_place: dict[str, set[Key]] = field(factory=dict, init=False)
    _attackers: dict[str | None, Attacker] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self._unknown = self.system.unknown(self.hidden)
        for key in self._unknown:
            self._by_place.setdefault(key.place, set()).add(key)

    def run(self) -> Cracks:
        left = self._beyond_own()
        open_near = self._beyond_near(left)
        cracks = self._anybody(open_near)
        found = {target for _, target in cracks}
        asked = self._by_owner([one for one in left if one not in found], set(open_near))
        return cracks | self._each(self._attacker(None), asked)

    def outsiders(self) -> Cracks:
        return self._anybody(self._beyond_near(self._beyond_own()))

    def _beyond_own(self) -> list[Unknown]:
        """What is not safe from somebody who knows all hidden counts but those of its own organisation."""
        left: list[Unknown] = []
        for owner, targets in self._grouped(self._targets(), self._owner).items():
            if owner is None:
                left += targets
            else:
                own = Attacker(self.system, self.hidden, self._unknown - self.system.owned(owner))
                left += self._narrow(own, targets)
        return left

    def _beyond_near(self, targets: list[Unknown]) -> list[Unknown]:
        """What is not safe from somebody who knows all hidden counts but those of the organisations near by."""
        near = self._grouped(targets, self._region)
        return [one for region, asked in near.items() for one in self._narrow(self._attacker(region), asked)]

    def _by_owner(self, targets: list[Unknown], open_near: set[Unknown]) -> dict[str, list[Unknown]]:
        """By organisation what has to be tried against it with everything that was published.

        What is safe near by is safe from those farther away; those near by may find it nevertheless.
        """
        owners = sorted(set(self.system.owners.values()))
        found: dict[str, list[Unknown]] = {owner: [] for owner in owners}
        for region, near in self._grouped(targets, self._region).items():
            around = {self.system.owner(key) for key in self._within(region)}
            safe: dict[str, list[Unknown]] = {}
            for owner in owners:
                asked = [one for one in near if self._owner(one) != owner]
                found[owner] += [one for one in asked if one in open_near]
                safe[owner] = [one for one in asked if one not in open_near and owner in around]
            for by, one in self._each(self._attacker(region), safe):
                found[str(by)].append(one)
        return found

    def _anybody(self, targets: list[Unknown]) -> Cracks:
        return {(None, target): found for target, found in self._narrow(self._attacker(None), targets).items()}

    def _each(self, attacker: Attacker, asked: Mapping[str, Collection[Unknown]]) -> Cracks:
        """What is safe from some organisations together is safe from each; of what is not, each half is tried.

        What one of them owns counts as not safe from them together, and is tried without it in the end.
        """
        wanted = {owner: targets for owner, targets in asked.items() if targets}
        owners = sorted(wanted)
        if len(owners) > _TOGETHER:
            return self._halves(attacker, wanted)
        narrow = self._together(attacker, wanted)
        if len(owners) > 1:
            return self._halves(attacker, {owner: [one for one in wanted[owner] if one in narrow] for owner in owners})
        return {(owner, target): found for owner in owners for target, found in narrow.items()}

    def _halves(self, attacker: Attacker, asked: Mapping[str, Collection[Unknown]]) -> Cracks:
        owners = sorted(asked)
        halves = owners[::2], owners[1::2]
        return {
            crack: found
            for half in halves
            for crack, found in self._each(attacker, {one: asked[one] for one in half}).items()
        }

    def _together(self, attacker: Attacker, asked: Mapping[str, Collection[Unknown]]) -> dict[Unknown, Range]:
        known = frozenset(key for owner in asked for key in self.system.owned(owner))
        return self._narrow(attacker, dict.fromkeys(one for targets in asked.values() for one in targets), known)

    def _targets(self) -> list[Unknown]:
        counts, fewest = self.system.counts, self.policy.fewest
        return [(key, one) for key in sorted(self.keys) for one, count in enumerate(counts[key]) if 0 < count < fewest]

    def _grouped(
        self, targets: Iterable[Unknown], by: Callable[[Unknown], str | None]
    ) -> dict[str | None, list[Unknown]]:
        found: dict[str | None, list[Unknown]] = {}
        for target in targets:
            found.setdefault(by(target), []).append(target)
        return found

    def _owner(self, target: Unknown) -> str | None:
        return self.system.owner(target[0])

    def _region(self, target: Unknown) -> str | None:
        """The smallest total of more than one organisation around the place."""
        axis, owners = self.system.places, self.system.owners
        leaf = axis.leaves[target[0].place][0]
        around = sorted(axis.chains[leaf] - {leaf}, key=lambda code: len(axis.leaves[code]))
        return next((code for code in around if len({owners.get(one) for one in axis.leaves[code]}) > 1), None)

    def _within(self, region: str | None) -> frozenset[Key]:
        if region is None:
            return self._unknown
        leaves = set(self.system.places.leaves[region])
        places = (code for code, below in self.system.places.leaves.items() if not leaves.isdisjoint(below))
        return frozenset(key for place in places if place != region for key in self._by_place.get(place, ()))

    def _attacker(self, region: str | None) -> Attacker:
        """Who knows all that lies outside `region`; None: who knows nothing beside what was published."""
        if region not in self._attackers:
            self._attackers[region] = Attacker(self.system, self.hidden, self._unknown - self._within(region))
        return self._attackers[region]

    def _narrow(
        self, attacker: Attacker, targets: Iterable[Unknown], beside: frozenset[Key] = frozenset()
    ) -> dict[Unknown, Range]:
        """The targets that `attacker`, who knows `beside`, too, can know too well, or not shown in time to be safe."""
        enough = self.policy.interval
        ranges = attacker.ranges(targets, beside=beside, enough=enough, deadline=self.deadline)
        return {target: found for target, found in ranges.items() if not found.is_wide(enough)}
