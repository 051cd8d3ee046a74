"""The one converter between records and plain JSON values, and the canonical bytes of a content."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import attrs
import msgspec
from cattrs import Converter
from cattrs.gen import make_dict_unstructure_fn

from idocore.registrations import Inquiry, Registration, Value

converter: Final = Converter(forbid_extra_keys=True)
"""Frozen records to and from JSON values: dates and moments as ISO 8601, ids as text, tuples as lists."""


def _to_date(value: Any, _: type) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def _to_value(value: Any, _: Any) -> Value:
    return tuple(value) if isinstance(value, list) else value


def _from_value(value: Value) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _to_inquiry(value: Mapping[str, Any], _: type) -> Inquiry:
    answers = {key: _to_value(answer, None) for key, answer in value.items() if key != "count"}
    return Inquiry(answers, value.get("count", 1))


def _without_defaults(cls: type) -> Any:
    return make_dict_unstructure_fn(cls, converter, _cattrs_omit_if_default=True)


converter.register_structure_hook(date, _to_date)
converter.register_unstructure_hook(date, date.isoformat)
converter.register_structure_hook(datetime, lambda value, _: datetime.fromisoformat(value))
converter.register_unstructure_hook(datetime, datetime.isoformat)
converter.register_structure_hook(UUID, lambda value, _: value if isinstance(value, UUID) else UUID(value))
converter.register_unstructure_hook(UUID, str)
converter.register_structure_hook(Value, _to_value)
converter.register_unstructure_hook(Value, _from_value)
converter.register_structure_hook(Any, lambda value, _: value)
converter.register_unstructure_hook(MappingProxyType, dict)
converter.register_unstructure_hook_factory(attrs.has, _without_defaults)
converter.register_structure_hook(Inquiry, _to_inquiry)


_instant: Final = msgspec.json.Encoder()
_LONG_AGO: Final = 1973
"""Offsets were not whole minutes before, in years that no visit is of."""


def instant(moment: datetime) -> str:
    """`moment`, which has an offset, as ``isoformat`` writes it; every record that is written passes here, thrice."""
    text = _instant.encode(moment)[1:-1].decode()
    return moment.isoformat() if text[-1] == "Z" or moment.year < _LONG_AGO else text


def content_of(registration: Registration) -> dict[str, Any]:
    """Every key, defaults too, in values that JSON knows, but for ids and tuples, which `canonical` writes as text and
    lists. By hand: every record that is written passes here.
    """
    return {
        "id": registration.id,
        "theme": registration.theme,
        "service_point": registration.service_point,
        "moment": instant(registration.moment),
        "kind": registration.kind,
        "precision": registration.precision,
        "channel": registration.channel,
        "status": registration.status,
        "revision": registration.revision,
        "count": registration.count,
        "answers": registration.answers.copy(),
        "inquiries": [inquiry.answers | {"count": inquiry.count} for inquiry in registration.inquiries],
    }


def _from_registration(registration: Registration) -> dict[str, Any]:
    return msgspec.json.decode(msgspec.json.encode(content_of(registration)))  # type: ignore[no-any-return]


converter.register_unstructure_hook(Registration, _from_registration)


_canonical: Final = msgspec.json.Encoder(order="sorted")


def canonical(content: Mapping[str, Any]) -> str:
    """`content` as JSON in one fixed form: sorted keys, no spaces; equal contents give equal text."""
    return _canonical.encode(content).decode()


def digest(text: str) -> str:
    """The SHA-256 of `text` in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()
