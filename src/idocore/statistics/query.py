"""Questions to the statistics, as plain values."""

from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Any, Final, Literal, cast

from attrs import field, frozen

from idocore.errors import InvalidQueryError
from idocore.periods import Period, PeriodKind
from idocore.statistics.bridging import Codes, sources, takes_several
from idocore.statistics.cells import Dimension, Origin
from idocore.statistics.classes import has_classes
from idocore.statistics.measures import MEASURES, Measure, median_of
from idocore.theme_files import Themes
from idocore.themes import Field, FieldType, Level

PlaceDate = Literal["then", "now"] | date
"""The places as they were on the day of the visit, as they are today, or as they were on a date."""

PLACE_LEVELS: Final = (
    "nation",
    "province",
    "municipality",
    "organisation",
    "service_point",
    "inside",
    "variant",
)
_CLOCK: Final = ("weekday", "hour")
_RECORD: Final = ("channel", "kind", "theme")
ANY: Final = ("*",)
"""What a filter names to keep everything that has a known code."""

AMENDMENT: Final = Dimension("amendment", Origin.BOOKING)


def _names(value: str | Iterable[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _where(value: Mapping[str, str | Iterable[str]]) -> Mapping[str, tuple[str, ...]]:
    return {name: _names(codes) for name, codes in value.items()}


def _day(value: date | str | None) -> date | None:
    """A day as it is, or the first day of the period that a text names."""
    return Period.parse(value).start if isinstance(value, str) else value


def _place_date(value: PlaceDate | str) -> PlaceDate:
    if isinstance(value, date) or value in ("then", "now"):
        return cast("PlaceDate", value)
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise InvalidQueryError("invalid-place-date", value=value) from None


def _kind_of_period(value: PeriodKind | str) -> PeriodKind:
    try:
        return PeriodKind(value)
    except ValueError:
        raise InvalidQueryError("unknown-dimension", value=value, known=[kind.value for kind in PeriodKind]) from None


@frozen
class Query:
    """A question to the statistics: which measures, split by which dimensions, of which records.

    `where` keeps records with one of the codes given for each dimension, ``"*"`` those with any known code. Days run
    from `start` up to, not including, `end`; a text such as ``"2024-Q2"`` stands for the first day of that period.
    `codes` "base" counts a library's own codes as the national ones that they name; "local" shows them as they were
    registered; "comparable" adds codes up to what all versions of the theme can tell apart.

    `together` counts registrations by each pair of distinct codes that they have in that dimension. `complete` gives
    a row for every combination of codes, with why there is no number where none can be (see `Row.why`). Averages are
    over periods of the kind `average_over`.
    """

    measures: tuple[str, ...] = field(default=("registrations",), converter=_names)
    by: tuple[str, ...] = field(default=(), converter=_names)
    where: Mapping[str, tuple[str, ...]] = field(factory=dict, converter=_where, hash=False)
    start: date | None = field(default=None, converter=_day)
    end: date | None = field(default=None, converter=_day)
    place_date: PlaceDate = field(default="then", converter=_place_date)
    theme: str = "ido"
    codes: Codes = "base"
    together: str | None = None
    complete: bool = False
    average_over: PeriodKind = field(default=PeriodKind.MONTH, converter=_kind_of_period)

    @classmethod
    def of(
        cls,
        measures: str | Iterable[str] = ("registrations",),
        by: str | Iterable[str] = (),
        *,
        period: str | Period | None = None,
        start: date | str | None = None,
        end: date | str | None = None,
        where: Mapping[str, str | Iterable[str]] | None = None,
        **more: Any,
    ) -> "Query":
        """A query in which `period` may stand for `start` and `end`; `more` as in the query itself."""
        if period is not None:
            if start is not None or end is not None:
                raise InvalidQueryError("period-and-days")
            whole = Period.parse(period) if isinstance(period, str) else period
            start, end = whole.start, whole.end
        return cls(measures, by, where or {}, start, end, **more)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns of its table: dimensions, the two of a pair, measures."""
        pair = () if self.together is None else (self.together, f"and_{self.together}")
        return (*self.by, *pair, *self.measures)


def dimensions(themes: Themes, theme: str, codes: Codes = "base") -> dict[str, Dimension]:
    """Every dimension that records of `theme` can be split and filtered by, by name."""
    return dict(themes.once(("dimensions", theme, codes), lambda: _dimensions(themes, theme, codes)))


def _dimensions(themes: Themes, theme: str, codes: Codes) -> dict[str, Dimension]:
    found = {kind.value: Dimension(kind.value, Origin.PERIOD) for kind in PeriodKind}
    found |= {name: Dimension(name, Origin.CLOCK) for name in _CLOCK}
    found |= {name: Dimension(name, Origin.PLACE) for name in PLACE_LEVELS}
    found |= {name: Dimension(name, Origin.RECORD) for name in _RECORD}
    found[AMENDMENT.name] = AMENDMENT
    for version in themes.versions(theme):
        channels = {} if codes == "local" else themes.codelist(version.channels).bases
        found["channel"] = Dimension("channel", Origin.RECORD, recode=channels)
        for entry in version.fields:
            if entry.type.is_coded or entry.type is FieldType.BOOLEAN:
                found[entry.key] = _answer_dimension(entry, themes, theme, codes)
    return found


def _answer_dimension(entry: Field, themes: Themes, theme: str, codes: Codes) -> Dimension:
    carried = sources(entry, themes, theme, codes)
    if carried:
        return Dimension(entry.key, Origin.ANSWER, entry.level, takes_several(carried), sources=carried)
    recode = themes.codelist(entry.codelist).bases if entry.codelist and codes != "local" else {}
    return Dimension(entry.key, Origin.ANSWER, entry.level, entry.type is FieldType.CODES, recode)


def measures_of(themes: Themes, theme: str) -> dict[str, Measure]:
    """Every measure of `theme` by name: those that all have, and medians of what has classes."""
    return dict(themes.once(("measures", theme), lambda: _measures_of(themes, theme)))


def _measures_of(themes: Themes, theme: str) -> dict[str, Measure]:
    found = dict(MEASURES)
    for version in themes.versions(theme):
        for entry in version.fields:
            if entry.type is FieldType.CODE and has_classes(themes.codelist(str(entry.codelist))):
                median = median_of(entry.key, entry.label, entry.level is Level.INQUIRY)
                found[median.name] = median
    return found


@frozen
class Resolved:
    """What the names in a query stand for: its measures and dimensions, all dimensions by name."""

    measures: tuple[Measure, ...]
    by: tuple[Dimension, ...]
    known: Mapping[str, Dimension]
    together: Dimension | None


def resolve(query: Query, themes: Themes) -> Resolved:
    """The measures and dimensions of `query`; raises InvalidQueryError."""
    if not themes.versions(query.theme):
        raise InvalidQueryError("unknown-theme", value=query.theme, known=themes.names())
    known = dimensions(themes, query.theme, query.codes)
    _unique(query.measures, "measures")
    _unique(query.by, "by")
    if not query.measures:
        raise InvalidQueryError("no-measure", known=list(MEASURES))
    offered = measures_of(themes, query.theme)
    measures = tuple(_lookup(offered, name, "unknown-measure") for name in query.measures)
    by = tuple(_lookup(known, name, "unknown-dimension") for name in query.by)
    for name in query.where:
        _lookup(known, name, "unknown-dimension")
    if query.start and query.end and query.start >= query.end:
        raise InvalidQueryError("empty-period", start=query.start, end=query.end)
    if any(measure.is_share for measure in measures) and not by:
        raise InvalidQueryError("share-of-nothing")
    together = None if query.together is None else _lookup(known, query.together, "unknown-dimension")
    if together is not None:
        _check_pairs(query, by, together)
    return Resolved(measures, by, known, together)


def _check_pairs(query: Query, by: tuple[Dimension, ...], together: Dimension) -> None:
    """Pairs are of registrations: neither what counts inquiries nor a split by inquiries has a meaning beside them."""
    if query.measures != ("registrations",):
        raise InvalidQueryError("together-counts-registrations", dimension=together.name)
    inner = [dimension.name for dimension in by if dimension.of_inquiry]
    if inner or together.name in query.by:
        raise InvalidQueryError("together-by-inquiry", dimension=together.name, value=inner or [together.name])
    if together.origin is not Origin.ANSWER or not (together.of_inquiry or together.multiple):
        raise InvalidQueryError("together-needs-several", dimension=together.name)


def _unique(names: tuple[str, ...], what: str) -> None:
    if len(set(names)) < len(names):
        raise InvalidQueryError("named-twice", what=what, value=names)


def _lookup(known: Mapping[str, Any], name: str, code: str) -> Any:
    if name not in known:
        near = get_close_matches(name, known, n=3) or list(known)
        raise InvalidQueryError(code, value=name, known=near)
    return known[name]


def named_dimension(known: Mapping[str, Dimension], name: str) -> Dimension:
    """The dimension called `name`; raises InvalidQueryError that names the nearest."""
    found: Dimension = _lookup(known, name, "unknown-dimension")
    return found


def check_codes(name: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Refuse a filter on a code that does not exist: an empty table would look like an answer."""
    listed = list(known)
    for code in given:
        if code not in listed:
            near = get_close_matches(code, listed, n=3) or listed[:8]
            raise InvalidQueryError("unknown-filter-code", dimension=name, value=code, known=near)
