"""Hostile files: one typed error, little memory, and soon; the program lives on."""

import io
import random
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import openpyxl
import pytest

import idocore
from idocore import ExchangeError
from idocore_excel import guard
from idocore_excel.books import open_book
from idocore_excel.limits import LIMITS
from tests.sheets import two_points
from tests.soffice import Soffice
from tests.xls import xls

Property = Callable[[str, object], None]
Make = Callable[[Path], object]
SHEET = "xl/worksheets/sheet1.xml"
HEAD = '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = "</sheetData></worksheet>"
MUTATIONS = 2_500
KINDS = ("xlsx", "ods", "xls", "csv")


def plain(path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet: Any = workbook.active
    for number in range(1, 40):
        sheet.append([number, f"tekst {number}", number / 3, "x"])
    with path.open("wb") as file:  # whatever its ending
        workbook.save(file)


def with_part(path: Path, name: str, content: bytes | str) -> None:
    """A workbook of which one part is replaced."""
    buffer = io.BytesIO()
    plain(path)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.infolist():
            new.writestr(one, content if one.filename == name else old.read(one))
        if name not in old.namelist():
            new.writestr(name, content)
    path.write_bytes(buffer.getvalue())


def cells(*addresses: str) -> str:
    """A sheet with a 1 in each of these cells."""
    made = []
    for one in addresses:
        number = one.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        made.append(f'<row r="{number}"><c r="{one}"><v>1</v></c></row>')
    return HEAD + "".join(made) + TAIL


def bomb(path: Path) -> None:
    with_part(path, SHEET, HEAD + " " * 400_000_000 + TAIL)


def entities(path: Path) -> None:
    lol = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    with_part(path, SHEET, HEAD.replace("<worksheet", lol + "<worksheet") + TAIL)


def many_sheets(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(10_000):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", HEAD + TAIL)


def giant_string(path: Path) -> None:
    chance = random.Random(1)
    text = chance.randbytes(20_000_000).hex()
    with_part(path, SHEET, f'{HEAD}<row r="1"><c r="A1" t="inlineStr"><is><t>{text}</t></is></c></row>{TAIL}')


def encrypted(path: Path) -> None:
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"))


def truncated(path: Path) -> None:
    plain(path)
    path.write_bytes(path.read_bytes()[:-900])


def repeated(path: Path) -> None:
    content = '<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="99999999"/>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", f"<office:document-content>{content}</office:document-content>")


def elsewhere(path: Path) -> None:
    """A sheet that lies where no program puts one, and is found all the same."""
    with_part(path, SHEET, cells("A1", "AZ1048576"))
    buffer = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.namelist():
            content = old.read(one)
            if one in ("[Content_Types].xml", "xl/_rels/workbook.xml.rels"):
                content = content.replace(b"xl/worksheets/sheet1.xml", b"xl/tabs/sheet1.part")
            new.writestr("xl/tabs/sheet1.part" if one == SHEET else one, content)
    path.write_bytes(buffer.getvalue())


def open_document(path: Path, *rows: str) -> None:
    """An OpenDocument file with these rows."""
    names = " ".join(
        f'xmlns:{one}="urn:oasis:names:tc:opendocument:xmlns:{one}:1.0"' for one in ("office", "table", "text")
    )
    table = f'<table:table table:name="Blad1">{"".join(rows)}</table:table>'
    body = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", f"<office:document-content {names}>{body}</office:document-content>")


ONE = '<table:table-cell office:value-type="float" office:value="1"/>'


def far_row(path: Path) -> None:
    """As programs write it: nothing, so many times over."""
    nothing = '<table:table-row table:number-rows-repeated="1048574"><table:table-cell/></table:table-row>'
    last = f'<table:table-row><table:table-cell table:number-columns-repeated="25"/>{ONE}</table:table-row>'
    open_document(path, f"<table:table-row>{ONE}</table:table-row>", nothing, last)


def many_rows_alike(path: Path) -> None:
    open_document(path, f'<table:table-row table:number-rows-repeated="1048576">{ONE}</table:table-row>')


def giant_cell(path: Path) -> None:
    path.write_text("Datum;x\n" + "a" * 60_000_000 + "\n", encoding="ascii")


HOSTILE: dict[str, tuple[Make, str]] = {
    "zip bomb": (bomb, "workbook-bomb"),
    "entity bomb": (entities, "workbook-entities"),
    "far cell": (lambda path: with_part(path, SHEET, cells("A1", "XFD1048576")), "workbook-far-cell"),
    "far cell in other writing": (
        lambda path: with_part(
            path, SHEET, cells("A1", "XFD1048576").replace('r="XFD', "r = 'xfd").replace('6"><v', "6'><v")
        ),
        "workbook-far-cell",
    ),
    "UTF-16": (lambda path: with_part(path, SHEET, cells("A1", "XFD1048576").encode("utf-16")), "workbook-damaged"),
    "far cell in a long tag": (
        lambda path: with_part(
            path, SHEET, cells("A1", "XFD1048576").replace(' r="', ' a="' + "ab" * 600_000 + '" r="')
        ),
        "workbook-far-cell",
    ),
    "far row": (lambda path: with_part(path, SHEET, cells("A1", "Z1048576")), "workbook-far-cell"),
    "10,000 sheets": (many_sheets, "workbook-too-many-sheets"),
    "giant string": (giant_string, "workbook-long-text"),
    "encrypted": (encrypted, "workbook-encrypted"),
    "truncated": (truncated, "workbook-damaged"),
    "repeated cells": (repeated, "workbook-far-cell"),
    "far cell in a sheet elsewhere": (elsewhere, "workbook-far-cell"),
    "far row in OpenDocument": (far_row, "workbook-far-cell"),
    "a million rows said to be alike": (many_rows_alike, "workbook-far-cell"),
    "far cell in xls": (lambda path: path.write_bytes(xls((0, 0), (65_535, 255))), "workbook-unbearable"),
    "giant cell in CSV": (giant_cell, "csv-broken"),
    "a picture": (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9), "not-a-table"),
    "another zip": (lambda path: zipfile.ZipFile(path, "w").writestr("a.txt", "a"), "not-a-table"),
    "broken xls": (
        lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\7" * 900),
        "workbook-unreadable",
    ),
}

_CHILD = """
import resource, sys, time, idocore
from idocore_excel.books import open_book
begin = time.perf_counter()
try:
    with open_book(sys.argv[1]) as book:
        print("read", sum(1 for _ in book.rows()))
except idocore.ExchangeError as error:
    print("refused", error.code)
taken = time.perf_counter() - begin
from idocore_excel.reading_process import end_all
end_all()
with open("/proc/self/status") as status:
    ours = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
theirs = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print((ours + theirs) // 1024, round(taken, 1))
"""
"""What the program itself took at most is asked of its own memory: `ru_maxrss` begins with what its parent took."""


def measured(path: Path) -> tuple[str, int, float]:
    """What becomes of the file in a program of its own, how many MB that and its reading process took, and seconds."""
    done = subprocess.run([sys.executable, "-c", _CHILD, str(path)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    said, figures = done.stdout.strip().splitlines()
    peak, taken = figures.split()
    return said, int(peak), float(taken)


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_refused_in_little_memory(name: str, tmp_path: Path, record_property: Property) -> None:
    """One typed error with its code; under 150 MB for program and reader together."""
    make, code = HOSTILE[name]
    make(tmp_path / "a.xlsx")
    said, peak, taken = measured(tmp_path / "a.xlsx")
    assert said == f"refused {code}"
    assert peak < 150
    record_property("promise", "a hostile workbook is harmless")
    record_property("reached", f"{name}: {code}, at most {peak} MB, {taken} s")


def test_a_million_empty_rows_are_cheap(tmp_path: Path, record_property: Property) -> None:
    """They are read, as nothing."""
    empty = "".join(f'<row r="{number}"/>' for number in range(2, 1_000_001))
    with_part(tmp_path / "a.xlsx", SHEET, HEAD + '<row r="1"><c r="A1"><v>1</v></c></row>' + empty + TAIL)
    said, peak, taken = measured(tmp_path / "a.xlsx")
    assert said == "read 1"
    assert peak < 150
    record_property("promise", "a hostile workbook is harmless")
    record_property("reached", f"a million empty rows: read, at most {peak} MB, {taken} s")


def test_what_is_near_is_read(tmp_path: Path) -> None:
    """The same kinds of file, with nothing far off."""
    (tmp_path / "a.xls").write_bytes(xls((0, 0), (1, 3)))
    row = f'<table:table-row table:number-rows-repeated="2">{ONE}</table:table-row>'
    open_document(tmp_path / "a.ods", row, '<table:table-row table:number-rows-repeated="1048574"/>')
    for name in ("a.xls", "a.ods"):
        with open_book(tmp_path / name) as book:
            assert [one.number for one in book.rows()] == [1, 2]


@pytest.mark.parametrize("ending", ["xls", "xlsx", "xlsb", "ods", "csv", "dat"])
def test_a_wrong_ending_does_no_harm(ending: str, tmp_path: Path) -> None:
    """A workbook is opened by what it is, whatever it is called."""
    row = f"<table:table-row>{ONE}</table:table-row>"
    kinds: list[Make] = [plain, lambda path: path.write_bytes(xls((0, 0))), lambda path: open_document(path, row)]
    for make in kinds:
        make(tmp_path / "real")
        named = (tmp_path / "real").rename(tmp_path / f"a.{ending}")
        with open_book(named) as book:
            assert next(book.rows()).cells[0] == 1


def test_macros_and_links_are_left_alone(tmp_path: Path) -> None:
    """A part that holds a program, or points elsewhere, is not touched; the rows are read."""
    with_part(tmp_path / "a.xlsm", "xl/vbaProject.bin", b"\0" * 100)
    with open_book(tmp_path / "a.xlsm") as book:
        assert len(list(book.rows())) == 39


def test_a_reader_that_dies_takes_nobody_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken twin looks at nothing first: the reader dies of the far cell, and the program gets the typed error."""
    with_part(tmp_path / "far.xlsx", SHEET, cells("A1", "XFD1048576"))
    plain(tmp_path / "good.xlsx")
    monkeypatch.setattr("idocore_excel.books.check_zip", lambda path, limits: 10**9)
    limits = attrs.evolve(LIMITS, memory=1_000_000_000)
    with pytest.raises(ExchangeError) as caught, open_book(tmp_path / "far.xlsx", limits) as book:
        list(book.rows())
    assert caught.value.code == "workbook-unbearable"
    with open_book(tmp_path / "good.xlsx", limits) as book:
        assert len(list(book.rows())) == 39


def test_an_unguarded_bomb_is_caught(tmp_path: Path) -> None:
    """The broken twin has no limits, and takes in what the guard refuses."""
    entities(tmp_path / "a.xlsx")
    with pytest.raises(ExchangeError):
        guard.check_zip(tmp_path / "a.xlsx", LIMITS)
    many_sheets(tmp_path / "b.xlsx")
    guard.check_zip(tmp_path / "b.xlsx", attrs.evolve(LIMITS, entries=10**9, sheets=10**9))


def mutated(original: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, a piece cut out or doubled, or the end missing."""
    data = bytearray(original)
    for _ in range(chance.randint(1, 8)):
        place = chance.randrange(len(data))
        match chance.randrange(4):
            case 0:
                data[place] = chance.randrange(256)
            case 1:
                data[place : place + 4] = struct.pack("<I", chance.choice([0, 1, 2**31, 2**32 - 1]))
            case 2:
                del data[place : place + chance.randint(1, 40)]
            case _:
                data[place:place] = data[place : place + 40]
        data = data or bytearray(b" ")
    return bytes(data[: chance.randrange(len(data))] if chance.random() < 0.1 else data)


def inside(original: bytes, chance: random.Random) -> bytes:
    """The same done to one part within a zip, which stays whole."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(original)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        chosen = chance.choice(old.namelist())
        for name in old.namelist():
            new.writestr(name, mutated(old.read(name) or b" ", chance) if name == chosen else old.read(name))
    return buffer.getvalue()


PROFILE = """
profile = "m"
sheets = ["*"]
header = []
ignore = ["*"]
fixed = { service_point = "centrale" }
columns = [{ letter = "B", to = "moment" }, { letter = "D", to = "inquiries.topic" }]
"""


def through(path: Path, register: idocore.Register) -> int:
    """How often a file is refused when it is loaded, marked and proposed for; what is read is accounted for."""
    refused = 0
    (path.parent / "p.toml").write_text(PROFILE, encoding="utf-8")
    for theme in ("ido", None):
        try:
            if theme:
                register.sheets.propose(path, theme=theme)
                continue
            errors = path.parent / "marked.xlsx"
            done = register.sheets.load(path, profile=path.parent / "p.toml", dry_run=True, errors=errors)
            assert done.read == done.accepted + done.warned + done.rejected + done.skipped
            assert (done.rejected > 0) == errors.exists()
            errors.unlink(missing_ok=True)
        except ExchangeError:
            refused += 1
    return refused


def cut(path: Path, name: str, length: int) -> None:
    """A workbook of which one part ends too soon."""
    plain(path)
    with zipfile.ZipFile(path) as archive:
        content = archive.read(name)
    with_part(path, name, content[:length])


def test_a_part_that_ends_too_soon_is_no_surprise(tmp_path: Path) -> None:
    """Wherever a part of the workbook is cut off, the faulty cells are marked, or the file is refused."""
    path, register = tmp_path / "a.xlsx", two_points()
    plain(path)
    with zipfile.ZipFile(path) as archive:
        sizes = {one.filename: one.file_size for one in archive.infolist()}
    refused = 0
    for name, size in sizes.items():
        for length in (size - 1, size - 8, size // 2, size // 5, 30):
            cut(path, name, length)
            refused += through(path, register)
    assert 0 < refused < 10 * len(sizes), "loaded and proposed for"


def test_a_careless_mark_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken twin believes that every tag ends, and falls over a part that does not."""
    cut(tmp_path / "a.xlsx", "[Content_Types].xml", 400)
    register = two_points()
    through(tmp_path / "a.xlsx", register)
    monkeypatch.setattr("idocore_excel.marking.files._UNKNOWN", ())
    monkeypatch.setattr("idocore_excel.marking.scanning._end_of", lambda data, index: data.index(b">", index) + 1)
    with pytest.raises(ValueError, match="not found"):
        through(tmp_path / "a.xlsx", register)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("kind", KINDS)
def test_mutated_files_raise_one_kind_of_error(
    soffice: Soffice, tmp_path: Path, record_property: Property, kind: str
) -> None:
    """10,000 files of four formats: read, or refused with ExchangeError; nothing else.

    One in twenty also through the whole import, with its faulty cells marked, and through a proposal.
    """
    register = two_points()
    plain(tmp_path / "a.xlsx")
    made = tmp_path / "a.xlsx" if kind == "xlsx" else soffice.convert(tmp_path / "a.xlsx", kind, tmp_path / "made")
    source = made.read_bytes()
    is_zip = source.startswith(b"PK")
    chance, refused, path = random.Random(kind), 0, tmp_path / "m"
    limits = attrs.evolve(LIMITS, memory=1_500_000_000, seconds=30)
    for number in range(MUTATIONS):
        path.write_bytes(inside(source, chance) if is_zip and chance.random() < 0.7 else mutated(source, chance))
        try:
            with open_book(path, limits) as book:
                for sheet in book.sheets:
                    for _ in book.rows(sheet.name):
                        pass
        except ExchangeError:
            refused += 1
        if number % 20 == 0:
            through(path, register)
    assert 0 < refused < MUTATIONS
    record_property("promise", "import conserves")
    record_property("reached", f"{MUTATIONS} mutated {kind} files: {refused} refused, the others read, no other error")
