"""A query that is being answered: what it stands for, and the cells that the engine gave for it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

import attrs
from attrs import frozen

from idocore.gazetteer import Gazetteer
from idocore.places import Ancestry, Span
from idocore.statistics.cells import Cell, Cut, Dimension, Filter, Key, Origin
from idocore.statistics.measures import Measure
from idocore.statistics.query import ANY, Query, Resolved
from idocore.theme_files import Themes
from idocore.themes import Label, Theme

Engine = Callable[[Cut], Sequence[Cell]]
Counts = Mapping[str, int]
Cells = Mapping[Key, Counts]


@frozen(eq=False)
class Question:
    """A query with its place date resolved, what its names stand for, and who can be asked for cells."""

    query: Query
    resolved: Resolved
    labels: Mapping[str, Mapping[str, Label]]
    engine: Engine
    themes: Themes
    places: Gazetteer
    today: date
    _asked: dict[object, Cells] = attrs.field(factory=dict, init=False)

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The measures that are asked."""
        return self.resolved.measures

    @property
    def by(self) -> tuple[Dimension, ...]:
        """The dimensions that are asked."""
        return self.resolved.by

    @cached_property
    def ancestry(self) -> Ancestry:
        """The ancestors of every service point by the place date that is asked."""
        day = self.query.place_date
        return self.places.ancestry(day) if isinstance(day, date) else self.places.then

    @cached_property
    def cut(self) -> Cut:
        """The cut whose cells are the rows."""
        query = self.query
        return Cut(
            theme=query.theme,
            dimensions=self.by,
            measures=frozenset({count for measure in self.measures for count in measure.counts}),
            ancestry=self.ancestry,
            filters=tuple(
                Filter(self.resolved.known[name], None if codes == ANY else frozenset(codes))
                for name, codes in query.where.items()
            ),
            start=query.start,
            end=query.end,
            together=self.resolved.together,
        )

    def cells(self, **changes: Any) -> Cells:
        """The cells of the cut with `changes`; each cut is asked once."""
        cut = attrs.evolve(self.cut, **changes)
        asked = cut.dimensions, cut.measures, cut.filters, cut.start, cut.end, cut.together
        if asked not in self._asked:
            self._asked[asked] = dict(self.engine(cut))
        return self._asked[asked]

    def total(self, **changes: Any) -> Counts:
        """The counts over everything that the cut with `changes` keeps."""
        changes = {"dimensions": (), "together": None, **changes}
        return self.cells(**changes).get((), {})

    @property
    def versions(self) -> tuple[Theme, ...]:
        """The versions of the theme, oldest first."""
        return self.themes.versions(self.query.theme)

    @property
    def first_day(self) -> date:
        """The day before which nothing can have been registered: that of the oldest version of the form."""
        return self.versions[0].valid_from

    @property
    def span(self) -> tuple[date, date]:
        """The days that are asked, as far as they are past or today: from the first, until before the second."""
        ended = date.fromordinal(self.today.toordinal() + 1)
        return self.query.start or self.first_day, min(self.query.end or ended, ended)

    def spans_within(self) -> Iterable[Span]:
        """The stretches of service points that the filters on places keep."""
        filters = [one for one in self.cut.filters if one.dimension.origin is Origin.PLACE]
        for span in self.ancestry.spans:
            if all(one.keeps((span.value(one.dimension.name),)) for one in filters):
                yield span
