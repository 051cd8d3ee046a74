"""What the core asks of snapshots; each part, and the heavy libraries below it, is loaded when it is used."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from idocore.findings import Finding
from idocore.gazetteer import Gazetteer
from idocore.snapshots import FreezeRequest, Snapshot, SnapshotEngine
from idocore.theme_files import Themes


class Door:
    """The plugin ``lake`` of group ``idocore.snapshots``: see `idocore.snapshots.SnapshotDoor`."""

    def freeze(self, request: FreezeRequest, folder: Path, unchanged: Callable[[], bool]) -> Snapshot | None:
        """Write a new snapshot into `folder`, whole or not at all; None when it was not `unchanged` meanwhile."""
        from idocore_lake.freezing import freeze

        return freeze(request, folder, unchanged)

    def snapshots(self, folder: Path) -> tuple[Snapshot, ...]:
        """Every snapshot in `folder`, by id."""
        from idocore_lake.folders import snapshots

        return snapshots(folder)

    def faults(self, folder: Path, snapshot: Snapshot) -> Iterator[Finding]:
        """Every file of `snapshot` that is missing or not as it was frozen."""
        from idocore_lake.folders import faults

        return faults(folder, snapshot)

    def known(self, folder: Path, snapshot: Snapshot) -> tuple[Themes, Gazetteer]:
        """The themes and places as they were when `snapshot` was frozen."""
        from idocore_lake.folders import known

        return known(folder, snapshot)

    def engine(self, folder: Path, spark: Any = None) -> SnapshotEngine:
        """What counts the snapshots in `folder`."""
        from idocore_lake.reading import engine

        return engine(folder, spark)


door = Door()
