"""A release as tables for people."""

from collections.abc import Iterator, Mapping

from idocore.disclosure.policies import Method
from idocore.gazetteer import Gazetteer
from idocore.releases import ALL, PlannedTable, PublishedCell, Release, level_of
from idocore.statistics.labels import labels_for
from idocore.statistics.measures import MEASURES, Absence
from idocore.statistics.noting import Note
from idocore.statistics.query import Query
from idocore.statistics.table import Row, Table
from idocore.theme_files import Themes


def table_of(release: Release, planned: PlannedTable, level: str, themes: Themes, places: Gazetteer) -> Table:
    """The `planned` table of `release` at one place level; a hidden number is None."""
    chosen = [cell for cell in release.cells if _is_in(cell, planned, level, release)]
    split = () if planned.dimension is None else (planned.dimension,)
    by = (level, *split, *(("month",) if planned.by_month else ()))
    plan = release.plan
    where = {} if plan.within is None else {"province": plan.within}
    return Table(
        query=Query.of(plan.measures, by, where=where, period=release.days, theme=plan.theme),
        rows=tuple(Row(_codes(cell, planned), cell.numbers, _why(cell)) for cell in chosen),
        base=_known(release.base),
        unknown=_unknown(release, planned),
        unlinked=0,
        notes=tuple(_notes(release, planned, chosen)),
        labels=labels_for(release.plan.theme, themes, places),
        as_of=dict(release.cursor),
        measures=tuple(MEASURES[name] for name in release.plan.measures),
    )


def _why(cell: PublishedCell) -> tuple[Absence | None, ...]:
    """That a number is hidden, for each that is; empty when none is."""
    found = tuple(Absence.SUPPRESSED if number is None else None for number in cell.numbers)
    return found if any(found) else ()


def _is_in(cell: PublishedCell, planned: PlannedTable, level: str, release: Release) -> bool:
    if level_of(cell.place) != release.plan.written(level):
        return False
    if (cell.period == release.period) is planned.by_month:
        return False
    if planned.dimension is None:
        return cell.category == ALL
    return cell.category.startswith(f"{planned.dimension}/")


def _codes(cell: PublishedCell, planned: PlannedTable) -> tuple[str | None, ...]:
    place = cell.place.partition("/")[2] or None
    split = () if planned.dimension is None else (cell.category.partition("/")[2] or None,)
    return (place, *split, *((cell.period,) if planned.by_month else ()))


def _unknown(release: Release, planned: PlannedTable) -> dict[str, dict[str, int]]:
    """What has no code in the dimension, over all places; nothing where that is hidden."""
    if planned.dimension is None or level_of(release.plan.whole) not in planned.levels:
        return {}
    return {planned.dimension: _known(release.overall(f"{planned.dimension}/"))}


def _known(numbers: Mapping[str, int | None]) -> dict[str, int]:
    return {name: number for name, number in numbers.items() if number is not None}


def _notes(release: Release, planned: PlannedTable, cells: list[PublishedCell]) -> Iterator[Note]:
    yield Note("note-release", {"name": release.name, "made": release.made_at.date()})
    if release.policy.method is Method.ROUNDED:
        yield Note("note-rounded", {"base": release.policy.base})
    hidden = sum(cell.is_hidden for cell in cells)
    if hidden:
        yield Note("note-hidden", {"count": hidden, "fewest": release.policy.fewest})
        if planned.by_month and planned.dimension is not None:
            yield Note("note-hidden-zeros", {})
