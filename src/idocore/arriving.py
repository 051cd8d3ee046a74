"""Whether what arrives from another register can be read and counted at all, whoever wrote it and however."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final

from cattrs.errors import BaseValidationError
from msgspec import MsgspecError

from idocore.answers import LARGEST
from idocore.findings import Finding
from idocore.journal import Entry, Revision
from idocore.moments import is_in_range
from idocore.purges import Purge
from idocore.reading import MOST
from idocore.registrations import Registration, Value

_UNREADABLE: Final = (MsgspecError, BaseValidationError, LookupError, TypeError, ValueError, AttributeError)


def is_readable(entry: Entry) -> bool:
    """Whether this program can make something of `entry`; one of a newer program may be beyond it."""
    try:
        return 1 <= entry.revision.number <= MOST
    except _UNREADABLE:
        return False


def check_content(revision: Revision) -> Finding | None:
    """What keeps the content of `revision` from being counted, though it can be read; None when nothing does."""
    match revision.content:
        case Registration() as registration:
            return _check_registration(registration)
        case Purge() as purge if not 0 <= purge.up_to <= MOST:
            return _held("up_to", purge.up_to)
    return None


def _check_registration(registration: Registration) -> Finding | None:
    if registration.moment.tzinfo is None or not is_in_range(registration.moment):
        return _held("moment", registration.moment.isoformat())
    wrong = (_held(path, number) for path, number in _counts(registration) if not 0 <= number <= MOST)
    wild = (_held(path, number) for path, number in _numbers(registration) if abs(number) > LARGEST)
    return next(chain(wrong, wild), None)


def _counts(registration: Registration) -> Iterator[tuple[str, int]]:
    if registration.count is not None:
        yield "count", registration.count
    for place, inquiry in enumerate(registration.inquiries):
        yield f"inquiries[{place}].count", inquiry.count


def _numbers(registration: Registration) -> Iterator[tuple[str, int]]:
    """The answers that are numbers."""
    yield from _whole("answers", registration.answers)
    for place, inquiry in enumerate(registration.inquiries):
        yield from _whole(f"inquiries[{place}]", inquiry.answers)


def _whole(path: str, answers: Mapping[str, Value]) -> Iterator[tuple[str, int]]:
    for key, value in answers.items():
        if isinstance(value, int):
            yield f"{path}.{key}", value


def _held(path: str, value: object) -> Finding:
    return Finding("held-content", path, parameters={"value": str(value)[:40]})
