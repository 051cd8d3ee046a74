"""Whether what arrives from another register can be read and counted at all, whoever wrote it and however."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import chain
from typing import Any, Final

from cattrs.errors import BaseValidationError
from msgspec import MsgspecError

from idocore.answers import LARGEST
from idocore.findings import Finding
from idocore.gazetteer import Place
from idocore.journal import Entry, Revision
from idocore.lengths import ID, too_long
from idocore.moments import is_in_range
from idocore.plain_text import is_storable, shown, texts_in
from idocore.purges import Purge
from idocore.reading import MOST
from idocore.registrations import Registration
from idocore.releases import Release
from idocore.roles import LONGEST_ID

_UNREADABLE: Final = (
    MsgspecError,
    BaseValidationError,
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    OverflowError,
)


def is_readable(entry: Entry) -> bool:
    """Whether this program can make something of `entry` and store it; one of a newer program may be beyond it.

    A text that no store takes stops it, too, and so does an actor that is too long for some: without them the entry
    would not be what was written. What is held lies in the same columns.
    """
    try:
        revision = entry.revision
        is_storable_at_all = len(revision.actor or "") <= LONGEST_ID and all(map(is_storable, _texts(revision)))
        return 1 <= revision.number <= MOST and is_storable_at_all
    except _UNREADABLE:
        return False


def _texts(revision: Revision) -> Iterator[str]:
    yield revision.actor or ""
    yield from revision.overrides
    yield from revision.free_texts().values()


def check_content(revision: Revision) -> Finding | None:
    """What keeps the content of `revision` from being counted, though it can be read; None when nothing does."""
    if not _is_moment(revision.recorded_at):
        return _held("recorded_at", revision.recorded_at.isoformat())
    match revision.content:
        case Registration() as registration:
            return _check_registration(registration)
        case Purge() as purge if not 0 <= purge.up_to <= MOST:
            return _held("up_to", purge.up_to)
        case Release() as release if not _is_moment(release.made_at):
            return _held("made_at", release.made_at.isoformat())
    return _check_place(revision) if isinstance(revision.content, Place) else None


def _check_place(revision: Revision) -> Finding | None:
    if not all(map(is_storable, texts_in(revision.coded()))):
        return _held("place", shown(str(revision.coded())))
    found = too_long(revision.content) if isinstance(revision.content, Place) else None
    return None if found is None else _held(found[0], found[1])


def _is_moment(moment: datetime) -> bool:
    return moment.tzinfo is not None and is_in_range(moment)


def _check_registration(registration: Registration) -> Finding | None:
    if not _is_moment(registration.moment):
        return _held("moment", registration.moment.isoformat())
    if len(registration.service_point) > ID:
        return _held("service_point", registration.service_point)
    wrong = (_held(path, number) for path, number in _counts(registration) if not _is_count(number))
    return next(chain(wrong, _wild(registration)), None)


def _counts(registration: Registration) -> Iterator[tuple[str, Any]]:
    if registration.count is not None:
        yield "count", registration.count
    for place, inquiry in enumerate(registration.inquiries):
        yield f"inquiries[{place}].count", inquiry.count


def _is_count(number: Any) -> bool:
    # An inquiry is read as it was written, whatever that is.
    return type(number) is int and 0 <= number <= MOST


def _wild(registration: Registration) -> Iterator[Finding]:
    """A finding for each answer that is none of a kind that a store has a column for."""
    yield from _answers("answers", registration.answers)
    for place, inquiry in enumerate(registration.inquiries):
        yield from _answers(f"inquiries[{place}]", inquiry.answers)


def _answers(path: str, answers: Mapping[str, Any]) -> Iterator[Finding]:
    for key, value in answers.items():
        if not _is_answer(value):
            # Of anything but a number only the kind: it may be somebody's own words.
            yield _held(f"{path}.{key}", value if isinstance(value, int) else type(value).__name__)


def _is_answer(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(isinstance(code, str) and is_storable(code) for code in value)
    return is_storable(value) if isinstance(value, str) else isinstance(value, int) and abs(value) <= LARGEST


def _held(path: str, value: object) -> Finding:
    return Finding("held-content", path, parameters={"value": str(value)[:40]})
