"""Conflicts between registers: which of them are still to be settled."""

from collections.abc import Iterable, Iterator

from idocore.store import CONFLICT, DISPUTED, Arrival, Store


def unsettled(held: Iterable[Arrival], store: Store) -> Iterator[Arrival]:
    """Those of `held` that somebody has to look at: not those of a conflict that was settled in `store` since.

    They stay in the journal, and in the history of what they are about.
    """
    return (one for one in held if not _is_settled(one, store))


def _is_settled(arrival: Arrival, store: Store) -> bool:
    """Whether a later revision takes effect that was made where the conflict was known."""
    if arrival.held is None or arrival.held.code not in DISPUTED:
        return False
    held = arrival.entry.revision
    # What follows a conflict may have been settled by the revision in its place; what conflicts has its place taken.
    least = held.number + (arrival.held.code == CONFLICT)
    revisions = (entry.revision for entry in store.journal(subject=held.subject) if entry.standing.has_effect)
    return any(one.number >= least and CONFLICT in one.overrides for one in revisions)
