"""The columns of a snapshot: one row for each inquiry, and one for a registration without inquiries."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import pyarrow as pa
from attrs import frozen

from idocore.registrations import Precision, Registration
from idocore.theme_files import Themes
from idocore.themes import FieldType, Level

_OWN: Final = {
    "registration": (pa.int64(), False, "number of the registration in this file, from 0; its rows stand together"),
    "ordinal": (pa.int32(), False, "number of the row within its registration, from 1"),
    "_rows": (pa.int32(), False, "how many rows the registration has"),
    "inquiries": (pa.int64(), True, "how many inquiries the row stands for; null in the row of one without any"),
    "kind": (pa.string(), False, "visit (one visitor) or tally (visitors that were counted)"),
    "count": (pa.int64(), True, "how many visitors; null when they were not counted"),
    "theme": (pa.string(), False, "version of the form"),
    "service_point": (pa.string(), False, "id of the service point"),
    "local_date": (pa.date32(), False, "day of the visit; the first of the month when only that is known"),
    "precision": (pa.string(), False, "how exactly the moment is known: instant, day or month"),
    "month": (pa.int32(), False, "month, as 202404"),
    "week": (pa.int32(), True, "ISO week, as 202414; null when only the month is known"),
    "weekday": (pa.int32(), True, "1 (Monday) to 7; null when only the month is known"),
    "hour": (pa.int32(), True, "hour on the clock, 0 to 23; null when only the day or month is known"),
    "channel": (pa.string(), True, "channel of the contact"),
    "amendment": (pa.bool_(), False, "whether it was registered or changed after its period had been closed"),
}
# No field of a theme can have one of these names.

MEANINGS: Final = {name: meaning for name, (_, _, meaning) in _OWN.items()}
"""What the columns mean that every theme has."""

SHARED: Final = [pa.field(name, type, nullable) for name, (type, nullable, _) in _OWN.items()]
"""Their fields, in order."""

_FIRST: Final = "_first_{}"
_FIRST_MEANING: Final = "whether the row is the first of its registration with this {}, or the first without one"

_TYPES: Final = {
    FieldType.CODE: pa.string(),
    FieldType.CODES: pa.list_(pa.string()),
    FieldType.BOOLEAN: pa.bool_(),
    FieldType.INTEGER: pa.int64(),
}
_SINGLE: Final = (FieldType.CODE, FieldType.BOOLEAN)


def first_of(key: str) -> str:
    """The column that tells of which row a registration counts once for each answer to `key`."""
    return _FIRST.format(key)


@frozen
class Columns:
    """The columns of snapshots of a theme, all its versions together. Free text is left out."""

    schema: pa.Schema
    of_registration: tuple[str, ...]
    of_inquiry: tuple[str, ...]
    single: tuple[str, ...]
    """Those of inquiries that have one code at most."""

    @classmethod
    def of(cls, theme: str, themes: Themes) -> "Columns":
        """The columns for the versions of `theme`: own ones, then the answers in the order in which they came."""
        fields = {entry.key: entry for version in themes.versions(theme) for entry in version.fields}
        kept = [entry for entry in fields.values() if entry.type in _TYPES]
        single = tuple(entry.key for entry in kept if entry.level is Level.INQUIRY and entry.type in _SINGLE)
        answers = (pa.field(entry.key, _TYPES[entry.type]) for entry in kept)
        firsts = (pa.field(first_of(key), pa.bool_(), nullable=False) for key in single)
        schema = pa.schema([*SHARED, *answers, *firsts])

        def keys(level: Level) -> tuple[str, ...]:
            return tuple(entry.key for entry in kept if entry.level is level)

        return cls(schema, keys(Level.REGISTRATION), keys(Level.INQUIRY), single)

    @property
    def firsts(self) -> Mapping[str, str]:
        """What the columns mean that tell first rows."""
        return {first_of(key): _FIRST_MEANING.format(key) for key in self.single}

    def rows(self, number: int, registration: Registration, is_amendment: bool) -> Iterable[Mapping[str, Any]]:
        """The rows of one registration, of which `number` is the number in the file."""
        own = _own(number, registration, is_amendment)
        own |= {key: registration.answers.get(key) for key in self.of_registration}
        own["_rows"] = max(1, len(registration.inquiries))
        if not registration.inquiries:
            yield {**own, **{first_of(key): True for key in self.single}}
        seen: set[tuple[str, Any]] = set()
        for ordinal, inquiry in enumerate(registration.inquiries, start=1):
            answers = {key: inquiry.answers.get(key) for key in self.of_inquiry}
            given = {(key, answers[key]) for key in self.single}
            firsts = {first_of(key): (key, code) not in seen for key, code in given}
            seen |= given
            yield {**own, "ordinal": ordinal, "inquiries": inquiry.count, **answers, **firsts}


def _own(number: int, registration: Registration, is_amendment: bool) -> dict[str, Any]:
    day, precision = registration.local_date, registration.precision
    by_month = precision is Precision.MONTH
    year, week, weekday = day.isocalendar()
    return {
        "registration": number,
        "ordinal": 1,
        "inquiries": None,
        "kind": registration.kind.value,
        "count": registration.count,
        "theme": registration.theme,
        "service_point": registration.service_point,
        "local_date": day,
        "precision": precision.value,
        "month": day.year * 100 + day.month,
        "week": None if by_month else year * 100 + week,
        "weekday": None if by_month else weekday,
        "hour": registration.moment.hour if precision is Precision.INSTANT else None,
        "channel": registration.channel,
        "amendment": is_amendment,
    }
