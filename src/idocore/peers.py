"""What a place may be set beside: its province, the nation, and the organisations of its size."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Final

from attrs import define, frozen

from idocore.gazetteer import Gazetteer
from idocore.presence import Presence, present, within
from idocore.scopes import Scope

SIZES: Final = ((1, 4), (5, None))
"""The size classes of organisations: from so many service points up to and including so many (None: no end)."""

FEWEST_OTHERS: Final = 3
"""A group is shown only with this many other organisations: with fewer, one's own figure taken off gives another's."""


def sizes(places: Gazetteer, day: date) -> Mapping[str, int]:
    """How many service points each organisation had on `day`; those with none are not there."""
    runners = (point.siting(day).organisation for point in places.service_points if point.exists_on(day))
    return Counter(runner for runner in runners if runner is not None)


def size_class(points: int) -> tuple[int, int | None]:
    """The class of an organisation with so many points."""
    return next((low, high) for low, high in SIZES if low <= points and (high is None or points <= high))


def called(size: tuple[int, int | None]) -> str:
    """A size class as it is written: ``1-4`` or ``5+``."""
    low, high = size
    return f"{low}+" if high is None else f"{low}-{high}"


class Beside(StrEnum):
    """How a group has to do with a place."""

    OWN = "own"
    PROVINCE = "province"
    NATION = "nation"
    SAME_SIZE = "same-size"


@frozen
class Group:
    """All that lies within the places `codes` (None: all) of `level`."""

    beside: Beside
    level: str
    codes: frozenset[str] | None

    @property
    def where(self) -> Mapping[str, Collection[str]]:
        """The filter of its tables."""
        return {} if self.codes is None else {self.level: sorted(self.codes)}

    def may_be_seen_by(self, scope: Scope) -> bool:
        """Whether all of it lies within `scope`, so that its counts are whole."""
        return scope.level == "nation" or (scope.level == self.level and self.codes == frozenset({scope.code}))


@define(slots=False)
class Peers:
    """The groups around `scope` in the days from `start` until `end`."""

    places: Gazetteer
    scope: Scope
    start: date
    end: date

    @cached_property
    def day(self) -> date:
        """The day on which sizes are told: the last of them."""
        return max(self.end - timedelta(days=1), self.start)

    @cached_property
    def points(self) -> list[Presence]:
        """The service points of the place itself."""
        return within(self.places, self.scope, self.start, self.end)

    @cached_property
    def size(self) -> tuple[int, int | None] | None:
        """The size class of the organisation; None when there is not just one."""
        if self.scope.level not in ("service_point", "organisation") or len(self._runners) != 1:
            return None
        return size_class(self._sizes.get(next(iter(self._runners)), 1))

    def own(self) -> Group:
        """The place itself."""
        codes = None if self.scope.level == "nation" else frozenset({self.scope.code})
        return Group(Beside.OWN, self.scope.level, codes)

    def groups(self) -> Iterator[Group]:
        """The province, the nation, and the organisations of the same size, as far as each is wider than the place."""
        if self.scope.level in ("service_point", "organisation"):
            provinces = {code for one in self.points for code in self._codes(one, "province")}
            if len(provinces) == 1:
                yield Group(Beside.PROVINCE, "province", frozenset(provinces))
        if self.scope.level != "nation":
            yield Group(Beside.NATION, "nation", None)
        if self.size is not None:
            same = frozenset(one for one, points in self._sizes.items() if size_class(points) == self.size)
            yield Group(Beside.SAME_SIZE, "organisation", same | self._runners)

    def present(self, group: Group) -> list[Presence]:
        """The service points of `group`."""
        return present(self.places, group.level, group.codes, self.start, self.end)

    def runners(self, points: list[Presence]) -> frozenset[str]:
        """The organisations that ran `points`."""
        return frozenset(code for one in points for code in self._codes(one, "organisation"))

    def has_others(self, points: list[Presence]) -> bool:
        """Whether `points` are of so many other organisations that nobody's figures can be taken from theirs."""
        return len(self.runners(points) - self._runners) >= FEWEST_OTHERS

    @cached_property
    def _runners(self) -> frozenset[str]:
        return self.runners(self.points)

    @cached_property
    def _sizes(self) -> Mapping[str, int]:
        return sizes(self.places, self.day)

    def _codes(self, presence: Presence, level: str) -> set[str]:
        """The places of `level` that a point lay in within its stretches."""
        spans = self.places.then.by_point.get(presence.point.id, ())
        found = {
            span.value(level)
            for span in spans
            for start, end in presence.stretches
            if span.valid_from < end and start < span.valid_until
        }
        return {code for code in found if code is not None}
