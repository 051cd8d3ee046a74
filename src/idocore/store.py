"""The contract of a storage backend.

A backend derives from `Store`, passes the suite in `idocore.testing`, and registers itself under the entry point
group ``idocore.stores``. Everything a backend raises is a `StoreError`; errors of its driver never leak out.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol
from uuid import UUID

from attrs import field, frozen

from idocore.errors import CapabilityError, ClosingsChangedError, ConflictError, NotFoundError
from idocore.findings import Finding
from idocore.journal import START, Entry, Purpose, Revision, Standing, SubjectKind
from idocore.registrations import Status
from idocore.theme_files import Themes

if TYPE_CHECKING:
    from idocore.places import Ancestry
    from idocore.statistics.cells import Cell, Cut
    from idocore.statistics.rollups import Rollup

Cursor = Mapping[UUID, int]
"""A place in the journal: for each stream the last position that was seen."""

Progress = Callable[[int], None]
"""Told how many more were done."""


def unseen(_: int) -> None:
    """Progress that nobody looks at."""


class Capability(StrEnum):
    """What a store may be able to do beyond the contract."""

    VERIFY = "verify"
    """It can tell whether its facts agree with its journal."""
    REBUILD = "rebuild"
    """It can make its facts anew from its journal, while readers go on."""
    SYNC = "sync"
    """It can take in the entries of other registers."""
    BACKUP = "backup"
    """It can be copied while it is used."""
    DURABLE = "durable"
    """What it acknowledged outlives the process."""
    SHARED = "shared"
    """Several processes may use it at once."""
    ROLLUP = "rollup"
    """It keeps counts ready by declared sets of dimensions."""


@frozen
class Receipt:
    """What became of one revision: the entry that holds it, and whether it was there already."""

    entry: Entry
    is_new: bool


@frozen
class Head:
    """Where a stream ends: its last position and the hash of the entry there; what it is for, and whose it is."""

    stream: UUID
    position: int = 0
    hash: str = START
    purpose: Purpose = Purpose.WORK
    is_own: bool = False


@frozen
class Arrival:
    """An entry of another register, as judged by this one.

    `held` says why it must not take effect yet; None: it may.
    """

    entry: Entry
    purpose: Purpose
    held: Finding | None = None

    @property
    def standing(self) -> Standing:
        """What the entry means to this store."""
        return self.entry.standing


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


def is_new(revision: Revision, same: Entry | None, latest: Entry | None) -> bool:
    """Whether `revision` has to be written; raises ConflictError, with what is stored, when it cannot be.

    `same` is the entry with the same subject and number, `latest` the one with the highest number of its subject, if
    there are any. The first revision of a subject may have any number, since its history may lie elsewhere.
    """
    if same is not None:
        if same.same_content(revision):
            return False
        raise _conflict("conflict-other-content", revision, same.revision)
    if latest is not None and revision.number != latest.revision.number + 1:
        raise _conflict("conflict-revision", revision, latest.revision)
    if latest is not None:
        check_carried(revision, latest)
    return True


def would_be_new(revision: Revision, same: Revision | None, latest: Revision | None) -> bool:
    """The same as `is_new`, asked beforehand of revisions, of what carries nothing on; raises ConflictError."""
    if same is not None:
        if same.says_the_same(revision):
            return False
        raise _conflict("conflict-other-content", revision, same)
    if latest is not None and revision.number != latest.number + 1:
        raise _conflict("conflict-revision", revision, latest)
    return True


def check_carried(revision: Revision, before: Entry) -> None:
    """Raise ConflictError when `revision` takes over text of `before` that was purged since it was read."""
    if revision.carried and not revision.carried <= before.revision.free_texts().keys():
        raise _conflict("conflict-purged", revision, before.revision)


def _conflict(code: str, revision: Revision, there: Revision) -> ConflictError:
    parameters = {
        "id": revision.subject,
        "revision": revision.number,
        "latest": there.number,
        "actor": there.actor,
        "recorded_at": there.recorded_at.isoformat(),
    }
    return ConflictError(code, there, **parameters)


def check_closings(known: int | None, stored: int) -> None:
    """Raise ClosingsChangedError when the caller judged by fewer closings than there are (None: it did not judge)."""
    if known is not None and known != stored:
        raise ClosingsChangedError("closings-changed", known=known, stored=stored)


def check_link(head: Head, entry: Entry) -> None:
    """Raise ConflictError when `entry` does not follow `head`: the stream was written in two places, or altered."""
    if entry.position != head.position + 1 or entry.previous != head.hash or not entry.keeps_its_word():
        raise ConflictError("journal-forked", stream=entry.stream, position=entry.position)


def check_same(there: Entry, entry: Entry) -> None:
    """Raise ConflictError when `entry` is another than `there`, which has its place: the stream was written twice."""
    if there.hash != entry.hash:
        raise ConflictError("journal-forked", stream=entry.stream, position=entry.position)


CONFLICT: Final = "held-conflict"
"""What holds a revision that is here with other content; as an override: made where that was known, to settle it."""

FOLLOWS: Final = "held-follows"
"""What holds a revision made after one that is held like that, where nobody knew."""

MISFILED: Final = "held-id"
"""What holds a revision that is filed under the id of something else."""

DISPUTED: Final = frozenset({CONFLICT, FOLLOWS})
"""What holds a revision, so that it also holds those that follow it in the same stream."""

OUTSIDE: Final = "held-scope"
"""What holds a revision that was not for who brought it to bring."""


def settled(arrival: Arrival, same: Entry | None, *, is_disputed: bool = False) -> Arrival:
    """`arrival` with its standing, `same` being the entry with effect for the same subject and revision, if any.

    `is_disputed`: the revision before it, in the same stream, is held by one of `DISPUTED`.
    """
    from attrs import evolve

    revision = arrival.entry.revision
    if same is not None and same.same_content(revision):
        return evolve(arrival, entry=evolve(arrival.entry, standing=Standing.KNOWN), held=None)
    if same is not None and (arrival.held is None or arrival.held.code == FOLLOWS):
        # Who wrote the other is looked up when it is shown: it may be erased before that.
        about = {"id": revision.subject, "revision": revision.number}
        arrival = evolve(arrival, held=Finding(CONFLICT, "revision", parameters=about))
    if is_disputed and arrival.held is None and CONFLICT not in revision.overrides:
        # Taking effect, it would put aside unseen what counts here.
        about = {"id": revision.subject, "revision": revision.number}
        arrival = evolve(arrival, held=Finding(FOLLOWS, "revision", parameters=about))
    if arrival.held is not None:
        return evolve(arrival, entry=evolve(arrival.entry, standing=Standing.HELD))
    return arrival


class Counting(Protocol):
    """Something that counts, and knows at which place in the journal."""

    def evaluate(self, cut: "Cut") -> Sequence["Cell"]:
        """The cells of `cut`, as `Store.evaluate` gives them."""

    def cursor(self) -> Mapping[UUID, int]:
        """The position of every stream up to which everything is counted."""


def found(store: "Store", subject: UUID, number: int | None = None) -> Revision | None:
    """The revision of `subject` with this number (None: the latest), whatever it is of; None when there is none."""
    try:
        return store.get(subject, number)
    except NotFoundError:
        return None


Mark = tuple[date, UUID]
"""Where a page of `find` ended: the local date and id of its last registration."""


class Store(ABC):
    """Where a register keeps its journal and its facts.

    A store is thread-safe. `append` is one transaction: all of it or nothing.
    """

    capabilities: frozenset[Capability] = frozenset()

    is_joined: bool = False
    """Whether all is part of a host's transaction, so that what was written may be undone by the host."""

    @abstractmethod
    def install(self, themes: Themes) -> None:
        """Make room for facts of `themes`; called before any registration of them is appended. Harmless twice."""

    @abstractmethod
    def append(
        self, revisions: Sequence[Revision], *, stream: UUID | None = None, closings: int | None = None
    ) -> tuple[Receipt, ...]:
        """Write `revisions` to the journal, and the facts of the registrations among them; a receipt for each.

        A revision that is there already with the same content is left as it is. Raises ConflictError, and writes
        nothing at all, when one is there with other content or does not follow the latest revision of its subject.
        `stream` None is the store's own stream for the purpose of each; a bulk load names another, for revisions of
        one purpose.

        `closings` is the number of closings in effect by which the caller judged; when there are more by now,
        ClosingsChangedError, and nothing is written. An append that holds closings excludes all others.

        Raises ConflictError as well (``conflict-purged``) when a revision says that it carried on text of the one
        before, and that was purged since: made again from what is stored, it may be written.

        A purge among the revisions takes effect in the same transaction: the texts of its registration, and with
        `actors` who wrote them, are gone from every stream, and no later append or arrival brings them back. An append
        that holds purges excludes all others, as one that holds closings.
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
        stream: UUID | None = None,
    ) -> Iterator[Entry]:
        """The entries after `since`, stream by stream in order of position, those without effect included."""

    def with_texts(self, subjects: Iterable[UUID]) -> frozenset[UUID]:
        """Those of `subjects`, registrations all, of which any entry still has free text, with effect or without.

        By default the whole journal is read; a store that finds the entries of a subject does better.
        """
        wanted = frozenset(map(str, subjects))
        entries = self.journal(kinds=frozenset({SubjectKind.REGISTRATION}))
        found = {entry.fields["subject"] for entry in entries if entry.texts}
        return frozenset(map(UUID, found & wanted))

    @abstractmethod
    def heads(self) -> tuple[Head, ...]:
        """Where each stream ends that has anything in it, by id."""

    @abstractmethod
    def evaluate(self, cut: "Cut") -> Sequence["Cell"]:
        """The cells of `cut` over the final registrations, in any order; cells of nothing are left out."""

    @abstractmethod
    def close(self) -> None:
        """Let go of everything that was opened; harmless twice."""

    def cursor(self) -> dict[UUID, int]:
        """The position of every stream that has anything in it."""
        return {head.stream: head.position for head in self.heads()}

    def at_one_moment(self) -> AbstractContextManager["Counting"]:
        """What counts as of one moment, whoever writes meanwhile, and knows which.

        By default it counts at the moment of each question; a store that others write to meanwhile does better.
        """
        return nullcontext(self)

    def verify(self) -> Iterator[Finding]:
        """Everything in which journal and facts disagree; only with the capability VERIFY."""
        raise self._cannot(Capability.VERIFY)

    def rebuild(self, progress: Progress = unseen) -> int:
        """Make all facts anew from the journal, in one transaction; the number of registrations. With REBUILD.

        Raises StoreError where a chain of the journal breaks, and leaves the facts as they are: they may be all that is
        left of some registrations.
        """
        raise self._cannot(Capability.REBUILD)

    def receive(self, arrivals: Sequence[Arrival], *, closings: int | None = None) -> tuple[Arrival, ...]:
        """Write entries of other registers verbatim under their own streams; each with its standing. With SYNC.

        One transaction. Entries that lie here already are left as they are, but for held ones, which take effect if
        they may by now. An entry whose subject and revision are here with other content is held, and so is one that
        follows such an entry in its stream, unless it was made where the conflict was known (`CONFLICT`). Raises
        ConflictError when an entry does not follow the one before it or is another than the one in its place, and
        ClosingsChangedError as `append` does.
        """
        raise self._cannot(Capability.SYNC)

    def held(self, purpose: Purpose | None = None) -> Iterator[Arrival]:
        """The entries without effect, each with what holds it, stream by stream; of `purpose` only. With SYNC."""
        raise self._cannot(Capability.SYNC)

    def backup(self, target: Path, progress: Progress = unseen) -> None:
        """Copy everything to a new file at `target`, while others go on reading and writing. With BACKUP."""
        raise self._cannot(Capability.BACKUP)

    def adopt(self) -> None:
        """Begin new own streams, the present ones being somebody else's from now on: after a backup was restored,
        so that two copies never write the same stream. With BACKUP."""
        raise self._cannot(Capability.BACKUP)

    def rollups(self) -> "tuple[Rollup, ...]":
        """The rollups that are declared, by theme and names of dimensions. With ROLLUP."""
        raise self._cannot(Capability.ROLLUP)

    def declare_rollups(self, theme: str, rollups: "Sequence[Rollup]") -> None:
        """Keep counts of `theme` by these, and by no others any more; `evaluate` gives the same cells. With ROLLUP."""
        raise self._cannot(Capability.ROLLUP)

    def refresh_rollups(self, ancestry: "Ancestry", progress: Progress = unseen) -> int:
        """Count anew what was written since the last time; how many months or days that were. With ROLLUP.

        `ancestry` tells in which months a service point changed: those are kept by day.
        """
        raise self._cannot(Capability.ROLLUP)

    def check_rollups(self) -> Iterator[Finding]:
        """Every month of a service point in which a rollup differs from a recount. With ROLLUP."""
        raise self._cannot(Capability.ROLLUP)

    def tidy(self) -> None:  # noqa: B027  (most stores have nothing to tidy)
        """Clear what deleted texts may have left in files of the store; called after purges. Nothing by default.

        Raises StoreUnavailableError (``store-untidy``) when that cannot be done now; harmless to repeat.
        """

    def _cannot(self, capability: Capability) -> CapabilityError:
        return CapabilityError("capability-missing", store=type(self).__name__, capability=capability.value)
