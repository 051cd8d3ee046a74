"""The meaning of a cut, in plain Python: short enough to be checked by reading.

Every other engine must give the same cells. It is also the engine of the memory store.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import date
from itertools import combinations, product
from uuid import UUID

from attrs import frozen

from idocore.periods import Period, PeriodKind
from idocore.places import Span
from idocore.registrations import Inquiry, Kind, Precision, Registration, Status, Value
from idocore.statistics.cells import INQUIRIES, REGISTRATIONS, TALLIED, UNCOUNTED, Cell, Cut, Dimension, Key, Origin

Values = tuple[str | None, ...]


@frozen
class _Record:
    """A registration with what is known of it beside its content."""

    registration: Registration
    span: Span | None
    is_amendment: bool


def evaluate(cut: Cut, latest: Iterable[Registration], amended: Container[UUID] = ()) -> list[Cell]:
    """The cells of `cut` over `latest`, the latest revision of each registration; `amended` are amendments."""
    spans = cut.ancestry.by_point
    cells: dict[Key, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for registration in latest:
        if _is_counted(registration, cut):
            span = _span(spans.get(registration.service_point, ()), registration.local_date)
            record = _Record(registration, span, registration.id in amended)
            for key, measure, count in _contributions(record, cut):
                if measure in cut.measures and count:
                    cells[key][measure] += count
    return [(key, dict(counts)) for key, counts in cells.items()]


def _is_counted(registration: Registration, cut: Cut) -> bool:
    return (
        registration.status is Status.FINAL
        and registration.theme_name == cut.theme
        and (cut.start is None or cut.start <= registration.local_date)
        and (cut.end is None or registration.local_date < cut.end)
    )


def _span(spans: Iterable[Span], day: date) -> Span | None:
    return next((span for span in spans if span.valid_from <= day < span.valid_until), None)


def _contributions(record: _Record, cut: Cut) -> Iterator[tuple[Key, str, int]]:
    registration = record.registration
    if not all(one.keeps(_of_record(one.dimension, record)) for one in cut.record_filters):
        return
    surviving = [
        inquiry
        for inquiry in registration.inquiries
        if all(one.keeps(_of_inquiry(one.dimension, inquiry, registration.theme)) for one in cut.inquiry_filters)
    ]
    if cut.inquiry_filters and not surviving:
        return
    if cut.together is not None:
        yield from _pairs(record, surviving, cut, cut.together)
        return
    if registration.kind is Kind.VISIT:
        asked: list[Inquiry | None] = [*surviving] or [None]
        for key in {key for inquiry in asked for key in _keys(record, inquiry, cut)}:
            yield key, REGISTRATIONS, 1
    elif not cut.inquiry_filters:
        for key in _keys(record, None, cut):
            yield key, TALLIED, registration.count or 0
            yield key, UNCOUNTED, int(registration.count is None)
    for inquiry in surviving:
        for key in _keys(record, inquiry, cut):
            yield key, INQUIRIES, inquiry.count


def _pairs(
    record: _Record, surviving: Iterable[Inquiry], cut: Cut, together: Dimension
) -> Iterator[tuple[Key, str, int]]:
    if record.registration.kind is not Kind.VISIT:
        return
    if together.of_inquiry:
        several = {code for inquiry in surviving for code in _of_inquiry(together, inquiry, record.registration.theme)}
    else:
        several = set(_of_record(together, record))
    for pair in combinations(sorted(code for code in several if code is not None), 2):
        for key in _keys(record, None, cut):
            yield (*key, *pair), REGISTRATIONS, 1


def _keys(record: _Record, inquiry: Inquiry | None, cut: Cut) -> Iterator[Key]:
    yield from product(
        *(
            _of_inquiry(dimension, inquiry, record.registration.theme)
            if dimension.of_inquiry
            else _of_record(dimension, record)
            for dimension in cut.dimensions
        )
    )


def _of_inquiry(dimension: Dimension, inquiry: Inquiry | None, theme: str) -> Values:
    return (None,) if inquiry is None else _answered(dimension, inquiry.answers, theme)


def _of_record(dimension: Dimension, record: _Record) -> Values:
    registration = record.registration
    match dimension.origin:
        case Origin.PERIOD:
            return (_period(dimension.name, registration),)
        case Origin.CLOCK:
            return (_clock(dimension.name, registration),)
        case Origin.PLACE:
            return (_place(dimension.name, registration, record.span),)
        case Origin.RECORD:
            value = getattr(registration, dimension.name)
            return (None if value is None else dimension.recode.get(str(value), str(value)),)
        case Origin.BOOKING:
            return ("yes" if record.is_amendment else "no",)
        case Origin.ANSWER:
            return _answered(dimension, registration.answers, registration.theme)


def _place(name: str, registration: Registration, span: Span | None) -> str | None:
    if name == "service_point":
        return registration.service_point
    return None if span is None else span.value(name)


def _answered(dimension: Dimension, answers: Mapping[str, Value], theme: str) -> Values:
    """The codes of an answer, each once; None alone when there are none."""
    if dimension.sources:
        found = (
            code
            for source in dimension.sources
            if theme in source.themes
            for code in source.values(_codes(answers.get(source.key)))
        )
    else:
        found = (dimension.recode.get(code, code) for code in _codes(answers.get(dimension.name)))
    return tuple(dict.fromkeys(found)) or (None,)


def _codes(value: Value | None) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, bool):
        return ("yes" if value else "no",)
    return value if isinstance(value, tuple) else (str(value),)


def _period(name: str, registration: Registration) -> str | None:
    kind = PeriodKind(name)
    if registration.precision is Precision.MONTH and kind in (PeriodKind.DAY, PeriodKind.WEEK):
        return None
    return Period.of(kind, registration.local_date).code


def _clock(name: str, registration: Registration) -> str | None:
    if name == "hour":
        return f"{registration.moment.hour:02}" if registration.precision is Precision.INSTANT else None
    return None if registration.precision is Precision.MONTH else str(registration.local_date.isoweekday())
