"""Purges: free text taken away for good, and with an erasure also who wrote it."""

from uuid import UUID

from attrs import frozen


@frozen
class Purge:
    """The free text of `registration` up to revision `up_to` is gone, and with `actors` also who wrote those."""

    registration: UUID
    up_to: int
    actors: bool = False

    @property
    def key(self) -> str:
        """What names the purge for ever; the same everywhere, so that two registers may purge alike."""
        return f"purge/{self.registration}/{self.up_to}/{'actors' if self.actors else 'texts'}"
