"""Sheets both ways: what libraries kept in Excel read, marked where it is wrong, and forms made to be filled in.

The work on the files themselves is done by a plugin of group ``idocore.sheets``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import IO, Any, Protocol, cast

import attrs
from attrs import define, field, frozen

from idocore import plugins
from idocore.errors import InvalidValueError, NotFoundError
from idocore.exchange import Line
from idocore.findings import Finding
from idocore.gazetteer import Gazetteer
from idocore.loading import Outcome, Result
from idocore.messages import Language, sentence
from idocore.places import ServicePoint
from idocore.reports import written
from idocore.roles import Actor, Operation
from idocore.store import Progress, unseen
from idocore.theme_files import Themes
from idocore.themes import Theme

Load = Callable[..., Iterator[Outcome]]


@frozen
class SheetRequest:
    """A sheet to be read: by the profile at `profile`, or None for one that carries its own (our own form).

    `source` tells apart sheets that hold the same rows and yet are different visits; it becomes part of every id.
    """

    path: Path
    themes: Themes
    places: Gazetteer
    profile: Path | None = None
    source: str = ""
    theme: str = "ido"


@frozen
class FormRequest:
    """A form to be made: for `theme` (one version), with a choice of `points`, ready for `rows` inquiries."""

    theme: Theme
    themes: Themes
    points: tuple[ServicePoint, ...]
    language: Language = "nl"
    rows: int = 500


@frozen
class Mark:
    """What is wrong with one cell of a sheet, by its address (``C7``)."""

    sheet: str
    cell: str
    findings: tuple[Finding, ...]


class SheetDoor(Protocol):
    """What a plugin of group ``idocore.sheets`` can do. Every fault of a file is an ExchangeError."""

    def read(self, request: SheetRequest) -> Iterator[Line]:
        """The records in a sheet, each with its origin; every row (or cell of a cross-table) is accounted for once."""

    def propose(self, request: SheetRequest) -> str:
        """A mapping profile for this sheet, as TOML, to be corrected by hand."""

    def mark(self, request: SheetRequest, marks: Sequence[Mark], target: IO[bytes], language: Language) -> None:
        """The user's own file with the faulty cells coloured and commented; a new workbook where it was none."""

    def form(self, request: FormRequest, target: IO[bytes]) -> None:
        """A workbook to fill in, that is read back without a profile."""


@define
class ImportReport:
    """What became of a sheet, in rows (or cells of a cross-table): read = accepted + warned + rejected + skipped.

    `skipped_for` says why by code; `marks` are the faulty cells, in the order of the sheet.
    """

    accepted: int = 0
    warned: int = 0
    rejected: int = 0
    skipped: int = 0
    registrations: int = 0
    """How many registrations were stored, or would have been."""
    unchanged: int = 0
    """How many registrations were there already."""
    skipped_for: dict[str, int] = field(factory=dict)
    not_read: list[str] = field(factory=list)
    """The other sheets that people see and that hold something: the profile does not name them."""
    marks: list[Mark] = field(factory=list)

    @property
    def read(self) -> int:
        """All that there was."""
        return self.accepted + self.warned + self.rejected + self.skipped

    def message(self, language: Language = "en") -> str:
        """The sum in one sentence."""
        return sentence("import-sum", language, {"read": self.read, **attrs.asdict(self)})

    def __str__(self) -> str:
        return self.message()

    def add(self, outcome: Outcome) -> None:
        """Count one more line."""
        origin = outcome.line.origin
        items = origin.items if origin else 1
        match outcome.result:
            case Result.SKIPPED if origin and not items:
                self.not_read.append(origin.sheet)
            case Result.SKIPPED:
                self.skipped += items
                code = outcome.findings[0].code
                self.skipped_for[code] = self.skipped_for.get(code, 0) + items
            case Result.REJECTED:
                self.rejected += items
            case _ if outcome.findings:
                self.warned += items
            case _:
                self.accepted += items
        self.registrations += outcome.result in (Result.STORED, Result.ACCEPTABLE)
        self.unchanged += outcome.result is Result.UNCHANGED
        if outcome.is_rejected and origin:
            self.marks += _marks(outcome)


def _marks(outcome: Outcome) -> Iterator[Mark]:
    origin = outcome.line.origin
    if origin is None:
        return
    found: dict[str, list[Finding]] = {}
    for finding in outcome.findings:
        found.setdefault(origin.cell(finding.path), []).append(finding)
    for cell, findings in found.items():
        yield Mark(origin.sheet, cell, tuple(findings))


@frozen
class SheetBook:
    """`register.sheets`: propose a profile, load a sheet by it, make a form to fill in."""

    _themes: Themes
    _places: Gazetteer
    _actor: Actor
    _today: date
    _load: Load

    def propose(self, path: str | Path, *, theme: str = "ido", save: str | Path | None = None) -> str:
        """A mapping profile for the sheet at `path`, as TOML, written to `save` if that is given.

        What could not be told stands in it as a comment. Raises ExchangeError for a file that cannot be read, and
        NotFoundError for a theme (or version of it, ``ido@2024``) that is not known.
        """
        self._known(theme)
        if save is not None:
            _check_apart(Path(path), Path(save))
        found = _door().propose(self._request(path, theme=theme))
        if save is not None:
            written(save, lambda file: file.write(found))
        return found

    def read(
        self, path: str | Path, *, profile: str | Path | None = None, source: str = "", theme: str = "ido"
    ) -> Iterator[Line]:
        """The records in the sheet at `path`, for `Register.load`; raises ExchangeError."""
        return _door().read(self._request(path, profile=profile, source=source, theme=theme))

    def load(
        self,
        path: str | Path,
        *,
        profile: str | Path | None = None,
        source: str = "",
        theme: str = "ido",
        overrides: Mapping[str, str] | None = None,
        dry_run: bool = False,
        errors: str | Path | None = None,
        language: Language = "nl",
        progress: Progress = unseen,
        each: Callable[[Outcome], None] | None = None,
    ) -> ImportReport:
        """Load the sheet at `path` by `profile` (None: a form of ours); the same file again changes nothing.

        `errors` is where a copy of the file goes with the faulty cells marked, when there are any (.xlsx, or .xlsm for
        a file with macros); `each` is called with every outcome, in the order of the sheet. Raises ExchangeError.
        """
        request = self._request(path, profile=profile, source=source, theme=theme)
        if errors is not None:
            _check_ending(request.path, Path(errors))
        report = ImportReport()
        lines = _door().read(request)
        for outcome in self._load(lines, overrides=overrides, dry_run=dry_run, bulk=True, progress=progress):
            report.add(outcome)
            if each:
                each(outcome)
        if errors is not None and report.marks:
            written(errors, lambda file: _door().mark(request, report.marks, file, language), binary=True)
        return report

    def form(
        self,
        path: str | Path,
        *,
        points: Iterable[str] = (),
        theme: str = "ido",
        language: Language = "nl",
        rows: int = 500,
    ) -> None:
        """Write a form to fill in to `path` (.xlsx): for these service points (none: all within one's scope)."""
        self._actor.require(Operation.RECORD)
        chosen = tuple(self._places.service_point(one) for one in points) or self._places.service_points
        mine = tuple(one for one in chosen if self._actor.scope.holds(one.id, self._today, self._places))
        request = FormRequest(self._in_use(theme), self._themes, mine, language, rows)
        written(path, lambda file: _door().form(request, file), binary=True)

    def _in_use(self, name: str) -> Theme:
        """The version of theme `name` that is in use now, or else the latest; raises NotFoundError."""
        versions = self._known(name)
        return self._themes.at(name, self._today) or versions[-1]

    def _known(self, theme: str) -> Sequence[Theme]:
        """The versions that `theme` names, which is one or all of a theme; raises NotFoundError."""
        name, _, version = theme.partition("@")
        found = [one for one in self._themes.versions(name) if version in ("", one.version)]
        if not found:
            known = [f"{name}@{one.version}" for one in self._themes.versions(name)]
            near = known or get_close_matches(name, self._themes.names()) or self._themes.names()
            raise NotFoundError("unknown-theme", value=theme[:40], known=near)
        return found

    def _request(self, path: str | Path, **more: Any) -> SheetRequest:
        profile = more.pop("profile", None)
        return SheetRequest(Path(path), self._themes, self._places, Path(profile) if profile else None, **more)


def _check_apart(path: Path, target: Path) -> None:
    """What is written never takes the place of the user's own file, by whatever name that goes."""
    same = path.resolve() == target.resolve() or (target.exists() and path.exists() and target.samefile(path))
    if same:
        raise InvalidValueError("target-is-source", value=str(target))


def _check_ending(path: Path, errors: Path) -> None:
    """A copy of a workbook with macros keeps them, and no program opens it under another ending."""
    _check_apart(path, errors)
    wanted = ".xlsm" if path.suffix.lower() == ".xlsm" else ".xlsx"
    if errors.suffix.lower() != wanted:
        raise InvalidValueError("errors-ending", value=errors.name, wanted=wanted)


def _door() -> SheetDoor:
    # What the entry point names is the door itself; loading it calls nothing.
    return cast("SheetDoor", plugins.load("idocore.sheets", "excel"))
