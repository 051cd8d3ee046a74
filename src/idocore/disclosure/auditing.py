"""Whether a whole release withstands an outsider and every organisation, also where it is too large for one program.

An attacker who knows more finds narrower ranges. So a count that is safe from somebody who knows every hidden count
but those of its own organisation is safe from all other organisations and from outsiders, and that is a small
program. What is left is tried against each organisation near by, by somebody who knows all that lies farther away,
and what is left then against everything that was published.
"""

from collections.abc import Callable, Collection, Iterable
from math import inf
from time import monotonic

from attrs import define, field

from idocore.disclosure.attacking import Range, Unknown, attack
from idocore.disclosure.policies import Policy, sensitive
from idocore.disclosure.systems import Key, System

Cracks = dict[tuple[str | None, Unknown], Range]
"""What can be known too well, by the organisation that can (None: anybody)."""


def audit(
    system: System, hidden: Collection[Key], policy: Policy, seconds: float = inf, keys: Collection[Key] | None = None
) -> Cracks:
    """The sensitive counts that an outsider, or an organisation, can know to within less than the interval.

    Empty when everything withstands. With `keys`, only those are looked at; what could not be found out within
    `seconds` counts as cracked.
    """
    asked = sensitive(system, policy) if keys is None else frozenset(keys)
    return _Audit(system, frozenset(hidden), policy, monotonic() + seconds, asked).run()


@define
class _Audit:
    system: System
    hidden: frozenset[Key]
    policy: Policy
    deadline: float
    keys: frozenset[Key]
    _unknown: frozenset[Key] = field(init=False)
    _by_place: dict[str, set[Key]] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._unknown = self.system.unknown(self.hidden)
        self._by_place = {}
        for key in self._unknown:
            self._by_place.setdefault(key.place, set()).add(key)

    def run(self) -> Cracks:
        left: list[Unknown] = []
        for owner, targets in self._grouped(self._targets(), self._owner).items():
            mine = frozenset() if owner is None else self.system.owned(owner)
            left += targets if owner is None else self._narrow(targets, mine & self._unknown)
        farther: list[tuple[str | None, Unknown]] = []
        for region, targets in self._grouped(left, self._region).items():
            farther += self._near(targets, self._within(region))
        return self._everything(farther)

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

    def _narrow(
        self, targets: list[Unknown], open_keys: frozenset[Key], known: frozenset[Key] = frozenset()
    ) -> list[Unknown]:
        """The targets that are not safe from who knows everything but `open_keys`, and of those `known`."""
        return [target for target, found in self._attack(targets, open_keys, known).items() if self._is_narrow(found)]

    def _attack(self, targets: list[Unknown], open_keys: frozenset[Key], known: frozenset[Key]) -> dict[Unknown, Range]:
        beside = (self._unknown - open_keys) | known
        left = max(self.deadline - monotonic(), 0.0)
        enough = self.policy.interval
        return attack(self.system, self.hidden, targets, known=beside, enough=enough, seconds=left)

    def _is_narrow(self, found: Range) -> bool:
        return found.width < self.policy.interval - 1e-6

    def _near(self, targets: list[Unknown], open_keys: frozenset[Key]) -> list[tuple[str | None, Unknown]]:
        owners = {self.system.owners.get(key.place) for key in open_keys} | {None}
        return [pair for owner in sorted(owners, key=str) for pair in self._against(owner, targets, open_keys)]

    def _against(
        self, owner: str | None, targets: list[Unknown], open_keys: frozenset[Key]
    ) -> list[tuple[str | None, Unknown]]:
        asked = [target for target in targets if owner is None or self._owner(target) != owner]
        known = frozenset() if owner is None else self.system.owned(owner)
        return [(owner, target) for target in self._narrow(asked, open_keys, known)]

    def _everything(self, pairs: list[tuple[str | None, Unknown]]) -> Cracks:
        cracks: Cracks = {}
        for owner in sorted({owner for owner, _ in pairs}, key=str):
            known = frozenset() if owner is None else self.system.owned(owner)
            asked = [target for by, target in pairs if by == owner]
            for target, found in self._attack(asked, self._unknown, known).items():
                if self._is_narrow(found):
                    cracks[owner, target] = found
        return cracks
