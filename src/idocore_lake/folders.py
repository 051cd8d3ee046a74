"""A snapshot on disk: a folder with its rows, its places, its themes and a manifest that holds the hash of each."""

import json
from collections.abc import Iterator
from hashlib import file_digest
from pathlib import Path
from typing import Any, Final

from idocore.codec import converter
from idocore.errors import SnapshotError
from idocore.findings import Finding
from idocore.gazetteer import Gazetteer, place_from_json, place_to_json
from idocore.snapshots import Snapshot, SnapshotFile
from idocore.theme_files import Themes

MANIFEST: Final = "manifest.json"
ROWS: Final = "rows.parquet"
PLACES: Final = "places.json"
THEMES: Final = "themes.json"


def snapshots(folder: Path) -> tuple[Snapshot, ...]:
    """Every snapshot in `folder`, by id; none when there is no such folder. Raises SnapshotError."""
    manifests = sorted(folder.glob(f"[!.]*/{MANIFEST}"))
    return tuple(sorted((_manifest(path) for path in manifests), key=lambda one: one.id))


def _manifest(path: Path) -> Snapshot:
    found = Snapshot.from_json(_json(path), path.parent.name)
    if found.id != path.parent.name:
        raise SnapshotError("snapshot-renamed", snapshot=found.id, folder=str(path.parent))
    return found


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SnapshotError("snapshot-unreadable", snapshot=path.parent.name, reason=str(error)) from error


def faults(folder: Path, snapshot: Snapshot) -> Iterator[Finding]:
    """Every file of `snapshot` that is missing or not as it was frozen."""
    for one in snapshot.files:
        path = folder / snapshot.id / one.name
        place = {"snapshot": snapshot.id, "file": one.name}
        if not path.is_file():
            yield Finding("snapshot-incomplete", parameters=place)
        elif described(path) != one:
            yield Finding("snapshot-altered", parameters=place)


def described(path: Path) -> SnapshotFile:
    """The name, hash and size of the file at `path`."""
    with path.open("rb") as file:
        return SnapshotFile(path.name, file_digest(file, "sha256").hexdigest(), path.stat().st_size)


def known(folder: Path, snapshot: Snapshot) -> tuple[Themes, Gazetteer]:
    """The themes and places as they were when `snapshot` was frozen; raises SnapshotError when they were altered."""
    for fault in faults(folder, snapshot):
        if fault.parameters["file"] != ROWS:
            raise SnapshotError(fault.code, **fault.parameters)
    themes = converter.structure(_json(folder / snapshot.id / THEMES), Themes)
    places = [place_from_json(one) for one in _json(folder / snapshot.id / PLACES)]
    return themes, Gazetteer().with_places(places)


def write_json(path: Path, content: Any) -> None:
    """`content` as JSON that people can read too."""
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")


def write_known(folder: Path, themes: Themes, places: Gazetteer) -> None:
    """The themes and places beside the rows that they are about."""
    write_json(folder / THEMES, converter.unstructure(themes))
    write_json(folder / PLACES, [place_to_json(places.places[key]) for key in sorted(places.places)])
