"""What the core makes of the cells: shares, growth, moving and running sums, ranks and medians.

Every derivation gives a function from the key of a row to its figure. How rates and averages need opening hours and the
lives of service points is told in `rates`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from itertools import accumulate
from typing import Final

from idocore.errors import InvalidQueryError, InvalidValueError
from idocore.periods import Period, year_before
from idocore.statistics import rates
from idocore.statistics.asking import Question
from idocore.statistics.cells import Dimension, Filter, Key, Origin
from idocore.statistics.classes import median
from idocore.statistics.existence import Existence
from idocore.statistics.measures import Absence, Figure, Kind, Measure

Figures = Callable[[Key], Figure]


def figures(question: Question, measure: Measure) -> Figures:
    """The figure of `measure` for each key; raises InvalidQueryError where it has no meaning."""
    return _DERIVATIONS[measure.kind](question, measure)


def _counts(question: Question, measure: Measure) -> Figures:
    cells = question.cells()
    return lambda key: Figure(measure.plain(cells.get(key, {})))


def _shares(question: Question, measure: Measure) -> Figures:
    """Of the records with a known code in the last dimension, by the other dimensions."""
    cut, cells = question.cut, question.cells()
    known = Filter(cut.dimensions[-1])
    bases = question.cells(dimensions=cut.dimensions[:-1], filters=(*cut.filters, known))

    def share(key: Key) -> Figure:
        whole = measure.plain(bases.get(key[:-1], {}))
        if key[-1] is None:
            return Figure(None, Absence.UNKNOWN)
        return Figure(measure.plain(cells.get(key, {})) / whole) if whole else Figure(None, Absence.NO_BASE)

    return share


def _growth(question: Question, measure: Measure) -> Figures:
    """Against the same period a year before, as a share of what was counted then."""
    periods = _periods(question)
    start, end = question.query.start, question.query.end
    if not periods and (start is None or end is None):
        raise InvalidQueryError("growth-of-nothing", measure=measure.name)
    now, before = (
        question.cells(),
        question.cells(start=_earlier(start, periods), end=_earlier(end, periods, last=True)),
    )
    existence = Existence(question)

    def growth(key: Key) -> Figure:
        if any(key[position] is None for position in periods):
            return Figure(None, Absence.UNKNOWN)
        if not _is_whole(question, [Period.of_code(str(key[position])) for position in periods]):
            return Figure(None, Absence.PARTIAL)
        earlier = _year_before(key, periods)
        first = _starts(earlier, periods) if earlier and periods else year_before(start) if start else None
        if earlier is None or first is None or first < question.first_day or not existence.holds(earlier):
            return Figure(None, Absence.NOT_EXISTING)
        then = measure.plain(before.get(earlier, {}))
        return Figure(measure.plain(now.get(key, {})) / then - 1) if then else Figure(None, Absence.NO_BASE)

    return growth


def _periods(question: Question) -> list[int]:
    return [number for number, one in enumerate(question.by) if one.origin is Origin.PERIOD]


def _earlier(day: date | None, periods: list[int], *, last: bool = False) -> date | None:
    """The bound of the year before; wide enough for weeks, which begin on other days each year."""
    if day is None:
        return None
    return date.fromordinal(year_before(day).toordinal() + (7 if last else -7)) if periods else year_before(day)


def _is_whole(question: Question, periods: Iterable[Period]) -> bool:
    """Whether the periods have ended, and are not cut by the days that were asked."""
    start, end = question.query.start, question.query.end
    whole = all((start is None or start <= one.start) and (end is None or one.end <= end) for one in periods)
    last = max((one.end for one in periods), default=end)
    return whole and (last is None or last <= question.today)


def _year_before(key: Key, periods: list[int]) -> Key | None:
    codes = list(key)
    try:
        for position in periods:
            codes[position] = Period.of_code(str(key[position])).year_before().code
    except InvalidValueError:
        return None
    return tuple(codes)


def _starts(key: Key, periods: list[int]) -> date:
    return max(Period.of_code(str(key[position])).start for position in periods)


def _moving(question: Question, measure: Measure) -> Figures:
    """The sum over a month and the eleven before it."""
    periods = _periods(question)
    if [question.by[position].name for position in periods] != ["month"]:
        raise InvalidQueryError("moving-needs-months", measure=measure.name)
    start = question.query.start
    cells = question.cells(start=None if start is None else Period.of("month", start).shifted(-11).start)

    def moving(key: Key) -> Figure:
        month = _parsed(key, periods[0])
        if month is None:
            return Figure(None, Absence.UNKNOWN)
        months = [month.shifted(-number) for number in range(12)]
        if months[-1].start < question.first_day:
            return Figure(None, Absence.NOT_EXISTING)
        if not _is_whole(question, [month]):
            return Figure(None, Absence.PARTIAL)
        keys = (_with_code(key, periods[0], one.code) for one in months)
        return Figure(sum(measure.plain(cells.get(one, {})) for one in keys))

    return moving


def _parsed(key: Key, position: int) -> Period | None:
    code = key[position]
    return None if code is None else Period.of_code(code)


def _with_code(key: Key, position: int, code: str | None) -> Key:
    return (*key[:position], code, *key[position + 1 :])


def _cumulative(question: Question, measure: Measure) -> Figures:
    """All that was counted up to the end of a period, since the first registration of all."""
    periods = _periods(question)
    if len(periods) != 1:
        raise InvalidQueryError("cumulative-needs-a-period", measure=measure.name)
    position = periods[0]
    sums: dict[Key, list[tuple[str, int]]] = defaultdict(list)
    for key, counts in question.cells(start=None).items():
        code = key[position]
        if code is not None:
            sums[_with_code(key, position, None)].append((code, measure.plain(counts)))
    running = {rest: _running(dict(sorted(counted))) for rest, counted in sums.items()}

    def cumulative(key: Key) -> Figure:
        code = key[position]
        if code is None:
            return Figure(None, Absence.UNKNOWN)
        upto = running.get(_with_code(key, position, None), {})
        return Figure(next((total for there, total in reversed(upto.items()) if there <= code), 0))

    return cumulative


def _running(counted: Mapping[str, int]) -> dict[str, int]:
    return dict(zip(counted, accumulate(counted.values()), strict=True))


def _ranks(question: Question, measure: Measure) -> Figures:
    """1 for the most, among the known codes of the last dimension; equals share a rank."""
    if not question.by:
        raise InvalidQueryError("rank-of-nothing", measure=measure.name)
    values: dict[Key, list[int]] = defaultdict(list)
    cells = question.cells()
    for key, counts in cells.items():
        if key[-1] is not None:
            values[key[:-1]].append(measure.plain(counts))

    def rank(key: Key) -> Figure:
        if key[-1] is None:
            return Figure(None, Absence.UNKNOWN)
        own = measure.plain(cells.get(key, {}))
        return Figure(1 + sum(other > own for other in values[key[:-1]]))

    return rank


def _medians(question: Question, measure: Measure) -> Figures:
    """The median of a field whose codes are classes."""
    name = str(measure.field)
    if name in question.query.by:
        raise InvalidQueryError("median-by-itself", measure=measure.name, dimension=name)
    dimension: Dimension = question.resolved.known[name]
    lists = [version.by_key[name].codelist for version in question.versions if name in version.by_key]
    codelist = question.themes.codelist(str(lists[-1]))
    counts: dict[Key, dict[str, int]] = defaultdict(dict)
    for key, found in question.cells(dimensions=(*question.by, dimension)).items():
        if key[-1] is not None:
            counts[key[:-1]][key[-1]] = measure.plain(found)
    return lambda key: median(counts.get(key, {}), codelist)


_DERIVATIONS: Final[Mapping[Kind, Callable[[Question, Measure], Figures]]] = {
    Kind.COUNT: _counts,
    Kind.SHARE: _shares,
    Kind.GROWTH: _growth,
    Kind.MOVING: _moving,
    Kind.CUMULATIVE: _cumulative,
    Kind.RANK: _ranks,
    Kind.PER_HOUR: rates.per_open_hour,
    Kind.AVERAGE_OF_SUMS: rates.average_of_sums,
    Kind.SUM_OF_AVERAGES: rates.sum_of_averages,
    Kind.MEDIAN: _medians,
}
