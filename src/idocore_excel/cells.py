"""Where things stand in a sheet."""

from typing import Final

_LETTERS: Final = 26
_MOST_LETTERS: Final = 3


def letters(index: int) -> str:
    """The letters of the column at `index` (from 0): ``A``, ``Z``, ``AA``."""
    found = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, _LETTERS)
        found = chr(ord("A") + rest) + found
    return found


def column_index(text: str) -> int:
    """The index (from 0) of the column with these letters."""
    found = 0
    for one in text.upper():
        found = found * _LETTERS + ord(one) - ord("A") + 1
    return found - 1


def is_letters(text: str) -> bool:
    """Whether these may be the letters of a column."""
    return text.isascii() and text.isalpha() and len(text) <= _MOST_LETTERS


def at(row: int, index: int) -> str:
    """The address of a cell: row from 1, column from 0."""
    return f"{letters(index)}{row}"
