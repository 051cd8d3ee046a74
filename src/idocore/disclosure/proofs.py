"""Whether a proof holds: in whole numbers, by nothing but the counts and what is known of them."""

from collections.abc import Collection, Mapping

from attrs import define, field

from idocore.disclosure.moves import Proof, World
from idocore.disclosure.policies import Policy
from idocore.disclosure.systems import Key, Relation, System


@define
class Checker:
    """Checks proofs about `system` when `hidden` is hidden."""

    system: System
    hidden: Collection[Key]
    policy: Policy
    _unknown: frozenset[Key] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._unknown = self.system.unknown(self.hidden)

    def unproven(self, keys: Collection[Key], proofs: Collection[Proof]) -> list[Key]:
        """Those of `keys` that are not shown to be safe from an outsider and from every organisation."""
        by_key: dict[Key, list[Proof]] = {}
        for proof in proofs:
            by_key.setdefault(proof.key, []).append(proof)
        return sorted(key for key in keys if not self._is_safe(key, by_key.get(key, [])))

    def _is_safe(self, key: Key, proofs: list[Proof]) -> bool:
        holding = [self._knowing(proof) for proof in proofs if self.holds(proof)]
        return bool(holding) and not frozenset.intersection(*holding)

    def _knowing(self, proof: Proof) -> frozenset[str]:
        """Who knows one of the counts that would have been otherwise, beside whose count it is about."""
        owners = {self.system.owners.get(key.place) for key in proof.touched}
        return frozenset(owner for owner in owners if owner) - {self.system.owner(proof.key) or ""}

    def holds(self, proof: Proof) -> bool:
        """Whether both ways are possible, change nothing that is shown, and lie far enough apart."""
        if not proof.touched <= self._unknown:
            return False
        measures = [
            measure for measure, count in enumerate(self.system.counts[proof.key]) if 0 < count < self.policy.fewest
        ]
        if not len(measures) == len(proof.low) == len(proof.high):
            return False
        for measure, low, high in zip(measures, proof.low, proof.high, strict=True):
            down, up = self._otherwise(low), self._otherwise(high)
            counted = self.system.counts[proof.key]
            if up.get(proof.key, counted)[measure] - down.get(proof.key, counted)[measure] < self.policy.interval:
                return False
            if not (self._is_possible(down) and self._is_possible(up)):
                return False
        return True

    def _otherwise(self, world: World) -> dict[Key, tuple[int, ...]]:
        """The counts that are others in `world`."""
        found: dict[Key, tuple[int, ...]] = {}
        for move, amounts in world:
            for key, sign in move.cells():
                before = found.get(key) or self.system.counts[key]
                found[key] = tuple(count + sign * amount for count, amount in zip(before, amounts, strict=True))
        return found

    def _is_possible(self, changed: Mapping[Key, tuple[int, ...]]) -> bool:
        system = self.system
        for key, row in changed.items():
            if any(count < floor for count, floor in zip(row, system.floors(key), strict=True)):
                return False
            if any(row[less] > row[more] for less, more in system.pairs):
                return False
            if system.is_together and any(row) != all(row):
                return False
        return all(self._adds_up(relation, changed) for relation in self.system.about(changed))

    def _adds_up(self, relation: Relation, changed: Mapping[Key, tuple[int, ...]]) -> bool:
        counts = self.system.counts
        total = changed.get(relation.total) or counts[relation.total]
        parts = [changed.get(part) or counts[part] for part in relation.parts]
        sums = tuple(map(sum, zip(*parts, strict=True))) if parts else (0,) * len(total)
        if not relation.distinct:
            return sums == total
        for measure, name in enumerate(self.system.measures):
            if name in relation.distinct:
                if not max((part[measure] for part in parts), default=0) <= total[measure] <= sums[measure]:
                    return False
            elif sums[measure] != total[measure]:
                return False
        return True
