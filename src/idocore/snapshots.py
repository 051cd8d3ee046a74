"""Snapshots: a closed period as it was when it was frozen, with all that is needed to count it again years later."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, cast

import attrs
from attrs import frozen

from idocore import plugins
from idocore.closings import Closing
from idocore.codec import canonical, converter, digest
from idocore.errors import SnapshotError
from idocore.findings import Finding
from idocore.gazetteer import Gazetteer
from idocore.periods import Period
from idocore.registrations import Registration
from idocore.scopes import Scope
from idocore.statistics.cells import Cell, Cut
from idocore.theme_files import Themes

SnapshotEngine = Callable[["Snapshot", Cut], Sequence[Cell]]
"""Answers cuts over one snapshot."""


@frozen
class SnapshotFile:
    """A file of a snapshot; `size` in bytes, `sha256` of its content."""

    name: str
    sha256: str
    size: int


def _by_name(files: Iterable[SnapshotFile]) -> tuple[SnapshotFile, ...]:
    return tuple(sorted(files, key=lambda one: one.name))


@frozen
class Snapshot:
    """The manifest of a snapshot: what was frozen, when, from what, and the hash of every file.

    `journal` is the position of every stream that it holds everything up to, under `seal`. `themes` are the versions of
    the theme, whose definitions lie in a file beside it, as do the places. `version` counts from 1: after amendments a
    period may be frozen again, beside the earlier one. `definitions` say what each column means. `registrations` are
    records of one visitor, `tallies` counts of visitors, `rows` the rows of the file.
    """

    id: str
    theme: str
    period: str
    scope: str
    version: int
    made_at: datetime
    made_with: str
    registrations: int
    tallies: int
    rows: int
    journal: Mapping[str, int] = attrs.field(hash=False)
    seal: Mapping[str, Any] = attrs.field(hash=False)
    closings: tuple[Closing, ...]
    themes: tuple[str, ...]
    definitions: Mapping[str, str] = attrs.field(hash=False)
    files: tuple[SnapshotFile, ...] = attrs.field(converter=_by_name)

    @property
    def days(self) -> Period:
        """The period that was frozen."""
        return Period.parse(self.period)

    @property
    def hash(self) -> str:
        """The hash over the manifest, and so over every file."""
        return digest(canonical(converter.unstructure(self)))

    def file(self, name: str) -> SnapshotFile:
        """The file called `name`; raises SnapshotError."""
        for one in self.files:
            if one.name == name:
                return one
        raise SnapshotError("snapshot-incomplete", snapshot=self.id, file=name)

    def to_json(self) -> dict[str, Any]:
        """The manifest as plain JSON values, with its hash."""
        return {**converter.unstructure(self), "hash": self.hash}

    @classmethod
    def from_json(cls, values: Any, source: str) -> "Snapshot":
        """The manifest that `to_json` wrote; raises SnapshotError when it is none, or was altered."""
        try:
            content = dict(values)
            stated = content.pop("hash")
            found = converter.structure(content, cls)
        except Exception as error:  # whatever is wrong in it, it is no manifest
            raise SnapshotError("snapshot-unreadable", snapshot=source, reason=type(error).__name__) from error
        if found.hash != stated:
            raise SnapshotError("snapshot-altered", snapshot=source, file="manifest.json")
        return found


@frozen
class FreezeRequest:
    """What is to be frozen: final registrations in order, each with whether it is an amendment, and what they mean."""

    theme: str
    period: Period
    scope: Scope
    facts: Iterable[tuple[Registration, bool]]
    themes: Themes
    places: Gazetteer
    journal: Mapping[str, int]
    seal: Mapping[str, Any]
    closings: tuple[Closing, ...]
    made_at: datetime


class SnapshotDoor(Protocol):
    """What a plugin of group ``idocore.snapshots`` can do."""

    def freeze(self, request: FreezeRequest, folder: Path, unchanged: Callable[[], bool]) -> Snapshot | None:
        """Write a new snapshot into `folder`, whole or not at all.

        When everything is written but not yet in its place, `unchanged` is asked whether it is what the journal says;
        None: it was not, and nothing was kept.
        """

    def snapshots(self, folder: Path) -> tuple[Snapshot, ...]:
        """Every snapshot in `folder`, by id; none when there is no such folder. Raises SnapshotError."""

    def faults(self, folder: Path, snapshot: Snapshot) -> Iterator[Finding]:
        """Every file of `snapshot` that is missing or not as it was frozen."""

    def known(self, folder: Path, snapshot: Snapshot) -> tuple[Themes, Gazetteer]:
        """The themes and places as they were when it was frozen."""

    def engine(self, folder: Path, spark: Any = None) -> SnapshotEngine:
        """What counts the snapshots in `folder`: in this process, or by the Spark session `spark`."""


def door() -> SnapshotDoor:
    """The plugin that reads and writes snapshots; raises PluginDependencyError with the command that installs it."""
    # What the entry point names is the door itself; loading it calls nothing.
    return cast("SnapshotDoor", plugins.load("idocore.snapshots", "lake"))
