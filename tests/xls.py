"""A workbook of the old kind (.xls), made by hand: numbers in any cells, in the smallest file that holds them."""

import struct
from collections.abc import Iterable

_SECTOR = 512
_SMALLEST = 4096
"""A shorter stream lies elsewhere in the file; blanks behind the last record do no harm."""
_END, _FAT, _FREE = 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF


def _record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def _stream(cells: Iterable[tuple[int, int]]) -> bytes:
    begin, end = struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0), _record(0x0A, b"")
    globals_ = _record(0x809, begin)
    at = len(globals_) + 4 + 8 + len(b"Blad1") + len(end)
    globals_ += _record(0x85, struct.pack("<IHBB", at, 0, 5, 0) + b"Blad1") + end
    numbers = b"".join(_record(0x203, struct.pack("<HHHd", row, column, 0, 1.0)) for row, column in cells)
    sheet = _record(0x809, begin[:2] + struct.pack("<H", 0x10) + begin[4:]) + numbers + end
    return (globals_ + sheet).ljust(_SMALLEST, b"\0")


def _entry(name: str, kind: int, start: int, size: int, child: int = _FREE) -> bytes:
    text = f"{name}\0".encode("utf-16-le")
    head = text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text), kind, 1, _FREE, _FREE, child)
    return head.ljust(116, b"\0") + struct.pack("<IQ", start, size)


def xls(*cells: tuple[int, int]) -> bytes:
    """A workbook of one sheet with a 1 in each of these cells (row and column from 0)."""
    stream = _stream(cells)
    sectors = -(-len(stream) // _SECTOR)
    chain = [*range(3, sectors + 2), _END]
    fat = struct.pack("<128I", *([_FAT, _END, *chain, *[_FREE] * 128][:128]))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, _SMALLEST, _END, 0, _END, 0) + struct.pack("<I", 0)
    directory = _entry("Root Entry", 5, _END, 0, child=1) + _entry("Workbook", 2, 2, len(stream))
    whole = [head.ljust(_SECTOR, b"\xff"), fat, directory.ljust(_SECTOR, b"\0"), stream]
    return b"".join(whole).ljust(_SECTOR * (3 + sectors), b"\0")
