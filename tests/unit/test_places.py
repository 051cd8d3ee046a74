"""Places over time: merged, split, moved, planned."""

from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import idocore
from idocore.errors import InvalidValueError
from idocore.gazetteer import Gazetteer
from idocore.isil import Isil, IsilPosition
from idocore.testing.strategies import PLACES, THEMES, registrations, with_id
from tests.registers import NOW, furnished


@pytest.mark.parametrize(
    ("day", "count"),
    [
        ("2020-12-31", 355),
        ("2021-01-01", 352),
        ("2021-12-31", 352),
        ("2022-01-01", 345),
        ("2022-03-23", 345),
        ("2022-03-24", 344),
        ("2023-01-01", 342),
        ("2027-06-01", 342),
    ],
)
def test_as_many_municipalities_as_cbs_counts(day: str, count: int) -> None:
    """The published numbers come out, and a planned merger changes nothing."""
    assert len(Gazetteer.default().municipalities(date.fromisoformat(day))) == count


def test_a_planned_change_applies_once_confirmed() -> None:
    """Wijdemeren goes into Hilversum only after somebody says that it is law."""
    register = idocore.open("memory:")
    register.places.add_service_point("loosdrecht", municipality="Wijdemeren")
    register.record("loosdrecht", moment="2024-05-06", inquiries=[{"topic": "digid"}])
    assert register.table(by="municipality", place_date="2027-06-01").rows[0].codes == ("GM1696",)
    register.places.confirm("GM1696", "GM0402")
    assert register.table(by="municipality", place_date="2027-06-01").rows[0].codes == ("GM0402",)
    assert register.table(by="municipality", place_date="2026-06-01").rows[0].codes == ("GM1696",)
    assert len(register.places.municipalities(date(2027, 6, 1))) == 341


@given(st.lists(registrations(), max_size=15), st.dates(date(2019, 1, 1), date(2028, 1, 1)))
def test_the_nation_is_the_sum_of_its_parts(made: list[idocore.Registration], day: date) -> None:
    """For every place date, provinces and municipalities, with the unknown, add up to the nation."""
    from idocore.memory import MemoryStore
    from idocore.statistics.answer import answer
    from idocore.testing.stores import revision

    store = MemoryStore()
    store.append([revision(with_id(one, number)) for number, one in enumerate(made)])
    places = Gazetteer.default().with_places(PLACES)
    for place_date in ("then", day):
        for level in ("province", "municipality", "organisation", "inside", "nation"):
            query = idocore.Query(("registrations", "visitors", "inquiries"), (level,), place_date=place_date)
            table = answer(query, store.evaluate, THEMES, places, day)
            for column, measure in enumerate(query.measures):
                assert sum(int(row.numbers[column] or 0) for row in table.rows) == table.base[measure]


def test_a_split_follows_the_address_of_the_point() -> None:
    """Haaren was split over four; the point's own later address decides, and without one it is unknown."""
    register = idocore.open("memory:")
    for name in ("met", "zonder"):
        register.places.add_service_point(name, municipality="GM0788")
        register.record(name, moment="2020-05-06", inquiries=[{"topic": "digid"}])
    register.places.move("met", date(2021, 1, 1), municipality="GM0855")
    table = register.table(by=["service_point", "municipality"], place_date="2024-01-01")
    assert [row.codes for row in table.rows] == [("met", "GM0855"), ("zonder", None)]


def test_the_day_of_a_move_may_be_text() -> None:
    """A day, or a period that begins then; anything else says what to write."""
    register = idocore.open("memory:")
    register.places.add_service_point("punt", municipality="Utrecht")
    for text in ("2024-05-15", "2024-06"):
        register.places.move("punt", text, municipality="Amersfoort")
    sitings = register.places.service_point("punt").sitings
    assert [one.valid_from for one in sitings] == [None, date(2024, 5, 15), date(2024, 6, 1)]
    with pytest.raises(InvalidValueError, match="15 mei"):
        register.places.move("punt", "15 mei", municipality="Utrecht")


@pytest.mark.parametrize(
    "code", ["NL-08", "NL-0812340000x", "NL-0912340000", "NL-0812349000", "XX-1", "", "NL-081234000"]
)
def test_an_isil_that_cannot_exist_is_refused(code: str) -> None:
    """General checkers accept some of these; the structure of Dutch public libraries does not."""
    with pytest.raises(idocore.InvalidValueError):
        Isil.parse(code)


@pytest.mark.parametrize(
    ("code", "position"),
    [
        ("NL-0800190000", IsilPosition.HEAD_OFFICE),
        ("NL-0800191001", IsilPosition.BRANCH),
        ("NL-0800192100", IsilPosition.BOOK_BUS),
        ("NL-0800192101", IsilPosition.BOOK_BUS_STOP),
        ("NL-0700193001", IsilPosition.SPECIAL),
    ],
)
def test_an_isil_is_taken_apart(code: str, position: IsilPosition) -> None:
    """Type, entity and position mean something."""
    assert Isil.parse(code).position is position


HEADER = ["Gemeentecode", "GemeentecodeGM", "Gemeentenaam", "Provinciecode", "ProvinciecodePV", "Provincienaam"]
ROWS = [
    [int(one.code[2:]), one.code, one.name, int(one.province[2:]), one.province, "x"]
    for one in Gazetteer.default().municipalities(date(2024, 1, 1))
]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_the_list_of_cbs_is_read_as_it_is(tmp_path: Path, suffix: str) -> None:
    """A new municipality, one that ended and one renamed are found, in CSV and in xlsx."""
    path = tmp_path / f"gemeenten{suffix}"
    rows = [row for row in ROWS if row[1] != "GM1696"]
    rows[0] = [*rows[0][:2], "Nieuwe naam", *rows[0][3:]]
    rows.append([9999, "GM9999", "Ons Dorp", 26, "PV26", "Utrecht"])
    if suffix == ".csv":
        lines = [";".join(map(str, row)) for row in [HEADER, *rows]]
        path.write_text("\n".join(lines), encoding="cp1252")
    else:
        book = openpyxl.Workbook()
        for row in [HEADER, *rows]:
            book.active.append(row)
        book.save(path)
    register = idocore.open("memory:")
    found = register.places.import_cbs(path, date(2025, 1, 1))
    assert [one.code for one in found.added] == ["GM9999"]
    assert [one.name for one in found.changed] == ["Nieuwe naam"]
    assert [one.code for one in found.ended] == ["GM1696"]
    assert register.places.municipality("Ons Dorp").valid_from == date(2025, 1, 1)
    assert register.places.import_cbs(path, date(2025, 1, 1)) == type(found)((), (), ())


def test_a_file_that_is_no_list_of_cbs_says_what_is_missing(tmp_path: Path) -> None:
    """One typed error that names the columns."""
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(idocore.ExchangeError, match="GemeentecodeGM"):
        idocore.open("memory:").places.import_cbs(path, date(2024, 1, 1))


def test_an_unknown_place_names_the_nearest() -> None:
    """A typo is answered with what was probably meant."""
    register = idocore.open("memory:")
    register.places.add_service_point("centrale", municipality="Utrecht")
    with pytest.raises(idocore.NotFoundError, match="centrale"):
        register.places.service_point("central")
    with pytest.raises(LookupError, match="Utrecht"):
        register.places.municipality("Utrech")


def test_a_point_does_not_move_to_who_is_not_known() -> None:
    """A mistyped organisation is refused, as it is when a point is added."""
    register = furnished(idocore.open("memory:", clock=lambda: NOW))
    with pytest.raises(idocore.NotFoundError) as caught:
        register.places.move("centrale", "2024-06-01", organisation="typo")
    assert caught.value.code == "unknown-organisation"
    assert len(register.places.service_point("centrale").sitings) == 1
    assert register.places.move("centrale", "2024-06-01", organisation="zuid").sitings[1].organisation == "zuid"
