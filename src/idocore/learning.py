"""What is known of themes, places and closings at one place in the journal: an immutable whole."""

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

import attrs
from attrs import frozen

from idocore import gazetteer
from idocore.closings import Closing, Closings
from idocore.errors import ThemeError
from idocore.findings import Finding
from idocore.gazetteer import Gazetteer
from idocore.journal import Entry, Standing, SubjectKind, ThemeSource, subject_of
from idocore.theme_files import ThemeFile, Themes

KINDS: Final = frozenset({SubjectKind.PLACE, SubjectKind.THEME, SubjectKind.CLOSING})
"""What is learned from."""

Place = tuple[UUID, int]
"""Where an entry stands in the journal: its stream, and its position there."""

FIRST: Final[Place] = (UUID(int=0), 0)
LAST: Final[Place] = (UUID(int=2**128 - 1), 0)
"""Before everything, and after it."""

Sources = Mapping[UUID, tuple[Place, ThemeSource]]
"""The theme files of the journal by their subject, each with its place there."""


@frozen
class Known:
    """Themes, places and closings; `faults` are the theme files that contradict the rest, and have no effect.

    `cursor` is up to where the journal was read (None: not at all), `hashes` of the entries there; `awaits` what is
    held there and may take effect without a new entry.
    """

    start: Themes
    """The themes that there are before the journal is read."""
    themes: Themes
    places: Gazetteer
    closings: Closings = attrs.field(factory=Closings)
    faults: tuple[Finding, ...] = ()
    cursor: Mapping[UUID, int] | None = None
    hashes: Mapping[UUID, str] = attrs.field(factory=dict)
    awaits: frozenset[Place] = frozenset()
    _numbers: Mapping[UUID, int] = attrs.field(factory=dict)
    _sources: Sources = attrs.field(factory=dict)

    @classmethod
    def before(cls, themes: Themes, places: Gazetteer) -> "Known":
        """What is known before the journal is read."""
        return cls(themes, themes, places)

    def with_entries(self, entries: Iterable[Entry]) -> "Known":
        """This, and what `entries` tell: all that follow in one stream or more."""
        given = list(entries)
        effective = [entry for entry in given if entry.standing.has_effect]
        latest = self._latest(effective)
        contents = [(entry, entry.revision.content) for entry in latest.values()]
        sources = {
            subject_of(content): (entry.place, content)
            for entry, content in contents
            if isinstance(content, ThemeSource)
        }
        places = [content for _, content in contents if isinstance(content, gazetteer.Place)]
        closed = [(entry.stream, content) for entry, content in contents if isinstance(content, Closing)]
        read = sum(entry.kind is SubjectKind.CLOSING for entry in effective)
        return attrs.evolve(
            self._with_sources(sources),
            places=self.places.with_places(places) if places else self.places,
            closings=self.closings.with_closings(closed, read),
            awaits=self.awaits.union(one.place for one in given if one.standing is Standing.HELD),
            numbers={**self._numbers, **{subject: entry.revision.number for subject, entry in latest.items()}},
        )

    def _latest(self, entries: Iterable[Entry]) -> dict[UUID, Entry]:
        """The entries that are newer than what is known of their subject, the last of each."""
        numbers, found = dict(self._numbers), {}
        for entry in entries:
            revision = entry.revision
            if revision.number > numbers.get(revision.subject, 0):
                numbers[revision.subject] = revision.number
                found[revision.subject] = entry
        return found

    def _with_sources(self, new: Sources) -> "Known":
        if not new:
            return self
        sources = {**self._sources, **new}
        themes, faults = _together(self.start, sources)
        return attrs.evolve(self, themes=themes, faults=faults, sources=sources)

    def check(self, source: ThemeSource, place: Place) -> Themes:
        """The themes that there would be with `source` at `place`; raises ThemeError with every fault then.

        Nothing that a registration may name goes: a theme version or a code that is known stays, and what a code counts
        as, by which closed periods were counted.
        """
        tried = self._with_sources({subject_of(source): (place, source)})
        if new := [one for one in tried.faults if one not in self.faults]:
            raise ThemeError(source.name, tuple(str(one.parameters["faults"]) for one in new))
        if gone := _gone(self.themes, tried.themes):
            raise ThemeError(source.name, gone)
        if turned := _turned(self.themes, tried.themes):
            raise ThemeError(source.name, turned)
        return tried.themes

    def like(self, other: "Known") -> "Known":
        """This, with the very objects of `other` where they are the same: who compares them sees no change."""
        themes = other.themes if other.themes == self.themes else self.themes
        places = other.places if other.places == self.places else self.places
        closings = other.closings if other.closings == self.closings else self.closings
        return attrs.evolve(self, themes=themes, places=places, closings=closings)


def _together(start: Themes, sources: Sources) -> tuple[Themes, tuple[Finding, ...]]:
    """`start` with all theme files that fit, in their order in the journal; a finding for each that does not.

    A file may extend what a later one brings, so those that do not fit are tried again.
    """
    themes, waiting = start, [source for _, source in sorted(sources.values(), key=lambda one: one[0])]
    while True:
        faults = []
        for source in waiting:
            try:
                themes = themes.with_file(ThemeFile.parse(source.text, source.name), source.name)
            except ThemeError as error:
                faults.append((source, "; ".join(error.faults)))
        if len(faults) in (0, len(waiting)):
            return themes, tuple(
                Finding("theme-faulty", source.name, parameters={"faults": of}) for source, of in faults
            )
        waiting = [source for source, _ in faults]


def _gone(before: Themes, after: Themes) -> tuple[str, ...]:
    themes = [
        f"{theme} is there already; a version is never taken away" for theme in before.themes.keys() - after.themes
    ]
    codes = [
        f"{known.id}: code {code} is there already; codes are never taken away"
        for known in before.codelists.values()
        for code in known.by_code
        if known.id not in after.codelists or code not in after.codelists[known.id].by_code
    ]
    return tuple(sorted([*themes, *codes]))


def _turned(before: Themes, after: Themes) -> tuple[str, ...]:
    """A fault for each code that counts as another than before; none of them is gone."""
    return tuple(
        f"{known.id}: code {code.code} counts as {code.base or code.code} already; that never changes"
        for known in before.codelists.values()
        for code in known.by_code.values()
        if after.codelists[known.id].by_code[code.code].base != code.base
    )
