"""The journal: streams of revisions, each hash-chained, from which everything else can be rebuilt.

A `Revision` says what became of one subject: a registration, a place, a theme file, a closing, a purge, a release. An
`Entry` is a revision that a store has written at a position of a stream. The chain covers the coded content and, of
free text and of who wrote it, only salted commitments; texts and salts lie apart, so that they can be erased and the
chain still holds.
"""

import hmac
import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID, uuid5

import attrs
import msgspec
from attrs import frozen

from idocore.closings import AMENDS, Closing
from idocore.codec import canonical, content_of, converter, digest, instant
from idocore.gazetteer import Place, place_from_json, place_key, place_to_json
from idocore.purges import Purge
from idocore.registrations import Inquiry, Registration, Value
from idocore.releases import Release
from idocore.themes import Theme

START: Final = "0" * 64
"""What the first entry of a stream names as the hash before it."""

_SUBJECTS: Final = UUID("6f1c2d1e-7b0a-5c59-9d0f-4a1b8a1f0c11")


@frozen
class ThemeSource:
    """A theme file as it was installed: its name and its text."""

    name: str
    text: str

    @property
    def key(self) -> str:
        """What names the theme file for ever."""
        return f"theme/{self.name}"


Content = Registration | Place | ThemeSource | Closing | Purge | Release


class SubjectKind(StrEnum):
    """What a revision is about."""

    REGISTRATION = "registration"
    PLACE = "place"
    THEME = "theme"
    CLOSING = "closing"
    PURGE = "purge"
    RELEASE = "release"

    @property
    def purpose(self) -> "Purpose":
        """The kind of stream that this belongs in."""
        return Purpose.WORK if self is SubjectKind.REGISTRATION else Purpose.REFERENCE


_KINDS: Final[Mapping[type, SubjectKind]] = {
    Registration: SubjectKind.REGISTRATION,
    ThemeSource: SubjectKind.THEME,
    Closing: SubjectKind.CLOSING,
    Purge: SubjectKind.PURGE,
    Release: SubjectKind.RELEASE,
}


class Purpose(StrEnum):
    """What a stream is for, and so where sync takes it."""

    WORK = "work"
    """Registrations; sync takes them up, from the register where they were made."""
    REFERENCE = "reference"
    """Places, themes, closings, purges and releases; sync takes them both ways."""


class Standing(StrEnum):
    """What an entry means to the store that holds it. Local: the chain does not cover it."""

    APPLIED = "applied"
    AMENDMENT = "amendment"
    """Applied; it came by sync into a period that was closed here."""
    KNOWN = "known"
    """The same revision was here already, through another stream."""
    HELD = "held"
    """Kept, without effect, until what it lacks is there or its conflict is resolved."""

    @property
    def has_effect(self) -> bool:
        """Whether the entry is the one that its subject's revision is read from."""
        return self in (Standing.APPLIED, Standing.AMENDMENT)


@frozen
class Revision:
    """One state of one subject: who made it, when, why, and with which findings overridden.

    `number` counts from 1 without gaps. `texts` are the paths within the content that hold free text. `actor` is None,
    and `reason` and the reasons of `overrides` are empty, once they were erased. `carried` are the paths of free text
    that was taken over from the revision before; it is for who writes, and not written. `settles` are the hashes of the
    entries of its subject that were known where it was made to settle a conflict between them. `is_late`: it came by
    sync into a period that was closed here; it is for who reads, and the chain does not hold it.
    """

    subject: UUID
    number: int
    content: Content
    actor: str | None
    recorded_at: datetime
    reason: str | None = None
    overrides: Mapping[str, str] = attrs.field(factory=dict, hash=False)
    texts: frozenset[str] = frozenset()
    settles: frozenset[str] = frozenset()
    carried: frozenset[str] = attrs.field(default=frozenset(), eq=False)
    is_late: bool = attrs.field(default=False, eq=False)

    def carrying(self, before: "Revision") -> "Revision":
        """This revision, made from `before`, with what it took over of its free text marked as such."""
        old = before.free_texts()
        same = {path for path, text in self.free_texts().items() if old.get(path) == text}
        return attrs.evolve(self, carried=frozenset(same - {"reason"}))

    @property
    def kind(self) -> SubjectKind:
        """What the revision is about."""
        return _KINDS.get(type(self.content), SubjectKind.PLACE)

    @property
    def purpose(self) -> Purpose:
        """The kind of stream that this belongs in."""
        # As `kind` has it; by type, since every record passes here.
        return Purpose.WORK if self.is_registration else Purpose.REFERENCE

    @property
    def is_registration(self) -> bool:
        """Whether the revision is of a registration."""
        return isinstance(self.content, Registration)

    @property
    def registration(self) -> Registration:
        """The registration that this revision is of; raises TypeError for anything else."""
        if not isinstance(self.content, Registration):
            raise TypeError(f"this is a revision of a {self.kind}")
        return self.content

    @property
    def is_amendment(self) -> bool:
        """Whether it was written into a period that was closed: here with a reason, or elsewhere, before a sync."""
        return self.is_late or AMENDS in self.overrides

    @property
    def content_hash(self) -> str:
        """The same for the same content, whoever sends it and whenever; free text is left out of it."""
        return digest(canonical(self.coded()))

    def coded(self) -> dict[str, Any]:
        """The content without free text, in values that `canonical` can write."""
        match self.content:
            case Registration():
                return content_of(without_texts(self.content, self.texts))
            case ThemeSource() | Closing() | Purge() | Release():
                return converter.unstructure(self.content)  # type: ignore[no-any-return]
        return place_to_json(self.content)

    def content_texts(self) -> dict[str, str]:
        """The free text of the content by its path."""
        if not self.texts or not isinstance(self.content, Registration):
            return {}
        return {path: str(value) for path, value in _values(self.content) if path in self.texts}

    def free_texts(self) -> dict[str, str]:
        """All that people wrote in their own words: the notes, the reason, the reasons of overrides."""
        found = self.content_texts()
        if self.reason:
            found["reason"] = self.reason
        for code, reason in self.overrides.items():
            if reason:
                found[f"overrides.{code}"] = reason
        return found

    def says_the_same(self, other: "Revision") -> bool:
        """Whether `other` has the same content; text that was erased here counts as the same."""
        mine, theirs = self.content_texts(), other.content_texts()
        # What was erased is not among the values any more, though its path is known.
        same = self.content_hash == other.content_hash and self.texts == other.texts
        return same and all(theirs[path] == text for path, text in mine.items())


def text_paths(registration: Registration, theme: Theme) -> frozenset[str]:
    """The paths within `registration` that hold free text, by its theme; as `_values` spells them.

    Every record that is written passes here, and mostly has none.
    """
    texts = theme.free_text
    found = [f"answers.{key}" for key in texts & registration.answers.keys()]
    for number, inquiry in enumerate(registration.inquiries):
        found += [f"inquiries[{number}].{key}" for key in texts & inquiry.answers.keys()]
    return frozenset(found)


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


def _is_content(path: str) -> bool:
    return path.startswith(("answers.", "inquiries["))


@frozen
class Text:
    """A free text, or who wrote it, with the salt of its commitment."""

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
    """A revision as a store has written it: `body` is what the chain covers.

    Apart from it lie `by` (who wrote it) and `texts` by their path, each until it is erased, and `standing`, what the
    entry means to this store.
    """

    stream: UUID
    position: int
    previous: str
    body: str
    by: Text | None = None
    texts: Mapping[str, Text] = attrs.field(factory=dict, hash=False)
    standing: Standing = attrs.field(default=Standing.APPLIED, eq=False)

    @classmethod
    def write(cls, stream: UUID, position: int, previous: str, revision: Revision) -> "Entry":
        """The entry that puts `revision` at `position` of `stream`, after the entry with hash `previous`."""
        by = None if revision.actor is None else Text.salted(revision.actor)
        texts = {path: Text.salted(text) for path, text in revision.free_texts().items()}
        body = {
            "stream": stream,
            "position": position,
            "kind": revision.kind,
            "subject": revision.subject,
            "revision": revision.number,
            "by": by and by.commitment,
            "recorded_at": instant(revision.recorded_at),
            "overrides": sorted(revision.overrides),
            "content": revision.coded(),
            "commitments": {path: text.commitment for path, text in texts.items()},
        }
        if revision.settles:
            body["settles"] = sorted(revision.settles)
        return cls(stream, position, previous, canonical(body), by, texts)

    @property
    def place(self) -> tuple[UUID, int]:
        """Where the entry stands in the journal: its stream, and its position there."""
        return self.stream, self.position

    @property
    def hash(self) -> str:
        """The head of the chain after this entry."""
        return digest(self.previous + self.body)

    @property
    def fields(self) -> dict[str, Any]:
        """The body as plain JSON values."""
        return msgspec.json.decode(self.body)  # type: ignore[no-any-return]

    @property
    def kind(self) -> SubjectKind:
        """What the entry is about."""
        return SubjectKind(self.fields["kind"])

    @property
    def registrations(self) -> frozenset[UUID]:
        """Whose purges may reach this: what it is filed under, and the registration that it holds; mostly the same."""
        fields = self.fields
        if fields["kind"] != SubjectKind.REGISTRATION:
            return frozenset()
        return frozenset({UUID(fields["subject"]), UUID(fields["content"]["id"])})

    @property
    def revision(self) -> Revision:
        """The revision, with its free text and its actor as far as they have not been erased."""
        fields = self.fields
        content = _content(SubjectKind(fields["kind"]), fields["content"])
        kept = {path: text.text for path, text in self.texts.items()}
        answers = {path: text for path, text in kept.items() if _is_content(path)}
        if answers and isinstance(content, Registration):
            content = _with_answers(content, dict(_values(content)) | answers)
        return Revision(
            subject=UUID(fields["subject"]),
            number=fields["revision"],
            content=content,
            actor=self.by.text if self.by else _plain(fields, "actor"),
            recorded_at=datetime.fromisoformat(fields["recorded_at"]),
            reason=kept.get("reason", _plain(fields, "reason")),
            overrides=_overrides(fields["overrides"], kept),
            texts=frozenset(path for path in fields["commitments"] if _is_content(path)),
            settles=frozenset(map(str, fields.get("settles", ()))),
            is_late=self.standing is Standing.AMENDMENT,
        )

    def same_content(self, revision: Revision) -> bool:
        """Whether `revision` says the same as this entry; text that was erased on either side counts as the same."""
        fields = self.fields
        # The same text, of the content in its one canonical form, is the same hash.
        if canonical(fields["content"]) != canonical(revision.coded()):
            return False
        if revision.texts != {path for path in fields["commitments"] if _is_content(path)}:
            return False
        given = revision.content_texts()
        return all(path not in self.texts or self.texts[path].is_of(text) for path, text in given.items())

    def keeps_its_word(self) -> bool:
        """Whether what lies apart, as far as it is still there, is what the chain committed to."""
        try:
            fields = self.fields
            texts = all(text.commitment == fields["commitments"].get(path) for path, text in self.texts.items())
            by = self.by is None or self.by.commitment == fields.get("by")
            return texts and by and (fields["stream"], fields["position"]) == (str(self.stream), self.position)
        except (msgspec.MsgspecError, LookupError, TypeError, AttributeError):
            return False  # the body was altered until it is none any more

    def purged(self, *purges: Purge) -> "Entry":
        """The entry as it is after `purges`, as far as they are about it."""
        entry = self
        for purge in purges:
            if entry.is_reached_by(purge):
                entry = attrs.evolve(entry, texts={}, by=None if purge.actors else entry.by)
        return entry

    def is_reached_by(self, purge: Purge) -> bool:
        """Whether `purge` is about this entry: of the registration, or holding it under the id of something else.

        What is filed under another id is no revision of its registration, so that its number says nothing there.
        """
        fields = self.fields
        if fields["kind"] != SubjectKind.REGISTRATION:
            return False
        if fields["subject"] == str(purge.registration) and fields["revision"] <= purge.up_to:
            return True
        content: str = fields["content"]["id"]
        return content != fields["subject"] and content == str(purge.registration)


def _plain(fields: Mapping[str, Any], name: str) -> str | None:
    """What entries of before the first release held in the open."""
    found: str | None = fields.get(name)
    return found


def _overrides(given: Any, kept: Mapping[str, str]) -> dict[str, str]:
    if isinstance(given, dict):
        return given
    return {code: kept.get(f"overrides.{code}", "") for code in given}


def _content(kind: SubjectKind, content: Mapping[str, Any]) -> Content:
    match kind:
        case SubjectKind.REGISTRATION:
            return converter.structure(content, Registration)
        case SubjectKind.PLACE:
            return place_from_json(content)
        case SubjectKind.THEME:
            return converter.structure(content, ThemeSource)
        case SubjectKind.CLOSING:
            return converter.structure(content, Closing)
        case SubjectKind.PURGE:
            return converter.structure(content, Purge)
        case SubjectKind.RELEASE:
            return converter.structure(content, Release)


def subject_of(content: Content) -> UUID:
    """What stands for `content` in the journal: a registration's own id, or one made from the key of the rest."""
    match content:
        case Registration():
            return content.id
        case ThemeSource() | Closing() | Purge() | Release():
            return uuid5(_SUBJECTS, content.key)
    return uuid5(_SUBJECTS, place_key(content))


def broken_link(entries: Iterable[Entry]) -> Entry | None:
    """The first entry, of one stream read in order, that does not follow from the one before it; None if all do."""
    expected_position, expected_hash = 1, START
    for entry in entries:
        follows = entry.position == expected_position and entry.previous == expected_hash
        if not follows or not entry.keeps_its_word():
            return entry
        expected_position, expected_hash = entry.position + 1, entry.hash
    return None
