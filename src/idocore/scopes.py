"""Scopes: a place with everything that lies within it."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from attrs import frozen

from idocore.errors import InvalidValueError
from idocore.gazetteer import Gazetteer
from idocore.places import NATION, Municipality, ServicePoint, Siting, Span

LEVELS: Final = ("service_point", "organisation", "province", "nation")
"""The levels that a scope may be of, from small to large."""


@frozen
class Scope:
    """A place level and the code or id of a place at it, such as ``organisation/noord`` or ``nation/NL``."""

    level: str
    code: str

    @classmethod
    def parse(cls, text: "str | Scope") -> "Scope":
        """The scope written as ``level/code``; ``nation`` alone is the whole country. Raises InvalidValueError."""
        if isinstance(text, Scope):
            return text
        level, _, code = text.partition("/")
        if level == "nation" and code in ("", NATION):
            return EVERYWHERE
        if level not in LEVELS[:-1] or not code:
            raise InvalidValueError("invalid-scope", value=text, known=[f"{one}/..." for one in LEVELS])
        return cls(level, code)

    def holds(self, service_point: str, day: date, places: Gazetteer) -> bool:
        """Whether `service_point` lay within this place on `day`."""
        if self.level == "nation":
            return True
        if self.level == "service_point":
            return self.code == service_point
        spans = places.then.by_point.get(service_point, ())
        return any(one.valid_from <= day < one.valid_until and one.value(self.level) == self.code for one in spans)

    def known(self, places: Gazetteer) -> "Scope":
        """This scope itself; raises InvalidValueError when there is no such place."""
        if self.level != "nation" and f"{self.level}/{self.code}" not in places.places:
            raise InvalidValueError("unknown-scope", value=str(self), level=self.level.replace("_", "-"))
        return self

    def points(self, places: Gazetteer) -> frozenset[str] | None:
        """The service points that ever lay within this place; None: all, known or not."""
        if self.level == "nation":
            return None
        if self.level == "service_point":
            return frozenset({self.code})
        return frozenset(one.service_point for one in places.then.spans if one.value(self.level) == self.code)

    def may_change(self, service_point: str, before: Gazetteer, after: Gazetteer) -> bool:
        """Whether `service_point` lies within this place, or nowhere, from its latest siting in `before` on.

        And whether `after` has it lie elsewhere only on days on which it lay within this place, or nowhere: who once
        ran a service point cannot take back what others registered there since, nor rename or close it.
        """
        if self.level in ("nation", "service_point"):
            return True
        old, new = (places.then.by_point.get(service_point, ()) for places in (before, after))
        if old and old[-1].value(self.level) not in (self.code, None):
            return False
        for day in {span.valid_from for span in (*old, *new)}:
            was, becomes = _span_on(old, day), _span_on(new, day)
            is_moved = was is not None and (becomes is None or was.ancestors != becomes.ancestors)
            if was is not None and is_moved and was.value(self.level) not in (self.code, None):
                return False
        return True

    def may_add(self, point: ServicePoint, places: Gazetteer) -> bool:
        """Whether every siting of `point`, which is new, lies within this place or nowhere, and one within it."""
        if self.level in ("nation", "service_point"):
            return self.level == "nation" or self.code == point.id
        found = {_code_at(self.level, siting, places) for siting in point.sitings}
        return self.code in found and found <= {self.code, None}

    def may_keep(self, organisation: str, places: Gazetteer) -> bool:
        """Whether `organisation` is this place, or ran a service point in this province, or none anywhere."""
        if self.level != "province":
            return self.level == "nation" or self == Scope("organisation", organisation)
        held = {span.province for span in places.then.spans if span.organisation == organisation} - {None}
        return not held or self.code in held

    def lies_within(self, other: "Scope", places: Gazetteer, start: date, end: date) -> bool:
        """Whether all of this place lay within `other` on the days from `start` until before `end`."""
        if other.level == "nation" or self == other:
            return True
        spans = [one for one in places.then.spans if one.value(self.level) == self.code]
        then = [one for one in spans if one.valid_from < end and start < one.valid_until]
        return bool(then) and all(one.value(other.level) == other.code for one in then)

    @property
    def where(self) -> dict[str, str]:
        """The filter of a table that counts what was registered within this place."""
        return {} if self.level == "nation" else {self.level: self.code}

    def __str__(self) -> str:
        return f"{self.level}/{self.code}"


def around(service_point: str, day: date, places: Gazetteer) -> tuple[Scope, ...]:
    """Every scope that a visit at `service_point` on `day` lies in, from small to large."""
    spans = places.then.by_point.get(service_point, ())
    span = next((one for one in spans if one.valid_from <= day < one.valid_until), None)
    larger = (Scope(level, code) for level in ("organisation", "province") if span and (code := span.value(level)))
    return (Scope("service_point", service_point), *larger, EVERYWHERE)


EVERYWHERE: Final = Scope("nation", NATION)


def _span_on(spans: Iterable[Span], day: date) -> Span | None:
    return next((span for span in spans if span.valid_from <= day < span.valid_until), None)


def _code_at(level: str, siting: Siting, places: Gazetteer) -> str | None:
    """The organisation or province that `siting` itself names, whatever became of its municipality."""
    if level == "organisation":
        return siting.organisation
    found = places.places.get(f"municipality/{siting.municipality}")
    return found.province if isinstance(found, Municipality) else None
