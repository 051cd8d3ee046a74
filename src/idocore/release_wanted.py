"""What a plan publishes of a period, and which earlier releases have to do with it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from attrs import frozen

from idocore.disclosure.systems import Key
from idocore.periods import Period, PeriodKind
from idocore.places import Span
from idocore.releases import ALL, PlannedTable, Release, ReleasePlan, level_of, own_level_of


@frozen
class Wanted:
    """A plan on a period, as part of a system."""

    plan: ReleasePlan
    period: Period

    @classmethod
    def of(cls, release: Release) -> "Wanted":
        """What `release` is of."""
        return cls(release.plan, release.days)

    def periods(self) -> tuple[str, ...]:
        """The codes of the periods that it publishes."""
        months = months_of(self.period) if any(table.by_month for table in self.plan.tables) else ()
        return (self.period.code, *(code for code in months if code != self.period.code))

    def meets(self, other: "Wanted") -> bool:
        """Whether both are about the same days of the same places."""
        provinces = {self.plan.within, other.plan.within} - {None}
        return len(provinces) < 2 and share_days(self.period, other.period)

    def keys(self, counts: Iterable[Key]) -> Iterator[Key]:
        """Those of `counts` that the tables of the plan hold."""
        held = {(table.dimension, self.plan.written(level), period) for table, level, period in self._tables()}
        for key in counts:
            level, dimension = level_of(key.place), key.category.partition("/")[0]
            splits = (None, *self._dimensions) if key.category == ALL else (dimension,)
            if self._is_about(key.place) and any((split, level, key.period) in held for split in splits):
                yield key

    def _is_about(self, place: str) -> bool:
        """Whether `place` is not another province."""
        return self.plan.within is None or not place.startswith("province/") or place == self.plan.whole

    @property
    def _dimensions(self) -> tuple[str, ...]:
        return tuple(table.dimension for table in self.plan.tables if table.dimension is not None)

    def _tables(self) -> Iterator[tuple[PlannedTable, str, str]]:
        for table in self.plan.tables:
            months = months_of(self.period) if table.by_month else ()
            for level in table.levels:
                for period in {self.period.code, *months}:
                    yield table, level, period


def relevant(releases: Iterable[Release], period: Period, plan: ReleasePlan) -> tuple[Release, ...]:
    """The releases that share days and places with `plan` on `period`, directly or through others."""
    rest, found = [one for one in releases if one.plan.theme == plan.theme], list[Release]()
    wanted = [Wanted(plan, period)]
    while near := [one for one in rest if any(Wanted.of(one).meets(other) for other in wanted)]:
        found += near
        wanted += map(Wanted.of, near)
        rest = [one for one in rest if one not in near]
    return tuple(sorted(found, key=lambda one: one.number))


def moved(releases: Iterable[Release], wanted: Wanted, spans: Iterable[Span]) -> tuple[str, ...]:
    """The places in releases of a province that lie elsewhere by now, where `wanted` is about them.

    What was hidden there could be read here: the same visits would be published a second time, as another place's.
    """
    lies: dict[str, set[str | None]] = defaultdict(set)
    for span in spans:
        if span.valid_from < wanted.period.end and wanted.period.start < span.valid_until:
            lies[f"service_point/{span.service_point}"].add(span.province)
            lies[f"organisation/{span.organisation}"].add(span.province)
    found = []
    for release in releases:
        if release.plan.within is not None and share_days(release.days, wanted.period):
            for place in dict.fromkeys(cell.place for cell in release.cells):
                now = lies[f"{own_level_of(place)}/{place.partition('/')[2]}"]
                if now and release.plan.within not in now and wanted.plan.within in {None, *now}:
                    found.append(f"{release.name}: {place}")
    return tuple(found)


def share_days(one: Period, other: Period) -> bool:
    """Whether some day lies in both."""
    return one.start < other.end and other.start < one.end


def months_of(period: Period) -> tuple[str, ...]:
    """The months that make up `period`; none for days and weeks."""
    if period.kind.months is None:
        return ()
    found, month = [], Period.of(PeriodKind.MONTH, period.start)
    while month.start < period.end:
        found.append(month.code)
        month = month.next()
    return tuple(found)
