"""The exchange format: JSON Lines, one record a line, the same bytes for the same content."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from attrs import field, frozen

from idocore.codec import converter
from idocore.errors import ExchangeError
from idocore.findings import Finding
from idocore.journal import Revision, without_texts
from idocore.reading import KEYS
from idocore.theme_files import Themes

if TYPE_CHECKING:
    from idocore.reports import ExportRequest


@frozen
class Origin:
    """Where in a sheet a record stood.

    `items` is how much of the sheet it accounts for: the rows that it was read from, or one cell of a cross-table.
    `cells` has the address behind a path of the record (``inquiries[0].topic``: ``D7``); a finding on a path that is
    not there belongs to `first`, the address of the record's first cell.
    """

    sheet: str
    first: str
    items: int = 1
    cells: Mapping[str, str] = field(factory=dict, hash=False)

    def cell(self, path: str) -> str:
        """The address of the cell that a finding on `path` is about."""
        return self.cells.get(path) or self.cells.get(path.partition("[")[0]) or self.first


@frozen
class Line:
    """One record as it came in: its number (from 1) and either its raw values or what is wrong with it.

    `text` is the line as it stood, so that a rejected one can be handed back and fed in again. `finding`, when it is
    no more than a hint, says why there is nothing to be read here (a blank row, a row of totals): the line is skipped.
    `notes` are what was noticed while it was read; they stop nothing. `origin` is there for what stood in a sheet.
    """

    number: int
    raw: Mapping[str, Any] | None
    finding: Finding | None = None
    text: str = field(default="", repr=False)
    notes: tuple[Finding, ...] = ()
    origin: Origin | None = None


def read_jsonl(source: IO[str] | Iterable[str]) -> Iterator[Line]:
    """The records of `source`, a line each; blank lines are passed over, broken ones come with a finding."""
    for number, text in enumerate(source, start=1):
        stripped = text.strip().removeprefix("\ufeff")
        if stripped:
            yield _line(number, stripped)


def read_jsonl_file(path: Path, themes: Themes) -> Iterator[Line]:
    """The importer ``jsonl``: the records of the file at `path`."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            yield from read_jsonl(file)
    except OSError as error:
        raise ExchangeError("file-unreadable", path=str(path), reason=error.strerror or str(error)) from error


def _line(number: int, text: str) -> Line:
    try:
        raw = json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_no_constant)
    except RecursionError:
        return Line(number, None, Finding("invalid-json", parameters={"reason": "nested too deeply"}), text)
    except ValueError as error:
        return Line(number, None, Finding("invalid-json", parameters={"reason": str(error)}), text)
    if not isinstance(raw, dict):
        return Line(number, None, Finding("invalid-json", parameters={"reason": "not an object"}), text)
    return Line(number, raw, None, text)


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands there twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON value")


LEFT_BEHIND: Final = "(reden achtergebleven / reason left behind)"
"""What stands in a record for the reason of an override that was not handed over, or is there no more."""


def to_raw(revision: Revision, *, with_texts: bool = True) -> dict[str, Any]:
    """The record of `revision` as plain JSON values, keys in the order of the format.

    Without texts the free notes, which are the desk's own, stay behind. So do the reasons of overrides: which there are
    is told, so that whoever reads the record takes it, and that the reason stayed behind, or was erased.
    """
    registration = revision.registration
    if not with_texts:
        registration = without_texts(registration, revision.texts)
    reasons = {code: (reason if with_texts else "") or LEFT_BEHIND for code, reason in revision.overrides.items()}
    values = {**converter.unstructure(registration), "overrides": reasons}
    return {key: values[key] for key in KEYS if key != "overrides" or values[key]}


def dumps(raw: Mapping[str, Any]) -> str:
    """`raw` as one line of the format, without its line end."""
    return json.dumps(raw, ensure_ascii=False, separators=(", ", ": "))


def export_jsonl(request: "ExportRequest", target: IO[str]) -> int:
    """The exporter ``jsonl``: a line for each registration."""
    count = 0
    for revision in request.revisions():
        target.write(dumps(to_raw(revision, with_texts=request.with_texts)) + "\n")
        count += 1
    return count
