"""What a database driver says, in our own errors: nothing of the driver leaks out, and no data in its messages."""

from attrs import frozen
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError, SQLAlchemyError

from idocore.errors import ConflictError, StoreError, StoreUnavailableError


def shown(url: URL) -> str:
    """`url` as it may stand in a message: without password and options."""
    return url.set(password=None, query={}).render_as_string(hide_password=True)


def parsed_url(url: str) -> URL:
    """`url` in its parts; raises StoreUnavailableError when it is no address."""
    try:
        return make_url(url)
    except ArgumentError as error:
        raise StoreUnavailableError("store-url", url=url.partition("@")[2] or url) from error


@frozen
class Translating:
    """As a context: raises a StoreError in place of whatever the database at `url` raises."""

    url: URL

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, SQLAlchemyError):
            raise _translated(error, shown(self.url)) from error
        if isinstance(error, UnicodeEncodeError):
            # Half a character, which no driver sends; said without the text that it stands in.
            raise StoreError("store-fails", url=shown(self.url), reason=type(error).__name__) from None


def _translated(error: SQLAlchemyError, url: str) -> StoreError:
    match error:
        case IntegrityError():
            return ConflictError("conflict-elsewhere", url=url)
        case OperationalError():
            reason = _reason(error)
            return StoreUnavailableError(_code(error, reason), url=url, reason=reason)
        case DBAPIError():
            return StoreError("store-fails", url=url, reason=_reason(error))
    return StoreError("store-fails", url=url, reason=type(error).__name__)


_CODES = {
    "deadlock": "store-deadlock",
    "could not serialize": "store-deadlock",
    "locked": "store-busy",
    "busy": "store-busy",
    "timeout": "store-busy",
    "disk is full": "store-full",
    "No space left": "store-full",
}


_NUMBERS = {
    1021: "store-full",
    1114: "store-full",
    1205: "store-busy",
    1213: "store-deadlock",
    1305: "store-undone",
}
"""MariaDB's errors, whose sentences are in the language of the server.

1305: the savepoint is gone, since a deadlock undid the whole transaction that we had joined.
"""


_STATES = {
    "53100": "store-full",
    "40001": "store-deadlock",
    "40P01": "store-deadlock",
    "55P03": "store-busy",
}
"""PostgreSQL's errors, whose sentences are in the language of the server, too."""


def _code(error: DBAPIError, reason: str) -> str:
    if (state := getattr(error.orig, "sqlstate", None)) in _STATES:
        return _STATES[state]
    if (number := _number(error)) in _NUMBERS:
        return _NUMBERS[number]
    return next((code for words, code in _CODES.items() if words.lower() in reason.lower()), "store-unreachable")


def _number(error: DBAPIError) -> int:
    """The number that MariaDB's driver gives before the sentence; 0 for other drivers."""
    first = error.orig.args[0] if error.orig is not None and error.orig.args else 0
    return first if isinstance(first, int) else 0


def _reason(error: DBAPIError) -> str:
    """The first line of the driver's message; the lines that follow, or what MariaDB was near, may repeat data."""
    number = _number(error)
    said = f"{error.orig.args[-1]} ({number})" if number and error.orig else str(error.orig)
    lines = said.partition(" near ")[0].strip().splitlines()
    return lines[0][:200] if lines else type(error.orig).__name__
