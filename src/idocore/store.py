"""The contract of a storage backend.

A backend derives from `Store`, passes the suite in `idocore.testing`, and registers itself under the entry point
group ``idocore.stores``. Everything a backend raises is a `StoreError`; errors of its driver never leak out.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from attrs import field, frozen

from idocore.errors import ConflictError
from idocore.findings import Finding
from idocore.journal import Entry, Revision, SubjectKind
from idocore.registrations import Status
from idocore.theme_files import Themes

if TYPE_CHECKING:
    from idocore.statistics.cells import Cell, Cut

Cursor = Mapping[UUID, int]
"""A place in the journal: for each stream the last position that was seen."""


class Capability(StrEnum):
    """What a store may be able to do beyond the contract."""

    VERIFY = "verify"
    """It can tell whether its facts agree with its journal."""
    DURABLE = "durable"
    """What it acknowledged outlives the process."""
    SHARED = "shared"
    """Several processes may use it at once."""


@frozen
class Receipt:
    """What became of one revision: the entry that holds it, and whether it was there already."""

    entry: Entry
    is_new: bool


def _statuses(value: Iterable[Status]) -> frozenset[Status]:
    return frozenset(value)


@frozen
class Selection:
    """Which registrations to find; None and empty mean any.

    Days are local: from `start` up to, not including, `end`.
    """

    theme: str | None = None
    start: date | None = None
    end: date | None = None
    service_points: frozenset[str] | None = None
    statuses: frozenset[Status] = field(default=(Status.FINAL, Status.DRAFT), converter=_statuses)


def is_new(revision: Revision, same: Entry | None, latest: int) -> bool:
    """Whether `revision` has to be written; raises ConflictError when it cannot be.

    `same` is the entry with the same subject and number, if there is one; `latest` the highest number of its
    subject (0: none). The first revision of a subject may have any number, since its history may lie elsewhere.
    """
    if same is not None:
        if same.same_content(revision):
            return False
        raise ConflictError("conflict-other-content", same.revision, id=revision.subject, revision=revision.number)
    if latest and revision.number != latest + 1:
        raise ConflictError("conflict-revision", id=revision.subject, revision=revision.number, latest=latest)
    return True


Mark = tuple[date, UUID]
"""Where a page of `find` ended: the local date and id of its last registration."""


class Store(ABC):
    """Where a register keeps its journal and its facts.

    A store is thread-safe. `append` is one transaction: all of it or nothing.
    """

    capabilities: frozenset[Capability] = frozenset()

    @abstractmethod
    def install(self, themes: Themes) -> None:
        """Make room for facts of `themes`; called before any registration of them is appended. Harmless twice."""

    @abstractmethod
    def append(self, revisions: Sequence[Revision], *, stream: UUID | None = None) -> tuple[Receipt, ...]:
        """Write `revisions` to the journal, and the facts of the registrations among them; a receipt for each.

        A revision that is there already with the same content is left as it is. Raises ConflictError, and writes
        nothing at all, when one is there with other content or does not follow the latest revision of its subject.
        `stream` None is the store's own stream; a bulk load names another.
        """

    @abstractmethod
    def get(self, subject: UUID, number: int | None = None) -> Revision:
        """Revision `number` of `subject`, or the latest; raises NotFoundError."""

    @abstractmethod
    def find(self, selection: Selection, *, after: Mark | None = None, limit: int = 100) -> tuple[Revision, ...]:
        """The latest revisions of the registrations in `selection`, by local date and id; at most `limit`.

        `after` is the mark of the last registration of the page before.
        """

    @abstractmethod
    def journal(
        self,
        since: Cursor | None = None,
        *,
        kinds: frozenset[SubjectKind] | None = None,
        subject: UUID | None = None,
    ) -> Iterator[Entry]:
        """The entries after `since`, stream by stream in order of position."""

    @abstractmethod
    def cursor(self) -> dict[UUID, int]:
        """The position of every stream."""

    @abstractmethod
    def evaluate(self, cut: "Cut") -> Sequence["Cell"]:
        """The cells of `cut` over the final registrations, in any order; cells of nothing are left out."""

    @abstractmethod
    def close(self) -> None:
        """Let go of everything that was opened; harmless twice."""

    def verify(self) -> Iterator[Finding]:
        """Everything in which journal and facts disagree; only with the capability VERIFY."""
        raise NotImplementedError(f"{type(self).__name__} does not declare {Capability.VERIFY!r}")
