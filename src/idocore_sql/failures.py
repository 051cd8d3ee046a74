"""What a database driver says, in our own errors: nothing of the driver leaks out, and no data in its messages."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError

from idocore.errors import ConflictError, StoreError, StoreUnavailableError


def shown(url: URL) -> str:
    """`url` as it may stand in a message: without password and options."""
    return url.set(password=None, query={}).render_as_string(hide_password=True)


@contextmanager
def translated(url: URL) -> Iterator[None]:
    """Raise a StoreError in place of whatever the database raises."""
    try:
        yield
    except IntegrityError as error:
        raise ConflictError("conflict-elsewhere", url=shown(url)) from error
    except OperationalError as error:
        reason = _reason(error)
        raise StoreUnavailableError(_code(reason), url=shown(url), reason=reason) from error
    except DBAPIError as error:
        raise StoreError("store-fails", url=shown(url), reason=_reason(error)) from error
    except SQLAlchemyError as error:
        raise StoreError("store-fails", url=shown(url), reason=type(error).__name__) from error


_CODES = {
    "deadlock": "store-deadlock",
    "could not serialize": "store-deadlock",
    "locked": "store-busy",
    "busy": "store-busy",
    "timeout": "store-busy",
    "disk is full": "store-full",
    "No space left": "store-full",
}


def _code(reason: str) -> str:
    return next((code for words, code in _CODES.items() if words.lower() in reason.lower()), "store-unreachable")


def _reason(error: DBAPIError) -> str:
    """The first line of the driver's message; the lines that follow may repeat data."""
    lines = str(error.orig).strip().splitlines()
    return lines[0][:200] if lines else type(error.orig).__name__
