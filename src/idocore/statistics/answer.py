"""From a query to a table: cuts for the engine, and everything that the core derives from their cells."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta

import attrs

from idocore.gazetteer import Gazetteer
from idocore.statistics.cells import REGISTRATIONS, TALLIED, UNCOUNTED, Cell, Cut, Dimension, Filter, Key
from idocore.statistics.labels import labels_for
from idocore.statistics.query import AMENDMENT, PLACE_LEVELS, Measure, Query, check_codes, resolve
from idocore.statistics.table import Note, Number, Row, Table
from idocore.theme_files import Themes
from idocore.themes import Label, Theme

Engine = Callable[[Cut], Sequence[Cell]]
Counts = Mapping[str, int]


def answer(
    query: Query, engine: Engine, themes: Themes, places: Gazetteer, today: date, has_closings: bool = False
) -> Table:
    """The table for `query`; raises InvalidQueryError that names the nearest when something is not known.

    With closings the table says how many of its registrations are amendments.
    """
    measures, by, known = resolve(query, themes)
    if query.place_date == "now":
        query = attrs.evolve(query, place_date=today)
    labels = labels_for(query.theme, themes, places)
    for name, codes in query.where.items():
        if name in labels:
            check_codes(name, codes, labels[name])
    cut = Cut(
        theme=query.theme,
        dimensions=by,
        measures=frozenset({count for measure in measures for count in measure.counts}),
        ancestry=places.ancestry(query.place_date) if isinstance(query.place_date, date) else places.then,
        filters=tuple(Filter(known[name], frozenset(codes)) for name, codes in query.where.items()),
        start=query.start,
        end=query.end,
    )
    cells = dict(engine(cut))
    base = _total(engine, cut)
    unlinked = _unlinked(engine, cut)
    return Table(
        query=query,
        rows=_rows(cells, measures, _bases(engine, cut, measures), by, labels),
        base={name: _plain(measure, base) for name, measure in _counted(measures).items()},
        unknown=_unknowns(engine, cut, measures, cells),
        unlinked=unlinked,
        notes=(
            *_notes(query, by, themes, places, unlinked),
            *_uncounted(engine, cut),
            *(_amended(engine, cut) if has_closings else ()),
        ),
        labels=labels,
    )


def _total(engine: Engine, cut: Cut) -> Counts:
    return dict(engine(attrs.evolve(cut, dimensions=()))).get((), {})


def _plain(measure: Measure, counts: Counts) -> int:
    return sum(counts.get(name, 0) for name in measure.counts)


def _counted(measures: Iterable[Measure]) -> dict[str, Measure]:
    """The measures by the name of what they count; a share by that of its whole."""
    return {measure.name.removeprefix("share_of_"): measure for measure in measures}


def _unlinked(engine: Engine, cut: Cut) -> int:
    """Tallied visitors that the inquiry dimensions or filters of `cut` could not look at."""
    if TALLIED not in cut.measures or not cut.splits_inquiries:
        return 0
    whole = attrs.evolve(cut, dimensions=(), filters=cut.record_filters, measures=frozenset({TALLIED}))
    return _total(engine, whole).get(TALLIED, 0)


def _uncounted(engine: Engine, cut: Cut) -> Iterable[Note]:
    """Unknown is not zero: tallies of inquiries only had visitors, nobody knows how many."""
    if TALLIED in cut.measures:
        count = _total(engine, attrs.evolve(cut, measures=frozenset({UNCOUNTED}))).get(UNCOUNTED, 0)
        if count:
            yield Note("note-uncounted", {"count": count})


def _amended(engine: Engine, cut: Cut) -> Iterable[Note]:
    """What was registered or changed after its period had been closed is counted, and said."""
    only = Filter(AMENDMENT, frozenset({"yes"}))
    counts = _total(engine, attrs.evolve(cut, filters=(*cut.filters, only), measures=frozenset({REGISTRATIONS})))
    if counts.get(REGISTRATIONS):
        yield Note("note-amended", {"count": counts[REGISTRATIONS]})


def _unknowns(
    engine: Engine, cut: Cut, measures: Iterable[Measure], cells: Mapping[Key, Counts]
) -> dict[str, dict[str, int]]:
    found = {}
    for dimension in cut.dimensions:
        alone = cells if len(cut.dimensions) == 1 else dict(engine(attrs.evolve(cut, dimensions=(dimension,))))
        counts = alone.get((None,), {})
        found[dimension.name] = {name: _plain(measure, counts) for name, measure in _counted(measures).items()}
    return found


def _bases(engine: Engine, cut: Cut, measures: Iterable[Measure]) -> Mapping[Key, Counts]:
    """What shares are shares of: the records with a known code in the last dimension, by the other dimensions."""
    if not any(measure.is_share for measure in measures):
        return {}
    known = Filter(cut.dimensions[-1])
    return dict(engine(attrs.evolve(cut, dimensions=cut.dimensions[:-1], filters=(*cut.filters, known))))


def _rows(
    cells: Mapping[Key, Counts],
    measures: Sequence[Measure],
    bases: Mapping[Key, Counts],
    by: Sequence[Dimension],
    labels: Mapping[str, Mapping[str, Label]],
) -> tuple[Row, ...]:
    ranks = [{code: rank for rank, code in enumerate(labels.get(dimension.name, ()))} for dimension in by]

    def order(key: Key) -> list[tuple[bool, int, str]]:
        return [
            (code is None, rank.get(code or "", len(rank)), code or "") for code, rank in zip(key, ranks, strict=True)
        ]

    keys = sorted((key for key, counts in cells.items() if any(counts.values())), key=order)
    return tuple(Row(key, tuple(_number(measure, cells[key], key, bases) for measure in measures)) for key in keys)


def _number(measure: Measure, counts: Counts, key: Key, bases: Mapping[Key, Counts]) -> Number:
    count = _plain(measure, counts)
    if not measure.is_share:
        return count
    whole = _plain(measure, bases.get(key[:-1], {}))
    return count / whole if whole and key[-1] is not None else None


def _notes(query: Query, by: Sequence[Dimension], themes: Themes, places: Gazetteer, unlinked: int) -> Iterable[Note]:
    yield Note("note-period", {"start": query.start, "last": query.end and query.end - timedelta(days=1)})
    looked_at = {dimension.name for dimension in by} | set(query.where)
    if looked_at & set(PLACE_LEVELS):
        code = "note-places-then" if query.place_date == "then" else "note-places-on"
        yield Note(code, {"day": query.place_date})
    for dimension in by:
        if dimension.multiple:
            yield Note("note-multiple", {"dimension": dimension.name})
        elif dimension.of_inquiry and "inquiries" not in query.measures:
            yield Note("note-several-inquiries", {"dimension": dimension.name})
    if unlinked:
        yield Note("note-unlinked", {"count": unlinked})
    for name in sorted(looked_at):
        yield from _not_asked(name, query, themes)


def _not_asked(name: str, query: Query, themes: Themes) -> Iterable[Note]:
    """A field that some version in the period did not have is missing there, not zero."""
    versions = [theme for theme in themes.versions(query.theme) if _overlaps(theme, query)]
    asked = [theme for theme in versions if name in theme.by_key]
    if asked and len(asked) < len(versions):
        without = [theme.id for theme in versions if theme not in asked]
        yield Note("note-not-asked", {"dimension": name, "themes": without})


def _overlaps(theme: Theme, query: Query) -> bool:
    starts_in_time = query.end is None or theme.valid_from < query.end
    return starts_in_time and (theme.valid_until is None or query.start is None or query.start < theme.valid_until)
