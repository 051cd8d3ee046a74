"""Provinces, municipalities, organisations and service points, and what lay where on which day."""

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import Final

import attrs
from attrs import frozen

from idocore.isil import Isil
from idocore.registrations import Precision

NATION: Final = "NL"


class SuccessionKind(StrEnum):
    """How a municipality ended."""

    MERGE = "merge"
    SPLIT = "split"


class SuccessionStatus(StrEnum):
    """Whether a change of municipalities is law; a planned one never applies."""

    CONFIRMED = "confirmed"
    PLANNED = "planned"


@frozen
class Province:
    """A province, by its CBS code (``PV27``)."""

    code: str
    name: str


@frozen
class Municipality:
    """A municipality, by its CBS code (``GM0363``), valid until, not including, `valid_until`."""

    code: str
    name: str
    province: str
    valid_from: date | None = None
    valid_until: date | None = None

    def is_valid(self, day: date) -> bool:
        """Whether the municipality existed on `day`."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day < self.valid_until
        )


@frozen
class Succession:
    """`source` ended on `date` and went, wholly (merge) or in part (split), to `target`.

    `is_default` marks the part of a split that decides for service points whose own address does not.
    """

    date: date
    source: str
    target: str
    kind: SuccessionKind = SuccessionKind.MERGE
    status: SuccessionStatus = SuccessionStatus.CONFIRMED
    is_default: bool = False


def _checked_isil(value: str | None) -> str | None:
    return None if value is None else Isil.parse(value).code


@frozen
class Organisation:
    """Who runs service points: a library organisation, or a provincial support organisation."""

    id: str
    name: str
    isil: str | None = attrs.field(default=None, converter=_checked_isil)
    valid_from: date | None = None
    valid_until: date | None = None


@frozen
class Siting:
    """Where a service point is, who runs it and how, from a day on (None: from the start)."""

    valid_from: date | None = None
    municipality: str | None = None
    organisation: str | None = None
    inside: bool = True
    variant: str | None = None
    host: str | None = None


def _in_time(sitings: tuple[Siting, ...]) -> tuple[Siting, ...]:
    return tuple(sorted(sitings, key=lambda siting: siting.valid_from or date.min))


@frozen
class ServicePoint:
    """A place where visitors are helped.

    `sitings` are in order of time, each valid until the next begins. `opening_hours` are written as OpenStreetMap
    does (``Mo-Fr 10:00-17:00; PH off``), in local time with Dutch public holidays. A provisional point was made at
    the desk and waits for a coordinator; it counts like any other.
    """

    id: str
    name: str
    sitings: tuple[Siting, ...] = attrs.field(default=(Siting(),), converter=_in_time)
    public_name: str | None = None
    isil: str | None = attrs.field(default=None, converter=_checked_isil)
    opening_hours: str | None = None
    staffing: str | None = None
    contact: str | None = None
    work_area_size: int | None = None
    opened: date | None = None
    closed: date | None = None
    provisional: bool = False

    def siting(self, day: date) -> Siting:
        """Where the point was on `day`; before its first siting, that first one."""
        valid = [siting for siting in self.sitings if (siting.valid_from or date.min) <= day]
        return valid[-1] if valid else self.sitings[0]

    def exists_on(self, day: date, precision: Precision = Precision.INSTANT) -> bool:
        """Whether the point had been opened and not yet closed on `day` (or in its month, if that is all we know)."""
        opened, closed = self.opened or date.min, self.closed or date.max
        if precision is Precision.MONTH:
            opened = opened.replace(day=1)
        return opened <= day < closed


@frozen
class Span:
    """The ancestors of a service point for visits from `valid_from` until, not including, `valid_until`."""

    service_point: str
    valid_from: date
    valid_until: date
    municipality: str | None
    province: str | None
    organisation: str | None
    inside: str
    variant: str | None

    def value(self, level: str) -> str | None:
        """The code at place level `level`: of the ancestor, or of the point itself."""
        found: str | None = NATION if level == "nation" else getattr(self, level)
        return found

    @property
    def ancestors(self) -> tuple[str | None, str | None, str | None]:
        """The municipality, province and organisation."""
        return self.municipality, self.province, self.organisation


@frozen
class Ancestry:
    """The ancestors of every service point over time, for one place date: the table that every engine joins."""

    spans: tuple[Span, ...]

    @cached_property
    def by_point(self) -> Mapping[str, tuple[Span, ...]]:
        """The spans of each service point, in order of time."""
        found: dict[str, list[Span]] = {}
        for span in self.spans:
            found.setdefault(span.service_point, []).append(span)
        return {point: tuple(spans) for point, spans in found.items()}


def municipality_on(
    code: str,
    day: date,
    point: ServicePoint,
    municipalities: Mapping[str, Municipality],
    steps: tuple[Succession, ...],
) -> str | None:
    """The municipality that the area `code` belongs to on `day`, or None when nothing decides.

    A code that exists on `day` stays. An ended one is followed through its successions: a merge leads to one; after
    a split the point's own address on `day` decides, else the declared default. Before a merger the point's own
    address then decides, else the only predecessor.
    """
    known = municipalities.get(code)
    if known is None or known.is_valid(day):
        return None if known is None else code
    ended = known.valid_until is not None and known.valid_until <= day
    candidates = {
        step.target if ended else step.source: step for step in steps if code == (step.source if ended else step.target)
    }
    own = point.siting(day).municipality
    if own in candidates:
        chosen: str | None = own
    elif len(candidates) == 1:
        chosen = next(iter(candidates))
    else:
        chosen = next((target for target, step in candidates.items() if step.is_default), None)
    if chosen is None:
        return None
    return municipality_on(chosen, day, point, municipalities, steps)


def spans(
    point: ServicePoint,
    municipalities: Mapping[str, Municipality],
    steps: tuple[Succession, ...],
    place_date: date | None,
) -> Iterator[Span]:
    """The spans of `point` in order of time; `place_date` None means the places as they were on the day itself."""
    turns = {siting.valid_from for siting in point.sitings if siting.valid_from}
    turns |= {step.date for step in steps}
    bounds = [date.min, *sorted(turns), date.max]
    pending: Span | None = None
    for start, end in pairwise(bounds):
        span = _span(point, start, end, municipalities, steps, place_date)
        if pending and attrs.evolve(pending, valid_until=end) == attrs.evolve(span, valid_from=pending.valid_from):
            pending = attrs.evolve(pending, valid_until=end)
            continue
        if pending:
            yield pending
        pending = span
    if pending:
        yield pending


def _span(
    point: ServicePoint,
    start: date,
    end: date,
    municipalities: Mapping[str, Municipality],
    steps: tuple[Succession, ...],
    place_date: date | None,
) -> Span:
    siting = point.siting(start)
    code = siting.municipality
    if code is not None:
        code = municipality_on(code, start, point, municipalities, steps)
    if code is not None and place_date is not None:
        code = municipality_on(code, place_date, point, municipalities, steps)
    return Span(
        service_point=point.id,
        valid_from=start,
        valid_until=end,
        municipality=code,
        province=municipalities[code].province if code else None,
        organisation=siting.organisation,
        inside="inside" if siting.inside else "outside",
        variant=siting.variant,
    )
