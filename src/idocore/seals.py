"""Seals: what the journal held at a moment, in one hash, so that nobody can shorten it unseen."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from attrs import field, frozen

from idocore.codec import canonical, converter, digest
from idocore.errors import ExchangeError
from idocore.findings import Finding
from idocore.store import Head, Store


@frozen
class SealedHead:
    """How far a stream was, and the hash of its last entry."""

    stream: str
    position: int
    hash: str


def _in_order(heads: Iterable[SealedHead]) -> tuple[SealedHead, ...]:
    return tuple(sorted(heads, key=lambda head: head.stream))


@frozen
class Seal:
    """The heads of all streams at a moment, by stream. Keep it elsewhere: `hash` alone, in a letter, is enough."""

    sealed_at: datetime
    heads: tuple[SealedHead, ...] = field(converter=_in_order)

    @classmethod
    def over(cls, heads: Iterable[Head], sealed_at: datetime) -> "Seal":
        """The seal over `heads`."""
        listed = [SealedHead(str(head.stream), head.position, head.hash) for head in heads]
        return cls(sealed_at, listed)

    @property
    def hash(self) -> str:
        """The hash over all heads."""
        return digest(canonical({"heads": converter.unstructure(self.heads)}))

    def to_json(self) -> dict[str, Any]:
        """The seal as plain JSON values."""
        return {**converter.unstructure(self), "hash": self.hash}

    @classmethod
    def from_json(cls, values: Any) -> "Seal":
        """The seal that `to_json` wrote; raises ExchangeError when it is not one, or was altered."""
        try:
            content = dict(values)
            stated = content.pop("hash")
            seal = converter.structure(content, cls)
            _ = [UUID(head.stream) for head in seal.heads]
        except Exception as error:  # whatever is wrong in it, it is no seal
            raise ExchangeError("seal-unreadable", reason=type(error).__name__) from error
        if seal.hash != stated:
            raise ExchangeError("seal-unreadable", reason="hash")
        return seal

    def breaches(self, store: Store) -> Iterator[Finding]:
        """Every stream of `store` that no longer holds what was sealed."""
        for head in self.heads:
            wanted = _stream(store, head)
            if wanted != head.hash:
                yield Finding("journal-cut", parameters={"stream": head.stream, "position": head.position})


def _stream(store: Store, head: SealedHead) -> str | None:
    """The hash of the entry at the sealed position, None if there is none."""
    stream = UUID(head.stream)
    found = next(store.journal({stream: head.position - 1}, stream=stream), None)
    return found.hash if found is not None and found.position == head.position else None
