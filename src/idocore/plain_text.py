"""Text that comes in: whether it can be stored, and how it is shown when it cannot."""

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, Final

# PostgreSQL stores no NUL, and half of a surrogate pair is no character: nothing encodes it.
_UNREADABLE: Final = re.compile("[\x00\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether every store can keep `text`; every text of a record passes here."""
    return _UNREADABLE.search(text) is None


def texts_in(value: Any) -> Iterator[str]:
    """Every text in `value`, plain JSON values, keys of objects included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from chain.from_iterable(map(texts_in, chain(value, value.values())))
    elif isinstance(value, list | tuple):
        yield from chain.from_iterable(map(texts_in, value))


def shown(text: str) -> str:
    """`text` with a mark in the place of each character that cannot be printed or stored."""
    return _UNREADABLE.sub("\ufffd", text)


def all_shown(value: Any) -> Any:
    """`value` with its text shown, also that in a list; what is neither stays as it is."""
    if type(value) is str:
        return shown(value)
    return type(value)(map(all_shown, value)) if type(value) in (list, tuple) else value
