"""The journal: streams of revisions, each hash-chained, from which everything else can be rebuilt.

A `Revision` says what became of one subject: a registration, a place or a theme file. An `Entry` is a revision that
a store has written at a position of a stream. The chain covers the coded content and, of free text, only a salted
commitment; text and salt lie apart, so that they can be erased and the chain still holds.
"""

import hmac
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID, uuid5

import attrs
from attrs import frozen

from idocore.codec import canonical, converter, digest
from idocore.gazetteer import Place, place_from_json, place_key, place_to_json
from idocore.registrations import Inquiry, Registration, Value
from idocore.themes import FieldType, Theme

START: Final = "0" * 64
"""What the first entry of a stream names as the hash before it."""

_SUBJECTS: Final = UUID("6f1c2d1e-7b0a-5c59-9d0f-4a1b8a1f0c11")


class SubjectKind(StrEnum):
    """What a revision is about."""

    REGISTRATION = "registration"
    PLACE = "place"
    THEME = "theme"


@frozen
class ThemeSource:
    """A theme file as it was installed: its name and its text."""

    name: str
    text: str


Content = Registration | Place | ThemeSource


@frozen
class Revision:
    """One state of one subject: who made it, when, why, and with which findings overridden.

    `number` counts from 1 without gaps. `texts` are the paths within the content that hold free text.
    """

    subject: UUID
    number: int
    content: Content
    actor: str
    recorded_at: datetime
    reason: str | None = None
    overrides: Mapping[str, str] = attrs.field(factory=dict, hash=False)
    texts: frozenset[str] = frozenset()

    @property
    def kind(self) -> SubjectKind:
        """What the revision is about."""
        if isinstance(self.content, Registration):
            return SubjectKind.REGISTRATION
        return SubjectKind.THEME if isinstance(self.content, ThemeSource) else SubjectKind.PLACE

    @property
    def registration(self) -> Registration:
        """The registration that this revision is of; raises TypeError for places and themes."""
        if not isinstance(self.content, Registration):
            raise TypeError(f"this is a revision of a {self.kind}")
        return self.content

    @property
    def content_hash(self) -> str:
        """The same for the same content, whoever sends it and whenever; free text is left out of it."""
        return digest(canonical(self._coded()))

    def _coded(self) -> dict[str, Any]:
        if isinstance(self.content, Registration):
            return converter.unstructure(without_texts(self.content, self.texts))  # type: ignore[no-any-return]
        if isinstance(self.content, ThemeSource):
            return {"name": self.content.name, "text": self.content.text}
        return place_to_json(self.content)

    def free_texts(self) -> dict[str, str]:
        """The free text by its path."""
        if not self.texts or not isinstance(self.content, Registration):
            return {}
        return {path: str(value) for path, value in _values(self.content) if path in self.texts}


def text_paths(registration: Registration, theme: Theme) -> frozenset[str]:
    """The paths within `registration` that hold free text, by its theme."""
    texts = {entry.key for entry in theme.fields if entry.type is FieldType.TEXT}
    return frozenset(path for path, _ in _values(registration) if path.rpartition(".")[2] in texts)


def _values(registration: Registration) -> Iterator[tuple[str, Value]]:
    for key, value in registration.answers.items():
        yield f"answers.{key}", value
    for number, inquiry in enumerate(registration.inquiries):
        for key, value in inquiry.answers.items():
            yield f"inquiries[{number}].{key}", value


def _with_answers(registration: Registration, chosen: Mapping[str, Value]) -> Registration:
    """`registration` with exactly the answers of `chosen`, by path."""
    answers: dict[str, Value] = {}
    inquiries: list[dict[str, Value]] = [{} for _ in registration.inquiries]
    for path, value in chosen.items():
        place, _, key = path.rpartition(".")
        (answers if place == "answers" else inquiries[int(place[10:-1])])[key] = value
    rebuilt = zip(inquiries, registration.inquiries, strict=True)
    return attrs.evolve(
        registration, answers=answers, inquiries=tuple(Inquiry(given, one.count) for given, one in rebuilt)
    )


def without_texts(registration: Registration, texts: frozenset[str]) -> Registration:
    """`registration` without the answers at the paths `texts`."""
    if not texts:
        return registration
    return _with_answers(registration, {path: value for path, value in _values(registration) if path not in texts})


@frozen
class Text:
    """A free text with the salt of its commitment."""

    text: str
    salt: str

    @classmethod
    def salted(cls, text: str) -> "Text":
        """`text` with a new random salt."""
        return cls(text, secrets.token_hex(16))

    @property
    def commitment(self) -> str:
        """What the chain holds in place of the text."""
        return digest(self.salt + self.text)

    def is_of(self, text: str) -> bool:
        """Whether this is the same text, compared in constant time."""
        return hmac.compare_digest(self.text.encode(), text.encode())


@frozen
class Entry:
    """A revision as a store has written it: `body` is what the chain covers, `texts` lie apart by their path."""

    stream: UUID
    position: int
    previous: str
    body: str
    texts: Mapping[str, Text] = attrs.field(factory=dict, hash=False)

    @classmethod
    def write(
        cls, stream: UUID, position: int, previous: str, revision: Revision, texts: Mapping[str, Text]
    ) -> "Entry":
        """The entry that puts `revision` at `position` of `stream`, after the entry with hash `previous`."""
        body = {
            "stream": str(stream),
            "position": position,
            "kind": revision.kind,
            "subject": str(revision.subject),
            "revision": revision.number,
            "actor": revision.actor,
            "recorded_at": revision.recorded_at.isoformat(),
            "reason": revision.reason,
            "overrides": dict(revision.overrides),
            "content": revision._coded(),
            "commitments": {path: text.commitment for path, text in texts.items()},
        }
        return cls(stream, position, previous, canonical(body), texts)

    @property
    def hash(self) -> str:
        """The head of the chain after this entry."""
        return digest(self.previous + self.body)

    @property
    def fields(self) -> dict[str, Any]:
        """The body as plain JSON values."""
        return json.loads(self.body)  # type: ignore[no-any-return]

    @property
    def revision(self) -> Revision:
        """The revision, with its free text as far as that has not been erased."""
        fields = self.fields
        content = _content(SubjectKind(fields["kind"]), fields["content"])
        if self.texts and isinstance(content, Registration):
            kept = dict(_values(content)) | {path: text.text for path, text in self.texts.items()}
            content = _with_answers(content, kept)
        return Revision(
            subject=UUID(fields["subject"]),
            number=fields["revision"],
            content=content,
            actor=fields["actor"],
            recorded_at=datetime.fromisoformat(fields["recorded_at"]),
            reason=fields["reason"],
            overrides=fields["overrides"],
            texts=frozenset(fields["commitments"]),
        )

    def same_content(self, revision: Revision) -> bool:
        """Whether `revision` says the same as this entry; erased text counts as the same."""
        fields = self.fields
        if digest(canonical(fields["content"])) != revision.content_hash:
            return False
        given = revision.free_texts()
        if set(given) != set(fields["commitments"]):
            return False
        return all(path not in self.texts or self.texts[path].is_of(text) for path, text in given.items())


def _content(kind: SubjectKind, content: Mapping[str, Any]) -> Content:
    match kind:
        case SubjectKind.REGISTRATION:
            return converter.structure(content, Registration)
        case SubjectKind.PLACE:
            return place_from_json(content)
        case SubjectKind.THEME:
            return converter.structure(content, ThemeSource)


def salted(revision: Revision) -> dict[str, Text]:
    """The free texts of `revision`, each with a new salt."""
    return {path: Text.salted(text) for path, text in revision.free_texts().items()}


def place_subject(place: Place) -> UUID:
    """What stands for `place` in the journal."""
    return uuid5(_SUBJECTS, place_key(place))


def theme_subject(name: str) -> UUID:
    """What stands for the theme file `name` in the journal."""
    return uuid5(_SUBJECTS, f"theme/{name}")


def broken_link(entries: Iterable[Entry]) -> Entry | None:
    """The first entry, of one stream read in order, that does not follow from the one before it; None if all do."""
    expected_position, expected_hash = 1, START
    for entry in entries:
        fields = entry.fields
        intact = (
            entry.position == expected_position == fields["position"]
            and entry.previous == expected_hash
            and str(entry.stream) == fields["stream"]
            and all(text.commitment == fields["commitments"].get(path) for path, text in entry.texts.items())
        )
        if not intact:
            return entry
        expected_position, expected_hash = entry.position + 1, entry.hash
    return None
