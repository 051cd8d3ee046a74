"""What the core asks of sheets; each part is loaded when it is used."""

from collections.abc import Iterator, Sequence
from typing import IO

from idocore import FormRequest, Language, Line, Mark, SheetRequest


class Door:
    """The plugin ``excel`` of group ``idocore.sheets``: see `idocore.sheet_book.SheetDoor`."""

    def read(self, request: SheetRequest) -> Iterator[Line]:
        """The records in a sheet, each with its origin; every row (or cell of a cross-table) counts once."""
        from idocore_excel.importing import read

        return read(request)

    def propose(self, request: SheetRequest) -> str:
        """A mapping profile for a sheet, as TOML."""
        from idocore_excel.proposing import propose

        return propose(request)

    def mark(self, request: SheetRequest, marks: Sequence[Mark], target: IO[bytes], language: Language) -> None:
        """The user's own file with the faulty cells coloured and commented."""
        from idocore_excel.marking import mark

        mark(request, marks, target, language)

    def form(self, request: FormRequest, target: IO[bytes]) -> None:
        """A workbook to fill in, that is read back without a profile."""
        from idocore_excel.forms import make_form

        make_form(request, target)


door = Door()
