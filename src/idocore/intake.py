"""The one way in: every record passes the reader and the rules before a store sees it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import attrs
from attrs import frozen

from idocore import rules
from idocore.codec import converter
from idocore.errors import RejectedError
from idocore.findings import Finding, blocking
from idocore.gazetteer import Gazetteer
from idocore.journal import Revision, text_paths
from idocore.reading import Reading, RecordReader
from idocore.registrations import Registration, Status


@frozen
class Judgement:
    """A reading with everything that the reader and the rules found."""

    reading: Reading
    findings: tuple[Finding, ...]


@frozen
class Intake:
    """Judges records and turns the good ones into revisions, in the name of `actor`."""

    reader: RecordReader
    places: Gazetteer
    rules: tuple[rules.Rule, ...]
    actor: str
    now: Callable[[], datetime]

    def judge(self, raw: Mapping[str, Any]) -> Judgement:
        """`raw` as far as it can be read, with all findings at once."""
        reading = self.reader.read(raw)
        context = rules.Context(self.places, self.reader.themes, self.now())
        return Judgement(reading, rules.check(reading, context, self.rules))

    def admit(
        self, raw: Mapping[str, Any], *, reason: str | None = None, overrides: Mapping[str, str] | None = None
    ) -> Revision:
        """The revision that stores `raw`; raises RejectedError with all findings, hints included, when any blocks."""
        judgement = self.judge(raw)
        given = {**(overrides or {}), **judgement.reading.overrides}
        if blocking(judgement.findings, given):
            raise RejectedError(judgement.findings)
        registration = judgement.reading.registration()
        theme = self.reader.themes.get(registration.theme)
        found = {finding.code for finding in judgement.findings}
        return Revision(
            subject=registration.id,
            number=registration.revision,
            content=registration,
            actor=self.actor,
            recorded_at=self.now(),
            reason=reason,
            overrides={code: why for code, why in given.items() if code in found},
            texts=text_paths(registration, theme),
        )

    def correction(
        self,
        stored: Revision,
        changes: Mapping[str, Any],
        reason: str | None,
        overrides: Mapping[str, str] | None,
    ) -> Revision:
        """The revision after `stored`, with `changes`; raises RejectedError."""
        raw = self._entered(stored.registration)
        answers = {**raw["answers"], **(changes.get("answers") or {})}
        raw |= {**changes, "answers": answers, "revision": stored.number + 1}
        if "moment" in changes and "theme" not in changes:
            raw["theme"] = stored.registration.theme_name
        if "moment" in changes and "precision" not in changes:
            raw.pop("precision")
        return self.admit(raw, reason=reason, overrides={**stored.overrides, **(overrides or {})})

    def _entered(self, registration: Registration) -> dict[str, Any]:
        """`registration` as it was entered: what the reader derives is left out, since it derives it again."""
        derived = {entry.key for entry in self.reader.themes.get(registration.theme).fields if entry.derive_from}
        raw: dict[str, Any] = converter.unstructure(registration)
        raw["answers"] = {key: value for key, value in raw["answers"].items() if key not in derived}
        raw["inquiries"] = [
            {key: value for key, value in inquiry.items() if key not in derived} for inquiry in raw["inquiries"]
        ]
        return raw

    def withdrawal(self, stored: Revision, reason: str | None) -> Revision:
        """The revision after `stored` that takes it out of every count. Its content was judged before."""
        content = attrs.evolve(stored.registration, status=Status.WITHDRAWN, revision=stored.number + 1)
        return attrs.evolve(
            stored,
            number=stored.number + 1,
            content=content,
            actor=self.actor,
            recorded_at=self.now(),
            reason=reason,
        )
