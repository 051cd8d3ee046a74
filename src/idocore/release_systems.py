"""From the register to the system of counts that disclosure control protects: all tables and earlier releases in one.

The leaves of the places are service points, each as it lay on the day of the visit; those of the periods are months
as soon as releases of different periods meet.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

from attrs import define, field

from idocore.disclosure.policies import Policy
from idocore.disclosure.systems import Axis, Key, Side, Sum, System, with_code
from idocore.errors import InvalidQueryError
from idocore.periods import Period, PeriodKind
from idocore.release_places import PlaceTree
from idocore.release_wanted import Wanted, months_of
from idocore.releases import ALL, Release, own_level_of
from idocore.statistics import Query, Table
from idocore.statistics.query import dimensions
from idocore.theme_files import Themes

Answer = Callable[[Query], Table]

_ALWAYS_LESS: Final = (("registrations", "inquiries"), ("registrations", "visitors"))
_COUNTS: Final = ("registrations", "visitors", "inquiries")


@define
class SystemBuilder:
    """Counts what a new release and those before it are about, and puts it together."""

    answer: Answer
    themes: Themes
    wanted: tuple[Wanted, ...]
    policy: Policy
    measures: tuple[str, ...] = field(init=False)
    _counts: dict[Key, list[int]] = field(init=False)
    _places: PlaceTree = field(init=False)

    def __attrs_post_init__(self) -> None:
        asked = {name for one in self.wanted for name in one.plan.measures}
        self.measures = tuple(name for name in _COUNTS if name in asked)
        others = sorted(asked - set(self.measures))
        if others or not asked:
            raise InvalidQueryError("release-measure", value=", ".join(others) or "-", known=list(_COUNTS))
        self._counts = defaultdict(lambda: [0] * len(self.measures))
        self._places = PlaceTree(tuple(one.plan for one in self.wanted))

    def build(self, earlier: Sequence[Release]) -> System:
        """The system of everything wanted, as far as `earlier` releases show and hide it."""
        for span in self._spans():
            for dimension in (None, *self._dimensions()):
                self._count(span, dimension)
        self._count_rests()
        self._add_empty_months()
        counts = {key: tuple(row) for key, row in self._counts.items()}
        in_tables = [(one.period.code, key) for one in self.wanted for key in one.keys(counts)]
        published = frozenset(key for _, key in in_tables)
        as_a_whole = {key for period, key in in_tables if key.period == period}
        shown = frozenset(cell.key for release in earlier for cell in release.shown())
        held = frozenset(cell.key for release in earlier for cell in release.cells if cell.is_hidden)
        zeros = {*self._zeros_shown(earlier, counts), *(key for key in as_a_whole if not any(counts[key]))}
        return System(
            measures=self.measures,
            counts=counts,
            places=Axis(self._places.sums()),
            categories=Axis(self._category_sums(counts), ALL),
            periods=Axis(self._period_sums(), self.wanted[0].period.code),
            published=published,
            implied=frozenset(self._implied(counts)),
            owners=self._places.owners(),
            at_most=tuple(pair for pair in _ALWAYS_LESS if set(pair) <= set(self.measures)),
            shown=(shown | (zeros - held)) & counts.keys(),
            held=held & counts.keys(),
            above_zero=frozenset({*as_a_whole, *self._showing_zeros(published)}),
            firm=frozenset(key for key in published if own_level_of(key.place) in self.policy.always),
        )

    def _showing_zeros(self, keys: Iterable[Key]) -> Iterator[Key]:
        """Those of which a month without anything shows: nobody came there, or nobody anywhere asked it."""
        wholes = {one.plan.whole for one in self.wanted}
        return (key for key in keys if key.category == ALL or key.place in wholes)

    def _implied(self, counts: Iterable[Key]) -> Iterator[Key]:
        """What the country leaves of its provinces, in the periods in which it is published."""
        periods = {code for one in self.wanted if one.plan.within is None for code in one.periods()}
        return (key for key in counts if key.place in self._places.rests and key.period in periods)

    def _count_rests(self) -> None:
        rests: dict[str, list[str]] = defaultdict(list)
        for rest, names in self._places.rests.items():
            for name in names:
                rests[name].append(rest)
        for key, row in list(self._counts.items()):
            for rest in rests.get(key.place, ()):
                counted = self._counts[key._replace(place=rest)]
                for position, number in enumerate(row):
                    counted[position] += number

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
        return frozenset(key for release in earlier for key in Wanted.of(release).keys(zeros))

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

    def _count(self, span: Period, dimension: str | None) -> None:
        split = () if dimension is None else (dimension,)
        by = ("service_point", *self._places.levels, *split, *(("month",) if self._is_by_month else ()))
        where = {} if self._places.is_national else {"province": self._places.provinces}
        table = self.answer(Query.of(self.measures, by, where=where, period=span, theme=self.wanted[0].plan.theme))
        for row in table.rows:
            codes = dict(zip(by, row.codes, strict=True))
            category = ALL if dimension is None else f"{dimension}/{codes[dimension] or ''}"
            periods = self._periods(codes["month"] or "") if self._is_by_month else (span.code,)
            for place in self._places.chain(codes):
                for period in periods:
                    counted = self._counts[Key(place, category, period)]
                    for position, number in enumerate(row.numbers):
                        counted[position] += int(number or 0)

    def _periods(self, month: str) -> tuple[str, ...]:
        inside = Period.parse(month)
        return (month, *(code for code in self._period_codes if code != month and _holds(Period.parse(code), inside)))

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


def _holds(outer: Period, inner: Period) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end
