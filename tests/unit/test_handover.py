"""A table is the same in every program that takes it."""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import duckdb
import polars
import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import Phase, given, settings

import idocore
from idocore.statistics import handover
from tests.tables import table, tables

Property = Callable[[str, object], None]
Read = Callable[[idocore.Table], list[dict[str, Any]]]


def by_duckdb(counted: idocore.Table) -> list[dict[str, Any]]:
    with duckdb.connect() as connection:
        found = counted.to_duckdb(connection)
        return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def by_duckdb_scan(counted: idocore.Table) -> list[dict[str, Any]]:
    with duckdb.connect() as connection:
        found = connection.sql("FROM counted")
        return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def by_pandas(counted: idocore.Table, **how: Any) -> list[dict[str, Any]]:
    frame = counted.to_pandas(**how).astype(object)
    found: list[dict[str, Any]] = frame.where(frame.notna(), None).to_dict("records")
    return found


READERS: dict[str, Read] = {
    "pyarrow": lambda counted: pyarrow.table(counted).to_pylist(),
    "polars": lambda counted: polars.DataFrame(counted).to_dicts(),
    "polars, interchange": lambda counted: polars.from_dataframe(counted).to_dicts(),
    "polars, an Enum": lambda counted: counted.to_polars(categories=True).to_dicts(),
    "pandas": by_pandas,
    "pandas, categories": lambda counted: by_pandas(counted, categories=True),
    "duckdb": by_duckdb,
    "duckdb, FROM": by_duckdb_scan,
}


def examine(read: Read, count: int = 25) -> int:
    """How many random tables came back as they were; fails at the first that did not, without making it smaller."""
    seen = 0

    @given(tables())
    @settings(max_examples=count, phases=[Phase.explicit, Phase.generate])
    def check(counted: idocore.Table) -> None:
        nonlocal seen
        assert read(counted) == counted.to_dicts()
        seen += 1

    check()
    return seen


@pytest.mark.parametrize("name", READERS)
def test_every_program_reads_the_same(name: str, record_property: Property) -> None:
    """Rows, their order, codes, numbers, and None where none can be given: as `to_dicts` has them."""
    seen = examine(READERS[name])
    record_property("promise", "a table is the same in every program")
    record_property("reached", f"{name}: {seen} random tables, 0 otherwise")


def zeros(counted: idocore.Table, position: int) -> Any:
    return pyarrow.array([row.numbers[position] or 0 for row in counted.rows])


def reversed_numbers(counted: idocore.Table, position: int) -> Any:
    return pyarrow.array([row.numbers[position] for row in reversed(counted.rows)])


@pytest.mark.parametrize("twin", [zeros, reversed_numbers])
def test_a_hand_over_that_changes_numbers_is_caught(twin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken twins write 0 for None, or lose the order."""
    monkeypatch.setattr(handover, "_numbers", twin)
    with pytest.raises(AssertionError):
        examine(READERS["pyarrow"])


def test_categories_in_the_order_of_the_set_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken twin numbers codes in an order of its own, not that of the list."""
    monkeypatch.setattr(handover, "in_order", lambda counted, name: sorted({row.codes[0] for row in counted.rows}))
    assert categories() != ["z", "a"]
    monkeypatch.undo()
    assert categories() == ["z", "a"]


def categories() -> list[str]:
    label = idocore.Label("naam", "name")
    counted = table(("help",), [("z", 1), ("a", 2)], help={"z": label, "q": idocore.Label("q", "q"), "a": label})
    dtype = counted.to_pandas(categories=True)["help"].cat
    assert dtype.ordered
    return list(dtype.categories)


@given(tables())
def test_types_do_not_depend_on_the_rows(counted: idocore.Table) -> None:
    """Codes are strings, counts int64, shares float64, in an empty table too."""
    for name, kind in zip(counted.columns, pyarrow.table(counted).schema.types, strict=True):
        expected = "string" if name in counted.query.by else "double" if name.startswith("share") else "int64"
        assert str(kind) == expected


@given(tables())
def test_names_on_request(counted: idocore.Table) -> None:
    """With labels every code is its name, every heading is different, and what is not known stays None."""
    for language in ("nl", "en"):
        frame = counted.to_polars(language)
        assert len(set(frame.columns)) == len(counted.columns)
        for position, name in enumerate(counted.query.by):
            codes = [row.codes[position] for row in counted.rows]
            named = [None if code is None else counted.label(name, code, language) for code in codes]
            assert frame.to_series(position).to_list() == named


def test_two_codes_of_one_name_are_one_category() -> None:
    """Frames want categories to differ; two places with one name are not an error."""
    same = {"a": idocore.Label("Zelfde", "Same"), "b": idocore.Label("Zelfde", "Same")}
    counted = table(("province",), [("a", 1), ("b", 2), (None, 3)], province=same)
    assert counted.to_pandas("nl", categories=True)["province"].to_list()[:2] == ["Zelfde", "Zelfde"]
    assert counted.to_polars("nl", categories=True)["province"].to_list() == ["Zelfde", "Zelfde", None]


@given(tables())
def test_what_is_said_beside_the_rows_travels_along(counted: idocore.Table) -> None:
    """Query, base, unknowns, notes and position are in the metadata of the schema, as JSON, and in pandas' attrs."""
    schema = pyarrow.table(counted).schema
    found = {key.decode().removeprefix(handover.PREFIX): json.loads(value) for key, value in schema.metadata.items()}
    assert found == plain(handover.about(counted)) == plain(counted.to_pandas().attrs["idocore"])
    assert found["base"] == counted.base
    assert found["query"]["by"] == list(counted.query.by)
    assert found["as_of"] == {"s1": 12}
    for name in counted.query.by:
        labels = json.loads(schema.field(name).metadata.get(b"idocore.codes", "{}"))
        codes = handover.in_order(counted, name) if name in counted.labels else []
        assert {code: label["nl"] for code, label in labels.items()} == {
            code: counted.label(name, code, "nl") for code in codes
        }


def plain(content: object) -> object:
    return json.loads(json.dumps(content))


def test_parquet_keeps_it_all(tmp_path: Any) -> None:
    """A Parquet file gives back the rows and the metadata."""
    counted = table(("province",), [("PV26", 3), (None, None)])
    (path,) = counted.write(tmp_path / "counts.parquet")
    found = pyarrow.parquet.read_table(path)
    assert found.to_pylist() == counted.to_dicts()
    assert json.loads(found.schema.metadata[b"idocore.base"]) == {"visitors": 3}


def test_taking_it_twice_makes_it_once() -> None:
    """The columns are built when they are first asked for, and shared from then on."""
    counted = table(("province",), [("PV26", 3)])
    first, second = pyarrow.table(counted), pyarrow.table(counted)
    assert first["visitors"].chunk(0).buffers()[1].address == second["visitors"].chunk(0).buffers()[1].address


@pytest.mark.parametrize(("name", "extra"), [("pyarrow", "frames"), ("duckdb", "lake"), ("altair", "charts")])
def test_a_missing_library_says_what_to_install(name: str, extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error is also an ImportError, and names the extra."""
    monkeypatch.setitem(sys.modules, name, None)
    counted = table(("province",), [("PV26", 3)])
    asked = {"pyarrow": counted.to_arrow, "duckdb": counted.to_duckdb, "altair": counted.plot}[name]
    with pytest.raises(idocore.PluginDependencyError) as caught:
        asked()
    assert caught.value.install == f"pip install 'idocore[{extra}]'"


def test_nothing_heavy_is_imported_before_it_is_used() -> None:
    """`import idocore` brings none of the libraries that take a table."""
    heavy = "pyarrow polars pandas duckdb altair vl_convert"
    code = f"import sys, idocore; print([name for name in '{heavy}'.split() if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
