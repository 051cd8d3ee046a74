"""What a check found: where, how serious, which code, and a sentence for people."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from attrs import field, frozen

from idocore.messages import Language, sentence
from idocore.plain_text import all_shown, shown


class Severity(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"
    """Stops storage and cannot be overridden."""
    WARNING = "warning"
    """Stops storage until somebody overrides it with a reason, which is stored."""
    HINT = "hint"
    """Never stops anything."""


def _frozen_mapping(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType({name: all_shown(one) for name, one in value.items()})


@frozen
class Finding:
    """One thing that a check found.

    `path` says where in the record (``inquiries[0].topic``; empty for the record as a whole), `code` is stable
    and meant for programs, `parameters` fill the sentence. A parameter never holds personal data, and what cannot be
    printed is marked in it, and in the path.
    """

    code: str
    path: str = field(default="", converter=shown)
    severity: Severity = Severity.ERROR
    parameters: Mapping[str, Any] = field(factory=dict, converter=_frozen_mapping, hash=False)

    def message(self, language: Language = "en") -> str:
        """The finding as one sentence that says what to do."""
        return sentence(self.code, language, {"path": self.path, **self.parameters})

    def __str__(self) -> str:
        return f"{self.path or '(record)'}: {self.message()} [{self.code}]"


def once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """`findings` in their order, each place and code once; of two the later."""
    return tuple({(found.code, found.path): found for found in findings}.values())


def errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that nobody can override."""
    return tuple(found for found in findings if found.severity is Severity.ERROR)


def blocking(findings: Iterable[Finding], overrides: Mapping[str, str]) -> tuple[Finding, ...]:
    """The findings that stop storage: errors, and warnings for which `overrides` holds no reason."""
    return tuple(
        found
        for found in findings
        if found.severity is Severity.ERROR
        or (found.severity is Severity.WARNING and not is_reason(overrides.get(found.code)))
    )


def is_reason(value: object) -> bool:
    """Whether an override that somebody gave says anything; None and blanks do not."""
    return isinstance(value, str) and bool(value.strip())
