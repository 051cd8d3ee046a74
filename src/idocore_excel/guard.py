"""A look at a file before a native reader sees it: what it is by its content, and whether it is bearable."""

import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final
from zipfile import BadZipFile, ZipFile, ZipInfo

from attrs import define

from idocore import ExchangeError
from idocore_excel.limits import Limits

_CHUNK: Final = 1 << 20
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SHEET: Final = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_FORBIDDEN: Final = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_ODD: Final = (b"'", b"\t", b"\n", b"\r", b":row")
"""What spreadsheet programs do not put into a sheet: where there is none of it, the quick patterns see everything."""
_QUICK_ROW: Final = re.compile(rb"<row(?: [^>]*?)? r *= *\"(\d{1,9})\"[^>]*(?<!/)>")
_QUICK_FAR: Final = re.compile(rb" r *= *\"([A-Za-z]{2,3})(\d{1,9})\"[^>]*(?<!/)>")
_ROW: Final = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br\s*=\s*[\"'](\d{1,9})[\"'][^>]*(?<!/)>")
_FAR: Final = re.compile(rb"<(?:\w+:)?c\b[^>]*?\br\s*=\s*[\"']([A-Za-z]{2,3})(\d{1,9})[\"'][^>]*(?<!/)>")
_REPEATED: Final = re.compile(rb"<table:table-cell\b([^>]*)>")
_TIMES: Final = re.compile(rb"number-columns-repeated\s*=\s*[\"'](\d+)[\"']")


def kind_of(path: Path, limits: Limits) -> str:
    """``zip``, ``ole`` or ``text``, by the first bytes; raises ExchangeError when the file is too big or unreadable."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise ExchangeError("file-unreadable", path=str(path), reason=error.strerror or str(error)) from error
    if size > limits.file_bytes:
        raise ExchangeError("workbook-too-big", path=str(path), size=size, most=limits.file_bytes)
    if start.startswith(b"PK"):
        return "zip"
    return "ole" if start == _OLE else "text"


def check_ole(path: Path) -> None:
    """Raise ExchangeError for a workbook under a password, which is wrapped like this."""
    data = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise ExchangeError("workbook-encrypted", path=str(path))


def check_zip(path: Path, limits: Limits) -> None:
    """Raise ExchangeError for a zip that is no workbook, damaged, or not to be borne."""
    try:
        with ZipFile(path) as archive:
            _Look(path, limits, archive).look()
    except ExchangeError:
        raise
    except (BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError, ValueError, zlib.error) as error:
        raise ExchangeError("workbook-damaged", path=str(path), reason=type(error).__name__) from error


@define
class _Look:
    path: Path
    limits: Limits
    archive: ZipFile

    def look(self) -> None:
        entries = self.archive.infolist()
        self._check_sizes(entries)
        names = [entry.filename for entry in entries]
        if "content.xml" not in names and not any(name.startswith("xl/") for name in names):
            raise ExchangeError("not-a-table", path=str(self.path))
        sheets = [name for name in names if _SHEET.fullmatch(name)]
        if len(sheets) > self.limits.sheets:
            self._refuse("workbook-too-many-sheets", sheets=len(sheets), most=self.limits.sheets)
        for entry in entries:
            if entry.filename.lower().endswith((".xml", ".rels")):
                self._check_part(entry)

    def _check_sizes(self, entries: list[ZipInfo]) -> None:
        limits, unpacked = self.limits, sum(entry.file_size for entry in entries)
        if len(entries) > limits.entries:
            self._refuse("workbook-too-many-sheets", sheets=len(entries), most=limits.entries)
        if any(entry.flag_bits & 1 for entry in entries):
            self._refuse("workbook-encrypted")
        dense = any(
            entry.file_size > limits.small_bytes and entry.file_size > limits.ratio * entry.compress_size
            for entry in entries
        )
        if unpacked > limits.unpacked_bytes or dense:
            self._refuse("workbook-bomb", size=unpacked, most=limits.unpacked_bytes)

    def _check_part(self, entry: ZipInfo) -> None:
        look: Callable[[bytes], None] = lambda piece: None  # noqa: E731
        extent = _Extent()
        if _SHEET.fullmatch(entry.filename):
            look = extent.see
        elif entry.filename == "content.xml":
            look = self._check_repeats
        with self.archive.open(entry) as file:
            for piece in _pieces(file, self.limits.text_bytes):
                if _FORBIDDEN.search(piece):
                    self._refuse("workbook-entities", part=entry.filename)
                if b"\0" in piece:  # UTF-16, which no spreadsheet program writes, hides from a look at bytes
                    self._refuse("workbook-damaged", reason=f"{entry.filename}: NUL")
                if len(piece) > self.limits.text_bytes:
                    self._refuse("workbook-long-text", part=entry.filename)
                look(piece)
        self._check_extent(entry, extent)

    def _check_extent(self, entry: ZipInfo, extent: "_Extent") -> None:
        spanned, limits = extent.row * extent.column, self.limits
        is_sparse = spanned > limits.small_cells and spanned > limits.sparse * extent.filled
        if spanned > limits.cells or is_sparse:
            self._refuse("workbook-far-cell", part=entry.filename, row=extent.row, column=extent.letters)

    def _check_repeats(self, piece: bytes) -> None:
        for found in _REPEATED.finditer(piece):
            times = _TIMES.search(found[1])
            if times and b"value-type=" in found[1] and int(times[1]) > self.limits.repeats:
                self._refuse("workbook-far-cell", part="content.xml")

    def _refuse(self, code: str, **more: object) -> None:
        raise ExchangeError(code, path=str(self.path), **more)  # type: ignore[arg-type]


@define
class _Extent:
    """The range that the filled cells of a sheet span, and how many they are."""

    row: int = 1
    column: int = 26
    letters: str = "Z"
    filled: int = 0

    def see(self, piece: bytes) -> None:
        """Look at a piece of a sheet. What lies in columns A to Z is only counted, which is quick."""
        is_odd = any(sign in piece for sign in _ODD)
        self.filled += piece.count(b"</c>") + (piece.count(b":c>") if is_odd else 0)
        rows, far = (_ROW, _FAR) if is_odd else (_QUICK_ROW, _QUICK_FAR)
        if found := rows.findall(piece):
            self.row = max(self.row, *map(int, found))
        for letters, row in far.findall(piece):
            column = _number(letters)
            self.row = max(self.row, int(row))
            if column > self.column:
                self.column, self.letters = column, letters.decode()


def _number(letters: bytes) -> int:
    found = 0
    for letter in letters.upper():
        found = found * 26 + letter - 64
    return found


def _pieces(file: IO[bytes], most: int) -> Iterator[bytes]:
    """The content in pieces that end before a tag, so that none is cut in two; one longer than `most` is left whole."""
    held = b""
    while data := file.read(_CHUNK):
        held += data
        cut = held.rfind(b"<")
        if cut > 0:
            yield held[:cut]
            held = held[cut:]
        elif len(held) > most:
            break
    yield held
