"""Closed periods: what was counted for a place and a period, and is final from then on.

A closing is a revision in the journal like everything else, so that closing, reopening and closing again can be read
back. What is written into a closed period afterwards is an amendment: refused unless somebody gives a reason for it,
and counted apart.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Final
from uuid import UUID

import attrs
from attrs import frozen

from idocore.errors import InvalidValueError
from idocore.gazetteer import Gazetteer, Place
from idocore.periods import Period
from idocore.places import Municipality, ServicePoint, Span, Succession
from idocore.scopes import Scope, around

AMENDS: Final = "period-closed"
"""The finding that stops a record in a closed period, and the override that makes it an amendment."""


@frozen
class Closing:
    """`period` is closed for everything within `level`/`code`; `is_closed` False: it was opened again."""

    level: str
    code: str
    period: str
    is_closed: bool = True

    @property
    def key(self) -> str:
        """What names the closing for ever."""
        return f"closing/{self.level}/{self.code}/{self.period}"

    @property
    def scope(self) -> Scope:
        """The place that it is about."""
        return Scope(self.level, self.code)

    @property
    def days(self) -> Period:
        """The period itself; raises InvalidValueError when it is none."""
        return Period.parse(self.period)

    @property
    def is_in_force(self) -> bool:
        """Whether it closes anything: what was written as a period and is none closes nothing, and stops nobody."""
        try:
            return self.is_closed and self.days.start < self.days.end
        except InvalidValueError:
            return False


def _moves(scope: Scope, service_point: str, day: date, before: Gazetteer, after: Gazetteer) -> bool:
    """Whether what was counted within `scope` on `day` is counted elsewhere in `after`, or as something else, or the
    other way round.
    """
    old, new = (_counted_in(service_point, day, places) for places in (before, after))
    if scope not in (old | new):
        return False
    was, becomes = (_counted_as(service_point, day, places) for places in (before, after))
    return old != new or was != becomes


def _lying_in(place: Place, before: Gazetteer, after: Gazetteer) -> list[str]:
    """The service points that `place` is, or that ever lie in it, by id."""
    if isinstance(place, ServicePoint):
        return [place.id]
    codes: set[str] = set()
    if isinstance(place, Municipality):
        codes = {place.code}
    if isinstance(place, Succession):
        codes = {place.source, place.target}
    spans = (span for places in (before, after) for span in places.then.spans)
    return sorted({span.service_point for span in spans if span.municipality in codes})


def _counted_in(service_point: str, day: date, places: Gazetteer) -> frozenset[Scope]:
    """The places that a visit counts for: the scopes that hold it, and its municipality."""
    towns = {Scope("municipality", str(one.municipality)) for one in _spans_on(service_point, day, places)}
    return frozenset({*around(service_point, day, places), *towns})


def _counted_as(service_point: str, day: date, places: Gazetteer) -> set[tuple[str, str | None]]:
    """By what else than its place a visit counts: whether the point lies inside a library, and its variant."""
    return {(one.inside, one.variant) for one in _spans_on(service_point, day, places)}


def _spans_on(service_point: str, day: date, places: Gazetteer) -> Iterator[Span]:
    spans = places.then.by_point.get(service_point, ())
    return (one for one in spans if one.valid_from <= day < one.valid_until)


@frozen
class Closings:
    """Every closing by its key, in its latest state; `count` is the number of revisions in effect that made it."""

    by_key: Mapping[str, Closing] = attrs.field(factory=dict)
    count: int = 0
    streams: Mapping[str, UUID] = attrs.field(factory=dict)
    """The stream that each was read from, by key: who closed it."""

    def with_closings(self, closings: Iterable[tuple[UUID, Closing]], read: int) -> "Closings":
        """These, with each of `closings` from its stream in its new state; `read` more revisions were looked at."""
        new = list(closings)
        by_key = {**self.by_key, **{one.key: one for _, one in new}}
        return Closings(by_key, self.count + read, {**self.streams, **{one.key: stream for stream, one in new}})

    def but_of(self, streams: Container[UUID]) -> "Closings":
        """These, without those that came from `streams`."""
        kept = {key: closing for key, closing in self.by_key.items() if self.streams[key] not in streams}
        return attrs.evolve(self, by_key=kept)

    def but_known(self, before: "Closings", always: Container[UUID]) -> "Closings":
        """These, without those that `before` has as they are; but all that came from the streams `always`."""
        kept = {
            key: closing
            for key, closing in self.by_key.items()
            if self.streams[key] in always or before.by_key.get(key) != closing
        }
        return attrs.evolve(self, by_key=kept)

    def __iter__(self) -> Iterator[Closing]:
        return iter(self._in_force)

    @cached_property
    def _in_force(self) -> tuple[Closing, ...]:
        return tuple(closing for closing in self.by_key.values() if closing.is_in_force)

    def over(self, service_point: str, day: date, places: Gazetteer) -> Closing | None:
        """A closing that covers a visit at `service_point` on `day`, of the smallest place first; or None."""
        if not self.by_key:
            return None
        for scope in around(service_point, day, places):
            for period, closing in self._by_scope.get(scope, ()):
                if period.start <= day < period.end:
                    return closing
        return None

    def moved_by(self, place: Place, before: Gazetteer, after: Gazetteer) -> Iterator[Closing]:
        """The closings on days of which a service point that `place` has to do with counts elsewhere in `after`, or as
        something else: no longer inside a library, or in another variant.

        A service point moves itself; a municipality, and its succession by another, moves all that lie in it.
        """
        if not any(self):
            return
        points = _lying_in(place, before, after)
        moved = {one.key: one for point in points for one in self._moved_over(point, before, after)}
        yield from moved.values()

    def _moved_over(self, service_point: str, before: Gazetteer, after: Gazetteer) -> Iterator[Closing]:
        """Those that cover `service_point` on such a day, as it was or as it will be.

        What is new has no visits yet: it moves nothing.
        """
        if before.find_service_point(service_point) is None:
            return
        spans = [span for places in (before, after) for span in places.then.by_point.get(service_point, ())]
        for closing in self:
            days = {closing.days.start, *(span.valid_from for span in spans)}
            within = (day for day in days if closing.days.start <= day < closing.days.end)
            if any(_moves(closing.scope, service_point, day, before, after) for day in within):
                yield closing

    @cached_property
    def _by_scope(self) -> Mapping[Scope, list[tuple[Period, Closing]]]:
        found: dict[Scope, list[tuple[Period, Closing]]] = {}
        for closing in self:
            found.setdefault(closing.scope, []).append((closing.days, closing))
        return found
