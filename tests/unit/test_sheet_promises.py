"""What every import of a sheet promises, on random sheets of every shape; and that a broken import is caught."""

from collections.abc import Callable
from datetime import date, datetime, time
from functools import cache
from typing import Any, Final

import attrs
import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis.errors import NoSuchExample

import idocore
from idocore_excel.fingerprints import said
from idocore_excel.records import Rows
from idocore_excel.shapes.reading import Reading
from tests.sheet_cases import ANY, VISITS, Case, Expected, above, visits
from tests.sheets import ListBook, Loading, book, marked, two_points

Property = Callable[[str, object], None]
QUICK = settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@cache
def _empty() -> idocore.Register:
    return two_points()


def sum_of(report: idocore.ImportReport) -> tuple[int, ...]:
    return report.accepted, report.warned, report.rejected, report.skipped


def conserves(case: Case) -> None:
    """Every row or cell that was put in is accounted for, as what it is; also in a dry run."""
    report, expected = Loading(case.profile, _empty()).load(case.book, dry_run=True), case.expected
    assert sum_of(report) == (expected.accepted, expected.warned, expected.items_rejected, expected.skipped)
    assert report.read == expected.read
    assert sum(report.skipped_for.values()) == report.skipped


def marks_the_faulty_cells(case: Case) -> None:
    """Every cell that is wrong is named, all at once, and no other."""
    report = Loading(case.profile, _empty()).load(case.book, dry_run=True)
    assert sorted(marked(report)) == sorted(case.expected.faulty)
    assert [mark.sheet for mark in report.marks] == ["Blad1"] * len(report.marks)


def is_idempotent(case: Case) -> None:
    """The same sheet again changes nothing."""
    loading = Loading(case.profile)
    first = loading.load(case.book)
    again = loading.load(case.book)
    assert sum_of(again) == sum_of(first)
    assert (again.registrations, again.unchanged) == (0, first.registrations)


def survives_rows_above(case: Case) -> None:
    """After rows were inserted above, what was there is there still, and nothing twice."""
    loading = Loading(case.profile)
    first = loading.load(case.book)
    later = loading.load(case.with_rows_above(above(case)))
    assert later.unchanged == first.registrations
    assert {"id-conflict", "conflict"}.isdisjoint(code for codes in marked(later).values() for code in codes)


PROMISES = [conserves, marks_the_faulty_cells, is_idempotent, survives_rows_above]


@pytest.mark.parametrize("promise", PROMISES, ids=lambda one: one.__name__)
def test_every_shape_keeps(promise: Callable[[Case], None], record_property: Property) -> None:
    seen = 0

    def counted(case: Case) -> None:
        nonlocal seen
        promise(case)
        seen += 1

    given(ANY)(QUICK(counted))()
    record_property("promise", "import conserves")
    record_property(
        "reached", f"{promise.__name__.replace('_', ' ')}: {seen} random sheets of every shape, 0 otherwise"
    )


def _with_row_number(self: Rows, entry: Any) -> list[Any]:
    return [entry.number]


def _one_for_all(original: Callable[..., idocore.Line]) -> Callable[..., idocore.Line]:
    def skipped(self: Reading, entry: Any, finding: Any, items: int, index: int = 0) -> idocore.Line:
        return original(self, entry, finding, 1, index)

    return skipped


def _first_cell_only(original: Callable[..., idocore.Line]) -> Callable[..., idocore.Line]:
    def line(self: Reading, *arguments: Any) -> idocore.Line:
        found = original(self, *arguments)
        assert found.origin is not None
        return attrs.evolve(found, origin=attrs.evolve(found.origin, cells={}))

    return line


@pytest.mark.parametrize(
    ("promise", "owner", "name", "broken"),
    [
        (survives_rows_above, Rows, "source", lambda _: _with_row_number),
        (conserves, Reading, "skipped", _one_for_all),
        (marks_the_faulty_cells, Reading, "line", _first_cell_only),
    ],
    ids=["an id with the row number in it", "a run of blank rows as one row", "marks in the first cell"],
)
def test_a_broken_twin_is_caught(
    monkeypatch: pytest.MonkeyPatch, promise: Callable[[Case], None], owner: Any, name: str, broken: Any
) -> None:
    """The promises are tests that can fail."""
    monkeypatch.setattr(owner, name, broken(getattr(owner, name)))

    def fails(case: Case) -> bool:
        try:
            promise(case)
        except AssertionError:
            return True
        return False

    try:
        find(visits(), fails, settings=settings(QUICK, max_examples=60))
    except NoSuchExample:
        pytest.fail("the broken twin was not caught")


def test_equal_rows_are_different_visits() -> None:
    """Two visitors who asked the same on the same day count as two, and stay two when the sheet comes again."""
    row = (None, "1-2-2022", "balie", "DigiD", None)
    case = Case(VISITS, ("Nr", "Datum", "Hoe", "Vraag", "Duur"), (row, row, row), Expected())
    loading = Loading(case.profile)
    assert loading.load(case.book).registrations == 3
    assert loading.load(book(case.header, row, *case.rows)).registrations == 1
    other = Loading(case.profile, loading.register, source="andere vestiging")
    assert other.load(case.book).registrations == 3


MORE: Final = VISITS.replace('{ header = "Duur", to = "answers.duration" },', "")


def test_a_column_that_is_mapped_later_doubles_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """One more column mapped, a value translated: the same rows still, and what differs is told as a conflict."""
    header = ("Nr", "Datum", "Hoe", "Vraag", "Duur")
    rows = [(n, "1-2-2022", "balie", topic, n) for n, topic in enumerate(("DigiD", "DigiD", "raar"), start=1)]
    register = two_points()
    first = Loading('ignore = ["Duur"]' + MORE, register).load(book(header, *rows))
    assert (first.registrations, first.rejected) == (2, 1)
    codes = 'codes = { raar = "other" }'
    translated = VISITS.replace('to = "inquiries.topic"', 'to = "inquiries.topic", ' + codes)
    again = Loading(translated, register).load(book(header, *rows))
    assert (again.registrations, again.unchanged, again.rejected) == (1, 0, 2)
    assert marked(again) == {"A2": ["conflict-other-content"], "A3": ["conflict-other-content"]}
    monkeypatch.setattr(Rows, "source", _mapped_cells_only)
    register = two_points()
    Loading('ignore = ["Duur"]' + MORE, register).load(book(header, *rows))
    assert Loading(VISITS, register).load(book(header, *rows)).registrations == 2, "the broken twin doubles them"


def _mapped_cells_only(self: Rows, entry: Any) -> list[Any]:
    return sorted([one.column.to, str(entry.value(one.index))] for one in self.table.bound)


def test_what_an_id_does_not_depend_on() -> None:
    """Running numbers, who filled it in, and what the profile says will change may all change afterwards."""
    header = ("Nr", "Datum", "Hoe", "Vraag", "Duur", "Medewerker", "Nagekeken")
    profile = 'ignore = ["Medewerker", "Nagekeken"]\nchanging = ["Nagekeken"]' + VISITS
    loading = Loading(profile)
    assert loading.load(book(header, (1, "1-2-2022", "balie", "DigiD", 5, "P.", None))).registrations == 1
    moved = ("Vraag", "Nagekeken", "Datum", "Hoe", "Duur", "Nr", "Medewerker")
    again = loading.load(book(moved, ("DigiD", "ja", "1-2-2022", "balie", 5, 7, "J.")))
    assert (again.registrations, again.unchanged) == (0, 1)
    other = loading.load(book(header, (1, "1-2-2022", "balie", "DigiD", 6, "P.", None)))
    assert (other.registrations, other.unchanged) == (1, 0), "another duration is another visit"


SAME: Final = [
    (True, "WAAR"),
    (False, "FALSE"),
    (12, "12"),
    (0.1 + 0.2, "0,3"),
    (1250, "1.250"),
    (date(2022, 3, 1), "1-3-2022"),
    (datetime(2022, 3, 1, 10, 30), "01-03-2022 10:30"),
    (time(10, 30), "10:30"),
    ("  DigiD ", "DigiD"),
]


@pytest.mark.parametrize(("cell", "text"), SAME, ids=str)
def test_a_cell_says_the_same_in_a_workbook_and_in_its_csv(cell: Any, text: str) -> None:
    """Whatever its kind; and not the same as anything else here."""
    assert said(cell) == said(text)
    assert sum(said(other) == said(cell) for other, _ in SAME) == 1


def test_sheets_by_service_point_in_another_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Equal rows in the sheets of two service points are known apart, whichever sheet comes first."""
    by_sheet = VISITS.replace('"centrale"', '"{sheet}"').replace("fixed", 'sheets = ["*"]\nfixed')
    header, row = ("Nr", "Datum", "Hoe", "Vraag", "Duur"), (None, "1-2-2022", "balie", "DigiD", None)
    sheets = {"Centrale": [header, row, row], "Wijk": [header, row]}
    found, swapped = ListBook(sheets), ListBook(dict(reversed(sheets.items())))
    loading = Loading(by_sheet)
    assert loading.load(found).registrations == 3
    again = loading.load(swapped)
    assert (again.registrations, again.unchanged, again.rejected) == (0, 3, 0)
    one = Loading(VISITS, loading.register).load(book(header, row, row))
    assert (one.registrations, one.unchanged) == (0, 2), "the service point named, with the sheet by itself"
    monkeypatch.setattr(Rows, "source", lambda self, entry: self.fingerprint.of(entry))
    twin = Loading(by_sheet)
    twin.load(found)
    assert twin.load(swapped).rejected == 2, "the broken twin leaves the service point out"
