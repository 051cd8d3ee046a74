"""The parts of a workbook file (a zip), some of them changed, and how they refer to each other."""

import posixpath
from collections.abc import Iterator
from pathlib import PurePosixPath
from shutil import copyfileobj
from typing import IO, Final
from xml.sax.saxutils import quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from attrs import define, field, frozen

from idocore_excel.marking.scanning import ForeignXmlError, added, attribute, scan, spliced

_TYPES: Final = "[Content_Types].xml"
_RELS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_CONTENT: Final = "http://schemas.openxmlformats.org/package/2006/content-types"
LARGEST: Final = 64_000_000
"""Of a part that is read as a whole; of a sheet only the ends are."""


@frozen
class Relation:
    """A reference from one part to another: its id there, the last word of its type, and the part."""

    id: str
    kind: str
    part: str


@frozen
class Tail:
    """A part that is as it was up to `start`, and from there on as `data`."""

    start: int
    data: bytes


@define
class Package:
    """A workbook file that is being changed; `save` writes it with the changes."""

    _file: ZipFile
    _changed: dict[str, bytes | Tail] = field(factory=dict, init=False)

    def has(self, part: str) -> bool:
        """Whether there is such a part."""
        return part in self._changed or part in self._file.NameToInfo

    def read(self, part: str) -> bytes:
        """A part as it is now; raises ForeignXmlError for one that is missing or too large."""
        known = self._changed.get(part)
        if isinstance(known, bytes):
            return known
        info = self._file.NameToInfo.get(part)
        if info is None or info.file_size > LARGEST:
            raise ForeignXmlError(part)
        return self._file.read(info)

    def stream(self, part: str) -> IO[bytes]:
        """A part as it was, to be read piece by piece; raises ForeignXmlError for one that is missing."""
        if part not in self._file.NameToInfo:
            raise ForeignXmlError(part)
        return self._file.open(part)

    def write(self, part: str, data: bytes | Tail) -> None:
        """Change a part, or add one."""
        self._changed[part] = data

    def free(self, pattern: str) -> str:
        """The first name of a part, by numbers from 1, that is not taken."""
        number = 1
        while self.has(pattern.format(number)):
            number += 1
        return pattern.format(number)

    def relations(self, part: str) -> Iterator[Relation]:
        """What a part refers to within the file."""
        if not self.has(_rels_of(part)):
            return
        for one in scan(self.read(_rels_of(part)), 1)[1:]:
            if attribute(one, "TargetMode") != "External":
                kind = attribute(one, "Type").rpartition("/")[2]
                target = posixpath.join("/", posixpath.dirname(part), attribute(one, "Target"))
                yield Relation(attribute(one, "Id"), kind, posixpath.normpath(target).lstrip("/"))

    def relate(self, part: str, target: str, type_: str) -> str:
        """Refer from `part` to `target`; the id of the new reference."""
        rels = _rels_of(part)
        data = self.read(rels) if self.has(rels) else f'<Relationships xmlns="{_RELS}"></Relationships>'.encode()
        elements = scan(data, 1)
        taken = {attribute(one, "Id") for one in elements}
        new = next(name for name in (f"rIdIdo{number}" for number in range(1, 10_000)) if name not in taken)
        line = f'<Relationship xmlns="{_RELS}" Id="{new}" Type="{type_}" Target={quoteattr("/" + target)}/>'
        self.write(rels, spliced(data, added(data, elements[0], line.encode())))
        return new

    def declare(self, part: str, content_type: str, *, by_ending: bool = False) -> None:
        """Say what kind of part it is, for itself or for all of its ending."""
        data = self.read(_TYPES)
        elements = scan(data, 1)
        if by_ending:
            ending = PurePosixPath(part).suffix[1:]
            if any(attribute(one, "Extension").lower() == ending for one in elements):
                return
            line = f'<Default xmlns="{_CONTENT}" Extension="{ending}" ContentType="{content_type}"/>'
        else:
            line = f'<Override xmlns="{_CONTENT}" PartName={quoteattr("/" + part)} ContentType="{content_type}"/>'
        self.write(_TYPES, spliced(data, added(data, elements[0], line.encode())))

    def save(self, target: IO[bytes]) -> None:
        """Write all parts to `target`, in the order in which they were, new ones last."""
        with ZipFile(target, "w", ZIP_DEFLATED) as file:
            for info in self._file.NameToInfo.values():
                self._save(info, file)
            for part, data in self._changed.items():
                if part not in self._file.NameToInfo and isinstance(data, bytes):
                    file.writestr(part, data)

    def _save(self, info: ZipInfo, file: ZipFile) -> None:
        changed = self._changed.get(info.filename)
        copy = ZipInfo(info.filename, info.date_time)
        copy.compress_type, copy.external_attr = ZIP_DEFLATED, info.external_attr
        if isinstance(changed, bytes):
            file.writestr(copy, changed)
            return
        with self._file.open(info) as source, file.open(copy, "w", force_zip64=info.file_size > LARGEST) as into:
            if changed is None:
                copyfileobj(source, into)
                return
            left = changed.start
            while left:
                piece = source.read(min(left, 1_000_000))
                into.write(piece)
                left -= len(piece)
            into.write(changed.data)


def _rels_of(part: str) -> str:
    directory, name = posixpath.split(part)
    return posixpath.join(directory, "_rels", f"{name}.rels")
