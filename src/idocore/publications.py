"""The publications ledger of a register: what was made public, and the only way to make more public."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import attrs
from attrs import frozen

from idocore.closings import Closings
from idocore.disclosure.auditing import audit
from idocore.disclosure.policies import Method, Policy
from idocore.disclosure.proofs import Checker
from idocore.disclosure.protecting import Protection, protect
from idocore.disclosure.rounding import rounded
from idocore.disclosure.systems import Key, System
from idocore.errors import InvalidValueError, NotFoundError, ReleaseRefusedError
from idocore.gazetteer import Gazetteer
from idocore.messages import sentence
from idocore.periods import Period
from idocore.plugins import library
from idocore.release_systems import SystemBuilder
from idocore.release_tables import table_of
from idocore.release_wanted import Wanted, moved, relevant
from idocore.releases import PublishedCell, Release, ReleasePlan
from idocore.roles import Actor, Operation
from idocore.scopes import EVERYWHERE
from idocore.statistics import Query, Table
from idocore.store import Progress, unseen
from idocore.theme_files import Themes
from idocore.themes import Label


@frozen
class Prepared:
    """What would be published, and whether it may be: the figures are for who publishes, never for the public."""

    release: Release
    primary: int
    """How many keys are hidden because a count of theirs is small."""
    complementary: int
    """How many are hidden so that those cannot be computed."""
    cracks: tuple[Key, ...]
    """Keys of earlier releases that were not shown to be safe any more with this one beside them."""
    unproven: tuple[Key, ...]
    """Keys of this one that were not shown to be safe, or not in time."""
    seconds: float

    @property
    def may_be_published(self) -> bool:
        """Whether everything that is hidden was shown to be safe."""
        return not (self.cracks or self.unproven)


@frozen
class Publications:
    """`register.publications`: releases can be read by everybody, and are made by the nation."""

    _ledger: Callable[[], Iterable[Release]]
    _write: Callable[[Release], None]
    _counting: Callable[[], AbstractContextManager[Callable[[Query], Table]]]
    _closings: Callable[[], Closings]
    _themes: Themes
    _places: Callable[[], Gazetteer]
    _actor: Actor
    _now: Callable[[], datetime]

    def list(self) -> tuple[Release, ...]:
        """Every release, in the order in which they were made."""
        self._actor.require(Operation.RELEASES)
        return self._all()

    def get(self, name: str) -> Release:
        """The release that is named ``plan/period/version``, or the newest of ``plan/period``; raises NotFoundError."""
        found = [one for one in self.list() if name in (one.name, one.name.rpartition("/")[0])]
        if not found:
            raise NotFoundError("unknown-release", value=name, known=[one.name for one in self._all()] or ["-"])
        return found[-1]

    def tables(self, release: Release | str) -> tuple[Table, ...]:
        """The tables of `release`, hidden numbers as None; each says in a note how many are hidden."""
        chosen = self.get(release) if isinstance(release, str) else release
        self._actor.require(Operation.RELEASES)
        planned = [(table, level) for table in chosen.planned() for level in table.levels]
        return tuple(table_of(chosen, table, level, self._themes, self._places()) for table, level in planned)

    def prepare(
        self,
        plan: ReleasePlan,
        period: str | Period,
        policy: Policy | None = None,
        *,
        progress: Progress = unseen,
    ) -> Prepared:
        """A dry run of `publish`: what would be published, how much of it hidden, and what stands in the way.

        Raises ReleaseRefusedError when the period is not closed for the nation, or for the only province of the plan,
        or an earlier release of the same days used another method or other measures, or had a place in another
        province; NotAllowedError; InvalidValueError for a province that is not known; InvalidQueryError for what cannot
        be counted; PluginDependencyError without the extra ``disclosure``.
        """
        self._actor.require(Operation.PUBLISH)
        days = Period.parse(period) if isinstance(period, str) else period
        self._require_known(plan)
        self._require_closed(plan, days)
        rule = policy or Policy()
        if rule.method is Method.SUPPRESS:
            library("highspy")  # Said before the counting, which may take long.
        self._require_unmoved(plan, days)
        earlier = relevant(self._all(), days, plan)
        _require_one_method(earlier, rule)
        _require_same_measures(earlier, plan)
        rule = _strictest(rule, earlier)
        system, cursor = self._system(plan, days, rule, earlier)
        protection = _protected(system, rule, progress)
        release = self._release(plan, days, rule, system, protection, cursor)
        return _prepared(release, system, protection)

    def publish(
        self,
        plan: ReleasePlan,
        period: str | Period,
        policy: Policy | None = None,
        *,
        progress: Progress = unseen,
        reason: str | None = None,
    ) -> Release:
        """Make the tables of `plan` on `period` public, for ever; they can be read at once.

        Raises what `prepare` raises, and ReleaseRefusedError, with the cells named, when a hidden number of its own,
        or with it one of an earlier release, was not shown to be safe in the time of `policy`.
        """
        prepared = self.prepare(plan, period, policy, progress=progress)
        for code, cells in (("release-cracks", prepared.cracks), ("release-unproven", prepared.unproven)):
            if cells:
                raise ReleaseRefusedError(code, tuple(map(cell_name, cells)))
        self._write(prepared.release)
        return prepared.release

    def _all(self) -> tuple[Release, ...]:
        return tuple(sorted(self._ledger(), key=lambda one: one.number))

    def _require_known(self, plan: ReleasePlan) -> None:
        known = {province.code: province.name for province in self._places().provinces}
        if plan.within is not None and plan.within not in known:
            named = [f"{code} ({name})" for code, name in known.items()]
            raise InvalidValueError("release-province", value=plan.within, known=named)

    def _require_unmoved(self, plan: ReleasePlan, days: Period) -> None:
        found = moved(self._all(), Wanted(plan, days), self._places().ancestry(None).spans)
        if found:
            raise ReleaseRefusedError("release-moved", found)

    def _require_closed(self, plan: ReleasePlan, days: Period) -> None:
        around = {str(EVERYWHERE), plan.whole}
        spans = [one.days for one in self._closings() if str(one.scope) in around]
        day = days.start
        while day < days.end:
            ends = [span.end for span in spans if day in span]
            if not ends:
                raise ReleaseRefusedError("release-not-closed", (day.isoformat(),), period=days.code, place=plan.whole)
            day = max(ends)
        if days.end > self._now().date() + timedelta(days=1):
            raise ReleaseRefusedError("release-not-over", (days.code,), period=days.code)

    def _system(
        self, plan: ReleasePlan, days: Period, policy: Policy, earlier: tuple[Release, ...]
    ) -> tuple[System, Mapping[str, int]]:
        """The system, counted at one moment, and which that is."""
        wanted = (Wanted(plan, days), *map(Wanted.of, earlier))
        with self._counting() as count:
            system = SystemBuilder(count, self._themes, wanted, policy).build(earlier)
            return system, count(Query.of(theme=plan.theme, period=days)).as_of

    def _release(
        self,
        plan: ReleasePlan,
        days: Period,
        policy: Policy,
        system: System,
        protection: Protection,
        cursor: Mapping[str, int],
    ) -> Release:
        ledger = self._all()
        series = plan.id, plan.within, days.code
        version = 1 + sum((one.plan.id, one.plan.within, one.period) == series for one in ledger)
        places = [system.measures.index(name) for name in plan.measures]
        cells = []
        for key in sorted(Wanted(plan, days).keys(system.counts)):
            counts = tuple(system.counts[key][one] for one in places)
            numbers = _published(key, counts, policy, protection)
            if any(counts) or None in numbers:
                cells.append(PublishedCell(key.place, key.category, key.period, numbers))
        return Release(
            number=len(ledger) + 1,
            plan=plan,
            period=days.code,
            version=version,
            cells=tuple(cells),
            policy=policy,
            made_at=self._now(),
            cursor=cursor,
            definitions={name: _definition(name) for name in plan.measures},
        )


def _definition(measure: str) -> Label:
    return Label(sentence(f"counted-{measure}", "nl", {}), sentence(f"counted-{measure}", "en", {}))


def _protected(system: System, policy: Policy, progress: Progress) -> Protection:
    """The protection, of which every proof was checked, and what has none was attacked."""
    if policy.method is Method.ROUNDED:
        return Protection(frozenset(), frozenset(), (), (), 0.0)
    found = protect(system, policy, progress)
    doubtful = set(Checker(system, found.hidden, policy).unproven(found.primary, found.proofs))
    if not system.periods.sums:
        left = 0.0 if found.out_of_time else policy.seconds
        cracks = audit(system, found.hidden, policy, left, doubtful) if doubtful else {}
        never_hidden = doubtful & (system.firm - system.held)
        doubtful = {key for _, (key, _) in cracks} | never_hidden
    return attrs.evolve(found, unproven=tuple(sorted(doubtful)))


def _published(key: Key, counts: tuple[int, ...], policy: Policy, protection: Protection) -> tuple[int | None, ...]:
    if policy.method is Method.ROUNDED:
        return tuple(rounded(count, policy.base) for count in counts)
    return (None,) * len(counts) if key in protection.hidden else counts


def _prepared(release: Release, system: System, protection: Protection) -> Prepared:
    mine = {cell.key for cell in release.cells}
    hidden = {cell.key for cell in release.cells if cell.is_hidden}
    cracks = tuple(key for key in protection.unproven if key in system.held)
    return Prepared(
        release=release,
        primary=len(protection.primary & mine),
        complementary=len(hidden - protection.primary),
        cracks=cracks,
        unproven=tuple(key for key in protection.unproven if key not in system.held),
        seconds=protection.seconds,
    )


def _require_one_method(earlier: Iterable[Release], policy: Policy) -> None:
    others = [one.name for one in earlier if one.policy.method is not policy.method]
    if others:
        raise ReleaseRefusedError("release-methods", tuple(others), method=policy.method.value)


def _require_same_measures(earlier: Iterable[Release], plan: ReleasePlan) -> None:
    """A key that was shown in one measure cannot be hidden in another any more."""
    others = [one.name for one in earlier if set(one.plan.measures) != set(plan.measures)]
    if others:
        raise ReleaseRefusedError("release-measures", tuple(others), measures=", ".join(plan.measures))


def _strictest(policy: Policy, earlier: Iterable[Release]) -> Policy:
    """`policy`, but no weaker than what earlier releases of these days promised."""
    policies = [policy, *(one.policy for one in earlier)]
    return attrs.evolve(
        policy, fewest=max(one.fewest for one in policies), interval=max(one.interval for one in policies)
    )


def cell_name(key: Key) -> str:
    """A key as people read it."""
    return f"{key.place} {key.category} {key.period}"
