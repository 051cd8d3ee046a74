"""What a release says of a part of an indicator, for somebody who may not count it."""

from collections.abc import Iterator
from functools import cached_property

from attrs import define

from idocore.disclosure.systems import Key
from idocore.indicators.catalogue import Part, PartKind
from idocore.peers import Group
from idocore.places import NATION
from idocore.releases import ALL, PublishedCell, Release
from idocore.statistics.cells import Dimension
from idocore.statistics.measures import Absence, Figure
from idocore.themes import Level

_UNPUBLISHED = Figure(None, Absence.UNPUBLISHED)


@define(slots=False)
class ReleaseFigures:
    """The figures of `group` in `release`."""

    release: Release
    group: Group
    dimensions: dict[str, Dimension]

    def figure(self, part: Part) -> Figure:
        """The number of `part`; or that it was not published, or is hidden."""
        if part.kind is not PartKind.COUNT or part.same is not None or part.count not in self.release.plan.measures:
            return _UNPUBLISHED
        if len(part.where) > 1:
            return _UNPUBLISHED
        name, codes = next(iter(part.where.items()), (None, ()))
        if not self._is_published(name) or not self._adds_up(part, name, codes):
            return _UNPUBLISHED
        return self._sum(self.release.plan.measures.index(str(part.count)), list(_categories(name, codes)))

    def _is_published(self, dimension: str | None) -> bool:
        plan = self.release.plan
        if plan.within is not None and self._places != [plan.whole]:
            return False  # what it says of other places is about part of them
        tables = (one for one in plan.tables if self.group.level in one.levels)
        return any(dimension in (None, one.dimension) for one in tables)

    def _adds_up(self, part: Part, name: str | None, codes: tuple[str, ...]) -> bool:
        """Whether the numbers of several categories may be added, or taken from each other."""
        if name is None or (len(codes) == 1 and codes != ("*",)):
            return True
        dimension = self.dimensions[name]
        counts_once = dimension.level is not Level.INQUIRY or part.count == "inquiries"
        return counts_once and (codes == ("*",) or not dimension.multiple)

    def _sum(self, measure: int, categories: list[tuple[str, int]]) -> Figure:
        total = 0
        for place in self._places:
            for category, sign in categories:
                cell = self._cells.get(Key(place, category, self.release.period))
                number = 0 if cell is None else cell.numbers[measure]
                if number is None:
                    return Figure(None, Absence.SUPPRESSED)
                total += sign * number
        return Figure(total)

    @property
    def _places(self) -> list[str]:
        codes = [NATION] if self.group.codes is None else sorted(self.group.codes)
        return [f"{self.group.level}/{code}" for code in codes]

    @cached_property
    def _cells(self) -> dict[Key, PublishedCell]:
        return {cell.key: cell for cell in self.release.cells}


def _categories(name: str | None, codes: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    """The categories that are added (1) and taken off (-1): what is known is everything but what is not."""
    if name is None:
        yield ALL, 1
    elif codes == ("*",):
        yield ALL, 1
        yield f"{name}/", -1
    else:
        for code in codes:
            yield f"{name}/{code}", 1
