"""Who may do what: roles and operations. Where somebody may do it is their scope."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from attrs import field, frozen

from idocore.errors import InvalidValueError, NotAllowedError
from idocore.plain_text import is_storable
from idocore.scopes import EVERYWHERE, Scope


class Role(StrEnum):
    """What somebody is to the register."""

    OWNER = "owner"
    """Whose machine this is; everything."""
    WORKER = "worker"
    """Staff or volunteer at the desk."""
    COORDINATOR = "coordinator"
    """Keeps the service points of an organisation."""
    PROVINCIAL = "provincial"
    """Provincial support (POI)."""
    NATIONAL = "national"
    """The national library (KB)."""
    AUDITOR = "auditor"
    """Certification: reads, and verifies."""
    FUNDER = "funder"
    """A municipality or ministry that pays: figures only."""
    PUBLIC = "public"
    """Everybody else: published figures only."""


class Operation(StrEnum):
    """What can be done with a register."""

    RECORD = "record"
    CORRECT = "correct"
    AMEND = "amend"
    READ = "read"
    NOTES = "notes"
    COUNT = "count"
    EXPORT = "export"
    CLOSE = "close"
    PLACES = "places"
    THEMES = "themes"
    PURGE = "purge"
    SYNC = "sync"
    JOURNAL = "journal"
    RELEASES = "releases"
    PUBLISH = "publish"
    KEEP = "keep"


_W, _C, _P, _N, _A, _F = Role.WORKER, Role.COORDINATOR, Role.PROVINCIAL, Role.NATIONAL, Role.AUDITOR, Role.FUNDER

_ALLOWED: Final[Mapping[Operation, tuple[Role, ...]]] = {
    Operation.RECORD: (_W, _C, _P),
    Operation.CORRECT: (_W, _C, _P),
    Operation.AMEND: (_C, _P),
    Operation.READ: (_W, _C, _P, _N, _A),
    Operation.NOTES: (_W, _C),
    Operation.COUNT: (_W, _C, _P, _N, _A, _F),
    Operation.EXPORT: (_C, _P, _N, _A),
    Operation.CLOSE: (_C, _P, _N),
    Operation.PLACES: (_C, _P, _N),
    Operation.THEMES: (_N,),
    Operation.PURGE: (_C, _P, _N),
    Operation.SYNC: (_C, _P, _N),
    Operation.JOURNAL: (_N, _A),
    Operation.RELEASES: (_W, _C, _P, _N, _A, _F, Role.PUBLIC),
    Operation.PUBLISH: (_N,),
    Operation.KEEP: (),
}

NATIONWIDE: Final = frozenset({Operation.THEMES, Operation.JOURNAL, Operation.PUBLISH, Operation.KEEP})
"""What concerns the whole register, and so needs the whole country as scope."""


LONGEST_ID: Final = 200
"""How many characters the id of who acts may have: every store has a column for it, and some refuse more."""


@frozen
class Actor:
    """Who acts: an opaque id (never a name), a role, and the place within which the role counts.

    Raises InvalidValueError for an id that cannot be stored, or is too long for that.
    """

    id: str = field()
    role: Role = Role.OWNER
    scope: Scope = EVERYWHERE

    @id.validator
    def _check_id(self, _: object, value: str) -> None:
        if not is_storable(value):
            raise InvalidValueError("text-unreadable")
        if len(value) > LONGEST_ID:
            raise InvalidValueError("text-too-long", length=len(value), most=LONGEST_ID)

    def may(self, operation: Operation) -> bool:
        """Whether the role allows `operation` somewhere within the scope."""
        if self.role is Role.OWNER:
            return True
        return self.role in _ALLOWED[operation] and (operation not in NATIONWIDE or self.scope == EVERYWHERE)

    def require(self, operation: Operation) -> None:
        """Raise NotAllowedError, which names who may, unless this actor may."""
        if not self.may(operation):
            roles = [role.value for role in (Role.OWNER, *_ALLOWED[operation])]
            raise NotAllowedError(
                "not-allowed", operation=operation, role=self.role, scope=str(self.scope), roles=roles
            )

    def outside(self, operation: Operation, what: str) -> NotAllowedError:
        """The error that says that `what` lies outside the scope."""
        return NotAllowedError("outside-scope", operation=operation, scope=str(self.scope), value=what)
