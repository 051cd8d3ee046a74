"""What the reading of sheets asks of a book: rows as they stand, and which cells are merged."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

Merged = tuple[int, int, int, int]


class SheetRow(Protocol):
    """A row as a book gives it: its number from 1, its cells from column A on."""

    @property
    def number(self) -> int:
        """Its number, from 1."""

    @property
    def cells(self) -> Sequence[Any]:
        """Its values, trailing empty ones left out."""


class SheetName(Protocol):
    """What a book says of a sheet."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def is_hidden(self) -> bool:
        """Whether people do not see it."""


class Book(Protocol):
    """A workbook as it is opened for reading."""

    @property
    def sheets(self) -> Sequence[SheetName]:
        """Its sheets, in order."""

    def rows(self, name: str | None) -> Iterator[Any]:
        """The rows of a sheet that hold something, with their numbers."""

    def merged(self, name: str) -> Sequence[Merged]:
        """Ranges of merged cells: first row, first column, last row, last column, from 1."""
