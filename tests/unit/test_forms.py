"""Forms: what is filled in is what is read back, whoever saved it, and sending it twice changes nothing."""

from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

import idocore
from idocore import ExchangeError, NotFoundError, Severity
from idocore_cli.commands import ido
from idocore_excel import form_visits
from idocore_excel.form_layout import CHANNEL, Column, Kind, Layout
from idocore_excel.forms import FIRST_ROW
from idocore_excel.own_sheets import IDENTITY
from tests.forms import POINTS, fill_in, form_of, label, register_of
from tests.soffice import Soffice

THEMES = ("ido@2019", "ido@2021", "ido@2022", "ido@2024", "visits@1")
REGISTER = register_of()


def a_row(layout: Layout) -> dict[str, Any]:
    """The least that a row needs: when, where and what about."""
    return {
        "date": date(2024, 5, 6),
        "service_point": POINTS["centrale"],
        "inquiries.topic": label(layout, "inquiries.topic", "digid"),
    }


def raws(path: Path, register: idocore.Register = REGISTER, **more: Any) -> list[dict[str, Any]]:
    """The records in a form."""
    return [dict(line.raw) for line in register.sheets.read(path, **more) if line.raw is not None]


# ---- Whatever is filled in is read back ----


def _answer(column: Column, layout: Layout) -> st.SearchStrategy[tuple[Any, Any]]:
    """What somebody fills in, and what that means."""
    match column.kind:
        case Kind.CHOICE:
            return st.sampled_from(sorted(layout.choices[column.path].items()))
        case Kind.CHOICES:
            most = len(layout.numbers[column.path])
            pairs = st.lists(st.sampled_from(sorted(layout.choices[column.path].items())), min_size=1, max_size=most)
            return pairs.map(lambda some: ([one for one, _ in some], [code for _, code in some]))
        case Kind.YES_NO:
            return st.sampled_from([("ja", True), ("nee", False), (True, True), (" JA", True)])
        case Kind.NUMBER:
            return st.integers(1, 999).map(lambda number: (number, number))
        case _:
            text = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=40)
            return text.map(lambda one: (one, one))


@st.composite
def visits(draw: st.DrawFn, layout: Layout) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The rows of one visit, without its number, and its record, without its id."""
    day, at = draw(st.dates(date(2020, 1, 1), date(2026, 1, 1))), draw(st.none() | st.times().map(_to_the_minute))
    first: dict[str, Any] = {"date": day, **({"time": at} if at else {})}
    moment = datetime.combine(day, at).isoformat() if at else day.isoformat()
    raw: dict[str, Any] = {"theme": layout.theme.id, "moment": moment}
    shown, raw["service_point"] = draw(st.sampled_from(sorted(layout.choices["service_point"].items())))
    first["service_point"] = shown
    if draw(st.booleans()):
        first[CHANNEL], raw["channel"] = draw(st.sampled_from(sorted(layout.choices[CHANNEL].items())))
    if "count" in layout.numbers:
        raw |= {"kind": "tally", "count": draw(st.integers(0, 500))}
        first["count"] = raw["count"]
    columns = {one.path: one for one in layout.columns if "." in one.path}
    answers, about = draw(_filled([one for one in columns.values() if not one.is_inquiry], layout))
    raw |= {"answers": answers} if answers else {}
    asked = [one for one in columns.values() if one.is_inquiry]
    inquiries = draw(st.lists(_filled(asked, layout, some=True), min_size=1, max_size=3)) if asked else []
    raw |= {"inquiries": [one for one, _ in inquiries]} if inquiries else {}
    return [{**first, **about, **(inquiries[0][1] if inquiries else {})}, *(cells for _, cells in inquiries[1:])], raw


def _to_the_minute(at: time) -> time:
    return at.replace(second=0, microsecond=0)


@st.composite
def _filled(draw: st.DrawFn, columns: list[Column], layout: Layout, *, some: bool = False) -> tuple[Any, Any]:
    chosen = draw(st.lists(st.sampled_from(columns), unique=True, min_size=int(some))) if columns else []
    answers, cells = {}, {}
    for column in chosen:
        cells[column.path], answers[column.key] = draw(_answer(column, layout))
    return answers, cells


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[bytes, Layout]]:
    directory = tmp_path_factory.mktemp("forms")
    layouts = {theme: form_of(REGISTER, directory / f"{theme}.xlsx", theme=theme) for theme in THEMES}
    return {theme: ((directory / f"{theme}.xlsx").read_bytes(), layout) for theme, layout in layouts.items()}


def filled_in(data: st.DataObject, form: tuple[bytes, Layout], path: Path) -> list[dict[str, Any]]:
    """Write a form that somebody filled in; the records that it means, without ids."""
    path.write_bytes(form[0])
    layout = form[1]
    found = data.draw(st.lists(visits(layout), min_size=1, max_size=4))
    rows: list[dict[str, Any]] = []
    for number, (some, _) in enumerate(found, start=1):
        numbered = "visitor" in layout.numbers and (len(some) > 1 or data.draw(st.booleans()))
        rows += [{**row, "visitor": number} if numbered else row for row in some]
        if data.draw(st.booleans()):
            rows.append({})  # somebody left a row open
    fill_in(path, layout, rows)
    return [raw for _, raw in found]


@pytest.mark.parametrize("theme", THEMES)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_is_filled_in_is_read_back(theme: str, blank: Any, tmp_path: Path, data: st.DataObject) -> None:
    """Any answers to any of the fields, in every version of every theme; twice the same, with the same ids."""
    expected = filled_in(data, blank[theme], tmp_path / "form.xlsx")
    found = raws(tmp_path / "form.xlsx")
    assert [{key: value for key, value in raw.items() if key != "id"} for raw in found] == expected
    assert found == raws(tmp_path / "form.xlsx")
    assert len({raw["id"] for raw in found}) == len(found)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["xlsx", "ods"])
@pytest.mark.parametrize("theme", ["ido@2024", "visits@1"])
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_libreoffice_saved_is_read_back(
    theme: str, kind: Any, blank: Any, tmp_path: Path, soffice: Soffice, data: st.DataObject
) -> None:
    """The same records, ids included, from the form as LibreOffice opened and saved it."""
    filled_in(data, blank[theme], tmp_path / "form.xlsx")
    saved = soffice.convert(tmp_path / "form.xlsx", kind, tmp_path / "saved")
    assert raws(saved) == raws(tmp_path / "form.xlsx")


# ---- Sent twice ----


def test_sent_twice_it_changes_nothing(tmp_path: Path) -> None:
    """The ids were made in the file: loaded again nothing is new, and more rows add only those."""
    register, path = register_of(), tmp_path / "form.xlsx"
    layout = form_of(register, path)
    fill_in(path, layout, [a_row(layout)] * 3)
    first, again = register.sheets.load(path), register.sheets.load(path)
    assert (first.registrations, first.unchanged, first.skipped) == (3, 0, 17)
    assert (again.registrations, again.unchanged) == (0, 3)
    fill_in(path, layout, [a_row(layout)] * 2, first=FIRST_ROW + 10)
    more = register.sheets.load(path)
    assert (more.registrations, more.unchanged, more.read) == (2, 3, 20)


def test_the_broken_twin_without_ids_in_the_file_doubles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With ids that are made while reading, the same check finds the visits doubled."""
    register, path = register_of(), tmp_path / "form.xlsx"
    layout = form_of(register, path)
    fill_in(path, layout, [a_row(layout)] * 3)
    monkeypatch.setattr("idocore_excel.form_reading._Records._id", lambda *_: str(idocore.new_id()))
    assert [register.sheets.load(path).registrations for _ in range(2)] == [3, 3]


def test_a_copy_for_a_colleague_needs_a_source(tmp_path: Path) -> None:
    """Two people who filled in copies of one form: refused as another version of the same, until the source tells."""
    register, path = register_of(), tmp_path / "form.xlsx"
    layout = form_of(register, path)
    fill_in(path, layout, [a_row(layout)])
    register.sheets.load(path)
    fill_in(path, layout, [{"inquiries.topic": label(layout, "inquiries.topic", "work")}])
    assert register.sheets.load(path).rejected == 1
    assert register.sheets.load(path, source="Anna").registrations == 1
    assert register.sheets.load(path, source="Anna").unchanged == 1


# ---- Rows that are one visit ----


def together(tmp_path: Path, rows: list[dict[str, Any]]) -> list[int]:
    """How many inquiries each of the visits in these rows has."""
    layout = form_of(REGISTER, tmp_path / "form.xlsx")
    whole = a_row(layout)
    fill_in(
        tmp_path / "form.xlsx",
        layout,
        [{**whole, **row} if "date" in row else {**row, **_topic(whole)} for row in rows],
    )
    return [len(raw["inquiries"]) for raw in raws(tmp_path / "form.xlsx")]


def _topic(row: dict[str, Any]) -> dict[str, Any]:
    return {"inquiries.topic": row["inquiries.topic"]}


DAY, NEXT = date(2024, 5, 6), date(2024, 5, 7)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([{"date": DAY}, {"date": DAY}], [1, 1]),
        ([{"date": DAY, "visitor": 1}, {"visitor": 1}, {"visitor": 1}], [3]),
        ([{"date": DAY, "visitor": 1}, {"date": DAY, "visitor": 1}], [2]),
        ([{"date": DAY, "visitor": 1}, {"date": DAY, "visitor": 2}, {"date": DAY, "visitor": 1}], [2, 1]),
        ([{"date": DAY, "visitor": 1}, {"date": NEXT, "visitor": 1}], [1, 1]),
        ([{"date": DAY, "visitor": 1}, {"date": DAY, "visitor": 1, "service_point": POINTS["wijk"]}], [1, 1]),
        # Another day on which somebody forgot the date: never joined to yesterday's visitor.
        ([{"date": DAY, "visitor": 1}, {"date": DAY, "visitor": 2}, {"visitor": 1}], [1, 1, 1]),
    ],
)
def test_rows_with_one_visitor_number_are_one_visit(
    tmp_path: Path, rows: list[dict[str, Any]], expected: list[int]
) -> None:
    """The same number on the same day in the same place; the next day may begin at 1 again."""
    assert together(tmp_path, rows) == expected


def test_the_broken_twin_joins_by_number_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that looks at the number only makes one visitor of two."""
    by_number = lambda self, row: self._latest.get(str(int(self.identity.at(row, "visitor"))))  # noqa: E731
    monkeypatch.setattr(form_visits.Visits, "_joined", by_number)
    monkeypatch.setattr(form_visits.Visits, "_compare", lambda *_: None)
    rows: list[dict[str, Any]] = [{"date": DAY, "visitor": 1}, {"date": NEXT, "visitor": 1}]
    assert together(tmp_path, rows) == [2]


def test_what_contradicts_the_first_row_is_refused_at_its_own_cell(tmp_path: Path) -> None:
    """Another channel on a further row of the same visit: nothing is chosen silently."""
    path = tmp_path / "form.xlsx"
    layout = form_of(REGISTER, path)
    desk, phone = (label(layout, CHANNEL, code) for code in ("desk", "telephone"))
    fill_in(path, layout, [{**a_row(layout), "visitor": 1, CHANNEL: desk}, {"visitor": 1, CHANNEL: phone}])
    report = REGISTER.sheets.load(path, dry_run=True)
    assert report.rejected == 2
    assert [(mark.cell, [one.code for one in mark.findings]) for mark in report.marks] == [("F6", ["form-contradicts"])]


# ---- What people do to a form ----


@pytest.mark.parametrize(
    ("path", "written", "meant"),
    [
        ("inquiries.topic", "  digiD ", "digid"),
        ("inquiries.topic", "TOESLAGEN (huur,  zorg)", "allowances"),
        ("service_point", "centrale bibliotheek,\u00a0neude", "centrale"),
        ("service_point", "=WIJK “De Jager”", "wijk"),
        ("inquiries.topic", "Sterrenkunde", "Sterrenkunde"),
    ],
)
def test_pasted_labels_still_match(tmp_path: Path, path: str, written: str, meant: str) -> None:
    """Capitals, spaces and quotes make no difference; what is no choice is passed on to be refused."""
    layout = form_of(REGISTER, tmp_path / "form.xlsx")
    fill_in(tmp_path / "form.xlsx", layout, [{**a_row(layout), path: written}])
    raw = raws(tmp_path / "form.xlsx")[0]
    assert (raw["service_point"] if path == "service_point" else raw["inquiries"][0]["topic"]) == meant


@pytest.mark.parametrize(
    ("day", "at", "moment"),
    [
        ("6-5-2024", "14.30", "2024-05-06T14:30:00"),
        (date(2024, 5, 6), 0.5, "2024-05-06T12:00:00"),
        (datetime(2024, 5, 6, 9, 15), None, "2024-05-06T09:15:00"),
        (date(2024, 5, 6), "straks", "2024-05-06Tstraks"),
        (None, time(9, 15), "T09:15:00"),
    ],
)
def test_dates_and_times_as_people_write_them(tmp_path: Path, day: Any, at: Any, moment: str) -> None:
    """In cells of any kind; never today for a date that was left out."""
    layout = form_of(REGISTER, tmp_path / "form.xlsx")
    fill_in(tmp_path / "form.xlsx", layout, [{**a_row(layout), "date": None, "time": at}])
    book = load_workbook(tmp_path / "form.xlsx")
    book.worksheets[0].cell(FIRST_ROW, layout.numbers["date"][0]).value = day
    book.save(tmp_path / "form.xlsx")
    assert raws(tmp_path / "form.xlsx")[0]["moment"] == moment


def test_findings_stand_at_their_cells(tmp_path: Path) -> None:
    """A visit of two rows: each finding at the cell of its own row, a missing one at the cell to fill in."""
    path = tmp_path / "form.xlsx"
    layout = form_of(REGISTER, path)
    row = {**a_row(layout), "visitor": 1, "service_point": None}
    fill_in(path, layout, [row, {"visitor": 1, "inquiries.provider": "Onbekend"}])
    report = REGISTER.sheets.load(path, dry_run=True)
    columns = {one: layout.numbers[one][0] for one in ("service_point", "inquiries.topic", "inquiries.provider")}
    sheet = load_workbook(path).worksheets[0]
    assert {(mark.cell, mark.findings[0].code) for mark in report.marks} == {
        (sheet.cell(FIRST_ROW, columns["service_point"]).coordinate, "required"),
        (sheet.cell(FIRST_ROW + 1, columns["inquiries.provider"]).coordinate, "unknown-code"),
        (sheet.cell(FIRST_ROW + 1, columns["inquiries.topic"]).coordinate, "required"),
    }


def test_blank_rows_are_skipped_in_one_line(tmp_path: Path) -> None:
    """Read is all rows of the form; what was left open is counted once, with the reason."""
    path = tmp_path / "form.xlsx"
    layout = form_of(REGISTER, path, rows=50)
    fill_in(path, layout, [a_row(layout), {"inquiries.topic": "  "}, a_row(layout)])
    lines = list(REGISTER.sheets.read(path))
    assert [line.origin and line.origin.items for line in lines] == [1, 1, 48]
    assert lines[-1].finding is not None
    assert (lines[-1].finding.code, lines[-1].finding.severity) == ("form-rows-blank", Severity.HINT)


def test_rows_outside_the_form_and_copied_ids_are_refused(tmp_path: Path) -> None:
    """A row without an id, or with that of another row, could be counted twice."""
    path = tmp_path / "form.xlsx"
    layout = form_of(REGISTER, path, rows=2)
    fill_in(path, layout, [a_row(layout)] * 3)
    book = load_workbook(path)
    book.worksheets[0]["A6"] = book.worksheets[0]["A5"].value
    book.save(path)
    assert [line.finding and line.finding.code for line in REGISTER.sheets.read(path)] == [
        None,
        "form-row-copied",
        "form-row-outside",
    ]


def test_a_form_of_an_older_version_is_read_by_that_version(tmp_path: Path) -> None:
    """Filled in before April 2024, read later: its own fields and codes."""
    register, path = register_of(), tmp_path / "form.xlsx"
    layout = form_of(register, path, theme="ido@2022")
    age = next(iter(layout.choices["answers.age_group"].items()))
    fill_in(path, layout, [{**a_row(layout), "date": date(2024, 3, 29), "answers.age_group": age[0]}])
    assert register.sheets.load(path).registrations == 1
    assert register.find().registrations[0].answers["age_group"] == age[1]


def _damage(path: Path, cell: str, value: Any) -> None:
    book = load_workbook(path)
    book[IDENTITY][cell] = value
    book.save(path)


@pytest.mark.parametrize(
    ("cell", "value", "code"),
    [
        ("B1", 2, "form-version"),
        ("B1", None, "form-damaged"),
        ("A1", "x", "form-damaged"),
        ("B2", "ido@1999", "form-theme"),
        ("B4", "Elders", "form-damaged"),
        ("B5", "x", "form-damaged"),
        ("D7", "?", "form-damaged"),
    ],
)
def test_what_is_not_known_is_one_typed_error(tmp_path: Path, cell: str, value: Any, code: str) -> None:
    """A later version, an unknown theme, a form that lost something: one ExchangeError that says what to do."""
    form_of(REGISTER, tmp_path / "form.xlsx")
    _damage(tmp_path / "form.xlsx", cell, value)
    with pytest.raises(ExchangeError) as caught:
        list(REGISTER.sheets.read(tmp_path / "form.xlsx"))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("points", "more", "code"),
    [((), {}, "form-without-points"), (None, {"rows": 0}, "form-rows"), (None, {"rows": 20_001}, "form-rows")],
)
def test_a_form_that_makes_no_sense_is_not_made(tmp_path: Path, points: Any, more: Any, code: str) -> None:
    """Without service points there is nothing to choose."""
    register = register_of({} if points == () else None)
    with pytest.raises(ExchangeError) as caught:
        register.sheets.form(tmp_path / "form.xlsx", **more)
    assert caught.value.code == code
    assert not (tmp_path / "form.xlsx").exists()


def test_an_unknown_theme_says_which_there_are(tmp_path: Path) -> None:
    """No IndexError of ours."""
    with pytest.raises(NotFoundError, match="visits"):
        REGISTER.sheets.form(tmp_path / "form.xlsx", theme="visit")


def test_with_one_service_point_it_is_not_asked(tmp_path: Path) -> None:
    """It stands in the title, and every row is of that point."""
    register, path = register_of({"centrale": "Centrale"}), tmp_path / "form.xlsx"
    layout = form_of(register, path)
    assert "service_point" not in layout.numbers
    assert "Centrale" in load_workbook(path).worksheets[0]["B1"].value
    fill_in(path, layout, [{key: value for key, value in a_row(layout).items() if key != "service_point"}])
    assert raws(path, register)[0]["service_point"] == "centrale"


def test_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made by `ido template`, read by `ido import`, and what makes no sense is one sentence."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> Result:
        return CliRunner().invoke(ido, ["--language", "nl", *words])

    assert run("init", "--service-point", "centrale", "--municipality", "Utrecht").exit_code == 0
    assert run("template", "form.xlsx", "--service-point", "centrale", "--rows", "3").exit_code == 0
    sheet = load_workbook("form.xlsx").worksheets[0]
    assert sheet.max_row == FIRST_ROW + 2
    done = run("import", "form.xlsx")
    assert (done.exit_code, "3 gelezen" in done.stderr, "niet ingevuld" in done.stderr) == (0, True, True)
    wrong = run("template", "none.xlsx", "--service-point", "central")
    assert (wrong.exit_code, "unknown-service-point" in wrong.stderr) == (1, True)


# ---- The form itself ----


def _input_cells(sheet: Worksheet, layout: Layout, rows: int) -> Iterator[Any]:
    for row in range(FIRST_ROW, FIRST_ROW + rows):
        yield from (sheet.cell(row, number) for number in range(2, len(layout.columns) + 1))


def check_protected(path: Path, layout: Layout, rows: int) -> None:
    """Only the cells to fill in can be changed, and each of them is checked."""
    book = load_workbook(path)
    sheet = book.worksheets[0]
    assert all(one.protection.sheet and not one.protection.password for one in book.worksheets)
    unlocked = {cell.coordinate for row in sheet.iter_rows() for cell in row if not cell.protection.locked}
    assert unlocked == {cell.coordinate for cell in _input_cells(sheet, layout, rows)}
    checks = sheet.data_validations.dataValidation
    for cell in _input_cells(sheet, layout, rows):
        (check,) = [one for one in checks if cell.coordinate in one.sqref]
        assert check.showErrorMessage, check.error
        assert len(check.error) <= 255
        assert len(check.prompt) <= 255
        assert check.type != "list" or check.formula1.startswith("ido_")
    assert sheet.column_dimensions["A"].hidden
    assert [one.sheet_state == "visible" for one in book.worksheets] == [True, True, False, False]


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("theme", THEMES)
def test_only_cells_to_fill_in_can_be_changed(tmp_path: Path, theme: str, language: Any) -> None:
    """Protected without a password; every cell to fill in has a check, a prompt and an error text."""
    layout = form_of(REGISTER, tmp_path / "form.xlsx", theme=theme, language=language)
    check_protected(tmp_path / "form.xlsx", layout, 20)


@pytest.mark.slow
def test_libreoffice_keeps_checks_and_protection(tmp_path: Path, soffice: Soffice) -> None:
    """What LibreOffice saved is protected and checked as before, drop-downs included."""
    layout = form_of(REGISTER, tmp_path / "form.xlsx")
    check_protected(soffice.convert(tmp_path / "form.xlsx", "xlsx", tmp_path / "saved"), layout, 20)


def test_the_drop_downs_hold_the_labels(tmp_path: Path) -> None:
    """Every list is a named range with all labels, also those with commas and long ones."""
    layout = form_of(REGISTER, tmp_path / "form.xlsx")
    book = load_workbook(tmp_path / "form.xlsx")
    for path, choices in layout.choices.items():
        ((title, where),) = book.defined_names[f"ido_{path.replace('.', '_')}"].destinations
        assert [cell.value for (cell,) in book[title][where]] == list(choices)
    assert any("," in label for label in layout.choices["service_point"])
    assert len(",".join(layout.choices["inquiries.topic"])) > 255


def test_no_text_is_a_formula(tmp_path: Path) -> None:
    """A service point whose name begins with = is text, in the lists and in the explanation."""
    form_of(REGISTER, tmp_path / "form.xlsx")
    book = load_workbook(tmp_path / "form.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    assert POINTS["wijk"] in [cell.value for cell in cells]


def test_what_always_follows_is_not_asked(tmp_path: Path) -> None:
    """The kind of inquiry follows from the topic: asking it could only contradict."""
    assert "inquiries.inquiry_kind" not in form_of(REGISTER, tmp_path / "form.xlsx").numbers
