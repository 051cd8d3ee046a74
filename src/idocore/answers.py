"""Answers read against a theme version: types, codes valid on the day, derived fields, skip logic."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Any, Final

from attrs import frozen

from idocore.findings import Finding
from idocore.plain_text import is_storable
from idocore.registrations import Value
from idocore.theme_files import Themes
from idocore.themes import CodeList, Condition, Field, FieldType, Level, Theme

Days = tuple[date, date]
"""The first and last day that a record may be of: equal, unless it is known only by month."""

Answers = dict[str, Value]
_Read = Callable[[Any, Days], Value | Finding | None]
LONGEST_TEXT: Final = 2000
"""How many characters a note or a reason may have."""
LARGEST: Final = 2**31 - 1
"""The largest number that every store takes for an answer."""
_SOME: Final = 8
"""How many codes are named when none is near."""


@frozen
class AnswerReader:
    """Reads the answers of one level of a theme version; made once per version, used for every record."""

    readers: Mapping[str, _Read]
    codelists: Mapping[str, CodeList]
    derived: tuple[tuple[str, str], ...]
    """Each field that another fills, with that other."""
    conditional: tuple[tuple[str, Condition], ...]
    required: tuple[Field, ...]

    @classmethod
    def of(cls, theme: Theme, level: Level, themes: Themes) -> "AnswerReader":
        """The reader for the fields of `theme` at `level`."""
        fields = theme.of_level(level)
        lists = {entry.key: themes.codelist(entry.codelist) for entry in fields if entry.codelist}
        return cls(
            {entry.key: _reader(entry, lists) for entry in fields},
            lists,
            tuple((entry.key, entry.derive_from) for entry in fields if entry.derive_from),
            tuple((entry.key, entry.when) for entry in fields if entry.when),
            tuple(entry for entry in fields if entry.required),
        )

    def read(
        self, raw: Mapping[str, Any], days: Days, path: str, *, complete: bool, aggregated: bool
    ) -> tuple[Answers, list[Finding]]:
        """The answers that could be read, and everything that is wrong with the others.

        `complete` demands what is required; in an `aggregated` record (a tally) nothing is, and skip logic does
        not apply, because a margin of a cross-table may be all that is known.
        """
        answers: Answers = {}
        findings: list[Finding] = []
        for key, value in raw.items():
            self._read_one(key, value, days, f"{path}{key}", answers, findings)
        self._derive(answers, path, findings)
        if not aggregated:
            findings.extend(self._skip_logic(raw, answers, path))
            if complete:
                findings.extend(self._missing(raw, answers, path))
        return answers, findings

    def _read_one(self, key: str, value: Any, days: Days, path: str, answers: Answers, findings: list[Finding]) -> None:
        reader = self.readers.get(key)
        if reader is None:
            near = get_close_matches(key, self.readers, n=3)
            findings.append(Finding("unknown-field", path, parameters={"value": key, "known": near}))
            return
        if value is None or value == "" or value == []:
            return
        result = reader(value, days)
        if isinstance(result, Finding):
            findings.append(Finding(result.code, path, result.severity, result.parameters))
        elif result is not None:
            answers[key] = result

    def _derive(self, answers: Answers, path: str, findings: list[Finding]) -> None:
        for key, other in self.derived:
            source = answers.get(other)
            if not isinstance(source, str):
                continue
            broader = self.codelists[other].by_code[source].broader
            if broader is not None and answers.setdefault(key, broader) != broader:
                parameters = {"source": source, "value": broader}
                findings.append(Finding("contradicts-derived", f"{path}{key}", parameters=parameters))

    def _skip_logic(self, raw: Mapping[str, Any], answers: Answers, path: str) -> Iterator[Finding]:
        for key, condition in self.conditional:
            if key in answers and not _is_asked(condition, answers):
                # An unreadable answer to the question before it is one fault, not two.
                if raw.get(condition.field) is not None and condition.field not in answers:
                    continue
                parameters = {"field": condition.field, "codes": condition.codes}
                yield Finding("not-asked", f"{path}{key}", parameters=parameters)

    def _missing(self, raw: Mapping[str, Any], answers: Answers, path: str) -> Iterator[Finding]:
        for entry in self.required:
            unanswered = entry.key not in answers and raw.get(entry.key) in (None, "", [])
            if unanswered and _is_asked(entry.when, answers):
                yield Finding("required", f"{path}{entry.key}", parameters={"label": entry.label.en})


def _is_asked(condition: Condition | None, answers: Mapping[str, Value]) -> bool:
    if condition is None:
        return True
    given = answers.get(condition.field)
    values = given if isinstance(given, tuple) else (given,)
    return any(value in condition.codes for value in values)


def _reader(entry: Field, lists: Mapping[str, CodeList]) -> _Read:
    match entry.type:
        case FieldType.CODE:
            return _code_reader(lists[entry.key])
        case FieldType.CODES:
            return _codes_reader(lists[entry.key])
        case FieldType.BOOLEAN:
            return _read_boolean
        case FieldType.INTEGER:
            return _read_integer
        case FieldType.TEXT:
            return _read_text


def check_code(codelist: CodeList, value: Any, days: Days) -> Finding | None:
    """What is wrong with `value` as a code of `codelist` on those days; None when nothing is."""
    if not isinstance(value, str):
        return Finding("wrong-type", parameters={"expected": "code", "value": type(value).__name__})
    entry = codelist.by_code.get(value)
    if entry is None:
        near = get_close_matches(value, codelist.by_code, n=3, cutoff=0.5) or list(codelist.by_code)[:_SOME]
        return Finding("unknown-code", parameters={"value": value[:40], "list": codelist.id, "known": near})
    if entry.is_valid(days[0]) or entry.is_valid(days[1]):
        return None
    return Finding(
        "code-not-valid",
        parameters={"value": value, "day": days[0], "from": entry.valid_from, "until": entry.valid_until},
    )


def _code_reader(codelist: CodeList) -> _Read:
    def read(value: Any, days: Days) -> Value | Finding | None:
        return check_code(codelist, value, days) or str(value)

    return read


def _codes_reader(codelist: CodeList) -> _Read:
    def read(value: Any, days: Days) -> Value | Finding | None:
        if not isinstance(value, list | tuple):
            return Finding("wrong-type", parameters={"expected": "list of codes", "value": type(value).__name__})
        faults = [fault for fault in (check_code(codelist, code, days) for code in value) if fault]
        return faults[0] if faults else tuple(sorted(set(value)))

    return read


def _read_boolean(value: Any, _: Days) -> Value | Finding | None:
    if type(value) is not bool:
        return Finding("wrong-type", parameters={"expected": "boolean", "value": type(value).__name__})
    return value


def _read_integer(value: Any, _: Days) -> Value | Finding | None:
    if type(value) is not int:
        return Finding("wrong-type", parameters={"expected": "integer", "value": type(value).__name__})
    if abs(value) > LARGEST:
        return Finding("out-of-range", parameters={"value": value, "least": -LARGEST, "most": LARGEST})
    return value


def _read_text(value: Any, _: Days) -> Value | Finding | None:
    if not isinstance(value, str):
        return Finding("wrong-type", parameters={"expected": "text", "value": type(value).__name__})
    return check_text(value) or value.strip() or None


def check_text(value: str) -> Finding | None:
    """What keeps `value` from being stored as free text, a note or a reason; None when nothing does."""
    if len(value) > LONGEST_TEXT:
        return Finding("text-too-long", parameters={"length": len(value), "most": LONGEST_TEXT})
    return None if is_storable(value) else Finding("text-unreadable")
