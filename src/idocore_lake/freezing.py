"""Freezing: everything is written in a folder beside the others, that gets its name when it is whole."""

import re
import shutil
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from idocore.errors import SnapshotError
from idocore.program import version
from idocore.snapshots import FreezeRequest, Snapshot
from idocore.themes import Field
from idocore_lake.columns import MEANINGS, Columns
from idocore_lake.folders import MANIFEST, PLACES, ROWS, THEMES, described, write_json, write_known
from idocore_lake.writing import Written, write

_PLAIN: Final = re.compile(r"[^A-Za-z0-9.]+")


def freeze(request: FreezeRequest, folder: Path, unchanged: Callable[[], bool]) -> Snapshot | None:
    """Write a new snapshot into `folder`, whole or not at all; None when it was not `unchanged` meanwhile."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = Path(mkdtemp(prefix=".unfinished-", dir=folder))
        try:
            columns = Columns.of(request.theme, request.themes)
            with (unfinished / ROWS).open("wb") as file:
                written = write(file, columns, request.facts)
            write_known(unfinished, request.themes, request.places)
            return _settled(request, unfinished, written, folder) if unchanged() else None
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    except OSError as error:
        raise SnapshotError("snapshot-unwritable", folder=str(folder), reason=error.strerror or str(error)) from error


def _settled(request: FreezeRequest, unfinished: Path, written: Written, folder: Path) -> Snapshot:
    """Give the snapshot the first version that is free, its manifest, and its place."""
    unfinished.chmod(0o755)
    for number in count(1):
        name = _name(request, number)
        made = _described(request, name, number, unfinished, written)
        write_json(unfinished / MANIFEST, made.to_json())
        try:
            # A folder that holds something is never replaced, so that nobody else can take the same name meanwhile.
            unfinished.rename(folder / name)
        except OSError:
            if not (folder / name).exists():
                raise
        else:
            return made
    raise AssertionError("numbers do not end")


def _name(request: FreezeRequest, number: int) -> str:
    scope = "" if request.scope.level == "nation" else f"-{request.scope}"
    return _PLAIN.sub("-", f"{request.theme}-{request.period.code}{scope}") + f"-v{number}"


def _described(request: FreezeRequest, name: str, number: int, place: Path, written: Written) -> Snapshot:
    return Snapshot(
        id=name,
        theme=request.theme,
        period=request.period.code,
        scope=str(request.scope),
        version=number,
        made_at=request.made_at,
        made_with=version(),
        registrations=written.registrations,
        tallies=written.tallies,
        rows=written.rows,
        journal=dict(sorted(request.journal.items())),
        seal=request.seal,
        closings=request.closings,
        themes=tuple(theme.id for theme in request.themes.versions(request.theme)),
        definitions=_definitions(request),
        files=tuple(described(place / file) for file in (ROWS, PLACES, THEMES)),
    )


def _definitions(request: FreezeRequest) -> Mapping[str, str]:
    """What each column means, in English; that of an answer is what the form asks."""
    fields: dict[str, Field] = {
        entry.key: entry for version in request.themes.versions(request.theme) for entry in version.fields
    }
    kept = Columns.of(request.theme, request.themes)
    answers = {key: fields[key].label.en for key in (*kept.of_registration, *kept.of_inquiry)}
    return {**MEANINGS, **answers, **kept.firsts}
