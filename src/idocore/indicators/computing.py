"""From an indicator to a table of its values, each with its numerator, its denominator and where they come from."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

import attrs
from attrs import frozen

from idocore.errors import InvalidQueryError
from idocore.gazetteer import Gazetteer
from idocore.indicators.catalogue import Indicator, Part, PartKind
from idocore.messages import Language
from idocore.open_hours import open_hours
from idocore.periods import Period
from idocore.places import Ancestry, ServicePoint, Span
from idocore.presence import stays
from idocore.statistics.cells import Key
from idocore.statistics.measures import Absence, Figure, Kind, Measure
from idocore.statistics.noting import Note
from idocore.statistics.query import PLACE_LEVELS, Query
from idocore.statistics.table import Row, Table
from idocore.themes import Label

NUMERATOR: Final = Measure("numerator", "numerator", (), Kind.COUNT, Label("teller", "numerator"))
DENOMINATOR: Final = Measure("denominator", "denominator", (), Kind.COUNT, Label("noemer", "denominator"))

Numbers = Mapping[Key, float]
Answer = Callable[[Query], Table]


@frozen
class Indication:
    """The values of an indicator.

    `table` has a row for each combination of codes, with value, numerator and denominator; `sources` are the tables
    that they were made of, with their own queries, base, unknowns and place in the journal.
    """

    indicator: Indicator
    table: Table
    sources: tuple[Table, ...] = attrs.field(repr=False)

    @property
    def value(self) -> int | float | None:
        """The value over everything, where nothing was split by; raises InvalidQueryError where something was."""
        if self.table.query.by:
            raise InvalidQueryError("indicator-is-split", value=self.indicator.id, by=self.table.query.by)
        return self.table.rows[0].numbers[0] if self.table.rows else None

    def trace(self, language: Language = "en") -> dict[str, Any]:
        """Where the numbers come from: definition and version, each part with its query, base N, unknowns and place in
        the journal, as plain JSON values."""
        return {
            "indicator": self.indicator.key,
            "label": self.indicator.label.text(language),
            "definition": self.indicator.definition.text(language),
            "unit": self.indicator.unit,
            "as_of": dict(self.table.as_of),
            "base": dict(self.table.base),
            "parts": [_traced(table, language) for table in self.sources],
            "notes": [note.message(language) for note in self.table.notes],
        }


def _traced(table: Table, language: Language) -> dict[str, Any]:
    query = table.query
    return {
        "measures": list(query.measures),
        "by": list(query.by),
        "where": {name: list(codes) for name, codes in query.where.items()},
        "start": query.start and query.start.isoformat(),
        "end": query.end and query.end.isoformat(),
        "place_date": str(query.place_date),
        "theme": query.theme,
        "codes": query.codes,
        "base": dict(table.base),
        "unknown": {name: dict(counts) for name, counts in table.unknown.items()} | {"unlinked": table.unlinked},
        "notes": [note.message(language) for note in table.notes],
    }


@attrs.define
class Computing:
    """Computes one indicator for one question; `asked` says by what, for which records, and when."""

    indicator: Indicator
    asked: Query
    answer: Answer
    places: Gazetteer
    today: date
    tables: list[Table] = attrs.field(factory=list, init=False)

    def compute(self) -> Indication:
        """The values; raises InvalidQueryError for a split that has no meaning for one of the parts."""
        self._check()
        numerator = self._numbers(self.indicator.numerator)
        denominator = None if self.indicator.denominator is None else self._numbers(self.indicator.denominator)
        keys = sorted({*numerator, *(denominator or ())}, key=lambda key: [(code is None, code or "") for code in key])
        rows = [_row(key, numerator, denominator) for key in keys]
        return Indication(self.indicator, self._table(rows, numerator, denominator), tuple(self.tables))

    def _check(self) -> None:
        """What is of service points can be split by places and periods, and by nothing else."""
        of_points = any(part.kind is not PartKind.COUNT or part.same for part in self.indicator.parts)
        allowed = {*PLACE_LEVELS, "month", "quarter", "half_year", "year"}
        others = [name for name in (*self.asked.by, *self.asked.where) if name not in allowed]
        if of_points and others:
            raise InvalidQueryError("indicator-by-place-and-period", value=self.indicator.id, by=others)

    def _numbers(self, part: Part) -> Numbers:
        match part.kind:
            case PartKind.COUNT if part.same is None:
                return self._counted(str(part.count), part.where)
            case PartKind.COUNT:
                return self._of_timed(str(part.count), part.where)
            case PartKind.POINTS if part.points == "registering":
                return _tallied(key[:-1] for key in self._registering())
            case PartKind.POINTS:
                return _tallied(key[:-1] for key in self._present())
            case PartKind.ORGANISATIONS:
                return self._organisations(part.organisations or 1)
            case _:
                return self._hours()

    def _ask(self, measures: Iterable[str], *more_by: str, **where: tuple[str, ...]) -> Table:
        by = dict.fromkeys((*self.asked.by, *more_by))
        filters = dict(self.asked.where)
        for name, codes in where.items():
            filters[name] = _both(filters.get(name), codes)
        table = self.answer(attrs.evolve(self.asked, measures=tuple(measures), by=tuple(by), where=filters))
        self.tables.append(table)
        return table

    def _counted(self, measure: str, where: Mapping[str, tuple[str, ...]]) -> Numbers:
        if any(codes == () for codes in (_both(self.asked.where.get(name), codes) for name, codes in where.items())):
            return {}
        return {row.codes: row.numbers[0] or 0 for row in self._ask([measure], **where).rows}

    def _of_timed(self, measure: str, where: Mapping[str, tuple[str, ...]]) -> Numbers:
        """What is counted at service points whose opening hours are known."""
        found: dict[Key, float] = defaultdict(float)
        table = self._ask([measure], "service_point", **where)
        position = table.query.by.index("service_point")
        for row in table.rows:
            point = self.places.find_service_point(str(row.codes[position]))
            if point is not None and point.opening_hours:
                found[row.codes[: len(self.asked.by)]] += row.numbers[0] or 0
        return found

    def _registering(self) -> set[Key]:
        """Rows with each service point that registered anything there."""
        table = self._ask(["registrations", "visitors", "inquiries"], "service_point")
        position = table.query.by.index("service_point")
        return {(*row.codes[: len(self.asked.by)], row.codes[position]) for row in table.rows if any(row.numbers)}

    def _organisations(self, fewest: int) -> Numbers:
        """The organisations with at least that many registering points, each point by who ran it when it registered."""
        table = self._ask(["registrations", "visitors", "inquiries"], "organisation", "service_point")
        names = table.query.by
        organisation, point = names.index("organisation"), names.index("service_point")
        found: dict[tuple[Key, str], set[str]] = defaultdict(set)
        for row in table.rows:
            if any(row.numbers) and row.codes[organisation] is not None:
                key = row.codes[: len(self.asked.by)], str(row.codes[organisation])
                found[key].add(str(row.codes[point]))
        return _tallied(key for (key, _), points in found.items() if len(points) >= fewest)

    def _present(self) -> set[Key]:
        """Rows with each service point that existed there."""
        return {(*key, point.id) for key, point, *_ in self._stretches()}

    def _hours(self) -> Numbers:
        found: dict[Key, float] = defaultdict(float)
        for key, point, start, end in self._stretches():
            if point.opening_hours:
                found[key] += open_hours(point, start, end) or 0.0
        return found

    def _stretches(self) -> Iterable[tuple[Key, ServicePoint, date, date]]:
        """The lives of service points, cut at periods and at changes of what lies around them."""
        first = self.asked.start or date(2019, 1, 1)
        last = min(self.asked.end or date.max, date.fromordinal(self.today.toordinal() + 1))
        kinds = [name for name in self.asked.by if name not in PLACE_LEVELS]
        for stay in stays(self._ancestry().spans, self.places, first, last):
            if all(stay.span.value(name) in codes for name, codes in self._place_filters()):
                for start, end in stay.pieces(kinds):
                    yield tuple(_code(stay.span, name, start) for name in self.asked.by), stay.point, start, end

    def _ancestry(self) -> Ancestry:
        day = self.today if self.asked.place_date == "now" else self.asked.place_date
        return self.places.ancestry(day) if isinstance(day, date) else self.places.then

    def _place_filters(self) -> Iterable[tuple[str, Sequence[str]]]:
        return [(name, codes) for name, codes in self.asked.where.items() if name in PLACE_LEVELS]

    def _table(self, rows: Sequence[Row], numerator: Numbers, denominator: Numbers | None) -> Table:
        indicator, first = self.indicator, self.tables[0]
        value = Measure(indicator.id, indicator.id, (), Kind.INDICATOR, indicator.label, unit=indicator.unit)
        measures = (value, NUMERATOR) if denominator is None else (value, NUMERATOR, DENOMINATOR)
        said = Note("note-indicator", {"key": indicator.key, "text": indicator.definition})
        notes = dict.fromkeys((said, *(note for table in self.tables for note in table.notes)))
        base = {measure.of: table.base[measure.of] for table in self.tables for measure in table.measures}
        query = attrs.evolve(first.query, measures=tuple(one.name for one in measures), by=self.asked.by)
        query = attrs.evolve(query, where=self.asked.where)
        unknown = {name: first.unknown[name] for name in self.asked.by}
        return Table(
            query, tuple(rows), base, unknown, first.unlinked, tuple(notes), first.labels, first.as_of, measures
        )


def _both(asked: tuple[str, ...] | None, codes: tuple[str, ...]) -> tuple[str, ...]:
    """The codes that both filters keep; those of one where the other takes any."""
    if asked is None or asked == ("*",):
        return codes
    return asked if codes == ("*",) else tuple(code for code in asked if code in codes)


def _tallied(keys: Iterable[Key]) -> Numbers:
    found: dict[Key, float] = defaultdict(int)
    for key in keys:
        found[key] += 1
    return found


def _code(span: Span, name: str, day: date) -> str | None:
    return span.value(name) if name in PLACE_LEVELS else Period.of(name, day).code


def _row(key: Key, numerator: Numbers, denominator: Numbers | None) -> Row:
    above = numerator.get(key, 0)
    if denominator is None:
        return Row(key, (above, above))
    below = denominator.get(key, 0)
    figure = Figure(above / below) if below else Figure(None, Absence.NO_BASE)
    return Row(key, (figure.number, above, below), (figure.why, None, None) if figure.why else ())
