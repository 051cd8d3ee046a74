"""A row for every combination of codes, so that what is zero and what cannot be are both seen."""

from collections.abc import Iterable, Iterator
from itertools import product
from math import prod
from typing import Final

from idocore.errors import InvalidQueryError
from idocore.periods import Period
from idocore.statistics.asking import Question
from idocore.statistics.cells import Dimension, Key, Origin
from idocore.statistics.existence import Existence
from idocore.statistics.query import ANY

MOST_ROWS: Final = 1_000_000
"""More rows than this nobody asks for on purpose."""

_CLOCK: Final = {
    "weekday": tuple(str(number) for number in range(1, 8)),
    "hour": tuple(f"{number:02}" for number in range(24)),
}


def every_key(question: Question) -> Iterator[Key]:
    """Every combination of the codes of all dimensions; of places those that occur together."""
    places = [number for number, one in enumerate(question.by) if one.origin is Origin.PLACE]
    existence = Existence(question)
    lists = [tuple(_codes(question, one, existence)) for one in question.by if one.origin is not Origin.PLACE]
    where = sorted(_places(question, places), key=lambda codes: [code or "" for code in codes])
    rows = prod(map(len, lists)) * max(1, len(where))
    if rows > MOST_ROWS:
        raise InvalidQueryError("too-many-rows", count=rows, most=MOST_ROWS)
    for others, there in product(product(*lists), where):
        codes, rest = dict(zip(places, there, strict=True)), iter(others)
        yield tuple(codes[number] if number in codes else next(rest) for number in range(len(question.by)))


def _places(question: Question, positions: Iterable[int]) -> set[Key]:
    start, end = question.span
    dimensions = [question.by[number] for number in positions]
    return {
        tuple(span.value(one.name) for one in dimensions)
        for span in question.spans_within()
        if span.valid_from < end and start < span.valid_until
    } or ({()} if not dimensions else set())


def _codes(question: Question, dimension: Dimension, existence: Existence) -> Iterable[str]:
    asked = question.query.where.get(dimension.name)
    if dimension.origin is Origin.PERIOD:
        found: Iterable[str] = _periods(question, dimension.name)
    elif dimension.origin is Origin.CLOCK:
        found = _CLOCK[dimension.name]
    elif dimension.name in ("kind", "amendment"):
        found = question.labels[dimension.name]
    else:
        start, end = question.span
        found = dict.fromkeys(
            code for code, days in existence.offers(dimension) if code and days[0] < end and start < days[1]
        )
    return found if asked in (None, ANY) else [code for code in found if code in asked]


def _periods(question: Question, kind: str) -> Iterator[str]:
    start, end = question.query.start or question.span[0], question.query.end or question.span[1]
    period = Period.of(kind, start)
    while period.start < end:
        yield period.code
        period = period.next()
