"""Profiles proposed from sheets: a tidy sheet loads by its proposal, and what is uncertain is said to be."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

import idocore
from idocore_excel.profiles import Profile, ProfileError
from idocore_excel.proposing import propose
from tests.sheet_cases import FIRST, Case, counter, crosstab, inquiries, visits, written
from tests.sheets import ListBook, Loading, book, opening, two_points


def one_point() -> idocore.Register:
    register = idocore.open("memory:")
    register.places.add_service_point("centrale", "Centrale bibliotheek", municipality="Utrecht")
    return register


def proposed(found: ListBook, register: idocore.Register, theme: str = "ido", name: str = "2022.xlsx") -> str:
    with pytest.MonkeyPatch.context() as monkeypatch, opening(monkeypatch, found):
        return propose(idocore.SheetRequest(Path(name), register.themes, register.sheets._places, theme=theme))


def load(found: ListBook, register: idocore.Register, **more: Any) -> idocore.ImportReport:
    return Loading(proposed(found, register, **more), register).load(found, dry_run=True)


def test_one_row_per_visitor() -> None:
    """Headers and values in Dutch; a name nobody needs is left out, with a comment."""
    found = book(
        ("Overzicht vragen",),
        ("Datum", "Tijd", "Locatie", "Hoe", "Vraag 1", "Vraag 2", "Organisatie", "Hulp", "Duur", "Naam"),
        ("1-3-2022", "10:30", "Wijkbibliotheek", "balie", "digid", "aow", "UWV", "doorverwezen; uitleg", 12, "J."),
        ("2-3-2022", "10:40", "Centrale bibliotheek", "tel", "toeslgen", None, "CAK", "uitleg", "5", "P."),
    )
    text = proposed(found, two_points())
    assert 'ignore = ["Naam"]' in text
    assert "? kolom/column J" in text
    profile = Profile.parse(text, "p.toml")
    assert [one.to for one in profile.columns if one.inquiry == 2] == ["inquiries.topic"]
    assert profile.columns[4].codes == {"toeslgen": "allowances"}
    assert load(found, two_points()).accepted == 2


def test_columns_without_a_header_that_says_anything() -> None:
    """The values tell, and a question mark says that they do."""
    rows = [("1-3-2022", "digid", "balie"), ("2-3-2022", "werk", "telefonisch"), ("3-3-2022", "aow", "balie")]
    text = proposed(book(("kolom a", "kolom b", "kolom c"), *rows), one_point())
    assert [one.to for one in Profile.parse(text, "p").columns] == ["moment", "inquiries.topic", "channel"]
    assert text.count(" # ?") == 3


def test_values_without_a_code_are_comments_but_never_personal() -> None:
    """They are to be placed by hand; what looks like personal data is not repeated."""
    rows = [("1-3-2022", "digid"), ("1-3-2022", "raar"), ("1-3-2022", "mail a@example.org")]
    text = proposed(book(("Datum", "Vraag"), *rows), one_point())
    assert "'raar'" in text
    assert "example" not in text


def test_questions_per_row() -> None:
    """A visitor's number that comes back in the next row."""
    found = book(("Nr", "Datum", "Vraag"), (1, "1-3-2022", "digid"), (1, "1-3-2022", "werk"), (2, "1-3-2022", "aow"))
    report = load(found, one_point())
    assert (report.accepted, report.registrations) == (3, 2)


def test_crosses_under_two_header_lines() -> None:
    """Merged groups above, codes below, the service point in the name of the sheet."""
    rows = [
        ("Registratie 2024",),
        ("Datum", "Onderwerp", None, "Organisatie"),
        (None, "DigiD", "Werk"),
        (date(2024, 5, 1), "x", "x", "uwv"),
        (date(2024, 5, 2), "nee", True, None),
    ]
    found = ListBook({"leeg": [], "Wijkbibliotheek": rows}, ranges={"Wijkbibliotheek": [(1, 1, 1, 4), (2, 2, 2, 3)]})
    text = proposed(found, two_points())
    assert Profile.parse(text, "p").header == (2, 3)
    assert load(found, two_points()).accepted == 2


def test_cross_tables_both_ways() -> None:
    """Days down or months across; a total of the columns is left out."""
    found = book(
        ("Turflijst",),
        ("Dag", "Bezoekers", "DigiD", "Toeslagen", "Totaal"),
        ("1-3-2022", 5, "2", None, 7),
        ("2-3-2022", 0, "n.v.t.", 3, 3),
        ("Totaal", 5, 2, 3, 10),
    )
    report = load(found, one_point())
    assert (report.accepted, report.rejected, report.read) == (3, 0, 9)
    across = book(("Vraag", "jan", "feb", "mrt", "Totaal"), ("DigiD", 4, 0, 1, 5), ("Werk", None, 3, None, 3))
    report = load(across, one_point())
    assert (report.accepted, report.rejected, report.read) == (3, 0, 6)
    points = book(
        ("Maand", "Centrale bibliotheek", "Wijkbibliotheek"), (date(2022, 1, 1), 9, 5), (date(2022, 2, 1), 8, 6)
    )
    assert 'precision = "month"' in proposed(points, two_points())
    assert load(points, two_points()).accepted == 4


def test_a_gate() -> None:
    """A running counter is told by its numbers, whatever stands above them."""
    readings = [9816, 9832, "NA", 9844, "Gate Closed", 9855, 9893, "Gate broken", 9904, 9911, 9925]
    days = [written(date(2021, 9, day), 4) for day in range(1, 12)]
    found = book(("dates", "x1"), *zip(days, readings, strict=True))
    text = proposed(found, one_point(), theme="visits")
    profile = Profile.parse(text, "p")
    assert (profile.shape, profile.counter.closed) == ("counter", ("Gate Closed",))
    report = load(found, one_point(), theme="visits")
    assert (report.read, report.rejected, report.skipped) == (11, 0, 4)


def test_a_column_without_a_header_is_not_lost() -> None:
    """Its letter stands in the proposal, to be ignored or mapped; an import that knows nothing of it does not begin."""
    rows = [("1-3-2022", "x", "digid"), ("2-3-2022", None, "werk"), ("Totaal", None, None, 4)]
    found = book(("Datum", None, "Vraag"), *rows)
    text = proposed(found, one_point())
    assert "# ? kolom/column B heeft geen kop" in text
    assert 'ignore = ["B"]' in text
    assert load(found, one_point()).accepted == 2
    for unaware in (text.replace('ignore = ["B"]', ""), text.replace('"B"', '"C"')):
        with pytest.raises(idocore.ExchangeError) as caught:
            Loading(unaware, one_point()).load(found)
        assert (caught.value.code, caught.value.parameters["left"]) == ("columns-left-over", ["B"])
    assert Loading(text.replace('"B"', '"*"'), one_point()).load(found).accepted == 2


def test_other_sheets_are_named() -> None:
    """Those that people see and that hold something: in the proposal, and by the import that leaves them out."""
    rows = [("Datum", "Vraag"), ("1-3-2022", "digid")]
    found = ListBook({"2023": rows, "2024": rows, "leeg": [], "lijst": rows}, frozenset({"lijst"}))
    text = proposed(found, one_point())
    assert [line for line in text.splitlines() if "blad/sheet" in line] == [
        "# ? blad/sheet '2024': hoort het erbij, zet het bij / add it to: sheets"
    ]
    report = load(found, one_point())
    assert (report.read, report.not_read, report.skipped_for) == (1, ["2024"], {})
    whole = Loading(text.replace("version = 1", 'version = 1\nsheets = ["20*"]'), one_point()).load(found)
    assert (whole.read, whole.not_read) == (2, [])


def test_without_a_service_point_it_says_so() -> None:
    """A proposal that leaves it open cannot be loaded, and the error says what to fill in."""
    found = book(("Datum", "Vraag"), ("1-3-2022", "digid"))
    with pytest.raises(idocore.ExchangeError, match="service_point"):
        load(found, two_points())
    with pytest.raises(idocore.ExchangeError) as caught:
        proposed(ListBook({"leeg": []}), two_points())
    assert caught.value.code == "sheet-empty"


QUICK = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("shape", [visits, inquiries, crosstab, counter], ids=lambda one: str(one.__name__))
def test_a_proposal_accounts_for_every_row(shape: Any) -> None:
    """However faulty the sheet, the proposal is a profile whose import counts every row; at worst it lacks a moment."""
    read: list[bool] = []

    @given(shape())
    @QUICK
    def check(case: Case) -> None:
        text = proposed(case.book, _register(), theme="visits" if shape is counter else "ido")
        lacking = {one.path for one in _faults(text)}
        read.append(not lacking)
        assert lacking <= {"columns"}
        if not lacking:
            report = Loading(text, _register()).load(case.book, dry_run=True)
            assert report.read % len(case.rows) == 0

    check()
    assert sum(read) > 0.6 * len(read)


def _faults(text: str) -> tuple[idocore.Finding, ...]:
    try:
        Loading(text, _register())
    except ProfileError as error:
        return error.faults
    return ()


_REGISTERS: list[idocore.Register] = []


def _register() -> idocore.Register:
    if not _REGISTERS:
        _REGISTERS.append(one_point())
    return _REGISTERS[0]


def test_a_tidy_sheet_of_each_shape_needs_no_edits() -> None:
    """Header and values as people write them, nothing faulty: the proposal loads it whole."""
    day = FIRST.isoformat()
    tidy = {
        "visits": book(("Datum", "Hoe", "Vraag", "Duur"), (day, "balie", "DigiD", 5), (day, "tel", "werk", 20)),
        "inquiries": book(("Bezoeker", "Datum", "Vraag"), (1, day, "DigiD"), (1, day, "werk"), (2, day, "aow")),
        "crosstab": book(("Datum", "DigiD", "Werk"), (day, 3, 4), ("2022-02-02", 5, 6)),
    }
    for shape, found in tidy.items():
        register = one_point()
        assert Profile.parse(proposed(found, register), "p").shape == shape
        report = load(found, register)
        assert (report.rejected, report.skipped) == (0, 0), shape
