"""The rollups of a register, as its owner uses them: look, declare, refresh, check."""

from collections.abc import Iterable, Iterator

import attrs

from idocore.findings import Finding
from idocore.gazetteer import Gazetteer
from idocore.roles import Actor, Operation
from idocore.statistics.rollups import rollup_of
from idocore.store import Progress, Store, unseen
from idocore.theme_files import Themes


@attrs.frozen
class RollupBook:
    """`register.rollups`: by which dimensions counts are kept ready, for every service point and month.

    No number depends on them: what they cannot answer exactly, or have not counted yet, is counted from the
    registrations. Each method raises CapabilityError on a store that keeps none.
    """

    _store: Store
    _themes: Themes
    _places: Gazetteer
    _actor: Actor

    def declared(self, theme: str = "ido") -> tuple[tuple[str, ...], ...]:
        """The sets of dimensions of `theme`, by name; the empty one is always there."""
        self._actor.require(Operation.COUNT)
        return tuple(one.names for one in self._store.rollups() if one.theme == theme)

    def declare(self, sets: Iterable[Iterable[str]], theme: str = "ido") -> tuple[tuple[str, ...], ...]:
        """Keep counts of `theme` by these sets of at most three dimensions, and by no others; the sets then.

        Period, place and amendment are in every set. What is new is counted at the next `refresh`. Raises
        InvalidQueryError that names the nearest, and changes nothing then.
        """
        self._actor.require(Operation.KEEP)
        self._store.declare_rollups(theme, [rollup_of(self._themes, theme, names) for names in sets])
        return self.declared(theme)

    def refresh(self, progress: Progress = unseen) -> int:
        """Count what was written since the last time, while others go on; how many months or days that were.

        A few days are counted on the way to an answer; after a bulk load, an upgrade or a `declare` it is worth a call.
        """
        self._actor.require(Operation.KEEP)
        return self._store.refresh_rollups(self._places.then, progress)

    def check(self) -> Iterator[Finding]:
        """Every month of a service point in which what is kept differs from a recount; nothing when well."""
        self._actor.require(Operation.JOURNAL)
        yield from self._store.check_rollups()
