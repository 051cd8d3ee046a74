"""From a query to a table: cuts for the engine, and everything that the core derives from their cells."""

from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

import attrs

from idocore.gazetteer import Gazetteer
from idocore.statistics.asking import Cells, Counts, Engine, Question
from idocore.statistics.cells import REGISTRATIONS, TALLIED, UNCOUNTED, Filter, Key
from idocore.statistics.completing import every_key
from idocore.statistics.derived import Figures, figures
from idocore.statistics.existence import Existence
from idocore.statistics.labels import labels_for
from idocore.statistics.measures import Figure, Kind, Measure
from idocore.statistics.noting import Note, notes
from idocore.statistics.query import AMENDMENT, ANY, Query, check_codes, resolve
from idocore.statistics.table import Row, Table
from idocore.theme_files import Themes

_OF_ROWS = frozenset({Kind.COUNT, Kind.SHARE, Kind.RANK})
"""What cannot be given for a row of what did not exist; other measures look at other periods as well."""


def answer(
    query: Query,
    engine: Engine,
    themes: Themes,
    places: Gazetteer,
    today: date,
    has_closings: bool = False,
    as_of: Mapping[UUID, int] | None = None,
) -> Table:
    """The table for `query`; raises InvalidQueryError that names the nearest when something is not known.

    With closings the table says how many of its registrations are amendments. `as_of` is the place in the journal that
    the engine counts at.
    """
    resolved = resolve(query, themes)
    if query.place_date == "now":
        query = attrs.evolve(query, place_date=today)
    labels = labels_for(query.theme, themes, places)
    for name, codes in query.where.items():
        if name in labels and codes != ANY:
            check_codes(name, codes, labels[name])
    question = Question(query, resolved, labels, engine, themes, places, today)
    unlinked = _unlinked(question)
    return Table(
        query=query,
        rows=tuple(_rows(question)),
        base={measure.of: measure.plain(question.total()) for measure in question.measures},
        unknown=_unknowns(question),
        unlinked=unlinked,
        notes=(
            *notes(question, unlinked),
            *_uncounted(question),
            *(_amended(question) if has_closings else ()),
        ),
        labels=labels,
        as_of={str(stream): position for stream, position in (as_of or {}).items()},
        measures=question.measures,
    )


def _unlinked(question: Question) -> int:
    """Tallied visitors that the inquiry dimensions or filters could not look at."""
    cut = question.cut
    if TALLIED not in cut.measures or not cut.splits_inquiries:
        return 0
    return question.total(filters=cut.record_filters, measures=frozenset({TALLIED})).get(TALLIED, 0)


def _uncounted(question: Question) -> Iterable[Note]:
    """Unknown is not zero: tallies of inquiries only had visitors, nobody knows how many."""
    if TALLIED in question.cut.measures:
        count = question.total(measures=frozenset({UNCOUNTED})).get(UNCOUNTED, 0)
        if count:
            yield Note("note-uncounted", {"count": count})


def _amended(question: Question) -> Iterable[Note]:
    """What was registered or changed after its period had been closed is counted, and said."""
    only = Filter(AMENDMENT, frozenset({"yes"}))
    counts = question.total(filters=(*question.cut.filters, only), measures=frozenset({REGISTRATIONS}))
    if counts.get(REGISTRATIONS):
        yield Note("note-amended", {"count": counts[REGISTRATIONS]})


def _unknowns(question: Question) -> dict[str, dict[str, int]]:
    found = {}
    for dimension in question.by:
        alone = question.cells(dimensions=(dimension,), together=None)
        counts: Counts = alone.get((None,), {})
        found[dimension.name] = {measure.of: measure.plain(counts) for measure in question.measures}
    return found


def _rows(question: Question) -> Iterable[Row]:
    cells = question.cells()
    keys = {key for key, counts in cells.items() if any(counts.values())}
    existence = Existence(question) if question.query.complete else None
    if existence is not None:
        keys |= set(every_key(question)) if question.resolved.together is None else set()
    derived = [(measure, figures(question, measure)) for measure in question.measures]
    for key in _in_order(keys, question):
        found = [_figure(key, measure, figure, cells, existence) for measure, figure in derived]
        why = tuple(one.why for one in found)
        yield Row(key, tuple(one.number for one in found), why if any(why) else ())


def _figure(key: Key, measure: Measure, figure: Figures, cells: Cells, existence: Existence | None) -> Figure:
    if existence is not None and measure.kind in _OF_ROWS and not any(cells.get(key, {}).values()):
        why = existence.absence(key)
        if why is not None:
            return Figure(None, why)
    return figure(key)


def _in_order(keys: Iterable[Key], question: Question) -> list[Key]:
    """Periods in time, codes as their list has them, unknown last."""
    together = question.resolved.together
    names = [one.name for one in question.by] + ([together.name] * 2 if together else [])
    ranks = [{code: rank for rank, code in enumerate(question.labels.get(name, ()))} for name in names]

    def order(key: Key) -> list[tuple[bool, int, str]]:
        return [
            (code is None, rank.get(code or "", len(rank)), code or "") for code, rank in zip(key, ranks, strict=True)
        ]

    return sorted(keys, key=order)
