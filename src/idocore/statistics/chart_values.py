"""What a drawing shows: points with their texts, the order of categories, and which of them fit."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs
from attrs import frozen

from idocore.messages import Language
from idocore.periods import Period, PeriodKind
from idocore.statistics.handover import in_order
from idocore.statistics.measures import Kind, Measure
from idocore.statistics.wording import NO_NUMBER, written

if TYPE_CHECKING:
    from idocore.statistics.table import Number, Row, Table

MOST_SERIES: Final = 7
"""How many colours one can tell apart; with more, lines get a panel each and bars become a heatmap."""
_MOST: Final = {"line": 24, "heatmap": 60}
_MOST_BARS: Final = 40
_PERIODS: Final = frozenset(kind.value for kind in PeriodKind)
_CLOCK: Final = ("weekday", "hour")
_RANKED: Final = ("duration", "age_group")
"""Their codes go from little to much, and are drawn so."""


@frozen
class Axis:
    """A dimension in a drawing: its heading, and the texts of its codes in the order in which they are drawn."""

    title: str
    texts: tuple[str, ...]
    has_unknown: bool = False
    """Whether the last of them stands for: not known."""


@frozen
class Drawing:
    """Points (`category`, `series`, `value`, `text`, `missing`) with their two axes and the heading of the measure."""

    kind: str
    measure: str
    title: str
    is_share: bool
    points: tuple[dict[str, Any], ...]
    category: Axis
    series: Axis | None
    is_upright: bool
    limited: dict[str, int] | None = None
    mark: str = NO_NUMBER

    @property
    def has_gaps(self) -> bool:
        """Whether a number could not be given somewhere."""
        return any(point["missing"] for point in self.points)

    def alone(self, table: "Table") -> "Table":
        """`table` as far as it speaks of the measure that is drawn."""
        counted = table.measure(self.measure).of
        return attrs.evolve(
            table,
            measures=(table.measure(self.measure),),
            query=attrs.evolve(table.query, measures=(self.measure,)),
            base={name: count for name, count in table.base.items() if name == counted},
            unknown={
                dimension: {name: count for name, count in counts.items() if name == counted}
                for dimension, counts in table.unknown.items()
            },
        )


def is_time(dimension: str) -> bool:
    """Whether the codes of a dimension follow each other in time."""
    return dimension in _PERIODS or dimension in _CLOCK


def time_place(table: "Table") -> int | None:
    """Which dimension runs along a line: the last that is a time."""
    return next((place for place, name in reversed(list(enumerate(table.code_columns))) if is_time(name)), None)


def drawing(table: "Table", kind: str, measure: str, language: Language) -> Drawing:
    """The points of `measure` for a drawing of `kind`."""
    by = table.code_columns
    position = table.query.measures.index(measure)
    along = time_place(table)
    first = along or 0
    across = 1 - first if len(by) == 2 else None
    largest = _largest(table.rows, position)
    texts = [_texts(table, dimension, language) for dimension in by]
    categories = _ordered(table, first, largest) if by else []
    series = _ordered(table, across, largest) if across is not None else []
    kept_categories = categories if kind == "line" else _most(categories, _MOST.get(kind, _MOST_BARS), by[first:])
    kept_series = _most(series, _MOST.get(kind, MOST_SERIES), [])
    points = [
        _point(
            row,
            position,
            table.measures[position],
            [texts[place][code] for place, code in enumerate(row.codes)],
            language,
        )
        for row in table.rows
    ]
    axis = _axis(table, first, kept_categories, texts, language) if by else Axis("", ("",))
    second = _axis(table, across, kept_series, texts, language) if across is not None else None
    placed = [_placed(point, first, across) for point in points]
    shown = [p for p in placed if p["category"] in axis.texts and (second is None or p["series"] in second.texts)]
    if kind == "line":
        shown += _breaks(shown, axis, second)
    return Drawing(
        kind=kind,
        measure=measure,
        title=table.heading(measure, language),
        is_share=table.measure(measure).kind in (Kind.SHARE, Kind.GROWTH),
        points=tuple(shown),
        category=axis,
        series=second,
        is_upright=along is not None,
        limited=_limited([(kept_series, series), (kept_categories, categories)]),
        mark="×" if kind == "line" else NO_NUMBER,
    )


def _largest(rows: Iterable["Row"], position: int) -> dict[tuple[int, str | None], float]:
    """The sum of what is drawn, by place and code: only to draw the largest first, never shown."""
    found: dict[tuple[int, str | None], float] = {}
    for row in rows:
        for place, code in enumerate(row.codes):
            found[place, code] = found.get((place, code), 0) + (row.numbers[position] or 0)
    return found


def _ordered(table: "Table", place: int, sizes: dict[tuple[int, str | None], float]) -> list[str | None]:
    """The codes of a dimension as they are drawn: times in time, the others by size, unknown last."""
    dimension = table.code_columns[place]
    codes: list[str] = in_order(table, dimension)
    if dimension in _PERIODS:
        codes = _every_period(codes)
    elif dimension not in _CLOCK + _RANKED:
        codes = sorted(codes, key=lambda code: -sizes[place, code])
    has_unknown = any(row.codes[place] is None for row in table.rows)
    return [*codes, None] if has_unknown else list(codes)


def _every_period(codes: Sequence[str]) -> list[str]:
    """Every period from the first to the last."""
    if not codes:
        return []
    period, last = Period.of_code(codes[0]), Period.of_code(codes[-1])
    found = [period.code]
    while period.start < last.start:
        period = period.next()
        found.append(period.code)
    return found


def _most(codes: list[str | None], most: int, dimension: Sequence[str]) -> list[str | None]:
    return codes if len(codes) <= most or any(map(is_time, dimension[:1])) else codes[:most]


def _limited(pairs: Iterable[tuple[Sequence[object], Sequence[object]]]) -> dict[str, int] | None:
    return next(({"shown": len(kept), "count": len(all_)} for kept, all_ in pairs if len(kept) < len(all_)), None)


def _texts(table: "Table", dimension: str, language: Language) -> dict[str | None, str]:
    """What the codes of a dimension are called, each differently."""
    place = table.code_columns.index(dimension)
    codes = dict.fromkeys([*in_order(table, dimension), *(row.codes[place] for row in table.rows)])
    names = {code: table.label(dimension, code, language) for code in codes}
    taken = list(names.values())
    return {code: f"{name} ({code or '-'})" if taken.count(name) > 1 else name for code, name in names.items()}


def _axis(
    table: "Table",
    place: int,
    codes: Sequence[str | None],
    texts: Sequence[dict[str | None, str]],
    language: Language,
) -> Axis:
    dimension = table.code_columns[place]
    named = tuple(texts[place].get(code, code or "") for code in codes)
    return Axis(table.heading(dimension, language), named, has_unknown=None in codes)


def _point(row: "Row", position: int, measure: Measure, texts: list[str], language: Language) -> dict[str, Any]:
    value: Number = row.numbers[position]
    return {"texts": texts, "value": value, "text": written(value, language, measure), "missing": value is None}


def _placed(point: dict[str, Any], first: int, across: int | None) -> dict[str, Any]:
    texts = point.pop("texts")
    return {
        "category": texts[first] if texts else "",
        "series": texts[across] if across is not None else "",
        **point,
    }


def _breaks(points: Sequence[dict[str, Any]], axis: Axis, series: Axis | None) -> list[dict[str, Any]]:
    """A point without a value for every combination without a row, so that no line is drawn through it."""
    there = {(point["category"], point["series"]) for point in points}
    names = series.texts if series else ("",)
    return [
        {"category": category, "series": name, "value": None, "text": "", "missing": False}
        for name in names
        for category in axis.texts
        if (category, name) not in there
    ]
