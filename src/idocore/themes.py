"""What is registered, as versioned data: themes, their fields, code lists, skip logic and bridges.

A theme version says which fields are asked, which codes may answer them, and from which day until which day it is
the form in use. Codes carry validity dates and are never reused. The data itself lives in TOML files (see
`idocore.data`); a library replaces or extends a list with a file of its own.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Any

import attrs
from attrs import field, frozen

from idocore.messages import Language


@frozen
class Label:
    """A name for people, in Dutch and English."""

    nl: str
    en: str

    def text(self, language: Language) -> str:
        """The name in `language`."""
        return self.nl if language == "nl" else self.en


@frozen
class Code:
    """One entry of a code list.

    It is valid from `valid_from` (None: always was) until, not including, `valid_until` (None: still is).
    `broader` is the code of a wider list that it falls under; `base` the code of our list that a library's own code
    stands for in wider counts; `properties` hold figures that belong to it (minutes, ages).
    """

    code: str
    label: Label
    valid_from: date | None = None
    valid_until: date | None = None
    broader: str | None = None
    base: str | None = None
    properties: Mapping[str, Any] = field(factory=dict, hash=False)

    def is_valid(self, day: date) -> bool:
        """Whether the code may be used for a visit on `day`."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day < self.valid_until
        )


@frozen
class CodeList:
    """A list of codes, in the order in which people should see them."""

    id: str
    label: Label
    codes: tuple[Code, ...]
    source: str = ""

    @cached_property
    def by_code(self) -> Mapping[str, Code]:
        """The codes by their code."""
        return MappingProxyType({entry.code: entry for entry in self.codes})

    @cached_property
    def bases(self) -> Mapping[str, str]:
        """A library's own codes, each with the code of our list that it counts as."""
        return MappingProxyType({entry.code: entry.base for entry in self.codes if entry.base})

    def valid_on(self, day: date) -> tuple[Code, ...]:
        """The codes that may be used for a visit on `day`."""
        return tuple(entry for entry in self.codes if entry.is_valid(day))


class FieldType(StrEnum):
    """What kind of answer a field takes."""

    CODE = "code"
    CODES = "codes"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    TEXT = "text"

    @property
    def is_coded(self) -> bool:
        """Whether its answers are codes of a list."""
        return self in (FieldType.CODE, FieldType.CODES)


class Level(StrEnum):
    """What a field is about: the whole visit, or one inquiry."""

    REGISTRATION = "registration"
    INQUIRY = "inquiry"


@frozen
class Condition:
    """Skip logic: the field is asked only when `field` (of the same level) was answered with one of `codes`."""

    field: str
    codes: tuple[str, ...]


@frozen
class Field:
    """One thing that the form asks.

    A key keeps its type, level and code list for ever; a change of those is a new key and a bridge.
    `derive_from` names the field whose code's `broader` fills this one when it is left out.
    """

    key: str
    level: Level
    type: FieldType
    label: Label
    codelist: str | None = None
    required: bool = False
    when: Condition | None = None
    derive_from: str | None = None


@frozen
class Theme:
    """One version of a theme, the form in use from `valid_from` until, not including, `valid_until`.

    `register_within_days` is how late one may register without giving a reason, `keep_notes_days` how long after the
    visit free text is kept; None: no term.
    """

    name: str
    version: str
    label: Label
    valid_from: date
    fields: tuple[Field, ...]
    valid_until: date | None = None
    channels: str = "idocore-basis/channels"
    min_inquiries: int = 1
    source: str = ""
    register_within_days: int | None = None
    keep_notes_days: int | None = None

    @property
    def id(self) -> str:
        """The theme with its version, for instance ``ido@2024``."""
        return f"{self.name}@{self.version}"

    @cached_property
    def by_key(self) -> Mapping[str, Field]:
        """The fields by their key."""
        return MappingProxyType({entry.key: entry for entry in self.fields})

    @cached_property
    def free_text(self) -> frozenset[str]:
        """The keys of the fields that are answered in one's own words."""
        return frozenset(entry.key for entry in self.fields if entry.type is FieldType.TEXT)

    def of_level(self, level: Level) -> tuple[Field, ...]:
        """The fields about the visit, or about one inquiry, in the order in which they are asked."""
        return tuple(entry for entry in self.fields if entry.level is level)

    def is_valid(self, day: date) -> bool:
        """Whether this version is the form in use on `day`."""
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)


class Change(StrEnum):
    """What happened to a field between two versions of a theme."""

    KEPT = "kept"
    RENAMED = "renamed"
    SPLIT = "split"
    MERGED = "merged"
    TO_MULTIPLE = "to-multiple"
    DROPPED = "dropped"
    NEW = "new"


@frozen
class FieldBridge:
    """How one field of a version maps to the next: `field` is None for a new one, `to` empty for a dropped one.

    `codes` lists only codes that do not simply stay: each with the codes that it became (none: not continued). A code
    that became several stood for one of them, unless `stands_for_all`: then for all of them at once.
    """

    change: Change
    field: str | None = None
    to: tuple[str, ...] = ()
    codes: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict, hash=False)
    note: Label | None = None
    stands_for_all: bool = False


@frozen
class Bridge:
    """How a theme version maps to the one that followed it."""

    source: str
    target: str
    fields: tuple[FieldBridge, ...]
    note: Label | None = None

    @property
    def ends(self) -> tuple[str, str]:
        """The two versions that it connects."""
        return self.source, self.target

    def of(self, key: str) -> FieldBridge:
        """What became of field `key`; raises KeyError for a field that the older version did not have."""
        for entry in self.fields:
            if entry.field == key:
                return entry
        raise KeyError(key)

    def carry(self, key: str, code: str) -> tuple[tuple[str, str], ...]:
        """The (field, code) pairs that an older answer stands for in the newer version; empty when it has none."""
        entry = self.of(key)
        return tuple((target, became) for target in entry.to for became in entry.codes.get(code, (code,)))
