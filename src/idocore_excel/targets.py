"""Where the values of a column go: the paths of a record that a profile may name, and what is wrong with a profile."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

from idocore import Field, FieldType, Finding, Level
from idocore.theme_files import Themes
from idocore_excel.profiles import ALL, Column, Profile, ProfileError, Shape

MOMENT: Final = ("moment", "moment.date", "moment.time")
NUMBERS: Final = ("count", "inquiries.count", "reading")
RECORD: Final = ("id", "kind", "theme", "service_point", "precision", "channel", "status")
_LETTER: Final = re.compile(r"[A-Z]{1,3}")
_ANSWERS: Final = {Level.REGISTRATION: "answers", Level.INQUIRY: "inquiries"}


def fields(themes: Themes, theme: str) -> dict[str, Field]:
    """The fields of all versions of `theme` (or of one, by ``name@version``), by path: ``inquiries.topic``."""
    name, _, version = theme.partition("@")
    versions = (one for one in themes.versions(name) if version in ("", one.version))
    return {f"{_ANSWERS[entry.level]}.{entry.key}": entry for one in versions for entry in one.fields}


def check(profile: Profile, themes: Themes, source: str) -> None:
    """Raise ProfileError with everything in which `profile` contradicts itself or the themes."""
    faults = tuple(_Check(profile, themes).faults())
    if faults:
        raise ProfileError(source, faults)


class _Check:
    def __init__(self, profile: Profile, themes: Themes) -> None:
        self.profile = profile
        self.themes = themes
        self.fields = fields(themes, profile.theme)
        self.paths = (*MOMENT, *RECORD, *NUMBERS, "visitor", *self.fields)

    def faults(self) -> Iterator[Finding]:
        profile = self.profile
        if not self.fields:
            yield Finding("unknown-theme", "theme", parameters={"value": profile.theme, "known": self.themes.names()})
            return
        if not profile.name.strip():
            yield Finding("profile-key-missing", "profile", parameters={"value": "profile"})
        if profile.counter.read_in_the not in ("morning", "evening"):
            wanted = {"expected": "morning, evening"}
            yield Finding("profile-value-wrong", "counter.read_in_the", parameters=wanted)
        yield from self._fixed(profile.fixed, "fixed")
        for number, column in enumerate(profile.columns):
            yield from self._column(column, f"columns[{number}]")
        yield from self._whole()

    def _fixed(self, fixed: object, place: str) -> Iterator[Finding]:
        for path in fixed if isinstance(fixed, dict) else ():
            if path not in self.paths:
                yield self._unknown_path(f"{place}.{path}", path)

    def _column(self, column: Column, place: str) -> Iterator[Finding]:
        if (column.header is None) is (column.letter is None):
            yield Finding("profile-header-or-letter", place)
        if column.letter is not None and not _LETTER.fullmatch(column.letter.upper()):
            yield Finding("profile-value-wrong", f"{place}.letter", parameters={"expected": "A, B, ... XFD"})
        if column.to not in self.paths:
            yield self._unknown_path(f"{place}.to", column.to)
            return
        if column.inquiry < 1:
            yield Finding("profile-value-wrong", f"{place}.inquiry", parameters={"expected": "1, 2, 3, ..."})
        if column.separator == "":
            yield Finding("profile-value-wrong", f"{place}.separator", parameters={"expected": ";"})
        yield from self._fixed(column.fixed, f"{place}.fixed")
        yield from self._codes(column, place)

    def _codes(self, column: Column, place: str) -> Iterator[Finding]:
        known = self._known(column.to)
        if known is None:
            return
        given = {f"{place}.codes.{key}": code for key, code in column.codes.items() if code}
        if column.code is not None:
            given[f"{place}.code"] = column.code
        for where, code in given.items():
            if code not in known:
                near = get_close_matches(code, known, n=3, cutoff=0.4) or sorted(known)[:8]
                yield Finding("profile-code-unknown", where, parameters={"value": code[:40], "known": near})

    def _known(self, path: str) -> set[str] | None:
        """The codes that may stand at `path`; None where there is no list."""
        entry = self.fields.get(path)
        if entry is not None and entry.type in (FieldType.CODE, FieldType.CODES) and entry.codelist:
            return set(self.themes.codelist(entry.codelist).by_code)
        if path == "channel":
            versions = self.themes.versions(self.profile.theme.partition("@")[0])
            return {code for one in versions for code in self.themes.codelist(one.channels).by_code}
        return None

    def _unknown_path(self, place: str, path: str) -> Finding:
        near = get_close_matches(path, self.paths, n=3, cutoff=0.4) or list(self.paths)
        return Finding("profile-path-unknown", place, parameters={"value": path[:40], "known": near})

    def _whole(self) -> Iterator[Finding]:
        """What the columns must say together, for this shape."""
        profile = self.profile
        to = {column.to for column in profile.columns} | set(profile.fixed)
        to |= {path for column in profile.columns for path in column.fixed}
        if not to.intersection(("moment", "moment.date")) and not profile.dates_across:
            yield Finding("profile-needs-path", "columns", parameters={"value": "moment"})
        if "service_point" not in to:
            yield Finding("profile-needs-service-point", "fixed")
        if profile.shape is Shape.INQUIRIES and "visitor" not in to:
            yield Finding("profile-needs-path", "columns", parameters={"value": "visitor"})
        if profile.shape is Shape.COUNTER and "reading" not in to:
            yield Finding("profile-needs-path", "columns", parameters={"value": "reading"})
        if profile.shape is Shape.CROSSTAB and not profile.dates_across and not any(map(counts, profile.columns)):
            yield Finding("profile-needs-path", "columns", parameters={"value": "count"})
        if profile.dates_across and profile.shape is not Shape.CROSSTAB:
            yield Finding("profile-value-wrong", "shape", parameters={"expected": Shape.CROSSTAB.value})


def counts(column: Column) -> bool:
    """Whether the column of a cross-table or counter holds numbers."""
    return column.to in NUMBERS or column.code is not None


def ignores_rest(profile: Profile) -> bool:
    """Whether columns that are not mapped are left out without a word."""
    return ALL in profile.ignore
