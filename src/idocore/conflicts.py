"""Conflicts between registers: what of them still waits for somebody, and how a revision settles them.

A revision that settles a conflict names the entries that it was made in view of, as a merge names what it merges. So
every register can tell by itself what is settled, and what came later, or lay elsewhere, stays a conflict.
"""

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from idocore.journal import Entry, Standing
from idocore.store import DISPUTED, OUTSIDE, Arrival, Capability, Store

NONE: Final[frozenset[str]] = frozenset()


def waiting(store: Store) -> Iterator[Arrival]:
    """What is held in `store` and not settled; nothing in a store that does not sync."""
    if Capability.SYNC in store.capabilities:
        yield from (one for one in store.held() if not is_settled(one, store))


def is_settled(arrival: Arrival, store: Store) -> bool:
    """Whether a revision with effect here was made to settle the conflict that holds this.

    What somebody was not to bring is settled by what they brought later in its place.
    """
    if arrival.held is None or arrival.held.code not in DISPUTED | {OUTSIDE}:
        return False
    entry = arrival.entry
    effective = [one for one in store.journal(subject=entry.revision.subject) if one.standing.has_effect]
    if arrival.held.code == OUTSIDE:
        return any(one.stream == entry.stream and one.position > entry.position for one in effective)
    return any(entry.hash in one.revision.settles for one in effective)


def at_odds(store: Store, subject: UUID) -> frozenset[str]:
    """The hashes of the entries of `subject` from the first on that is held; none when nothing is.

    Who writes the next revision settles the conflict between them.
    """
    if Capability.SYNC not in store.capabilities or next(store.held(), None) is None:
        return NONE
    entries = list(store.journal(subject=subject))
    held = [_number(entry) for entry in entries if entry.standing is Standing.HELD]
    return frozenset(entry.hash for entry in entries if held and _number(entry) >= min(held))


def _number(entry: Entry) -> int:
    return entry.revision.number
