"""The closed periods of a register, as coordinators use them: close, open again, look."""

from collections.abc import Callable, Iterable
from datetime import date

import attrs

from idocore.closings import Closing, Closings
from idocore.errors import InvalidValueError
from idocore.gazetteer import Gazetteer
from idocore.journal import Revision
from idocore.periods import Period
from idocore.roles import Actor, Operation
from idocore.scopes import EVERYWHERE, Scope

Write = Callable[[Closing, str | None], None]


@attrs.frozen
class PeriodBook:
    """`register.periods`: what is closed is final; what comes later is an amendment, with a reason."""

    _current: Callable[[], Closings]
    _write: Write
    _actor: Actor
    _places: Callable[[], Gazetteer]
    _today: Callable[[], date]
    _revisions: Callable[[], Iterable[Revision]]

    @property
    def closed(self) -> tuple[Closing, ...]:
        """The closings in force, by place and period."""
        return tuple(sorted(self._current(), key=lambda one: (one.level, one.code, one.days.start, one.period)))

    def history(self) -> tuple[Revision, ...]:
        """Each closing and reopening, oldest first: its content, who made it, when and why.

        For who may close periods, or read the journal; else NotAllowedError.
        """
        if not self._actor.may(Operation.JOURNAL):
            self._actor.require(Operation.CLOSE)
        return tuple(sorted(self._revisions(), key=lambda one: (one.recorded_at, one.subject, one.number)))

    def close(self, period: str | Period, at: Scope | str | None = None, *, reason: str | None = None) -> Closing:
        """Close `period` for everything within `at` (``organisation/noord``; None: the scope of who acts).

        Closing what is closed changes nothing. Raises NotAllowedError beyond the scope of who acts, and
        InvalidValueError for a place that is not known, since nothing would be closed, and for a period to come.
        """
        return self._set(period, at, is_closed=True, reason=reason)

    def reopen(self, period: str | Period, at: Scope | str | None = None, *, reason: str | None = None) -> Closing:
        """Open a closed period again; raises InvalidValueError when it was not closed as such."""
        return self._set(period, at, is_closed=False, reason=reason)

    def _set(self, period: str | Period, at: Scope | str | None, *, is_closed: bool, reason: str | None) -> Closing:
        self._actor.require(Operation.CLOSE)
        scope = self._actor.scope if at is None else Scope.parse(at)
        days = Period.parse(str(period))
        if self._actor.scope not in (EVERYWHERE, scope):
            raise self._actor.outside(Operation.CLOSE, str(scope))
        if is_closed:
            scope.known(self._places())
            if days.start > (today := self._today()):
                raise InvalidValueError("period-to-come", period=days.code, start=days.start, today=today)
        closing = Closing(scope.level, scope.code, days.code, is_closed)
        there = self._current().by_key.get(closing.key)
        if there == closing:
            return closing
        if there is None and not is_closed:
            raise InvalidValueError("not-closed", period=days.code, scope=str(scope))
        self._write(closing, reason)
        return closing
