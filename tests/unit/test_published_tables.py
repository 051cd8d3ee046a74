"""SDMX and CSV on the Web, read back by readers that are not ours: sdmx1 and csvw."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import attrs
import pytest
import sdmx
from csvw import CSVW
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import idocore
from idocore.safe_text import harmless, original
from idocore.statistics import csv_on_the_web
from idocore.statistics import sdmx as ours
from idocore.statistics.measures import Absence
from tests.tables import CODES, table, tables

Property = Callable[[str, object], None]
Rows = list[dict[str, Any]]
QUICK = settings(max_examples=40, phases=[Phase.explicit, Phase.generate])


def structure_of(counted: idocore.Table) -> Any:
    """What sdmx1 reads of the structure message."""
    return sdmx.read_sdmx(io.BytesIO(counted.to_sdmx_structure().encode()))


def by_sdmx(counted: idocore.Table, text: str | None = None) -> Rows:
    """The rows of the SDMX-CSV as sdmx1 reads them by the structure, with codes and periods of ours."""
    (flow,) = structure_of(counted).dataflow.values()
    content = counted.to_sdmx_csv() if text is None else text
    if content.count("\n") == 1:
        return []
    message = sdmx.reader.csv.Reader().convert(io.BytesIO(content.encode()), structure=flow)
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for one in message.data[0].obs:
        codes = {name: str(key.value) for name, key in one.dimension.values.items() if name != "FREQ"}
        measure = ours.own_code(codes.pop(ours.MEASURE)) or ""
        names = {name.lower(): ours.own_code(code) for name, code in codes.items() if name != ours.TIME}
        if ours.TIME in codes:
            (period,) = set(counted.query.by) - set(names)
            names[period] = codes[ours.TIME].replace("-S", "-H")
        key = tuple(names[name] for name in counted.query.by)
        assert (one.value == "") == (str(one.attached_attribute[ours.STATUS].value) != "A")
        kind = float if measure.startswith("share") else int
        row = found.setdefault(key, dict(zip(counted.query.by, key, strict=True)))
        row[measure] = kind(one.value) if one.value else None
    return list(found.values())


def by_csvw(counted: idocore.Table) -> Rows:
    """The rows as csvw reads them; fails when the file is not what its metadata says."""
    with TemporaryDirectory() as directory:
        path, *_ = counted.to_csvw(Path(directory) / "counts.csv")
        read = CSVW(str(path), validate=True, strict=False)
        assert read.is_valid, read.warnings
        return [{name: _plain(value) for name, value in row.items()} for row in read.tables[0].iterdicts()]


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, int):
        return value
    return original(value) if isinstance(value, str) else float(value) if hasattr(value, "as_tuple") else _day(value)


def _day(value: Any) -> Any:
    return value if isinstance(value, float) else value.isoformat()[:10]


READERS: dict[str, Callable[[idocore.Table], Rows]] = {"sdmx1": by_sdmx, "csvw": by_csvw}


def examine(read: Callable[[idocore.Table], Rows]) -> int:
    seen = 0

    @QUICK
    @given(tables())
    def check(counted: idocore.Table) -> None:
        nonlocal seen
        assert read(counted) == counted.to_dicts()
        seen += 1

    check()
    return seen


@pytest.mark.parametrize("name", READERS)
def test_an_independent_reader_reads_the_same(name: str, record_property: Property) -> None:
    """Rows, their order, codes, numbers and what is None come back as they went."""
    seen = examine(READERS[name])
    record_property("promise", "a table is the same in every program")
    record_property("reached", f"{name}: {seen} random tables, 0 otherwise")


def test_codes_written_as_they_are_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken twins write codes that SDMX does not allow, and unknown as an empty code."""
    monkeypatch.setattr(ours, "sdmx_code", lambda code: code or "")
    with pytest.raises(AssertionError):
        examine(by_sdmx)


def test_metadata_of_other_columns_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken twin calls every measure a whole number; the reader refuses the shares."""
    monkeypatch.setattr(csv_on_the_web, "is_whole", lambda counted, number: True)
    with pytest.raises((AssertionError, ValueError, UserWarning)):
        examine(by_csvw)


@QUICK
@given(tables())
def test_names_are_in_the_structure_message(counted: idocore.Table) -> None:
    """sdmx1 finds the Dutch and English name of every code, quotes and line breaks included, and of every dimension."""
    message = structure_of(counted)
    layout = ours.Layout.of(counted)
    (structure,) = message.structure.values()
    concepts = message.concept_scheme["CS_IDOCORE"]
    for name in layout.coded:
        codes = message.codelist[f"CL_{name.upper()}"]
        dimension = structure.dimensions.get(name.upper())
        assert dimension.local_representation.enumerated is codes
        for language in ("nl", "en"):
            assert concepts[name.upper()].name.localizations[language] == counted.heading(name, language)
            for code in {row.codes[counted.query.by.index(name)] for row in counted.rows}:
                found = codes[ours.sdmx_code(code)].name.localizations[language]
                assert found == counted.label(name, code, language)


@QUICK
@given(tables())
def test_names_are_in_the_lists_of_csvw(counted: idocore.Table) -> None:
    """csvw finds each name, in both languages, in the list that the column refers to."""
    with TemporaryDirectory() as directory:
        _, about, *lists = counted.to_csvw(Path(directory) / "counts.csv")
        read = CSVW(str(about), validate=True, strict=False)
        assert len(read.tables) == 1 + len(lists)
        for key in read.tables[0].tableSchema.foreignKeys:
            (name,) = key.columnReference
            listed = next(one for one in read.tables if one.url.string == key.reference.resource.string)
            for row in listed.iterdicts():
                code = original(row["code"])
                names = [original(row[language]) for language in ("nl", "en")]
                assert names == [counted.label(name, code, language) for language in ("nl", "en")]


@pytest.mark.parametrize(
    ("kind", "code", "written", "frequency"),
    [
        ("month", "2024-04", "2024-04", "M"),
        ("quarter", "2024-Q1", "2024-Q1", "Q"),
        ("half_year", "2024-H1", "2024-S1", "S"),
        ("week", "2024-W05", "2024-W05", "W"),
        ("year", "2024", "2024", "A"),
        ("day", "2024-04-01", "2024-04-01", "D"),
    ],
)
def test_periods_are_those_of_sdmx(kind: str, code: str, written: str, frequency: str) -> None:
    """TIME_PERIOD and FREQ as SDMX writes them."""
    (row,) = csv.DictReader(io.StringIO(table((kind,), [(code, 3)]).to_sdmx_csv()))
    assert (row["FREQ"], row["TIME_PERIOD"], row["OBS_VALUE"]) == (frequency, written, "3")


def test_a_period_that_is_not_known_is_a_code() -> None:
    """A record known by month has no week: then weeks are codes, and unknown is _U, as for every dimension."""
    rows = list(csv.DictReader(io.StringIO(table(("week",), [("2024-W05", 3), (None, 4)]).to_sdmx_csv())))
    assert [row["WEEK"] for row in rows] == ["2024-W05", "_U"]
    assert "TIME_PERIOD" not in rows[0]


def test_names_beside_codes_on_request() -> None:
    """With labels headings and codes are followed by their names, on one line."""
    counted = table(("province",), [("PV26", 3)], province={"PV26": idocore.Label("Utrecht\n(stad)", "Utrecht")})
    (row,) = csv.DictReader(io.StringIO(counted.to_sdmx_csv("nl")))
    assert row["PROVINCE: province"] == "PV26: Utrecht (stad)"


@given(CODES | st.text(max_size=20))
def test_every_code_can_be_had_back(code: str) -> None:
    """Whatever the code, SDMX allows what stands for it, no spreadsheet takes it for a formula, and it comes back."""
    written = ours.sdmx_code(code)
    assert ours.own_code(written) == code
    assert written.replace("$", "").replace("_", "").replace("-", "").replace("@", "").isalnum() or written == "$$"
    assert written.isascii()
    assert harmless(written) == written


@pytest.mark.parametrize(
    ("why", "written"),
    [
        (Absence.NOT_EXISTING, ("M", "F")),
        (Absence.CLOSED, ("M", "F")),
        (Absence.UNKNOWN, ("L", "F")),
        (Absence.PARTIAL, ("O", "F")),
        (Absence.SUPPRESSED, ("Q", "C")),
        (None, ("O", "F")),
    ],
)
def test_why_a_number_is_not_there(why: Absence | None, written: tuple[str, str]) -> None:
    """Its status says so, only what is suppressed is confidential, and every code has a name."""
    counted = table(("province",), [("PV26", 3), ("PV27", None)])
    counted = attrs.evolve(counted, rows=(counted.rows[0], attrs.evolve(counted.rows[1], why=(why,))))
    first, second = csv.DictReader(io.StringIO(counted.to_sdmx_csv()))
    assert (first["OBS_STATUS"], first["CONF_STATUS"], first["OBS_VALUE"]) == ("A", "F", "3")
    assert (second["OBS_STATUS"], second["CONF_STATUS"], second["OBS_VALUE"]) == (*written, "")
    lists = structure_of(counted).codelist
    assert {written[0], "A"} <= set(lists["CL_OBS_STATUS"].items)
    assert {written[1], "F"} <= set(lists["CL_CONF_STATUS"].items)


def test_what_is_beside_the_rows_is_in_the_annotations() -> None:
    """Base, unknowns, notes and query travel with the dataflow."""
    (flow,) = structure_of(table(("province",), [("PV26", 3)])).dataflow.values()
    found = {one.id: str(one.text.localizations["en"]) for one in flow.annotations}
    assert found["idocore-base"] == '{"visitors": 3}'
    assert '"by": ["province"]' in found["idocore-query"]
