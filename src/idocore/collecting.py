"""Python's collector of garbage, kept away from batches."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """No search for garbage while a batch is made: it would look through all the records there are, again and again.

    What is not needed any more goes all the same, but for circles, which records do not make.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
