"""The columns of a snapshot: one row for each inquiry, and one for a registration without inquiries."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import pyarrow as pa
from attrs import frozen

from idocore.registrations import Precision, Registration
from idocore.theme_files import Themes
from idocore.themes import FieldType, Level

OWN: Final = pa.schema(
    [
        pa.field("registration", pa.int64(), nullable=False),
        pa.field("ordinal", pa.int32(), nullable=False),
        pa.field("_rows", pa.int32(), nullable=False),
        pa.field("inquiries", pa.int64()),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("count", pa.int64()),
        pa.field("theme", pa.string(), nullable=False),
        pa.field("service_point", pa.string(), nullable=False),
        pa.field("local_date", pa.date32(), nullable=False),
        pa.field("precision", pa.string(), nullable=False),
        pa.field("month", pa.int32(), nullable=False),
        pa.field("week", pa.int32()),
        pa.field("weekday", pa.int32()),
        pa.field("hour", pa.int32()),
        pa.field("channel", pa.string()),
        pa.field("amendment", pa.bool_(), nullable=False),
    ]
)
"""What every theme has.

`registration` counts from 0 in the order of the file; its rows stand together, numbered by `ordinal` from 1, and
`_rows` says how many they are (no field of a theme can be called that). `inquiries` is how many inquiries a row stands
for: 1, in a tally what was counted, and null in the one row of a registration without any. `count` is the number of
visitors, null when it is not known. `month` is written as 202404, `week` as 202414; `week`, `weekday` and `hour` are
null when the moment is not known so precisely.
"""

_TYPES: Final = {
    FieldType.CODE: pa.string(),
    FieldType.CODES: pa.list_(pa.string()),
    FieldType.BOOLEAN: pa.bool_(),
    FieldType.INTEGER: pa.int64(),
}


@frozen
class Columns:
    """The columns of snapshots of a theme, all its versions together. Free text is left out."""

    schema: pa.Schema
    of_registration: tuple[str, ...]
    of_inquiry: tuple[str, ...]

    @classmethod
    def of(cls, theme: str, themes: Themes) -> "Columns":
        """The columns for the versions of `theme`: own ones, then the answers in the order in which they came."""
        fields = {entry.key: entry for version in themes.versions(theme) for entry in version.fields}
        kept = [entry for entry in fields.values() if entry.type in _TYPES]
        schema = pa.schema([*OWN, *(pa.field(entry.key, _TYPES[entry.type]) for entry in kept)])

        def keys(level: Level) -> tuple[str, ...]:
            return tuple(entry.key for entry in kept if entry.level is level)

        return cls(schema, keys(Level.REGISTRATION), keys(Level.INQUIRY))

    def rows(self, number: int, registration: Registration, is_amendment: bool) -> Iterable[Mapping[str, Any]]:
        """The rows of one registration, of which `number` is the number in the file."""
        own = _own(number, registration, is_amendment)
        own |= {key: registration.answers.get(key) for key in self.of_registration}
        own["_rows"] = max(1, len(registration.inquiries))
        if not registration.inquiries:
            yield own
        for ordinal, inquiry in enumerate(registration.inquiries, start=1):
            answers = {key: inquiry.answers.get(key) for key in self.of_inquiry}
            yield {**own, "ordinal": ordinal, "inquiries": inquiry.count, **answers}


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
