"""What callers may give for a service point, an id, a role or a record, as the register takes it."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from idocore.errors import InvalidValueError
from idocore.exchange import Line
from idocore.periods import Period
from idocore.places import ServicePoint
from idocore.plain_text import is_storable
from idocore.registrations import Status
from idocore.roles import Role
from idocore.store import Selection


def identity(value: UUID | str) -> UUID:
    """The id that `value` is or spells; raises InvalidValueError."""
    try:
        return value if isinstance(value, UUID) else UUID(value)
    except ValueError:
        raise InvalidValueError("not-an-id", value=value) from None


def role(value: Role | str) -> Role:
    """The role that `value` is or names; raises InvalidValueError with those that there are."""
    try:
        return Role(value)
    except ValueError:
        raise InvalidValueError("invalid-role", value=value, known=[one.value for one in Role]) from None


def status(value: Status | str) -> Status:
    """The status that `value` is or names; raises InvalidValueError with those that there are."""
    try:
        return Status(value)
    except ValueError:
        raise InvalidValueError("unknown-value", value=value, known=[one.value for one in Status]) from None


def limit(value: int) -> int:
    """How many are wanted at most; raises InvalidValueError for less than none, of which each store makes its own."""
    if value < 0:
        raise InvalidValueError("invalid-limit", value=value)
    return value


def lines(given: Iterable[Line]) -> Iterator[Line]:
    """`given`, one after the other; raises InvalidValueError for a file, or records, that nothing has read yet."""
    if isinstance(given, str | Path):
        raise InvalidValueError("not-a-line", found=type(given).__name__)
    return map(_line, given)


def _line(given: Line) -> Line:
    if not isinstance(given, Line):
        # Its type alone: a record may hold what nobody is to see.
        raise InvalidValueError("not-a-line", found=type(given).__name__)
    return given


def point_id(point: ServicePoint | str | None) -> str | None:
    """The id of a service point."""
    return point.id if isinstance(point, ServicePoint) else point


def raw_record(point: ServicePoint | str, record: Mapping[str, Any]) -> dict[str, Any]:
    """`record` at `point` in the form of the exchange format; a count of None says that it is not known."""
    given = {key: value for key, value in record.items() if value is not None or key == "count"}
    return {"service_point": point_id(point), **given}


def selection(
    period: str | Period | None,
    point: ServicePoint | str | None,
    theme: str | None,
    statuses: Iterable[Status | str],
) -> Selection:
    """What to look for in a store; None leaves it open. Raises InvalidValueError for what no store could hold."""
    if not all(map(is_storable, filter(None, (point_id(point), theme)))):
        raise InvalidValueError("text-unreadable")
    span = Period.parse(period) if isinstance(period, str) else period
    return Selection(
        theme=theme,
        start=span.start if span else None,
        end=span.end if span else None,
        service_points=None if point is None else frozenset({str(point_id(point))}),
        statuses=map(status, statuses),
    )
