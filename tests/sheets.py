"""Books that tests write down as lists of rows, in place of files."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

import idocore
from idocore_excel import importing
from idocore_excel.profiles import Profile
from idocore_excel.targets import check


@frozen
class Row:
    """A row of a book: its number, its cells."""

    number: int
    cells: tuple[Any, ...]


@frozen
class Info:
    """A sheet of a book."""

    name: str
    is_hidden: bool = False


@frozen
class ListBook:
    """A book of sheets that are lists of rows; what is wholly empty is not yielded."""

    grids: Mapping[str, Sequence[Sequence[Any]]]
    hidden: frozenset[str] = frozenset()
    ranges: Mapping[str, Sequence[tuple[int, int, int, int]]] = {}

    @property
    def sheets(self) -> tuple[Info, ...]:
        return tuple(Info(name, name in self.hidden) for name in self.grids)

    def rows(self, name: str | None = None) -> Iterator[Row]:
        for number, cells in enumerate(self.grids[name or next(iter(self.grids))], start=1):
            last = max((n for n, cell in enumerate(cells, start=1) if cell is not None), default=0)
            if last:
                yield Row(number, tuple(cells[:last]))

    def is_filled(self, name: str) -> bool:
        return any(True for _ in self.rows(name))

    def merged(self, name: str) -> Sequence[tuple[int, int, int, int]]:
        return self.ranges.get(name, ())


def book(*rows: Sequence[Any], merged: Sequence[tuple[int, int, int, int]] = ()) -> ListBook:
    """A book of one sheet, ``Blad1``."""
    return ListBook({"Blad1": rows}, ranges={"Blad1": merged})


def two_points() -> idocore.Register:
    """An empty register with two service points."""
    register = idocore.open("memory:")
    register.places.add_service_point("centrale", "Centrale bibliotheek", municipality="Utrecht")
    register.places.add_service_point("wijk", "Wijkbibliotheek", municipality="Utrecht")
    return register


class Loading:
    """Loads books into one register by a profile."""

    def __init__(self, profile: str, register: idocore.Register | None = None, source: str = "") -> None:
        self.register = register or two_points()
        self.profile = Profile.parse(profile, "test.toml")
        check(self.profile, self.register.themes, "test.toml")
        self.source = source

    def lines(self, found: ListBook) -> list[idocore.Line]:
        """The lines of `found`."""
        places = self.register.sheets._places
        request = idocore.SheetRequest(Path("test.xlsx"), self.register.themes, places, source=self.source)
        return list(importing.read_book(found, self.profile, request))

    def load(self, found: ListBook, *, dry_run: bool = False) -> idocore.ImportReport:
        """The sum of what becomes of them."""
        report = idocore.ImportReport()
        for outcome in self.register.load(self.lines(found), bulk=True, dry_run=dry_run):
            report.add(outcome)
        return report


def marked(report: idocore.ImportReport) -> dict[str, list[str]]:
    """The codes of what is wrong, by address."""
    return {mark.cell: [finding.code for finding in mark.findings] for mark in report.marks}


@contextmanager
def opening(monkeypatch: pytest.MonkeyPatch, found: ListBook) -> Iterator[None]:
    """Within it every file reads as `found`."""

    @contextmanager
    def opened(_: Path) -> Iterator[ListBook]:
        yield found

    with monkeypatch.context() as patched:
        patched.setattr(importing, "opened", opened)
        yield
