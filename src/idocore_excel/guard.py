"""A look at a file before a native reader sees it: what it is by its content, and whether it is bearable."""

import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final
from zipfile import BadZipFile, ZipFile, ZipInfo

from attrs import define

from idocore import ExchangeError
from idocore_excel.extents import Extent, OpenExtent
from idocore_excel.limits import Limits

_CHUNK: Final = 1 << 20
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FORBIDDEN: Final = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_SHEET: Final = b"sheetData"
"""What every sheet holds, wherever it lies in the file."""


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


def check_ole(path: Path) -> int:
    """The size of the file; raises ExchangeError for a workbook under a password, which is wrapped like this."""
    data = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise ExchangeError("workbook-encrypted", path=str(path))
    return len(data)


def check_zip(path: Path, limits: Limits) -> int:
    """The unpacked size; raises ExchangeError for a zip that is no workbook, damaged, or not to be borne."""
    try:
        with ZipFile(path) as archive:
            return _Look(path, limits, archive).look()
    except ExchangeError:
        raise
    except (BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError, ValueError, zlib.error) as error:
        raise ExchangeError("workbook-damaged", path=str(path), reason=type(error).__name__) from error


@define
class _Look:
    path: Path
    limits: Limits
    archive: ZipFile

    def look(self) -> int:
        entries = self.archive.infolist()
        self._check_sizes(entries)
        names = [entry.filename for entry in entries]
        if "content.xml" not in names and not any(name.startswith("xl/") for name in names):
            raise ExchangeError("not-a-table", path=str(self.path))
        sheets = sum(self._check_part(entry) for entry in entries)
        if sheets > self.limits.sheets:
            self._refuse("workbook-too-many-sheets", sheets=sheets, most=self.limits.sheets)
        return sum(entry.file_size for entry in entries)

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

    def _check_part(self, entry: ZipInfo) -> bool:
        """Whether it is a sheet. One may have any name; of other parts only those that a reader takes in matter."""
        extent: Extent | None = OpenExtent() if entry.filename == "content.xml" else None
        is_read, is_forbidden = entry.filename.lower().endswith((".xml", ".rels")), False
        with self.archive.open(entry) as file:
            for piece in _pieces(file, self.limits.text_bytes):
                if extent is None and _SHEET in piece:
                    extent, is_read = Extent(), True
                is_forbidden = is_forbidden or _FORBIDDEN.search(piece) is not None
                if is_read:
                    self._check_piece(entry, piece, is_forbidden=is_forbidden)
                if extent is not None:
                    extent.see(piece)
        if extent is not None:
            self._check_extent(entry, extent)
        return extent is not None

    def _check_piece(self, entry: ZipInfo, piece: bytes, *, is_forbidden: bool) -> None:
        if is_forbidden:
            self._refuse("workbook-entities", part=entry.filename)
        if b"\0" in piece:  # UTF-16, which no spreadsheet program writes, hides from a look at bytes
            self._refuse("workbook-damaged", reason=f"{entry.filename}: NUL")
        if len(piece) > self.limits.text_bytes:
            self._refuse("workbook-long-text", part=entry.filename)

    def _check_extent(self, entry: ZipInfo, extent: Extent) -> None:
        spanned, limits = extent.spanned, self.limits
        is_sparse = spanned > limits.small_cells and spanned > limits.sparse * extent.filled
        if spanned > limits.cells or is_sparse or extent.repeats > limits.repeats:
            self._refuse("workbook-far-cell", part=entry.filename, row=extent.row, column=extent.letters)

    def _refuse(self, code: str, **more: object) -> None:
        raise ExchangeError(code, path=str(self.path), **more)  # type: ignore[arg-type]


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
