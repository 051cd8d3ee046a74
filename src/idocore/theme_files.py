"""Theme files (TOML) read, checked as a whole, and looked up.

A file holds any number of ``[[codelist]]``, ``[[theme]]`` and ``[[bridge]]`` tables. A code list with the id of one
that is there already replaces it, or adds to it when it says ``mode = "extend"``.
"""

import re
import tomllib
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from itertools import pairwise
from typing import Any, Final, TypeVar

import attrs
import cattrs

from idocore.codec import converter
from idocore.errors import NotFoundError, ThemeError
from idocore.themes import Bridge, CodeList, Condition, Level, Theme

Derived = TypeVar("Derived")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,19}")
_TAKEN: Final = ("idocore", "sqlite")
"""Tables with such names are ours already, or SQLite's."""

MOST_FIELDS: Final = 500
"""How many fields a theme may have in all its versions: a table has some 1600 columns at most, ours among them."""

_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


@attrs.frozen
class ThemeFile:
    """What one theme file holds."""

    codelists: tuple[CodeList, ...] = ()
    extensions: tuple[CodeList, ...] = ()
    themes: tuple[Theme, ...] = ()
    bridges: tuple[Bridge, ...] = ()

    @classmethod
    def parse(cls, text: str, source: str) -> "ThemeFile":
        """Read `text`; raises ThemeError with every fault and its place."""
        try:
            return cls._structure(tomllib.loads(text), source)
        except tomllib.TOMLDecodeError as error:
            raise ThemeError(source, (str(error),)) from error
        except cattrs.BaseValidationError as error:
            raise ThemeError(source, tuple(cattrs.transform_error(error))) from error

    @classmethod
    def _structure(cls, tables: Mapping[str, Any], source: str) -> "ThemeFile":
        unknown = sorted(set(tables) - {"codelist", "theme", "bridge"})
        if unknown:
            raise ThemeError(source, tuple(f"unknown table: {name}" for name in unknown))
        lists = [dict(table) for table in tables.get("codelist", ())]
        modes = [table.pop("mode", "replace") for table in lists]
        structured = converter.structure(lists, list[CodeList])
        return cls(
            codelists=tuple(one for one, mode in zip(structured, modes, strict=True) if mode != "extend"),
            extensions=tuple(one for one, mode in zip(structured, modes, strict=True) if mode == "extend"),
            themes=tuple(converter.structure(tables.get("theme", []), list[Theme])),
            bridges=tuple(converter.structure(tables.get("bridge", []), list[Bridge])),
        )


@attrs.frozen
class Themes:
    """All themes, code lists and bridges that a register knows; an immutable whole that was checked as one."""

    themes: Mapping[str, Theme] = attrs.field(factory=dict)
    codelists: Mapping[str, CodeList] = attrs.field(factory=dict)
    bridges: tuple[Bridge, ...] = ()
    _derived: dict[Any, Any] = attrs.field(factory=dict, init=False, eq=False, repr=False)

    def once(self, key: Hashable, derive: Callable[[], Derived]) -> Derived:
        """What `derive` makes of these themes, which never change: made once, and kept under `key`."""
        if key not in self._derived:
            self._derived[key] = derive()
        found: Derived = self._derived[key]
        return found

    def with_file(self, file: ThemeFile, source: str) -> "Themes":
        """These themes and those of `file`; raises ThemeError when together they contradict themselves."""
        return self.with_files((file,), source)

    def with_files(self, files: Iterable[ThemeFile], source: str) -> "Themes":
        """These themes and those of all `files`, which may refer to each other; checked as one whole."""
        themes, lists, bridges = dict(self.themes), dict(self.codelists), {b.ends: b for b in self.bridges}
        for file in files:
            lists |= {one.id: one for one in file.codelists}
            for extension in file.extensions:
                lists[extension.id] = _extended(lists.get(extension.id), extension, source)
            themes |= {theme.id: theme for theme in file.themes}
            bridges |= {bridge.ends: bridge for bridge in file.bridges}
        together = Themes(themes, lists, tuple(bridges.values()))
        faults = tuple(together.faults())
        if faults:
            raise ThemeError(source, faults)
        return together

    def get(self, theme_id: str) -> Theme:
        """The theme version ``name@version``; raises NotFoundError that names the nearest."""
        try:
            return self.themes[theme_id]
        except KeyError:
            near = get_close_matches(theme_id, self.themes, n=3, cutoff=0.3) or sorted(self.themes)
            raise NotFoundError("unknown-theme", value=theme_id, known=near) from None

    def at(self, name: str, day: date) -> Theme | None:
        """The version of theme `name` that was the form in use on `day`; None when there was none."""
        return next((theme for theme in self.versions(name) if theme.is_valid(day)), None)

    def versions(self, name: str) -> tuple[Theme, ...]:
        """The versions of theme `name`, oldest first; empty for a theme that is not known."""
        found = (theme for theme in self.themes.values() if theme.name == name)
        return tuple(sorted(found, key=lambda theme: theme.valid_from))

    def names(self) -> tuple[str, ...]:
        """The names of the themes, without their versions, in alphabetical order."""
        return tuple(sorted({theme.name for theme in self.themes.values()}))

    def codelist(self, list_id: str) -> CodeList:
        """The code list with this id; raises NotFoundError."""
        try:
            return self.codelists[list_id]
        except KeyError:
            raise NotFoundError("unknown-codelist", value=list_id, known=sorted(self.codelists)) from None

    def bridge(self, source: str, target: str) -> Bridge:
        """How `source` maps to the version that followed it; raises NotFoundError."""
        for bridge in self.bridges:
            if bridge.ends == (source, target):
                return bridge
        raise NotFoundError("unknown-bridge", source=source, target=target)

    def faults(self) -> Iterator[str]:
        """Everything in which these themes contradict themselves."""
        for theme in self.themes.values():
            yield from _theme_faults(theme, self)
        for name in self.names():
            yield from _version_faults(self.versions(name))
            yield from _key_faults(self.versions(name))
        for bridge in self.bridges:
            yield from _bridge_faults(bridge, self)


def _extended(known: CodeList | None, extension: CodeList, source: str) -> CodeList:
    if known is None:
        raise ThemeError(source, (f"{extension.id}: there is no such code list to extend",))
    reused = sorted(set(known.by_code) & set(extension.by_code))
    if reused:
        raise ThemeError(
            source, tuple(f"{extension.id}: code {code} exists; codes are never reused" for code in reused)
        )
    return attrs.evolve(known, codes=known.codes + extension.codes)


RESERVED: Final = frozenset(
    {"id", "kind", "theme", "service_point", "moment", "precision", "channel", "status", "revision", "count"}
    | {"answers", "inquiries", "overrides", "amendment"}
    | {"day", "week", "month", "quarter", "half_year", "year", "weekday", "hour"}
    | {"nation", "province", "municipality", "organisation", "inside", "variant"}
    | {"registrations", "visitors", "tallied"}
    | {"key", "registration", "inquiry", "ordinal", "local_date"}
)
"""What a field cannot be called: these names mean something for every theme."""


def _theme_faults(theme: Theme, themes: Themes) -> Iterator[str]:
    if not _NAME.fullmatch(theme.name) or theme.name.startswith(_TAKEN):
        taken = " or ".join(_TAKEN)
        yield f"{theme.id}: a theme's name is 1 to 20 small letters, digits and _, and does not start with {taken}"
    for entry in theme.fields:
        place = f"{theme.id}.{entry.key}"
        if entry.key in RESERVED or not _KEY.fullmatch(entry.key):
            yield f"{place}: a field cannot be called that; use another name in small letters, digits and _"
        if entry.type.is_coded and entry.codelist not in themes.codelists:
            yield f"{place}: code list {entry.codelist} is not known"
        if entry.when and _not_in(theme, entry.level, entry.when.field):
            yield f"{place}: is asked only after {entry.when.field}, which is not a field of the same level"
        elif entry.when:
            yield from _condition_faults(place, entry.when, theme, themes)
        if entry.derive_from and _not_in(theme, entry.level, entry.derive_from):
            yield f"{place}: is derived from {entry.derive_from}, which is not a field of the same level"
    if theme.channels not in themes.codelists:
        yield f"{theme.id}: code list {theme.channels} is not known"


def _condition_faults(place: str, when: Condition, theme: Theme, themes: Themes) -> Iterator[str]:
    codelist = themes.codelists.get(theme.by_key[when.field].codelist or "")
    known = codelist.by_code if codelist else {}
    for code in when.codes:
        if code not in known:
            yield f"{place}: is asked after {when.field} = {code}, which is not a code of its list"


def _not_in(theme: Theme, level: Level, key: str) -> bool:
    return key not in {entry.key for entry in theme.of_level(level)}


def _version_faults(versions: tuple[Theme, ...]) -> Iterator[str]:
    for older, newer in pairwise(versions):
        if older.valid_until is None or older.valid_until > newer.valid_from:
            yield f"{older.id} and {newer.id} are both in use on {newer.valid_from}"


def _key_faults(versions: tuple[Theme, ...]) -> Iterator[str]:
    kept: dict[str, tuple[str, tuple[object, ...]]] = {}
    for theme in versions:
        for entry in theme.fields:
            shape = (entry.level, entry.type, entry.codelist)
            first, known = kept.setdefault(entry.key, (theme.id, shape))
            if known != shape:
                yield f"{theme.id}.{entry.key}: has another type, level or code list than in {first}; use a new key"
    if len(kept) > MOST_FIELDS:
        name = versions[0].name
        yield f"{name}: has {len(kept)} fields in all its versions; {MOST_FIELDS} is the most, use several themes"


def _bridge_faults(bridge: Bridge, themes: Themes) -> Iterator[str]:
    place = f"{bridge.source} -> {bridge.target}"
    ends = [themes.themes.get(bridge.source), themes.themes.get(bridge.target)]
    if None in ends:
        yield f"{place}: one of the versions is not known"
        return
    source, target = (theme.by_key for theme in ends if theme is not None)
    mentioned = {entry.field for entry in bridge.fields if entry.field}
    reached = {key for entry in bridge.fields for key in entry.to}
    yield from (f"{place}: nothing is said of field {key}" for key in sorted(set(source) - mentioned))
    yield from (f"{place}: nothing leads to field {key}" for key in sorted(set(target) - reached))
    yield from (f"{place}: {key} is not a field of {bridge.source}" for key in sorted(mentioned - set(source)))
    yield from (f"{place}: {key} is not a field of {bridge.target}" for key in sorted(reached - set(target)))
