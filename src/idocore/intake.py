"""The one way in: every record passes the reader and the rules before a store sees it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import attrs
from attrs import frozen

from idocore import privacy, rules
from idocore.answers import check_text
from idocore.closings import AMENDS, Closings
from idocore.codec import converter
from idocore.errors import InvalidValueError, PeriodClosedError, RejectedError
from idocore.findings import Finding, blocking, is_reason, once
from idocore.gazetteer import Gazetteer
from idocore.journal import Revision, text_paths
from idocore.reading import Reading, RecordReader
from idocore.registrations import Registration, Status
from idocore.roles import Actor, Operation
from idocore.theme_files import Themes


@frozen
class Judgement:
    """A reading with everything that the reader and the rules found at a moment by the clock."""

    reading: Reading
    findings: tuple[Finding, ...]
    at: datetime

    def with_findings(self, more: Iterable[Finding]) -> "Judgement":
        """The same with what else was found."""
        return attrs.evolve(self, findings=once((*self.findings, *more)))


@frozen
class Admission:
    """A record that may be stored, and what was found in it all the same: hints, and warnings with a reason."""

    revision: Revision
    findings: tuple[Finding, ...]


@frozen
class Intake:
    """Judges records and turns the good ones into revisions, in the name of `actor`."""

    reader: RecordReader
    places: Gazetteer
    closings: Closings
    rules: tuple[rules.Rule, ...]
    actor: Actor
    now: Callable[[], datetime]
    stored: Callable[[UUID], Revision | None]
    """The latest revision of what has this id; None when nothing has."""

    def knows(self, places: Gazetteer, themes: Themes, closings: Closings) -> bool:
        """Whether these are what it judges by."""
        return self.places is places and self.reader.themes is themes and self.closings is closings

    def judge(self, raw: Mapping[str, Any]) -> Judgement:
        """`raw` as far as it can be read, with all findings at once."""
        reading = self.reader.read(raw)
        return self._judge(reading, self._before(reading))

    def _before(self, reading: Reading) -> Revision | None:
        """What is stored of the registration that `reading` changes, None of a new one.

        A first revision that is not the first of its id is told by the store, which asks for every record anyway.
        """
        return self.stored(reading.id) if reading.revision > 1 else None

    def _judge(self, reading: Reading, before: Revision | None) -> Judgement:
        now, themes = self.now(), self.reader.themes
        there = before.registration if before is not None and before.is_registration else None
        context = rules.Context(self.places, themes, now, self.closings, there)
        return Judgement(reading, rules.check(reading, context, self.rules), now)

    def admit(self, raw: Mapping[str, Any], *, overrides: Mapping[str, str] | None = None) -> Revision:
        """The revision that stores `raw`; raises RejectedError with all findings, hints included, when any blocks.

        Raises PeriodClosedError when that is among them, and NotAllowedError outside the scope of who acts.
        """
        return self.admitted(raw, overrides=overrides).revision

    def admitted(self, raw: Mapping[str, Any], *, overrides: Mapping[str, str] | None = None) -> Admission:
        """The same with the findings that did not stop it."""
        reading = self.reader.read(raw)
        before, operation = self._before(reading), Operation.RECORD
        judged = self._judge(reading, before)
        if before is not None:
            operation = Operation.CORRECT
            judged = judged.with_findings(self._replacing(before))
        return Admission(self._admit(judged, None, overrides or {}, operation), judged.findings)

    def _replacing(self, stored: Revision) -> tuple[Finding, ...]:
        """What is found when `stored` no longer counts; raises NotAllowedError outside the scope of who acts."""
        if not stored.is_registration:
            return (Finding("id-taken", "id", parameters={"value": str(stored.subject)}),)
        self.actor.require(Operation.CORRECT)
        self._check_scope(stored.registration, Operation.CORRECT)
        return self._closed(stored.registration)

    def reread(self, raw: Mapping[str, Any]) -> Revision | None:
        """The revision that `raw` would be, whatever the rules find in it; None when it cannot be read at all."""
        reading = self.reader.read(raw)
        try:
            return self._revision(reading.registration(), None, {}, self.now())
        except AssertionError:
            return None

    def _admit(
        self,
        judged: Judgement,
        reason: str | None,
        overrides: Mapping[str, str],
        operation: Operation,
    ) -> Revision:
        given = {**overrides, **judged.reading.overrides}
        _check_findings(judged.findings, given)
        registration = judged.reading.registration()
        self._check_scope(registration, operation)
        return self._revision(registration, reason, self._used(judged.findings, given), judged.at)

    def correction(
        self,
        stored: Revision,
        changes: Mapping[str, Any],
        reason: str | None,
        overrides: Mapping[str, str] | None,
    ) -> Revision:
        """The revision after `stored`, with `changes`; raises RejectedError."""
        self._check_scope(stored.registration, Operation.CORRECT)
        if fixed := [Finding("fixed-field", key) for key in sorted(_FIXED & changes.keys())]:
            raise RejectedError(tuple(fixed))
        raw = self._entered(stored.registration)
        answers = changes.get("answers") or {}
        if isinstance(answers, Mapping):  # what is anything else the reader tells
            answers = {**raw["answers"], **answers}
        raw |= {**changes, "answers": answers, "revision": stored.number + 1}
        if "moment" in changes and "theme" not in changes:
            raw["theme"] = stored.registration.theme_name
        if "moment" in changes and "precision" not in changes:
            raw.pop("precision")
        # A reason for an amendment, or for another day that is long past, is given anew: it is about this change.
        kept = {code: why for code, why in stored.overrides.items() if code not in (AMENDS, rules.LATE)}
        # It may lie in a closed period as it is corrected, and have lain in one before: that is one finding.
        judged = self._judge(self.reader.read(raw), stored).with_findings(self._closed(stored.registration))
        return self._admit(judged, reason, kept | dict(overrides or {}), Operation.CORRECT)

    def _entered(self, registration: Registration) -> dict[str, Any]:
        """`registration` as it was entered: what the reader derives is left out, since it derives it again."""
        derived = {entry.key for entry in self.reader.themes.get(registration.theme).fields if entry.derive_from}
        raw: dict[str, Any] = converter.unstructure(registration)
        raw["answers"] = {key: value for key, value in raw["answers"].items() if key not in derived}
        raw["inquiries"] = [
            {key: value for key, value in inquiry.items() if key not in derived} for inquiry in raw["inquiries"]
        ]
        return raw

    def withdrawal(self, stored: Revision, reason: str | None, overrides: Mapping[str, str] | None) -> Revision:
        """The revision after `stored` that takes it out of every count. Its content was judged before."""
        return self._with_status(stored, Status.WITHDRAWN, reason, overrides or {})

    def restoration(
        self, stored: Revision, status: Status, reason: str | None, overrides: Mapping[str, str] | None
    ) -> Revision:
        """The revision after the withdrawn `stored` that takes it in again; raises InvalidValueError otherwise."""
        if stored.registration.status is not Status.WITHDRAWN:
            raise InvalidValueError("not-withdrawn", id=stored.subject, status=stored.registration.status)
        return self._with_status(stored, status, reason, overrides or {})

    def _with_status(
        self, stored: Revision, status: Status, reason: str | None, overrides: Mapping[str, str]
    ) -> Revision:
        findings = self._closed(stored.registration)
        _check_findings(findings, overrides)
        content = attrs.evolve(stored.registration, status=status, revision=stored.number + 1)
        self._check_scope(content, Operation.CORRECT)
        return self._revision(content, reason, self._used(findings, overrides), self.now())

    def _revision(
        self, registration: Registration, reason: str | None, overrides: Mapping[str, str], at: datetime
    ) -> Revision:
        check_reasons(reason, overrides)
        return Revision(
            subject=registration.id,
            number=registration.revision,
            content=registration,
            actor=self.actor.id,
            recorded_at=at,
            reason=reason,
            overrides=overrides,
            texts=text_paths(registration, self.reader.themes.get(registration.theme)),
        )

    def _used(self, findings: tuple[Finding, ...], given: Mapping[str, str]) -> dict[str, str]:
        """The overrides that were needed; raises NotAllowedError when one of them is not the actor's to give."""
        found = {finding.code for finding in findings}
        used = {code: why for code, why in given.items() if code in found and is_reason(why)}
        if AMENDS in used:
            self.actor.require(Operation.AMEND)
        return used

    def _closed(self, registration: Registration) -> tuple[Finding, ...]:
        found = self.closings.over(registration.service_point, registration.local_date, self.places)
        return () if found is None else (rules.closed(found),)

    def _check_scope(self, registration: Registration, operation: Operation) -> None:
        if not self.actor.scope.holds(registration.service_point, registration.local_date, self.places):
            raise self.actor.outside(operation, registration.service_point)


_FIXED: Final = frozenset({"id", "revision"})
"""What a correction cannot change: it is the next revision of the same registration."""


def _check_findings(findings: tuple[Finding, ...], overrides: Mapping[str, str]) -> None:
    stopping = blocking(findings, overrides) if findings else ()
    if not stopping:
        return
    if any(finding.code == AMENDS for finding in stopping):
        raise PeriodClosedError(findings)
    raise RejectedError(findings)


def check_reasons(reason: str | None, overrides: Mapping[str, str]) -> None:
    """Raise RejectedError when a reason is too long, or holds personal data or what cannot be stored, as any other free
    text.
    """
    if not (reason or overrides):
        return
    given = {"reason": reason or "", **{f"overrides.{code}": why for code, why in overrides.items()}}
    if found := [finding for path, text in given.items() for finding in _in_reason(path, text)]:
        raise RejectedError(tuple(found))


def _in_reason(path: str, text: str) -> Iterator[Finding]:
    # A path holds the code of its override, which is stored as well. How long a look for personal data takes grows
    # faster than the text.
    if fault := check_text(text) or check_text(path):
        yield attrs.evolve(fault, path=path)
        return
    for kind in privacy.kinds(text):
        yield Finding(f"personal-data-{kind}", path)
