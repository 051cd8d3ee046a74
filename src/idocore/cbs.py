"""CBS's own file "Gemeenten alfabetisch", read as it is published: CSV or xlsx, one year, valid on 1 January."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from attrs import evolve, frozen

from idocore import plugins
from idocore.errors import ExchangeError
from idocore.gazetteer import Gazetteer
from idocore.places import Municipality, Province
from idocore.text_files import decode

COLUMNS: Final = (
    "Gemeentecode",
    "GemeentecodeGM",
    "Gemeentenaam",
    "Provinciecode",
    "ProvinciecodePV",
    "Provincienaam",
)


@frozen
class MunicipalityList:
    """The municipalities of one day with their provinces, as CBS lists them."""

    valid_on: date
    municipalities: tuple[Municipality, ...]
    provinces: tuple[Province, ...]


@frozen
class Difference:
    """What a list of CBS says that the places do not: new municipalities, changed ones and ended ones."""

    added: tuple[Municipality, ...]
    changed: tuple[Municipality, ...]
    ended: tuple[Municipality, ...]


def read_municipalities(path: str | Path, valid_on: date) -> MunicipalityList:
    """The list in the file at `path`; raises ExchangeError with row and column at the first line that is wrong."""
    path = Path(path)
    rows = _sheet_rows(path) if path.suffix.lower() in (".xlsx", ".xlsm") else _csv_rows(path)
    header, numbered = _after_header(rows)
    municipalities: dict[str, Municipality] = {}
    provinces: dict[str, Province] = {}
    for number, row in numbered:
        values = dict.fromkeys(header, "") | dict(zip(header, (_text(cell) for cell in row), strict=False))
        if any(values.values()):
            one = _municipality(values, number)
            municipalities[one.code] = one
            provinces[one.province] = Province(one.province, values["Provincienaam"])
    if not municipalities:
        raise ExchangeError("cbs-empty", row=1)
    return MunicipalityList(valid_on, tuple(municipalities.values()), tuple(provinces.values()))


def _sheet_rows(path: Path) -> Iterator[tuple[int, list[Any]]]:
    read = plugins.load("idocore.importers", "rows.xlsx")
    yield from read(path)


def _csv_rows(path: Path) -> Iterator[tuple[int, list[Any]]]:
    text = decode(path)
    delimiter = ";" if text.partition("\n")[0].count(";") >= 2 else ","
    yield from enumerate(csv.reader(text.splitlines(), delimiter=delimiter), start=1)


def _after_header(rows: Iterable[tuple[int, list[Any]]]) -> tuple[list[str], Iterator[tuple[int, list[Any]]]]:
    numbered = iter(rows)
    for _, row in numbered:
        header = [_text(cell) for cell in row]
        if "GemeentecodeGM" in header:
            missing = [name for name in COLUMNS if name not in header]
            if missing:
                raise ExchangeError("cbs-columns", row=1, missing=missing)
            return header, numbered
    raise ExchangeError("cbs-columns", row=1, missing=list(COLUMNS))


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


def _municipality(values: Mapping[str, str], number: int) -> Municipality:
    code, province = values["GemeentecodeGM"], values["ProvinciecodePV"]
    for column, value, start in (("GemeentecodeGM", code, "GM"), ("ProvinciecodePV", province, "PV")):
        if not (value.startswith(start) and value[2:].isdigit()):
            raise ExchangeError("cbs-code", row=number, column=column, value=value)
    if not values["Gemeentenaam"]:
        raise ExchangeError("cbs-code", row=number, column="Gemeentenaam", value="")
    return Municipality(code, values["Gemeentenaam"], province)


def compare(listed: MunicipalityList, places: Gazetteer) -> Difference:
    """What `listed` says that `places` do not; ended ones still need a succession that says where they went."""
    known = {one.code: one for one in places.municipalities(listed.valid_on)}
    ever = {one.code: one for one in places.municipalities()}
    wanted = {one.code: one for one in listed.municipalities}
    added = tuple(evolve(one, valid_from=listed.valid_on) for code, one in wanted.items() if code not in ever)
    changed = tuple(
        evolve(known[code], name=one.name, province=one.province)
        for code, one in wanted.items()
        if code in known and (known[code].name, known[code].province) != (one.name, one.province)
    )
    ended = tuple(evolve(one, valid_until=listed.valid_on) for code, one in known.items() if code not in wanted)
    return Difference(added, changed, ended)
