"""Rates and averages, which need to know when service points were there and open.

Null is not zero is not closed: a point of which no opening hours are written down counts in neither part of a rate; a
period in which a point did not exist is not one in which it had no visitors.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date

from attrs import frozen

from idocore.errors import InvalidQueryError
from idocore.open_hours import open_hours
from idocore.periods import Period, PeriodKind
from idocore.places import ServicePoint
from idocore.presence import stays
from idocore.statistics.asking import Question
from idocore.statistics.cells import Dimension, Key, Origin
from idocore.statistics.measures import Absence, Figure, Measure

Figures = Callable[[Key], Figure]
_POINT = Dimension("service_point", Origin.PLACE)


@frozen
class _Piece:
    """Days of a service point, within one period of each kind that is asked and with the same ancestors."""

    key: Key
    point: ServicePoint
    start: date
    end: date


def per_open_hour(question: Question, measure: Measure) -> Figures:
    """For each hour that the service points were open: only those whose opening hours are known."""
    _check_places_and_periods(question, measure)
    hours: dict[Key, float] = defaultdict(float)
    timed: set[str] = set()
    for piece in _pieces(question):
        found = open_hours(piece.point, piece.start, piece.end)
        if found is not None:
            hours[piece.key] += found
        if piece.point.opening_hours:
            timed.add(piece.point.id)
    counts: dict[Key, int] = defaultdict(int)
    for (*key, point), counted in question.cells(dimensions=(*question.by, _POINT)).items():
        if point in timed:
            counts[tuple(key)] += measure.plain(counted)

    def rate(key: Key) -> Figure:
        if key not in hours:
            return Figure(None, Absence.UNKNOWN)
        return Figure(counts[key] / hours[key]) if hours[key] else Figure(None, Absence.CLOSED)

    return rate


def _check_places_and_periods(question: Question, measure: Measure) -> None:
    """Opening hours are of a place and a time; by anything else a rate would divide by hours that are not its own."""
    looked_at = [*question.by, *(one.dimension for one in question.cut.filters if one.dimension.origin is Origin.CLOCK)]
    others = [one.name for one in looked_at if one.origin not in (Origin.PERIOD, Origin.PLACE)]
    if others:
        raise InvalidQueryError("rate-by-place-and-period", measure=measure.name, value=others)


def _pieces(question: Question) -> Iterator[_Piece]:
    """The stretches of service points that are asked about, with the key of the row that each belongs to."""
    start, end = question.span
    filters = [one for one in question.cut.filters if _is_period(one.dimension)]
    kinds = [one.name for one in (*question.by, *(one.dimension for one in filters)) if _is_period(one)]
    for stay in stays(question.spans_within(), question.places, start, end, beyond_life=True):
        for begin, until in stay.pieces(kinds):
            if all(one.keeps((_code(one.dimension, begin),)) for one in filters):
                key = tuple(_code(one, begin) if _is_period(one) else stay.span.value(one.name) for one in question.by)
                yield _Piece(key, stay.point, begin, until)


def _is_period(dimension: Dimension) -> bool:
    return dimension.origin is Origin.PERIOD


def _code(dimension: Dimension, day: date) -> str:
    return Period.of(dimension.name, day).code


def average_of_sums(question: Question, measure: Measure) -> Figures:
    """The sum over all service points, averaged over the periods in which at least one of them existed."""
    start, end = _whole_periods(question, measure)
    periods = _lives(question, start, end)
    numbers: dict[Key, set[str]] = defaultdict(set)
    for (*key, _), codes in periods.items():
        numbers[tuple(key)] |= codes
    cells = question.cells(start=start, end=end)
    return lambda key: _average(measure.plain(cells.get(key, {})), len(numbers.get(_of_places(question, key), ())))


def sum_of_averages(question: Question, measure: Measure) -> Figures:
    """Each service point's average over the periods in which it existed, summed."""
    start, end = _whole_periods(question, measure)
    periods = _lives(question, start, end)
    sums: dict[Key, float] = {}
    for (*key, point), counted in question.cells(start=start, end=end, dimensions=(*question.by, _POINT)).items():
        lived = len(periods.get((*_of_places(question, tuple(key)), point), ()))
        if lived:
            sums[tuple(key)] = sums.get(tuple(key), 0.0) + measure.plain(counted) / lived
    known = {rest for *rest_, _ in periods for rest in [tuple(rest_)]}

    def summed(key: Key) -> Figure:
        if key in sums:
            return Figure(sums[key])
        return Figure(0.0) if _of_places(question, key) in known else Figure(None, Absence.NOT_EXISTING)

    return summed


def _average(total: int, number: int) -> Figure:
    return Figure(total / number) if number else Figure(None, Absence.NOT_EXISTING)


def _whole_periods(question: Question, measure: Measure) -> tuple[date, date]:
    """The days that are asked, kept to whole periods that have ended."""
    kind = question.query.average_over
    finer = [one.name for one in question.by if _is_period(one) and not _is_coarser(PeriodKind(one.name), kind)]
    if finer:
        raise InvalidQueryError("average-over-coarser", measure=measure.name, value=finer, over=kind.value)
    start, end = question.span
    first, last = Period.of(kind, start), Period.of(kind, end)
    start = first.start if first.start == start else first.end
    end = min(last.start, Period.of(kind, question.today).start)
    return start, max(start, end)


def _is_coarser(kind: PeriodKind, than: PeriodKind) -> bool:
    order = list(PeriodKind)
    return order.index(kind) > order.index(than)


def _lives(question: Question, start: date, end: date) -> dict[Key, set[str]]:
    """The periods in which each service point existed, by what a row says of places and periods, and the point."""
    kind = question.query.average_over
    found: dict[Key, set[str]] = defaultdict(set)
    for stay in stays(question.spans_within(), question.places, start, end):
        for begin, _ in stay.pieces([kind]):
            period = Period.of(kind, begin)
            key = tuple(
                _code(one, period.start) if _is_period(one) else stay.span.value(one.name)
                for one in question.by
                if one.origin in (Origin.PERIOD, Origin.PLACE)
            )
            found[*key, stay.point.id].add(period.code)
    return found


def _of_places(question: Question, key: Key) -> Key:
    """What a key says of places and periods, which is what lives are told by."""
    return tuple(
        code for one, code in zip(question.by, key, strict=True) if one.origin in (Origin.PERIOD, Origin.PLACE)
    )
