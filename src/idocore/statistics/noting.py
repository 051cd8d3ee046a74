"""What a reader of a table must know."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from attrs import field, frozen

from idocore.messages import Language, sentence
from idocore.statistics.asking import Question
from idocore.statistics.measures import Kind
from idocore.statistics.query import PLACE_LEVELS
from idocore.themes import Bridge, Label, Theme

_SAID = tuple(kind for kind in Kind if kind not in (Kind.COUNT, Kind.SHARE, Kind.INDICATOR))
"""The measures whose meaning is said under every table."""


@frozen
class Note:
    """Something that a reader of the table must know."""

    code: str
    parameters: Mapping[str, Any] = field(factory=dict, hash=False)

    def message(self, language: Language = "en") -> str:
        """The note as a sentence."""
        parameters = {
            name: value.text(language) if isinstance(value, Label) else value for name, value in self.parameters.items()
        }
        return sentence(self.code, language, parameters)


def notes(question: Question, unlinked: int) -> Iterator[Note]:
    """The notes on periods, places, several answers, measures, and what changed between versions of the form."""
    query, by = question.query, question.by
    yield Note("note-period", {"start": query.start, "last": query.end and query.end - timedelta(days=1)})
    looked_at = {dimension.name for dimension in by} | set(query.where) | ({query.together} - {None})
    if looked_at & set(PLACE_LEVELS):
        code = "note-places-then" if query.place_date == "then" else "note-places-on"
        yield Note(code, {"day": query.place_date})
    for dimension in by:
        if dimension.multiple:
            yield Note("note-multiple", {"dimension": dimension.name})
        elif dimension.of_inquiry and "inquiries" not in query.measures:
            yield Note("note-several-inquiries", {"dimension": dimension.name})
    if query.together:
        yield Note("note-together", {"dimension": query.together})
    if unlinked:
        yield Note("note-unlinked", {"count": unlinked})
    for kind in _SAID:
        if any(measure.kind is kind for measure in question.measures):
            yield Note(f"measure-{kind}", {"over": query.average_over.value})
    names = sorted(name for name in looked_at if name)
    for name in names:
        yield from _not_asked(name, question)
    yield from _changes(names, question)


def _not_asked(name: str, question: Question) -> Iterable[Note]:
    """A field that some version in the period did not have is missing there, not zero."""
    versions = [theme for theme in question.versions if _overlaps(theme, question)]
    asked = [theme for theme in versions if _asks(theme, name, question)]
    if asked and len(asked) < len(versions):
        without = [theme.id for theme in versions if theme not in asked]
        yield Note("note-not-asked", {"dimension": name, "themes": without})


def _asks(theme: Theme, name: str, question: Question) -> bool:
    sources = question.resolved.known[name].sources
    return any(theme.id in one.themes for one in sources) if sources else name in theme.by_key


def _overlaps(theme: Theme, question: Question) -> bool:
    query = question.query
    starts_in_time = query.end is None or theme.valid_from < query.end
    return starts_in_time and (theme.valid_until is None or query.start is None or query.start < theme.valid_until)


def _changes(names: list[str], question: Question) -> Iterator[Note]:
    """Which wording changed when, for every change of the form that lies within the period."""
    for older, newer in pairwise(question.versions):
        if not (_overlaps(older, question) and _overlaps(newer, question)):
            continue
        bridge = next((one for one in question.themes.bridges if one.ends == (older.id, newer.id)), None)
        if bridge is not None:
            yield from _of_bridge(bridge, names, newer.valid_from, question)


def _of_bridge(bridge: Bridge, names: list[str], day: date, question: Question) -> Iterator[Note]:
    if bridge.note:
        yield Note("note-bridge", {"day": day, "text": bridge.note})
    keys = {key for name in names for key in (name, *(one.key for one in question.resolved.known[name].sources))}
    for change in bridge.fields:
        if change.note and keys & {change.field, *change.to}:
            yield Note("note-bridge", {"day": day, "text": change.note})
