"""A journal that was written once and is never written again: what an earlier version kept, later ones have to read.

Two streams of an invented register: places, visits, a tally, a draft, a correction, a withdrawal, an erasure, a closing
and an amendment.
"""

import json
from functools import cache
from importlib import resources
from typing import Any, Final
from uuid import UUID

from idocore.journal import Entry, Text
from idocore.theme_files import ThemeFile

FIGURES: Final[tuple[dict[str, Any], ...]] = (
    {"service_point": "centrale", "topic": "digid", "registrations": 1, "visitors": 1, "inquiries": 1},
    {"service_point": "centrale", "topic": "pension", "registrations": 1, "visitors": 1, "inquiries": 1},
    {"service_point": "centrale", "topic": "work", "registrations": 2, "visitors": 2, "inquiries": 2},
    {"service_point": "weesp", "topic": "printing", "registrations": 0, "visitors": 0, "inquiries": 7},
    {"service_point": "weesp", "topic": None, "registrations": 0, "visitors": 12, "inquiries": 0},
)
"""What it counts, by service point and topic: registrations, visitors and inquiries."""


def changing_theme() -> ThemeFile:
    """An invented theme that changes in every way between its versions, for tests of bridges."""
    text = resources.files(__name__).joinpath("changing.toml").read_text(encoding="utf-8")
    return ThemeFile.parse(text, "changing.toml")


@cache
def journal() -> tuple[tuple[Entry, str], ...]:
    """Every entry with the hash that it has, stream by stream in order of position."""
    text = resources.files(__name__).joinpath("journal.jsonl").read_text(encoding="utf-8")
    return tuple(_entry(json.loads(line)) for line in text.splitlines())


def _entry(values: dict[str, Any]) -> tuple[Entry, str]:
    texts = {path: Text(*kept) for path, kept in values["texts"].items()}
    by = Text(*values["by"]) if values["by"] else None
    entry = Entry(UUID(values["stream"]), values["position"], values["previous"], values["body"], by, texts)
    return entry, values["hash"]
