"""The ids of what stood in a sheet, made so that the same sheet again changes nothing.

An id is a UUIDv5 of the profile's name, the source that the caller named, and what identifies the record:

- a row per visitor: all that stands in it under which header, mapped or not, the fixed service point, and the
  how-manieth of the rows that read the same it is. Where a row stands does not matter, so rows may be inserted above
  it; neither does the mapping, so a profile may be corrected: the same id with other content is told as a conflict.
  Once a row itself is altered it is another record (`idocore_excel.fingerprints` says what may be altered).
- a registration over several rows: the visitor, the day and the service point. Cross-tables and counters: the day, the
  labels of the row and the header of the column, as they stand there. These are keys of their own: a changed value, or
  code in the profile, has the same id, and is told as a conflict.

A sheet with an id column needs none of this: a UUID stays, a number of the sheet's own becomes one.
"""

import json
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID, uuid5

from attrs import define, field

_SPACE: Final = UUID("3e0f2f0b-6a55-5c0e-8a86-0d6b7a4b6c11")


@define
class Identities:
    """Makes the ids of one import: the same key gets a next id each time that it comes."""

    profile: str
    source: str
    _seen: set[int] = field(factory=set, init=False)
    _again: dict[int, int] = field(factory=dict, init=False)

    def given(self, text: str) -> str:
        """The id for what the sheet's own id column says: a UUID as it is, else one made of it."""
        try:
            return str(UUID(text))
        except ValueError:
            return str(uuid5(_SPACE, self._text("id", [text])))

    def _text(self, kind: str, key: Iterable[Any]) -> str:
        return json.dumps([self.profile, self.source, kind, list(key)], ensure_ascii=False, separators=(",", ":"))

    def next(self, kind: str, key: Iterable[Any]) -> str:
        """The id for `key`; of equal keys each has its own, in the order in which they come."""
        text = self._text(kind, key)
        mark = int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
        number = 0
        if mark in self._seen:
            number = self._again[mark] = self._again.get(mark, 0) + 1
        self._seen.add(mark)
        return str(uuid5(_SPACE, f"{text}#{number}"))
