"""From the register to the system of counts that disclosure control protects: all tables and earlier releases in one.

The leaves of the places are service points, each as it lay on the day of the visit; those of the periods are months
as soon as releases of different periods meet.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

from attrs import define, field, frozen

from idocore.disclosure.policies import Policy
from idocore.disclosure.systems import Axis, Key, Side, Sum, System, with_code
from idocore.errors import InvalidQueryError
from idocore.periods import Period, PeriodKind
from idocore.places import NATION
from idocore.releases import ALL, LEVELS, PlannedTable, Release, ReleasePlan
from idocore.statistics import Query, Table
from idocore.statistics.query import dimensions
from idocore.theme_files import Themes

Answer = Callable[[Query], Table]

_ALWAYS_LESS: Final = (("registrations", "inquiries"), ("registrations", "visitors"))
_NATION: Final = f"nation/{NATION}"
_THEN: Final = "then"
"""How the name of a service point as it lay on some day begins: as no level does, so that no table holds it."""
_COUNTS: Final = ("registrations", "visitors", "inquiries")


def relevant(releases: Iterable[Release], period: Period, plan: ReleasePlan) -> tuple[Release, ...]:
    """The releases that share days and places with `plan` on `period`, directly or through others."""
    rest, found = [one for one in releases if one.plan.theme == plan.theme], list[Release]()
    wanted = [Wanted(plan, period)]
    while near := [one for one in rest if any(_of(one).meets(other) for other in wanted)]:
        found += near
        wanted += map(_of, near)
        rest = [one for one in rest if one not in near]
    return tuple(sorted(found, key=lambda one: one.number))


def _of(release: Release) -> "Wanted":
    return Wanted(release.plan, release.days)


@frozen
class Wanted:
    """A plan on a period, as part of a system."""

    plan: ReleasePlan
    period: Period

    def periods(self) -> tuple[str, ...]:
        """The codes of the periods that it publishes."""
        months = months_of(self.period) if any(table.by_month for table in self.plan.tables) else ()
        return (self.period.code, *(code for code in months if code != self.period.code))

    def meets(self, other: "Wanted") -> bool:
        """Whether both are about the same days of the same places."""
        is_elsewhere = None not in (self.plan.within, other.plan.within) and self.plan.within != other.plan.within
        mine, theirs = self.period, other.period
        return mine.start < theirs.end and theirs.start < mine.end and not is_elsewhere

    def keys(self, counts: Iterable[Key]) -> Iterator[Key]:
        """Those of `counts` that the tables of the plan hold."""
        held = {(table.dimension, self.plan.written(level), period) for table, level, period in self._tables()}
        for key in counts:
            level, dimension = key.place.partition("/")[0], key.category.partition("/")[0]
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


def months_of(period: Period) -> tuple[str, ...]:
    """The months that make up `period`; none for days and weeks."""
    if period.kind.months is None:
        return ()
    found, month = [], Period.of(PeriodKind.MONTH, period.start)
    while month.start < period.end:
        found.append(month.code)
        month = month.next()
    return tuple(found)


@frozen
class Atom:
    """A service point as it lay on some day: who ran it, and everything that it counts in."""

    runner: str
    places: tuple[str, ...]


@define
class SystemBuilder:
    """Counts what a new release and those before it are about, and puts it together."""

    answer: Answer
    themes: Themes
    wanted: tuple[Wanted, ...]
    policy: Policy
    measures: tuple[str, ...] = field(init=False)
    _counts: dict[Key, list[int]] = field(init=False)
    _atoms: dict[str, Atom] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        asked = {name for one in self.wanted for name in one.plan.measures}
        self.measures = tuple(name for name in _COUNTS if name in asked)
        others = sorted(asked - set(self.measures))
        if others or not asked:
            raise InvalidQueryError("release-measure", value=", ".join(others) or "-", known=list(_COUNTS))
        self._counts = defaultdict(lambda: [0] * len(self.measures))

    def build(self, earlier: Sequence[Release]) -> System:
        """The system of everything wanted, as far as `earlier` releases show and hide it."""
        for span in self._spans():
            for dimension in (None, *self._dimensions()):
                self._count(span, dimension)
        self._add_empty_months()
        counts = {key: tuple(row) for key, row in self._counts.items()}
        shown = frozenset(cell.key for release in earlier for cell in release.shown())
        hidden = [(release, cell.key) for release in earlier for cell in release.cells if cell.is_hidden]
        held = frozenset(key for _, key in hidden)
        shown |= self._zeros_shown(earlier, counts) - held
        published = frozenset(key for one in self.wanted for key in one.keys(counts))
        return System(
            measures=self.measures,
            counts=counts,
            places=Axis(self._place_sums()),
            categories=Axis(self._category_sums(counts), ALL),
            periods=Axis(self._period_sums(), self.wanted[0].period.code),
            published=published,
            owners=self._owners(),
            at_most=tuple(pair for pair in _ALWAYS_LESS if set(pair) <= set(self.measures)),
            shown=shown & counts.keys(),
            held=held & counts.keys(),
            above_zero=frozenset(key for release, key in hidden if key.period == release.period) & counts.keys(),
            firm=frozenset(key for key in published if _level(key.place) in self.policy.always),
        )

    def _add_empty_months(self) -> None:
        """Months in which a place with visitors was not asked what it was in other months, and others were.

        Everything else that is zero is known to all: the place was closed, or nobody came; the category did not exist.
        """
        asked = [key for key, row in self._counts.items() if any(row)]
        self._counts = {key: self._counts[key] for key in asked}
        somewhere = {(key.category, key.period) for key in asked}
        for span in self._spans() if self._is_by_month else ():
            months = months_of(span)
            for key in asked:
                if key.period in months:
                    for month in months:
                        if (key.category, month) in somewhere:
                            self._add_empty(key, month)

    def _add_empty(self, key: Key, month: str) -> None:
        around = [with_code(key, Side.PERIOD, period) for period in self._periods(month)[1:]]
        around.append(Key(key.place, ALL, month))
        if all(any(self._counts.get(one, ())) for one in around):
            self._counts.setdefault(with_code(key, Side.PERIOD, month), [0] * len(self.measures))

    def _zeros_shown(self, earlier: Sequence[Release], counts: Mapping[Key, tuple[int, ...]]) -> frozenset[Key]:
        """What is zero now, in the tables of earlier releases: there it was left out, or hidden."""
        zeros = [key for key, row in counts.items() if not any(row)]
        return frozenset(key for release in earlier for key in Wanted(release.plan, release.days).keys(zeros))

    @cached_property
    def _period_codes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(code for one in self.wanted for code in one.periods()))

    @cached_property
    def _is_by_month(self) -> bool:
        return len(self._period_codes) > 1

    def _spans(self) -> list[Period]:
        found = {one.period for one in self.wanted}
        outer = [one for one in found if not any(other != one and _holds(other, one) for other in found)]
        if self._is_by_month and any(one.kind.months is None for one in outer):
            raise InvalidQueryError("release-weeks", value=", ".join(one.code for one in outer))
        return sorted(outer)

    def _dimensions(self) -> tuple[str, ...]:
        tables = [table for one in self.wanted for table in one.plan.tables]
        return tuple(dict.fromkeys(table.dimension for table in tables if table.dimension is not None))

    @cached_property
    def _levels(self) -> tuple[str, ...]:
        asked = {level for one in self.wanted for table in one.plan.tables for level in table.levels}
        asked |= {"organisation", "province"} if self._within else {"organisation"}
        return tuple(level for level in LEVELS[1:-1] if level in asked)

    @cached_property
    def _is_national(self) -> bool:
        return any(one.plan.within is None for one in self.wanted)

    @cached_property
    def _within(self) -> tuple[ReleasePlan, ...]:
        """One plan for each province that a plan is about alone."""
        return tuple({one.plan.within: one.plan for one in self.wanted if one.plan.within is not None}.values())

    def _count(self, span: Period, dimension: str | None) -> None:
        split = () if dimension is None else (dimension,)
        by = ("service_point", *self._levels, *split, *(("month",) if self._is_by_month else ()))
        where = {} if self._is_national else {"province": [plan.within for plan in self._within if plan.within]}
        table = self.answer(Query.of(self.measures, by, where=where, period=span, theme=self.wanted[0].plan.theme))
        for row in table.rows:
            codes = dict(zip(by, row.codes, strict=True))
            category = ALL if dimension is None else f"{dimension}/{codes[dimension] or ''}"
            periods = self._periods(codes["month"] or "") if self._is_by_month else (span.code,)
            for place in self._chain(codes):
                for period in periods:
                    counted = self._counts[Key(place, category, period)]
                    for position, number in enumerate(row.numbers):
                        counted[position] += int(number or 0)

    def _periods(self, month: str) -> tuple[str, ...]:
        inside = Period.parse(month)
        return (month, *(code for code in self._period_codes if code != month and _holds(Period.parse(code), inside)))

    def _chain(self, codes: Mapping[str, str | None]) -> tuple[str, ...]:
        """The places that a row counts in: the service point as it lay then, and everything around it."""
        lying = {level: codes[level] or "" for level in ("service_point", *self._levels)}
        name = "@".join((_THEN, *(f"{level}/{code}" for level, code in lying.items())))
        if name not in self._atoms:
            self._atoms[name] = Atom(f"organisation/{lying['organisation']}", self._around(lying))
        return (name, *self._atoms[name].places, *((_NATION,) if self._is_national else ()))

    def _around(self, lying: Mapping[str, str]) -> tuple[str, ...]:
        found = [f"{level}/{code}" for level, code in lying.items()] if self._is_national else []
        for plan in self._within:
            if plan.within == lying["province"]:
                found += [f"{plan.written(level)}/{code}" for level, code in lying.items()]
        return tuple(dict.fromkeys(found))

    def _place_sums(self) -> tuple[Sum, ...]:
        parts: dict[str, list[str]] = defaultdict(list)
        for name, atom in sorted(self._atoms.items()):
            for place in atom.places:
                parts[place].append(name)
        smaller = (Sum(place, tuple(atoms)) for place, atoms in parts.items())
        wholes = [(_NATION, level) for level in self._levels] if self._is_national else []
        below = self._levels[self._levels.index("province") + 1 :] if self._within else ()
        wholes += [(plan.whole, plan.written(level)) for plan in self._within for level in below]
        inside = ((whole, tuple(one for one in parts if _level(one) == level)) for whole, level in wholes)
        return (*smaller, *(Sum(whole, places) for whole, places in inside))

    def _category_sums(self, counts: Iterable[Key]) -> tuple[Sum, ...]:
        known = dimensions(self.themes, self.wanted[0].plan.theme)
        codes = {key.category for key in counts}
        sums = []
        for name in self._dimensions():
            dimension, distinct = known[name], set[str]()
            if dimension.multiple:
                distinct = set(self.measures)
            elif dimension.of_inquiry:
                distinct = set(self.measures) - {"inquiries"}
            parts = tuple(sorted(code for code in codes if code.startswith(f"{name}/")))
            if parts:
                sums.append(Sum(ALL, parts, frozenset(distinct)))
        return tuple(sums)

    def _period_sums(self) -> tuple[Sum, ...]:
        if not self._is_by_month:
            return ()
        periods = [Period.parse(code) for code in self._period_codes]
        return tuple(Sum(one.code, months_of(one)) for one in periods if one.kind is not PeriodKind.MONTH)

    def _owners(self) -> dict[str, str]:
        """Who knows the counts of a place: the organisation that runs all of it, be it a point or a whole province."""
        found: dict[str, set[str]] = defaultdict(set)
        for name, atom in self._atoms.items():
            for place in (name, *atom.places):
                found[place].add(atom.runner)
        return {place: next(iter(of)) for place, of in found.items() if len(of) == 1 and of != {"organisation/"}}


def _holds(outer: Period, inner: Period) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _level(place: str) -> str:
    return place.partition("/")[0]
