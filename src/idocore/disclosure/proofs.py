"""Whether a proof holds: in whole numbers, by nothing but the counts and what is known of them."""

from collections.abc import Collection, Mapping, Sequence

from attrs import define, field

from idocore.disclosure.moves import Proof, World
from idocore.disclosure.policies import Policy
from idocore.disclosure.systems import Counts, Key, Relation, System


@define
class Checker:
    """Checks proofs about `system` when `hidden` is hidden."""

    system: System
    hidden: Collection[Key]
    policy: Policy
    _unknown: frozenset[Key] = field(init=False)
    _sound: dict[int, bool] = field(factory=dict, init=False)

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
        # One world often serves several measures.
        worlds = {world: self._otherwise(world) for world in (*proof.low, *proof.high)}
        counted = self.system.counts[proof.key]
        for measure, low, high in zip(measures, proof.low, proof.high, strict=True):
            down, up = (worlds[world].get(proof.key, counted)[measure] for world in (low, high))
            if up - down < self.policy.interval:
                return False
        return all(self._is_possible(changed) for changed in worlds.values())

    def _otherwise(self, world: World) -> dict[Key, Counts]:
        """The counts that are others in `world`."""
        found: dict[Key, Counts] = {}
        for move, amounts in world:
            for key, sign in move.cells():
                before = found.get(key) or self.system.counts[key]
                found[key] = tuple(count + sign * amount for count, amount in zip(before, amounts, strict=True))
        return found

    def _is_possible(self, changed: Mapping[Key, Counts]) -> bool:
        system = self.system
        for key, row in changed.items():
            if any(count < floor for count, floor in zip(row, system.floors(key), strict=True)):
                return False
            if any(row[less] > row[more] for less, more in system.pairs):
                return False
            if system.is_together and any(row) != all(row):
                return False
        return all(self._is_sound(gain.relation) and self._holds(gain, changed) for gain in self._gains(changed))

    def _gains(self, changed: Mapping[Key, Counts]) -> Collection["Gain"]:
        found: dict[int, Gain] = {}
        for key, row in changed.items():
            more = [count - before for count, before in zip(row, self.system.counts[key], strict=True)]
            for relation in self.system.relations_of(key):
                gain = found.get(id(relation))
                if gain is None:
                    gain = found[id(relation)] = Gain(relation, [0] * len(row))
                gain.add(key, more)
        return found.values()

    def _is_sound(self, relation: Relation) -> bool:
        """Whether it holds for the counts as they are."""
        if id(relation) not in self._sound:
            counts = self.system.counts
            parts = [counts[part] for part in relation.parts]
            self._sound[id(relation)] = self._adds_up(relation, counts[relation.total], parts)
        return self._sound[id(relation)]

    def _holds(self, gain: "Gain", changed: Mapping[Key, Counts]) -> bool:
        """Whether the relation, which holds as it is, still holds: what the parts gain, the total gains."""
        relation = gain.relation
        if not relation.distinct:
            return not any(gain.lead)
        counts = self.system.counts
        parts = [changed.get(part) or counts[part] for part in relation.parts]
        return self._adds_up(relation, changed.get(relation.total) or counts[relation.total], parts)

    def _adds_up(self, relation: Relation, total: Counts, parts: Sequence[Counts]) -> bool:
        sums = tuple(map(sum, zip(*parts, strict=True))) if parts else (0,) * len(total)
        for measure, name in enumerate(self.system.measures):
            if name in relation.distinct:
                if not max((part[measure] for part in parts), default=0) <= total[measure] <= sums[measure]:
                    return False
            elif sums[measure] != total[measure]:
                return False
        return True


@define
class Gain:
    """What `relation` gains in another world: the total less its parts, for each measure."""

    relation: Relation
    lead: list[int]

    def add(self, key: Key, more: Sequence[int]) -> None:
        """Count in that there is so much more at `key`."""
        sign = 1 if key == self.relation.total else -1
        for measure, number in enumerate(more):
            self.lead[measure] += sign * number
