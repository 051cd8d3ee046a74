"""Registrations and their inquiries: what was written down at the desk."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

import uuid_utils.compat
from attrs import field, frozen

Value = str | bool | int | tuple[str, ...]
"""An answer: a code or text, yes or no, a number, or several codes (sorted, without repeats)."""


class Kind(StrEnum):
    """Whether a record is one visitor or a count of visitors."""

    VISIT = "visit"
    TALLY = "tally"


class Status(StrEnum):
    """Where a registration stands; only final ones are counted."""

    DRAFT = "draft"
    FINAL = "final"
    WITHDRAWN = "withdrawn"


class Precision(StrEnum):
    """How exactly the moment of a record is known."""

    INSTANT = "instant"
    DAY = "day"
    MONTH = "month"


Answers = MappingProxyType[str, Value]
"""Answers by the key of their field, in order of key; they cannot be changed."""


def _frozen_answers(answers: Mapping[str, Value]) -> Answers:
    return MappingProxyType({key: answers[key] for key in sorted(answers)})


@frozen
class Inquiry:
    """One thing that a visitor asked; in a tally, `count` such things."""

    answers: Answers = field(factory=dict, converter=_frozen_answers, hash=False)
    count: int = 1


@frozen
class Registration:
    """One visitor's contact (`visit`), or a count of visitors (`tally`).

    `moment` is local time with its offset; a record known only by day or month carries midnight of its first day.
    `count` is 1 for a visit; for a tally the number of visitors, or None when only inquiries were counted.
    `answers` are about the visit, each inquiry's own answers about that inquiry; an unanswered field is absent.
    """

    id: UUID
    theme: str
    service_point: str
    moment: datetime
    kind: Kind = Kind.VISIT
    precision: Precision = Precision.INSTANT
    channel: str | None = None
    status: Status = Status.FINAL
    revision: int = 1
    count: int | None = 1
    answers: Answers = field(factory=dict, converter=_frozen_answers, hash=False)
    inquiries: tuple[Inquiry, ...] = ()

    @property
    def local_date(self) -> date:
        """The day of the visit at the desk (for a record known by month, its first day)."""
        return self.moment.date()

    @property
    def theme_name(self) -> str:
        """The theme without its version: ``ido`` of ``ido@2024``."""
        return self.theme.partition("@")[0]


def new_id() -> UUID:
    """A new UUIDv7, made by the client, so that sending a record again is harmless."""
    return uuid_utils.compat.uuid7()
