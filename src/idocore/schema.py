"""The JSON Schema of one line of exchange, made from a theme version."""

from typing import Any

from idocore.reading import KEYS
from idocore.registrations import Kind, Precision, Status
from idocore.theme_files import Themes
from idocore.themes import Field, FieldType, Level, Theme


def json_schema(theme: Theme, themes: Themes) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a record of `theme`.

    It tells types and codes; what depends on the day, the place or another answer is for the rules.
    """
    answers = {entry.key: _field(entry, themes) for entry in theme.of_level(Level.REGISTRATION)}
    inquiry = {entry.key: _field(entry, themes) for entry in theme.of_level(Level.INQUIRY)}
    inquiry["count"] = {"type": "integer", "minimum": 1}
    properties: dict[str, Any] = {
        "id": {"type": "string", "format": "uuid"},
        "kind": {"enum": [kind.value for kind in Kind]},
        "theme": {"enum": [theme.id, theme.name]},
        "service_point": {"type": "string", "minLength": 1},
        "moment": {"type": "string"},
        "precision": {"enum": [precision.value for precision in Precision]},
        "channel": {"enum": [None, *(one.code for one in themes.codelist(theme.channels).codes)]},
        "status": {"enum": [status.value for status in Status]},
        "revision": {"type": "integer", "minimum": 1},
        "count": {"type": ["integer", "null"], "minimum": 0},
        "answers": {"type": "object", "properties": answers, "additionalProperties": False},
        "inquiries": {
            "type": "array",
            "items": {"type": "object", "properties": inquiry, "additionalProperties": False},
        },
        "overrides": {"type": "object", "additionalProperties": {"type": "string", "minLength": 1}},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": theme.id,
        "type": "object",
        "required": ["service_point"],
        "properties": {key: properties[key] for key in KEYS},
        "additionalProperties": False,
    }


def _field(entry: Field, themes: Themes) -> dict[str, Any]:
    described: dict[str, Any] = {"title": entry.label.en}
    if entry.codelist:
        codes = {"enum": [one.code for one in themes.codelist(entry.codelist).codes]}
        several = entry.type is FieldType.CODES
        return described | ({"type": "array", "items": codes, "uniqueItems": True} if several else codes)
    types = {FieldType.BOOLEAN: "boolean", FieldType.INTEGER: "integer", FieldType.TEXT: "string"}
    return described | {"type": types[entry.type]}
