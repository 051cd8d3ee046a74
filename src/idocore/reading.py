"""Records read: the one reader for a web form, a tally, a line of JSON, a sheet and a partner system.

`RecordReader.read` takes plain values as they came in and gives a `Reading`: everything that could be read, and a
finding for everything that could not. It never raises on bad input.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, Final, TypeVar
from uuid import UUID

import attrs
from attrs import frozen

from idocore.answers import AnswerReader, Answers, Days, check_code, check_text
from idocore.findings import Finding, errors
from idocore.moments import Moment, read_moment
from idocore.plain_text import is_storable
from idocore.registrations import Inquiry, Kind, Registration, Status, new_id
from idocore.theme_files import Themes
from idocore.themes import Level, Theme

DEFAULT_THEME: Final = "ido"
MOST: Final = 1_000_000
"""The largest number that a record may hold."""

KEYS: Final = (
    "id",
    "kind",
    "theme",
    "service_point",
    "moment",
    "precision",
    "channel",
    "status",
    "revision",
    "count",
    "answers",
    "inquiries",
    "overrides",
)
"""The keys of a record as it is exchanged, in the order in which they are written."""


@frozen
class Reading:
    """A record as far as it could be read; what could not be read is None, with a finding."""

    id: UUID
    kind: Kind
    status: Status
    theme: Theme | None
    service_point: str | None
    moment: Moment | None
    channel: str | None
    revision: int
    count: int | None
    answers: Answers
    inquiries: tuple[Inquiry, ...]
    overrides: Mapping[str, str]
    findings: tuple[Finding, ...]

    def registration(self) -> Registration:
        """The registration; to be asked for only when there are no errors."""
        if errors(self.findings) or self.theme is None or self.moment is None or self.service_point is None:
            raise AssertionError("a reading with errors has no registration")
        return Registration(
            id=self.id,
            theme=self.theme.id,
            service_point=self.service_point,
            moment=self.moment.moment,
            kind=self.kind,
            precision=self.moment.precision,
            channel=self.channel,
            status=self.status,
            revision=self.revision,
            count=self.count,
            answers=self.answers,
            inquiries=self.inquiries,
        )


@frozen
class _Plan:
    theme: Theme
    answers: AnswerReader
    inquiries: AnswerReader


@attrs.define
class RecordReader:
    """Reads records against `themes`; compiles each theme version once."""

    themes: Themes
    clock: Callable[[], datetime]
    _plans: dict[str, _Plan] = attrs.field(factory=dict, init=False)

    def read(self, raw: Mapping[str, Any]) -> Reading:
        """`raw` (keys as in `KEYS`) as far as it can be read, with all findings at once."""
        faults: list[Finding] = []
        faults.extend(_unknown_keys(raw))
        kind = _choice(Kind, raw, "kind", Kind.VISIT, faults)
        status = _choice(Status, raw, "status", Status.FINAL, faults)
        moment = _noted(read_moment(raw["moment"] if "moment" in raw else self.clock(), raw.get("precision")), faults)
        days = moment.days if moment else (self.clock().date(),) * 2
        theme = self._theme(raw.get("theme"), days, faults)
        answers, inquiries, channel = self._parts(raw, theme, days, kind, status, faults)
        return Reading(
            id=_id(raw, faults),
            kind=kind,
            status=status,
            theme=theme,
            service_point=_service_point(raw, faults),
            moment=moment,
            channel=channel,
            revision=_whole(raw, "revision", 1, faults) or 1,
            count=_count(raw, kind, faults),
            answers=answers,
            inquiries=inquiries,
            overrides=_overrides(raw, faults),
            findings=tuple(faults),
        )

    def _theme(self, value: Any, days: Days, faults: list[Finding]) -> Theme | None:
        name, _, version = str(value or DEFAULT_THEME).partition("@")
        if not version:
            return self._theme_in_use(name, days, faults)
        theme = self.themes.themes.get(f"{name}@{version}")
        if theme is None:
            near = get_close_matches(f"{name}@{version}", self.themes.themes, n=3, cutoff=0.3)
            faults.append(Finding("unknown-theme", "theme", parameters={"value": str(value)[:40], "known": near}))
        elif not (theme.is_valid(days[0]) or theme.is_valid(days[1])):
            faults.append(
                Finding(
                    "theme-not-valid",
                    "theme",
                    parameters={
                        "value": theme.id,
                        "day": days[0],
                        "from": theme.valid_from,
                        "until": theme.valid_until,
                        "known": _id_of(self.themes.at(name, days[0])),
                    },
                )
            )
        return theme

    def _theme_in_use(self, name: str, days: Days, faults: list[Finding]) -> Theme | None:
        theme = self.themes.at(name, days[0]) or self.themes.at(name, days[1])
        if theme is not None:
            return theme
        if not self.themes.versions(name):
            known = {"value": name[:40], "known": self.themes.names()}
            faults.append(Finding("unknown-theme", "theme", parameters=known))
        else:
            first = self.themes.versions(name)[0].valid_from
            faults.append(
                Finding("no-theme-in-use", "moment", parameters={"value": name, "day": days[0], "from": first})
            )
        return None

    def _plan(self, theme: Theme) -> _Plan:
        plan = self._plans.get(theme.id)
        if plan is None:
            readers = (AnswerReader.of(theme, level, self.themes) for level in (Level.REGISTRATION, Level.INQUIRY))
            plan = self._plans[theme.id] = _Plan(theme, *readers)
        return plan

    def _parts(
        self,
        raw: Mapping[str, Any],
        theme: Theme | None,
        days: Days,
        kind: Kind,
        status: Status,
        faults: list[Finding],
    ) -> tuple[Answers, tuple[Inquiry, ...], str | None]:
        if theme is None:
            return {}, (), None
        plan = self._plan(theme)
        complete, aggregated = status is not Status.DRAFT, kind is Kind.TALLY
        given = _mapping(raw, "answers", faults)
        answers, found = plan.answers.read(given, days, "answers.", complete=complete, aggregated=aggregated)
        faults.extend(found)
        inquiries = self._inquiries(raw, plan, days, complete, aggregated, faults)
        return answers, inquiries, self._channel(raw, theme, days, faults)

    def _inquiries(
        self,
        raw: Mapping[str, Any],
        plan: _Plan,
        days: Days,
        complete: bool,
        aggregated: bool,
        faults: list[Finding],
    ) -> tuple[Inquiry, ...]:
        given = raw.get("inquiries") or ()
        if not isinstance(given, list | tuple) or not all(isinstance(one, Mapping) for one in given):
            faults.append(_wrong_type("inquiries", "list of objects", given))
            return ()
        if complete and not aggregated and len(given) < plan.theme.min_inquiries:
            faults.append(Finding("too-few-inquiries", "inquiries", parameters={"least": plan.theme.min_inquiries}))
        found = []
        for number, one in enumerate(given):
            path = f"inquiries[{number}]."
            count = _inquiry_count(one, path, aggregated, faults)
            values = {key: value for key, value in one.items() if key != "count"}
            answers, more = plan.inquiries.read(values, days, path, complete=complete, aggregated=aggregated)
            faults.extend(more)
            found.append(Inquiry(answers, count))
        return tuple(found)

    def _channel(self, raw: Mapping[str, Any], theme: Theme, days: Days, faults: list[Finding]) -> str | None:
        value = raw.get("channel")
        if value is None:
            return None
        fault = check_code(self.themes.codelist(theme.channels), value, days)
        if fault:
            faults.append(attrs.evolve(fault, path="channel"))
            return None
        return str(value)


EnumT = TypeVar("EnumT", bound=StrEnum)


def _id_of(theme: Theme | None) -> str | None:
    return theme.id if theme else None


def _noted(value: Moment | Finding, faults: list[Finding]) -> Moment | None:
    if isinstance(value, Finding):
        faults.append(value)
        return None
    return value


def _wrong_type(path: str, expected: str, value: Any) -> Finding:
    return Finding("wrong-type", path, parameters={"expected": expected, "value": type(value).__name__})


def _unknown_keys(raw: Mapping[str, Any]) -> list[Finding]:
    return [
        Finding(
            "unknown-field",
            str(key),
            parameters={"value": str(key)[:40], "known": get_close_matches(str(key), KEYS)},
        )
        for key in raw
        if key not in KEYS
    ]


def _choice(cls: type[EnumT], raw: Mapping[str, Any], key: str, default: EnumT, faults: list[Finding]) -> EnumT:
    value = raw.get(key)
    if value is None:
        return default
    try:
        return cls(value)
    except ValueError:
        faults.append(Finding("unknown-value", key, parameters={"value": str(value)[:40], "known": list(cls)}))
        return default


def _id(raw: Mapping[str, Any], faults: list[Finding]) -> UUID:
    value = raw.get("id")
    if value is None:
        return new_id()
    try:
        return value if isinstance(value, UUID) else UUID(str(value))
    except ValueError:
        faults.append(Finding("invalid-id", "id", parameters={"value": str(value)[:40]}))
        return new_id()


def _service_point(raw: Mapping[str, Any], faults: list[Finding]) -> str | None:
    value = raw.get("service_point")
    if isinstance(value, str) and value.strip():
        if is_storable(value):
            return value.strip()
        faults.append(Finding("text-unreadable", "service_point"))
        return None
    code = "required" if value in (None, "") else "wrong-type"
    parameters = {"label": "service point", "expected": "text", "value": type(value).__name__}
    faults.append(Finding(code, "service_point", parameters=parameters))
    return None


def _mapping(raw: Mapping[str, Any], key: str, faults: list[Finding]) -> Mapping[str, Any]:
    value = raw.get(key) or {}
    if isinstance(value, Mapping):
        return value
    faults.append(_wrong_type(key, "object", value))
    return {}


def _overrides(raw: Mapping[str, Any], faults: list[Finding]) -> Mapping[str, str]:
    given = _mapping(raw, "overrides", faults)
    for code, reason in given.items():
        if not isinstance(reason, str) or not reason.strip():
            faults.append(Finding("override-without-reason", f"overrides.{code}", parameters={"value": code}))
        elif fault := check_text(reason) or check_text(str(code)):
            faults.append(attrs.evolve(fault, path=f"overrides.{code}"))
    return {str(code): str(reason).strip() for code, reason in given.items()}


def _whole(raw: Mapping[str, Any], key: str, least: int, faults: list[Finding]) -> int | None:
    value = raw.get(key)
    if value is None:
        return None
    if type(value) is not int:
        faults.append(_wrong_type(key, "integer", value))
        return None
    if not least <= value <= MOST:
        faults.append(Finding("out-of-range", key, parameters={"value": value, "least": least, "most": MOST}))
        return None
    return value


def _count(raw: Mapping[str, Any], kind: Kind, faults: list[Finding]) -> int | None:
    value = _whole(raw, "count", 0, faults)
    if kind is Kind.TALLY:
        return value
    if value not in (None, 1):
        faults.append(Finding("visit-counts-one", "count", parameters={"value": value}))
    return 1


def _inquiry_count(raw: Mapping[str, Any], path: str, aggregated: bool, faults: list[Finding]) -> int:
    found: list[Finding] = []
    value = _whole(raw, "count", 1, found)
    if value not in (None, 1) and not aggregated:
        found.append(Finding("visit-counts-one", "count", parameters={"value": value}))
    faults.extend(attrs.evolve(fault, path=f"{path}{fault.path}") for fault in found)
    return value or 1
