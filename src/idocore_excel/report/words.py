"""What the report says, in the language that was asked for."""

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from attrs import frozen

from idocore import Language, Period, PeriodKind


@cache
def _catalogue() -> Mapping[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))


@frozen
class Words:
    """The words of one language."""

    language: Language

    def __call__(self, key: str, **values: object) -> str:
        """The text under `key` (``page.cover``), with its values filled in; KeyError for one that is not there."""
        found: Any = _catalogue()
        for part in key.split("."):
            found = found[part]
        text: str = found[self.language]
        return text.format(**values) if values else text

    def day(self, day: date) -> str:
        """A day as the Dutch write it."""
        return f"{day:%d-%m-%Y}"

    def period(self, period: Period) -> str:
        """A month by its name, a day by its date, anything else by its code."""
        if period.kind is PeriodKind.MONTH:
            return f"{_catalogue()['months'][self.language][period.start.month - 1]} {period.start.year}"
        return self.day(period.start) if period.kind is PeriodKind.DAY else period.code
