"""Sheets read by their profile: every row, or cell of a cross-table, becomes one line."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from idocore import ExchangeError, Line, Origin, SheetRequest
from idocore_excel import targets
from idocore_excel.books import Book
from idocore_excel.identity import Identities
from idocore_excel.profiles import Profile
from idocore_excel.records import Translator
from idocore_excel.shapes import SHAPES
from idocore_excel.shapes.reading import Reading, hint
from idocore_excel.tables import Table, chosen, others


def read(request: SheetRequest) -> Iterator[Line]:
    """The records in the sheets of a file, each with its origin; raises ExchangeError.

    Without a profile the file must be a form of ours. A line without a record says why: as a hint it is skipped.
    """
    profile = _given(request)
    with opened(request.path) as book:
        yield from _own(book, request) if profile is None else read_book(book, profile, request)


def read_book(book: Book, profile: Profile, request: SheetRequest) -> Iterator[Line]:
    """The same for a book that is open; last come the sheets that were left out, which account for nothing."""
    translator = Translator.of(profile, request)
    identities = Identities(profile.name, request.source)
    # All sheets are looked at first: a column that is missing in the last stops the import before it begins.
    tables = [Table(book, name, profile) for name in chosen(book, profile)]
    for table in tables:
        yield from SHAPES[profile.shape](Reading(table, translator, identities))
    for name in others(book, [table.sheet for table in tables]):
        finding = hint("sheet-not-read", sheet=name)
        yield Line(0, None, finding, origin=Origin(name, "A1", 0))


def _given(request: SheetRequest) -> Profile | None:
    if request.profile is None:
        return None
    profile = Profile.read(request.profile)
    targets.check(profile, request.themes, str(request.profile))
    return profile


def _own(book: Any, request: SheetRequest) -> Iterator[Line]:
    """The records in a form of ours, which says itself how it is read."""
    from idocore_excel.form_reading import is_form, read_form

    if not is_form(book):
        raise ExchangeError("profile-needed", path=str(request.path))
    yield from read_form(book, request)


def opened(path: Path) -> AbstractContextManager[Any]:
    """The file, open for reading."""
    from idocore_excel.books import open_book

    found: AbstractContextManager[Any] = open_book(path)
    return found
