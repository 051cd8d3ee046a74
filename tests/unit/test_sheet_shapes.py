"""Sheets of every shape read by a profile: what becomes of each row, and which cell is named when it is wrong."""

from datetime import date, datetime, time
from typing import Any

import pytest

import idocore
from tests.sheets import ListBook, Loading, book, marked

VISITS = """
profile = "bieb"
shape = "visits"
ignore = ["Wie"]
fixed = { service_point = "centrale" }
columns = [
  { header = "Datum", to = "moment" },
  { header = "Tijd", to = "moment.time" },
  { header = "Locatie", to = "service_point" },
  { header = "Hoe", to = "channel" },
  { header = "Vraag", to = "inquiries.topic", codes = { "ja, DigiD" = "digid" } },
  { header = "Organisatie", to = "inquiries.provider" },
  { header = "Hulp", to = "inquiries.help" },
  { header = "Duur", to = "answers.duration" },
]
"""
HEADER = ("Datum", "Tijd", "Locatie", "Hoe", "Vraag", "Organisatie", "Hulp", "Duur", "Wie")


def visits(*rows: Any, merged: Any = ()) -> ListBook:
    return book(HEADER, *rows, merged=merged)


def test_a_row_per_visitor_in_dutch() -> None:
    """Labels, synonyms, translations, minutes and Dutch dates become the codes and moments of the theme."""
    loading = Loading(VISITS)
    report = loading.load(
        visits(
            (
                "1-3-2022",
                "10.30",
                "Wijkbibliotheek",
                "balie",
                "\u2018Ja, DigiD\u2019 ",
                "UWV",
                "doorverwezen; uitleg",
                12,
                "x",
            ),
            (
                datetime(2022, 3, 2),
                time(9, 5),
                None,
                "TELEFOON",
                "toeslagen",
                "Belastingdienst",
                None,
                "> 30 min",
                None,
            ),
        )
    )
    assert (report.accepted, report.read, marked(report)) == (2, 2, {})
    first, second = loading.register.find().registrations
    assert (first.service_point, first.channel, first.moment.isoformat()) == (
        "wijk",
        "desk",
        "2022-03-01T10:30:00+01:00",
    )
    assert dict(first.inquiries[0].answers) == {
        "topic": "digid",
        "provider": "uwv",
        "help": ("provider-information", "referral"),
    }
    assert dict(first.answers) == {"duration": "10-to-15"}
    assert (second.service_point, second.answers["duration"]) == ("centrale", "over-30")


def test_every_fault_is_marked_in_its_own_cell() -> None:
    """All that is wrong with a row is told at once, at the address of the cell."""
    report = Loading(VISITS).load(visits(("31-2-2022", "10:30", "elders", "fax", "quatsch", "??", "iets", "lang")))
    assert report.rejected == 1
    assert marked(report) == {"A2": ["invalid-moment"], "C2": ["unknown-service-point"], **codes("D2 E2 F2 G2 H2")}
    report = Loading(VISITS).load(
        visits(("1-2-2022", "25:70", None, None, "digid"), ("2-2-2022", None, None, None, None, "uwv"))
    )
    assert marked(report) == {"B2": ["invalid-moment"], "E3": ["required"]}


def codes(cells: str) -> dict[str, list[str]]:
    return {cell: ["unknown-code"] for cell in cells.split()}


def test_rows_that_hold_no_record_are_told_apart() -> None:
    """Blank runs, totals, headers once more and headings in between are skipped, each with its reason."""
    good = ("1-3-2022", None, None, None, "digid")
    report = Loading(VISITS).load(
        visits(
            good,
            (),
            (None, None, " "),
            ("Week 2", None, None),
            HEADER,
            good,
            ("Totaal", None, None, None, 2),
            (None, None, None, None, None, None, None, None, "alleen hier"),
            merged=[(5, 1, 5, 8)],
        )
    )
    assert (report.accepted, report.skipped, report.read) == (2, 6, 8)
    assert report.skipped_for == {"row-blank": 3, "row-heading": 1, "row-header": 1, "row-total": 1}


def test_merged_cells_hold_for_their_range() -> None:
    """A date merged over three rows is the date of each."""
    loading = Loading(VISITS)
    rows = [(datetime(2022, 3, 1), None, None, None, "digid"), (None, None, None, None, "werk"), (None,) * 4 + ("aow",)]
    assert loading.load(visits(*rows, merged=[(2, 1, 4, 1)])).accepted == 3
    assert {one.local_date for one in loading.register.find().registrations} == {date(2022, 3, 1)}


def test_headers_over_two_lines_and_x_columns() -> None:
    """Two header lines are read as one; an x gives the code of its column, several give several inquiries."""
    profile = """
profile = "kruisjes"
header = [2, 3]
fixed = { service_point = "{sheet}" }
columns = [
  { header = "Datum", to = "moment" },
  { header = "Onderwerp DigiD", to = "inquiries.topic", code = "digid" },
  { header = "Onderwerp Werk", to = "inquiries.topic", code = "work" },
  { header = "Organisatie", to = "inquiries.provider" },
  { header = "Wat met DigiD", to = "inquiries.digid_action" },
]
"""
    loading = Loading(profile)
    rows = [
        ("Registratie 2024",),
        ("Datum", "Onderwerp", None, "Organisatie", "Wat met DigiD"),
        (None, "DigiD", "Werk"),
        (date(2024, 5, 1), "x", "x", "uwv", "app"),
        (date(2024, 5, 2), "nee", True, None, None),
        (date(2024, 5, 3), "?", None, None, None),
    ]
    found = ListBook({"Wijk": rows}, ranges={"Wijk": [(2, 2, 2, 3), (2, 1, 3, 1)]})
    report = loading.load(found)
    assert (report.accepted, marked(report)) == (2, {"B6": ["unknown-code"]})
    inquiries = [[dict(i.answers) for i in one.inquiries] for one in loading.register.find(point="wijk").registrations]
    government = "digital-government"
    assert inquiries == [
        [
            {"topic": "digid", "provider": "uwv", "digid_action": "app", "inquiry_kind": government},
            {"topic": "work", "inquiry_kind": government},
        ],
        [{"topic": "work", "inquiry_kind": government}],
    ]


QUESTIONS = """
profile = "vragen"
shape = "inquiries"
fixed = { service_point = "centrale" }
columns = [
  { header = "Nr", to = "visitor" },
  { header = "Datum", to = "moment" },
  { header = "Hoe", to = "channel" },
  { header = "Vraag", to = "inquiries.topic" },
]
"""


def test_rows_of_one_visitor_are_one_registration() -> None:
    """Also when they are not together, or leave out what the row above says; every row is counted once."""
    loading = Loading(QUESTIONS)
    report = loading.load(
        book(
            ("Nr", "Datum", "Hoe", "Vraag"),
            (1, "1-3-2022", "balie", "digid"),
            (2, "1-3-2022", None, "werk"),
            (None, None, None, "aow"),
            (1, "1-3-2022", "tel", "werk"),
            (1, "2-3-2022", None, "quatsch"),
            (3, None, None, None),
        )
    )
    assert (report.read, report.accepted, report.warned, report.rejected, report.skipped) == (6, 2, 2, 1, 1)
    assert report.registrations == 2
    assert marked(report) == {"D6": ["unknown-code"]}
    assert sorted(len(one.inquiries) for one in loading.register.find().registrations) == [2, 2]


CROSS = """
profile = "turflijst"
shape = "crosstab"
skip = ["n.v.t."]
fixed = { service_point = "centrale" }
columns = [
  { header = "Dag", to = "moment" },
  { header = "Bezoekers", to = "count" },
  { header = "DigiD", to = "inquiries.topic", code = "digid" },
  { header = "Telefoon", to = "channel", code = "telephone" },
]
ignore = ["Totaal"]
"""


GATES = """
profile = "turflijst"
shape = "crosstab"
fixed = { service_point = "centrale" }
columns = [
  { header = "Dag", to = "moment" },
  { letter = "B", to = "inquiries.topic", code = "digid" },
  { letter = "C", to = "inquiries.topic", code = "work" },
  { letter = "D", to = "inquiries.topic", code = "digid" },
]
"""


def test_a_cross_table_gives_a_tally_for_each_filled_cell() -> None:
    """Zero, blank and not available are skipped cells; what is no number is marked."""
    loading = Loading(CROSS)
    rows = [
        ("Dag", "Bezoekers", "DigiD", "Telefoon", "Totaal"),
        ("1-3-2022", 5, "2", None, 7),
        ("2-3-2022", 0, "n.v.t.", "veel", 0),
        ("Totaal", 5, 2, None, 7),
        ("maart 2022", "1.250", None, 3, 9),
    ]
    report = loading.load(book(*rows))
    assert (report.read, report.accepted, report.rejected, report.skipped) == (12, 4, 1, 7)
    assert report.skipped_for == {"cell-blank": 2, "cell-zero": 1, "cell-skipped": 1, "row-total": 3}
    assert marked(report) == {"D3": ["wrong-type"]}
    table = loading.register.table(["visitors", "inquiries"], period="2022")
    assert table.base == {"visitors": 5 + 1250 + 3, "inquiries": 2}
    changed = [*rows[:1], ("1-3-2022", 6, "2", None, 7), *rows[2:]]
    again = loading.load(book(*changed))
    assert (again.unchanged, again.accepted) == (3, 3)
    assert list(marked(again)) == ["B2", "D3"]


@pytest.mark.parametrize("code", ["pension", "work"])
def test_a_code_that_is_corrected_in_the_profile_counts_nothing_twice(code: str) -> None:
    """A column turns out to count something else: told as a conflict, cell by cell; two columns alike stay two."""
    sheet = book(("Dag", "DigiD", "Werk", "DigiD"), ("1-3-2022", 4, 2, 3), ("2-3-2022", 1, None, 1))
    loading = Loading(GATES)
    assert loading.load(sheet).accepted == 5
    corrected = Loading(GATES.replace('"digid"', f'"{code}"'), loading.register)
    report = corrected.load(sheet)
    assert (report.unchanged, list(marked(report))) == (1, ["B2", "D2", "B3", "D3"])
    assert loading.register.table("inquiries", by="topic").base == {"inquiries": 11}


@pytest.mark.parametrize("profile", [QUESTIONS, GATES])
def test_an_order_of_dates_that_is_corrected_counts_nothing_twice(profile: str) -> None:
    """Days were taken for months: told as a conflict, visit by visit and cell by cell."""
    questions = book(("Nr", "Datum", "Hoe", "Vraag"), (1, "2-1-2022", "balie", "digid"), (1, "2-1-2022", None, "werk"))
    tallies = book(("Dag", "DigiD", "Werk", "DigiD"), ("2-1-2022", 4, 2, 3))
    sheet = questions if profile is QUESTIONS else tallies
    loading = Loading(profile)
    stored = loading.load(sheet).registrations
    assert stored == (1 if profile is QUESTIONS else 3)
    report = Loading('dates = "mdy"' + profile, loading.register).load(sheet)
    assert report.registrations == 0
    assert {code for codes in marked(report).values() for code in codes} == {"conflict-other-content"}
    assert len(loading.register.find().registrations) == stored


def test_a_cross_table_with_the_days_across() -> None:
    """Labels in the rows, months in the header, the year in the line above."""
    profile = """
profile = "per maand"
shape = "crosstab"
header = [1, 2]
dates_across = true
fixed = { service_point = "centrale" }
columns = [{ letter = "A", to = "inquiries.topic" }]
"""
    loading = Loading(profile)
    report = loading.load(
        book(
            ("Vraag", 2022, None, None, None),
            (None, "jan", "feb", "onzin", "Totaal"),
            ("DigiD", 4, 0, 1, 5),
            ("Werk", None, 3, None, 3),
            ("quatsch", 1, None, None, 1),
            ("Totaal", 5, 3, 1, 9),
            merged=[(1, 2, 1, 5)],
        )
    )
    assert (report.read, report.accepted, report.rejected, report.skipped) == (12, 2, 2, 8)
    assert marked(report) == {"D2": ["invalid-moment"], "A5": ["unknown-code"]}
    table = loading.register.table("inquiries", by=["topic", "month"])
    assert [tuple(row.values()) for row in table.to_dicts()] == [("digid", "2022-01", 4), ("work", "2022-02", 3)]


GATE = """
profile = "poort"
theme = "visits"
shape = "counter"
skip = ["NA", "Gate broken"]
fixed = { service_point = "centrale" }
columns = [{ header = "dates", to = "moment" }, { header = "counts", to = "reading" }]
[counter]
largest_step = 2000
closed = ["Gate Closed"]
"""


def gate(*readings: Any, start: int = 1) -> ListBook:
    days = (f"{day:02}-Sep-21" for day in range(start, start + len(readings)))
    return book(("dates", "counts"), *zip(days, readings, strict=True))


def test_a_running_counter_is_the_difference() -> None:
    """Unknown days make an interval of the month, a closed day does not; every row is accounted for."""
    loading = Loading(GATE)
    found = gate("100", 110, "NA", 130, '"Gate Closed"', 150, "Gate broken", 150, "kapot")
    report = loading.load(found)
    assert (report.read, report.accepted, report.warned, report.rejected, report.skipped) == (9, 2, 2, 1, 4)
    assert report.skipped_for == {"counter-start": 1, "cell-skipped": 3}
    assert marked(report) == {"B10": ["wrong-type"]}
    found = sorted((one.count, one.precision) for one in loading.register.find(theme="visits").registrations)
    assert found == [(0, "month"), (10, "day"), (20, "day"), (20, "month")]
    assert loading.register.table("visitors", theme="visits").base == {"visitors": 50}


def test_a_counter_that_falls_or_leaps_counts_nothing() -> None:
    """It is marked until the profile gives a reason; a slip is made good by the reading after it."""
    found = gate(100, 110, 999_999, 130, 20, 25, 40_000, 40_010)
    report = Loading(GATE).load(found)
    assert marked(report) == {"B4": ["counter-leapt"], "B6": ["counter-fell"], "B8": ["counter-leapt"]}
    assert (report.accepted, report.warned, report.skipped) == (3, 1, 1)
    reasons = 'overrides = { counter-leapt = "nieuwe teller", counter-fell = "nieuwe teller" }\n'
    loading = Loading(reasons + GATE)
    report = loading.load(found)
    assert (report.rejected, report.skipped) == (0, 4)
    assert loading.register.table("visitors", theme="visits").base == {"visitors": 10 + 20 + 5 + 10}
    wrapped = Loading(GATE.replace("[counter]", "[counter]\nwraps_at = 1000"))
    assert wrapped.load(gate(990, 5)).accepted == 1
    assert wrapped.register.table("visitors", theme="visits").base == {"visitors": 15}


def test_a_counter_may_stand_upside_down() -> None:
    """The newest day first gives the same tallies."""
    upright, turned = Loading(GATE), Loading(GATE)
    readings = gate(100, 110, "NA", 130)
    rows = readings.grids["Blad1"]
    upright.load(readings)
    turned.load(book(rows[0], *reversed(rows[1:])))
    assert ids(upright) == ids(turned) != set()


def ids(loading: Loading) -> set[tuple[Any, ...]]:
    return {(one.id, one.count, one.moment) for one in loading.register.find(theme="visits").registrations}


def test_a_counter_read_by_month_or_in_the_morning() -> None:
    """A month's reading is of its month; a morning's of the day before."""
    loading = Loading(GATE.replace("2000", "9000"))
    report = loading.load(book(("dates", "counts"), ("jan 2022", 100), ("feb 2022", 3100), ("apr 2022", 9000)))
    assert (report.accepted, report.warned) == (1, 1)
    months = loading.register.table("visitors", theme="visits", by="month").to_dicts()
    assert [tuple(row.values()) for row in months] == [("2022-02", 3000), ("2022-04", 5900)]
    loading = Loading(GATE.replace("[counter]", '[counter]\nread_in_the = "morning"'))
    loading.load(gate(100, 110, "Gate Closed", 130))
    found = {(one.local_date.day, one.count, str(one.precision)) for one in registrations(loading)}
    assert found == {(1, 10, "day"), (2, 20, "day")}


def registrations(loading: Loading) -> tuple[idocore.Registration, ...]:
    return loading.register.find(theme="visits").registrations


def test_a_sheet_with_ids_of_its_own() -> None:
    """The same id with other content is a conflict, wherever the row stands; a UUID stays as it is."""
    profile = VISITS.replace("columns = [", 'columns = [{ header = "ID", to = "id" },')
    header = ("ID", *HEADER)
    own = "018f4c3e-0000-7000-8000-000000000001"
    rows = [(7, "1-3-2022", *[None] * 3, "digid"), (own, "1-3-2022", *[None] * 3, "digid")]
    loading = Loading(profile)
    assert loading.load(book(header, *rows)).registrations == 2
    assert str(loading.register.get(own).id) == own
    again = loading.load(book(header, (), (7, "1-3-2022", *[None] * 3, "werk"), rows[1]))
    assert (again.unchanged, list(marked(again))) == (1, ["A3"])


def test_numbers_without_a_label_are_marked() -> None:
    """In a table with the days across a row must say what it counts."""
    profile = CROSS.split("columns")[0] + 'dates_across = true\ncolumns = [{ letter = "A", to = "inquiries.topic" }]'
    profile = profile.replace("fixed = {", "dates_across = true\nfixed = {").replace(
        "\ndates_across = true\ncol", "\ncol"
    )
    report = Loading(profile).load(book(("Vraag", "1-3-2022", "2-3-2022"), (None, 4, None), ("DigiD", 1, 2)))
    assert (report.accepted, report.rejected, marked(report)) == (2, 1, {"A2": ["required"]})


def test_sheets_are_chosen_by_name_or_pattern_and_hidden_ones_are_left() -> None:
    """Without a choice the first visible sheet; a hidden one only by its name."""
    row = ("1-3-2022", None, None, None, "digid")
    grids = {"lijsten": [("x",)], "jan": [HEADER, row], "feb": [HEADER, row, row]}
    found = ListBook(grids, hidden=frozenset({"lijsten", "feb"}))
    assert Loading(VISITS).load(found).read == 1
    assert Loading('sheets = ["*"]\n' + VISITS).load(found).read == 1
    assert Loading('sheets = ["feb", "j*"]\n' + VISITS).load(found).read == 3
    with pytest.raises(idocore.ExchangeError, match="jan") as caught:
        Loading('sheets = ["mei"]\n' + VISITS).load(found)
    assert caught.value.code == "sheet-not-found"


def test_columns_missing_or_left_over_stop_the_import() -> None:
    """All of them are named; nothing is dropped without a word."""
    with pytest.raises(idocore.ExchangeError) as caught:
        Loading(VISITS).load(book(("Datum", "Tijd", "Plek", "Hoe", "Vraag", "Organisatie", "Hulp")))
    assert (caught.value.code, caught.value.parameters["missing"]) == ("columns-missing", ["Locatie", "Duur"])
    with pytest.raises(idocore.ExchangeError) as caught:
        Loading(VISITS).load(book((*HEADER, "Weer")))
    assert (caught.value.code, caught.value.parameters["left"]) == ("columns-left-over", ["Weer"])
    with pytest.raises(idocore.ExchangeError) as caught:
        Loading(VISITS).load(book((*HEADER, "Vraag")))
    assert (caught.value.code, caught.value.parameters["letters"]) == ("column-ambiguous", ["E", "J"])
