"""The places of a register, as front ends and hosts use them: look up, add, change."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeVar

import attrs

from idocore import cbs, rules
from idocore.closings import AMENDS, Closings
from idocore.errors import (
    ClosingsChangedError,
    ConflictError,
    InvalidValueError,
    NotFoundError,
    PeriodClosedError,
)
from idocore.findings import blocking, is_reason
from idocore.gazetteer import Gazetteer, Place, place_key, place_to_json
from idocore.lengths import too_long
from idocore.periods import Period
from idocore.places import (
    Municipality,
    Organisation,
    Province,
    ServicePoint,
    Siting,
    Succession,
    SuccessionStatus,
)
from idocore.plain_text import is_storable, texts_in
from idocore.roles import Actor, Operation
from idocore.scopes import EVERYWHERE
from idocore.store import CONFLICT

Append = Callable[[Place, Mapping[str, str], int, Place | None], None]
"""Writes a place with the reasons that it needed, judged by so many closings; raises ClosingsChangedError.

With the place that it was made of raises ConflictError when another was stored since.
"""

_ATTEMPTS: Final = 32
"""How often a change is made anew because somebody else was first."""

Changed = TypeVar("Changed", bound=Place)


@attrs.frozen
class PlaceBook:
    """`register.places`: every change is a revision in the journal, like every registration."""

    _current: Callable[[], Gazetteer]
    _append: Append
    _today: Callable[[], date]
    _actor: Actor
    _closings: Callable[[], Closings]

    @property
    def gazetteer(self) -> Gazetteer:
        """All places as they are known now, as one immutable value."""
        return self._current()

    @property
    def service_points(self) -> tuple[ServicePoint, ...]:
        """All service points, by id."""
        return self._current().service_points

    @property
    def organisations(self) -> tuple[Organisation, ...]:
        """All organisations, by id."""
        return self._current().organisations

    @property
    def provinces(self) -> tuple[Province, ...]:
        """All provinces, by code."""
        return self._current().provinces

    def municipalities(self, on: date | None = None) -> tuple[Municipality, ...]:
        """The municipalities that existed on `on` (None: today), by code."""
        return self._current().municipalities(on or self._today())

    def service_point(self, point_id: str) -> ServicePoint:
        """The service point with this id; raises NotFoundError that says how to add it."""
        return self._current().service_point(point_id)

    def find_service_point(self, point_id: str) -> ServicePoint | None:
        """The service point with this id, or None."""
        return self._current().find_service_point(point_id)

    def organisation(self, organisation_id: str) -> Organisation:
        """The organisation with this id; raises NotFoundError."""
        return self._current().organisation(organisation_id)

    def municipality(self, code_or_name: str, on: date | None = None) -> Municipality:
        """The municipality with this CBS code or name; raises NotFoundError that names the nearest."""
        return self._current().municipality(code_or_name, on)

    def add_organisation(self, organisation_id: str, name: str | None = None, **attributes: Any) -> Organisation:
        """Add, or change, an organisation; `attributes` as in `Organisation`."""
        organisation = Organisation(organisation_id, name or organisation_id, **attributes)
        self.put(organisation)
        return organisation

    def add_service_point(
        self,
        point_id: str,
        name: str | None = None,
        *,
        municipality: str | None = None,
        organisation: str | None = None,
        inside: bool = True,
        variant: str | None = None,
        host: str | None = None,
        overrides: Mapping[str, str] | None = None,
        **attributes: Any,
    ) -> ServicePoint:
        """Add, or replace, a service point; `municipality` by code or name, further `attributes` as in `ServicePoint`.

        Without an organisation or municipality it is provisional: it counts, and waits for a coordinator. Raises as
        `put` does, where it replaces one; `overrides` are those of `put`.
        """
        current = self._current()
        code = current.municipality(municipality).code if municipality else None
        if organisation is not None:
            current.organisation(organisation)
        siting = Siting(None, code, organisation, inside, variant, host)
        attributes.setdefault("provisional", organisation is None or code is None)
        point = ServicePoint(point_id, name or point_id, (siting,), **attributes)
        self.put(point, overrides=overrides)
        return point

    def move(
        self, point_id: str, on: date | str, *, overrides: Mapping[str, str] | None = None, **changes: Any
    ) -> ServicePoint:
        """From `on` the service point is elsewhere, or run by somebody else: `changes` as in `Siting`.

        As text `on` is a day, or a period whose first day it is: ``2024-05-15``, ``2024-05``. Raises as `put` does,
        InvalidValueError for what is neither, and NotFoundError for a place that is not known; `overrides` are those of
        `put`. What somebody else changes at the same moment stays.
        """
        day = Period.parse(on).start if isinstance(on, str) else on
        if changes.get("municipality"):
            changes["municipality"] = self.municipality(changes["municipality"], day).code
        if changes.get("organisation") is not None:
            self.organisation(changes["organisation"])

        def moved(point: ServicePoint) -> ServicePoint:
            new = attrs.evolve(point.siting(day), valid_from=day, **changes)
            kept = tuple(siting for siting in point.sitings if siting.valid_from != day)
            return attrs.evolve(point, sitings=(*kept, new))

        return self._change(lambda: self.service_point(point_id), moved, overrides)

    def confirm(self, source: str, target: str, *, overrides: Mapping[str, str] | None = None) -> Succession:
        """A planned change of municipalities has become law; from now on it applies.

        Raises NotFoundError when none was planned, else as `put` does; `overrides` are those of `put`.
        """

        def planned() -> Succession:
            for step in self._current().successions:
                if (step.source, step.target) == (source, target):
                    return step
            raise NotFoundError("unknown-succession", source=source, target=target)

        def confirmed(step: Succession) -> Succession:
            return attrs.evolve(step, status=SuccessionStatus.CONFIRMED)

        return self._change(planned, confirmed, overrides)

    def _change(
        self, read: Callable[[], Changed], make: Callable[[Changed], Changed], overrides: Mapping[str, str] | None
    ) -> Changed:
        """Store what `make` makes of what `read` reads; both again when somebody else changed it in between."""
        for attempt in range(_ATTEMPTS):
            before = read()
            made = make(before)
            try:
                self._put((made,), overrides or {}, before)
                break
            except ConflictError:
                if attempt + 1 == _ATTEMPTS:
                    raise
        return made

    def put(self, *places: Place, overrides: Mapping[str, str] | None = None) -> None:
        """Store `places` as they are, replacing those with the same kind and code.

        Raises InvalidValueError for an id or code that is too long for a store, and NotAllowedError beyond the scope of
        who acts: provinces and municipalities are the nation's. Raises
        PeriodClosedError, with all findings, when visits would be counted elsewhere on days of a closed period, or by
        another variant or `inside`, because a service point changes or the municipality that it lies in does, unless
        `overrides` give a reason for ``period-closed``, which is kept.

        A change of a place that came from another register with other content, and is held, settles that conflict: it
        counts there, too. What is here already is stored once more when `overrides` give a reason for
        ``held-conflict``.

        A place that was read earlier replaces what others made of it since: `move` and `confirm` do not.
        """
        self._put(places, overrides or {})

    def _put(self, places: tuple[Place, ...], overrides: Mapping[str, str], before: Place | None = None) -> None:
        """As `put`; raises ConflictError when `before`, of which a place was made, is no more what is stored."""
        self._actor.require(Operation.PLACES)
        for place in places:
            _check(place)
            if not self._is_within(place):
                raise self._actor.outside(Operation.PLACES, place_key(place))
        while True:
            current, closings = self._current(), self._closings()
            reasons = self._reasons(places, current, closings, overrides)
            try:
                for place in places:
                    self._append(place, reasons.get(place_key(place), {}), closings.count, before)
                return
            except ClosingsChangedError:
                continue  # what was written by then is written again as it is, which changes nothing

    def _reasons(
        self, places: tuple[Place, ...], current: Gazetteer, closings: Closings, given: Mapping[str, str]
    ) -> dict[str, Mapping[str, str]]:
        """The overrides that each place needs, by its key; raises PeriodClosedError, NotAllowedError."""
        after = current.with_places(places)
        found = {
            place_key(place): [rules.moved(closing, place) for closing in closings.moved_by(place, current, after)]
            for place in places
        }
        findings = tuple(finding for several in found.values() for finding in several)
        if blocking(findings, given):
            raise PeriodClosedError(findings)
        if findings:
            self._actor.require(Operation.AMEND)
        amending = {key: {AMENDS: given[AMENDS]} for key, several in found.items() if several}
        settling = {CONFLICT: given[CONFLICT]} if is_reason(given.get(CONFLICT)) else {}
        return {key: settling | amending.get(key, {}) for key in found}

    def _is_within(self, place: Place) -> bool:
        scope, current = self._actor.scope, self._current()
        if scope == EVERYWHERE:
            return True
        if isinstance(place, Organisation):
            return scope.may_keep(place.id, current)
        if not isinstance(place, ServicePoint):
            return False
        after = current.with_places([place])
        if current.find_service_point(place.id) is None:
            return scope.may_add(place, after)
        is_there = all(place.id in (scope.points(state) or ()) for state in (current, after))
        return is_there and scope.may_change(place.id, current, after)

    def import_cbs(
        self, path: str | Path, valid_on: date, *, dry_run: bool = False, overrides: Mapping[str, str] | None = None
    ) -> cbs.Difference:
        """Read CBS's "Gemeenten alfabetisch" of `valid_on` and take over what differs; tells what that was.

        Raises as `put` does; `overrides` are those of `put`.
        """
        listed = cbs.read_municipalities(path, valid_on)
        difference = cbs.compare(listed, self._current())
        if not dry_run:
            known = {province.code for province in self.provinces}
            new = (province for province in listed.provinces if province.code not in known)
            self.put(*new, *difference.added, *difference.changed, *difference.ended, overrides=overrides)
        return difference


def _check(place: Place) -> None:
    if not all(map(is_storable, texts_in(place_to_json(place)))):
        raise InvalidValueError("text-unreadable")
    if (found := too_long(place)) is not None:
        _, name, most = found
        raise InvalidValueError("name-too-long", value=name[:40], length=len(name), most=most)
    if isinstance(place, ServicePoint) and place.opening_hours:
        try:
            rules.opening_hours(place.opening_hours)
        except Exception as error:  # the library's parser has no error of its own that is typed
            raise InvalidValueError("invalid-opening-hours", value=place.opening_hours) from error
