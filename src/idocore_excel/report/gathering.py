"""What tables do not tell and the registrations do, gathered while they pass by once."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import combinations

from attrs import define, field

from idocore import Inquiry, Kind, Registration, Revision

Pair = tuple[str, str]


def topics_of(inquiries: Iterable[Inquiry], key: str, recode: Mapping[str, str]) -> set[str]:
    """The distinct codes in field `key` of `inquiries`, a library's own counted as the national ones they name."""
    found = set()
    for inquiry in inquiries:
        value = inquiry.answers.get(key, ())
        found |= {recode.get(code, code) for code in ((value,) if isinstance(value, str) else _codes(value))}
    return found


def _codes(value: object) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def pairs(registrations: Iterable[Registration], key: str, recode: Mapping[str, str] | None = None) -> Counter[Pair]:
    """How many registrations have both codes in field `key` of their inquiries, for each unordered pair of them.

    A pair has two distinct codes, in alphabetical order. Tallies have none: nobody knows who asked what.
    """
    found: Counter[Pair] = Counter()
    for registration in registrations:
        if registration.kind is Kind.VISIT:
            found.update(combinations(sorted(topics_of(registration.inquiries, key, recode or {})), 2))
    return found


@define
class Gathered:
    """What has been seen of the registrations so far, in order of local date."""

    key: str = "topic"
    recode: Mapping[str, str] = field(factory=dict)
    count: int = 0
    first_day: date | None = None
    last_day: date | None = None
    last_entry: datetime | None = None
    pairs: Counter[Pair] = field(factory=Counter)
    with_topic: int = 0
    with_several: int = 0

    def watch(self, revisions: Iterable[Revision]) -> Iterator[Revision]:
        """`revisions` as they are, each looked at in passing."""
        for revision in revisions:
            self.add(revision)
            yield revision

    def add(self, revision: Revision) -> None:
        """Look at one more."""
        registration = revision.registration
        self.count += 1
        self.first_day = self.first_day or registration.local_date
        self.last_day = registration.local_date
        self.last_entry = max(self.last_entry or revision.recorded_at, revision.recorded_at)
        if registration.kind is Kind.VISIT:
            self._add_topics(registration)

    def _add_topics(self, registration: Registration) -> None:
        topics = topics_of(registration.inquiries, self.key, self.recode)
        self.with_topic += bool(topics)
        self.with_several += len(topics) > 1
        if len(topics) > 1:
            self.pairs.update(combinations(sorted(topics), 2))
