"""An indicator of a place beside its province, the nation and organisations of its size.

What lies within the scope of who asks is counted; of anything wider only what was published is shown.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

import attrs
from attrs import define, frozen

from idocore.indicators.catalogue import Indicator, Part
from idocore.indicators.computing import Indication
from idocore.peers import FEWEST_OTHERS, Beside, Group, Peers, called
from idocore.periods import Period
from idocore.release_figures import ReleaseFigures
from idocore.releases import Release
from idocore.scopes import Scope
from idocore.statistics.cells import Dimension
from idocore.statistics.measures import Absence, Figure
from idocore.statistics.noting import Note
from idocore.statistics.table import Row, Table
from idocore.themes import Label

GROUP: Final = "group"
"""The dimension of a benchmark: own, province, nation, same-size."""

_HEADING: Final = Label("vergeleken met", "beside")
_OWN: Final = Label("eigen", "own")


def for_each_point(indicator: Indicator) -> Indicator:
    """`indicator` as it can be compared: a number without a denominator becomes one for each service point."""
    if indicator.denominator is not None:
        return indicator
    label = Label(f"{indicator.label.nl} per IDO-locatie", f"{indicator.label.en} per service point")
    return attrs.evolve(indicator, denominator=Part(points="open"), label=label, unit=f"{indicator.unit}/service point")


@frozen
class _Line:
    group: Group
    value: Figure
    numerator: Figure
    denominator: Figure
    release: Release | None = None

    @property
    def row(self) -> Row:
        figures = (self.value, self.numerator, self.denominator)
        why = tuple(figure.why for figure in figures)
        return Row((self.group.beside,), tuple(figure.number for figure in figures), why if any(why) else ())


@define(slots=False)
class Benchmarking:
    """Compares one indicator over `days`; `indicate` computes it for the records that a filter keeps."""

    indicator: Indicator
    peers: Peers
    days: Period
    sees: Scope
    indicate: Callable[[Indicator, Mapping[str, Collection[str]]], Indication]
    releases: Sequence[Release]
    dimensions: dict[str, Dimension]

    def compare(self) -> Table:
        """A row for each group, the own place first: value, numerator and denominator, or why they are not there."""
        group = self.peers.own()
        own = self.indicate(self.indicator, group.where)
        lines = [_counted(group, own), *map(self._line, self.peers.groups())]
        query = attrs.evolve(own.table.query, by=(GROUP,))
        labels = dict(own.table.labels)
        labels[GROUP] = {line.group.beside: self._label(line.group) for line in lines}
        labels[""] = {**labels[""], GROUP: _HEADING}
        return attrs.evolve(
            own.table,
            query=query,
            rows=tuple(line.row for line in lines),
            unknown={GROUP: {}},
            labels=labels,
            notes=(*own.table.notes, *self._notes(lines)),
        )

    def _line(self, group: Group) -> _Line:
        if not group.may_be_seen_by(self.sees):
            return self._published(group)
        if not self.peers.has_others(self.peers.present(group)):
            hidden = Figure(None, Absence.SUPPRESSED)
            return _Line(group, hidden, hidden, hidden)
        return _counted(group, self.indicate(self.indicator, group.where))

    def _published(self, group: Group) -> _Line:
        """From the newest release of just these days that says anything of it."""
        for release in self._of_these_days:
            figures = ReleaseFigures(release, group, self.dimensions)
            above, below = (figures.figure(part) for part in self.indicator.parts)
            if Absence.UNPUBLISHED not in (above.why, below.why):
                return _Line(group, _ratio(above, below), above, below, release)
        missing = Figure(None, Absence.UNPUBLISHED)
        return _Line(group, missing, missing, missing)

    @cached_property
    def _of_these_days(self) -> list[Release]:
        newest_first = sorted(self.releases, key=lambda one: -one.number)
        return [one for one in newest_first if one.days == self.days]

    def _label(self, group: Group) -> Label:
        match group.beside:
            case Beside.PROVINCE if group.codes:
                name = self.peers.places.name("province", next(iter(group.codes)))
                return Label(name, name)
            case Beside.NATION:
                return Label("Nederland", "the Netherlands")
            case Beside.SAME_SIZE if self.peers.size:
                size = called(self.peers.size)
                return Label(f"organisaties met {size} IDO-locaties", f"organisations with {size} service points")
            case _:
                return _OWN

    def _notes(self, lines: list[_Line]) -> Iterator[Note]:
        for line in lines:
            label = self._label(line.group)
            if line.release is not None:
                yield Note("benchmark-released", {"group": label, "name": line.release.name})
            elif line.value.why is Absence.UNPUBLISHED:
                yield Note("benchmark-unpublished", {"group": label, "period": self.days.code})
            elif line.value.why is Absence.SUPPRESSED:
                yield Note("benchmark-small", {"group": label, "fewest": FEWEST_OTHERS})


def _counted(group: Group, found: Indication) -> _Line:
    row = next(iter(found.table.rows), None)
    if row is None:
        return _Line(group, Figure(None, Absence.NO_BASE), Figure(0), Figure(0))
    value, above, below = map(Figure, row.numbers, row.why or (None,) * len(row.numbers))
    return _Line(group, value, above, below)


def _ratio(above: Figure, below: Figure) -> Figure:
    for figure in (above, below):
        if figure.number is None:
            return Figure(None, figure.why)
    return Figure((above.number or 0) / below.number) if below.number else Figure(None, Absence.NO_BASE)
