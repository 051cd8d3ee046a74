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
        busy = any(word in reason for word in ("locked", "busy", "deadlock", "timeout"))
        code = "store-busy" if busy else "store-unreachable"
        raise StoreUnavailableError(code, url=shown(url), reason=reason) from error
    except DBAPIError as error:
        raise StoreError("store-fails", url=shown(url), reason=_reason(error)) from error
    except SQLAlchemyError as error:
        raise StoreError("store-fails", url=shown(url), reason=type(error).__name__) from error


def _reason(error: DBAPIError) -> str:
    """The first line of the driver's message; the lines that follow may repeat data."""
    lines = str(error.orig).strip().splitlines()
    return lines[0][:200] if lines else type(error.orig).__name__
