"""The register: places, themes and a store; the one object that front ends talk to."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, Literal, Self
from uuid import UUID

import attrs
from attrs import frozen

from idocore import plugins, rules
from idocore.errors import ConflictError, InvalidValueError
from idocore.exchange import Line
from idocore.findings import Finding
from idocore.gazetteer import Gazetteer, Place
from idocore.intake import Intake
from idocore.journal import Entry, Revision, ThemeSource, place_subject, theme_subject
from idocore.knowledge import Knowledge, read_theme_source
from idocore.loading import Loader, Outcome, Progress, unseen
from idocore.periods import LOCAL_ZONE, Period
from idocore.periods import now as system_clock
from idocore.place_book import PlaceBook
from idocore.places import ServicePoint
from idocore.registrations import Kind, Registration, Status
from idocore.reports import ExportRequest
from idocore.statistics import Query, Table
from idocore.statistics.answer import answer
from idocore.statistics.query import PlaceDate
from idocore.store import Cursor, Mark, Receipt, Selection, Store
from idocore.theme_files import Themes

LOCAL_OWNER = "local-owner"
"""Who acts when nobody else was named: the person whose machine this is."""


@frozen
class Page:
    """Some of the registrations that were found, and where the next page begins (None: this was the last)."""

    registrations: tuple[Registration, ...]
    next: Mark | None


@attrs.define
class Register:
    """Registers visits, answers questions about them, and hands them over. Made by `idocore.open`.

    Thread-safe. As a context manager it closes itself.
    """

    store: Store
    actor: str
    _clock: Callable[[], datetime]
    _knowledge: Knowledge
    _rules: tuple[rules.Rule, ...]

    def acting_as(self, actor: str) -> "Register":
        """The same register, with `actor` (an opaque id, never a name) as the one who writes."""
        return attrs.evolve(self, actor=actor)

    # What is known

    @property
    def themes(self) -> Themes:
        """The themes, code lists and bridges that this register knows."""
        self._knowledge.refresh()
        return self._knowledge.themes

    @property
    def places(self) -> PlaceBook:
        """The places of this register: look up, add, change."""
        return PlaceBook(self._gazetteer, self._append_places, lambda: self._now().date())

    def install_theme(self, path: str | Path) -> tuple[str, ...]:
        """Install the theme file at `path`, now and for everyone who opens this store; the ids of all themes then.

        Raises ThemeError with every fault; nothing is installed then.
        """
        source = read_theme_source(path)
        self._knowledge.check(source)
        self._append_content(theme_subject(source.name), source)
        self._knowledge.refresh()
        return tuple(sorted(self.themes.themes))

    # Writing

    def check(self, point: ServicePoint | str, **record: Any) -> tuple[Finding, ...]:
        """All findings on a record, as `record` would meet them; nothing is stored."""
        return self.check_raw(_raw(point, record))

    def check_raw(self, raw: Mapping[str, Any]) -> tuple[Finding, ...]:
        """All findings on a record in the form of the exchange format; nothing is stored."""
        return self._intake().judge(raw).findings

    def record(
        self,
        point: ServicePoint | str,
        *,
        inquiries: Iterable[Mapping[str, Any]] = (),
        answers: Mapping[str, Any] | None = None,
        moment: datetime | date | str | None = None,
        channel: str | None = None,
        theme: str | None = None,
        status: Status | str = Status.FINAL,
        overrides: Mapping[str, str] | None = None,
        id: UUID | None = None,
        **more: Any,
    ) -> Registration:
        """Store one visitor's contact at `point` and return it.

        `moment` is now unless given; the theme version is the one in use at that moment. `overrides` give a reason
        for each warning code that should not stop it. Raises RejectedError with all findings at once.
        """
        record = {
            "inquiries": list(inquiries),
            "answers": answers,
            "moment": moment,
            "channel": channel,
            "theme": theme,
            "status": status,
            "overrides": overrides,
            "id": id,
            **more,
        }
        return self.record_raw(_raw(point, record))

    def tally(self, point: ServicePoint | str, count: int | None, **record: Any) -> Registration:
        """Store `count` visitors in one record (None: only inquiries were counted); the rest as in `record`."""
        return self.record(point, kind=Kind.TALLY, count=count, **record)

    def record_raw(self, raw: Mapping[str, Any]) -> Registration:
        """Store a record in the form of the exchange format; raises RejectedError, ConflictError."""
        return self._write([self._intake().admit(raw)])[0].entry.revision.registration

    def correct(
        self,
        visit: Registration | UUID,
        *,
        reason: str | None = None,
        overrides: Mapping[str, str] | None = None,
        **changes: Any,
    ) -> Registration:
        """Store a new revision of `visit` with `changes` (keys as in the exchange format) and return it.

        `answers` are merged with those there are (None takes one out); inquiries are replaced. Given a registration,
        it must be the latest revision, or ConflictError tells what is stored; given an id, the latest is corrected.
        """
        intake = self._intake()
        return self._write([intake.correction(self._current(visit), changes, reason, overrides)])[
            0
        ].entry.revision.registration

    def withdraw(self, visit: Registration | UUID, *, reason: str | None = None) -> Registration:
        """Take `visit` out of every count; its history stays. Raises ConflictError as `correct` does."""
        return self._write([self._intake().withdrawal(self._current(visit), reason)])[0].entry.revision.registration

    def batch(self) -> "Batch":
        """A unit of work: what is recorded in it is stored together at `commit`, or not at all."""
        return Batch(self)

    def load(
        self,
        lines: Iterable[Line],
        *,
        overrides: Mapping[str, str] | None = None,
        dry_run: bool = False,
        bulk: bool = False,
        progress: Progress = unseen,
    ) -> Iterator[Outcome]:
        """Store many records, one `Outcome` for each line, in order; a bad line never stops the good ones.

        `overrides` give reasons for warnings that hold for all lines. Lines are stored in transactions of some
        hundreds; `bulk` gives them a stream of their own, so that other writers do not wait.
        """
        loader = Loader(self.store, self._intake(), overrides or {}, dry_run, progress)
        return loader.load(lines, bulk=bulk)

    def read_file(self, path: str | Path, *, format: str | None = None) -> Iterator[Line]:
        """The records in a file (``jsonl`` or ``csv``, by name or `format`), for `load`; raises ExchangeError."""
        chosen = format or Path(path).suffix.lstrip(".").lower()
        importer = plugins.load("idocore.importers", chosen)
        found: Iterator[Line] = importer(Path(path), self.themes)
        return found

    # Reading

    def get(self, registration_id: UUID | str) -> Registration:
        """The latest revision of a registration; raises NotFoundError."""
        return self.store.get(_identity(registration_id)).registration

    def history(self, registration_id: UUID | str) -> tuple[Revision, ...]:
        """All revisions of a registration that this store holds, oldest first; empty when there is none."""
        entries = self.store.journal(subject=_identity(registration_id))
        return tuple(sorted((entry.revision for entry in entries), key=lambda revision: revision.number))

    def find(
        self,
        *,
        period: str | Period | None = None,
        point: ServicePoint | str | None = None,
        theme: str | None = None,
        statuses: Iterable[Status] = (Status.FINAL, Status.DRAFT),
        after: Mark | None = None,
        limit: int = 100,
    ) -> Page:
        """A page of registrations by local date and id; pass the page's `next` as `after` for the one that follows."""
        revisions = self.store.find(_selection(period, point, theme, statuses), after=after, limit=limit)
        found = tuple(revision.registration for revision in revisions)
        full = len(found) == limit and limit > 0
        return Page(found, (found[-1].local_date, found[-1].id) if full else None)

    def revisions(
        self,
        *,
        period: str | Period | None = None,
        point: ServicePoint | str | None = None,
        theme: str | None = None,
        statuses: Iterable[Status] = (Status.FINAL, Status.DRAFT),
    ) -> Iterator[Revision]:
        """The latest revision of each registration, by local date and id, read page by page."""
        selection, after = _selection(period, point, theme, statuses), None
        while page := self.store.find(selection, after=after, limit=1000):
            yield from page
            after = (page[-1].registration.local_date, page[-1].subject)

    def changes(self, since: Cursor | None = None) -> Iterator[Entry]:
        """What was written to the journal after `since`, stream by stream; `store.cursor()` says where it ends."""
        return self.store.journal(since)

    def table(
        self,
        measures: str | Iterable[str] = ("registrations",),
        by: str | Iterable[str] = (),
        *,
        where: Mapping[str, str | Iterable[str]] | None = None,
        period: str | Period | None = None,
        start: date | str | None = None,
        end: date | str | None = None,
        place_date: PlaceDate | str = "then",
        theme: str = "ido",
        codes: Literal["base", "local"] = "base",
    ) -> Table:
        """Count: the arguments are those of `Query`. Raises InvalidQueryError that names the nearest."""
        asked = {"where": where, "period": period, "start": start, "end": end, "place_date": place_date}
        return self.answer(Query.of(measures, by, theme=theme, codes=codes, **asked))  # type: ignore[arg-type]

    def answer(self, query: Query) -> Table:
        """The table that answers `query`."""
        themes, places = self.themes, self._knowledge.places
        return answer(query, self.store.evaluate, themes, places, self._now().date())

    def verify(self) -> Iterator[Finding]:
        """Everything in which the store's facts and journal disagree; nothing when all is well."""
        return self.store.verify()

    def export(
        self,
        target: str | Path | IO[str],
        *,
        format: str | None = None,
        period: str | Period | None = None,
        point: ServicePoint | str | None = None,
        theme: str = "ido",
        language: Literal["nl", "en"] = "nl",
        with_texts: bool = False,
        progress: Progress = unseen,
    ) -> int:
        """Hand over the final registrations, in the format named or that the file's name ends in; how many.

        ``jsonl`` and ``csv`` write the records themselves, ``xlsx`` a report workbook with the records behind it.
        Free notes stay behind unless `with_texts`. A file appears whole or not at all.
        """
        chosen = format or (Path(target).suffix.lstrip(".").lower() if isinstance(target, str | Path) else "jsonl")
        exporter = plugins.load("idocore.exporters", chosen)
        span = Period.parse(period) if isinstance(period, str) else period
        request = ExportRequest(self, span, _point_id(point), theme, language, with_texts, progress)
        return request.write(exporter, target)

    def close(self) -> None:
        """Let go of the store; harmless twice."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Below the surface

    def _now(self) -> datetime:
        return self._clock().astimezone(LOCAL_ZONE).replace(microsecond=0)

    def _gazetteer(self) -> Gazetteer:
        self._knowledge.refresh()
        return self._knowledge.places

    def _intake(self) -> Intake:
        self._knowledge.refresh()
        known = self._knowledge
        return Intake(known.reader(self._now), known.places, self._rules, self.actor, self._now)

    def _write(self, revisions: list[Revision]) -> tuple[Receipt, ...]:
        return self.store.append(revisions)

    def _current(self, visit: Registration | UUID) -> Revision:
        """The latest revision of `visit`; when a registration was given it must be that one."""
        if not isinstance(visit, Registration):
            return self.store.get(_identity(visit))
        latest = self.store.get(visit.id)
        if latest.number != visit.revision:
            raise ConflictError(
                "conflict-revision", latest, id=visit.id, revision=visit.revision + 1, latest=latest.number
            )
        return latest

    def _append_places(self, places: Iterable[Place]) -> None:
        for place in places:
            self._append_content(place_subject(place), place)
        self._knowledge.refresh()

    def _append_content(self, subject: UUID, content: Place | ThemeSource) -> None:
        history = [entry.revision for entry in self.store.journal(subject=subject)]
        latest = max((revision.number for revision in history), default=0)
        if any(revision.number == latest and revision.content == content for revision in history):
            return
        self.store.append([Revision(subject, latest + 1, content, self.actor, self._now())])


@attrs.define
class Batch:
    """A unit of work on a register; leaving it without `commit` stores nothing."""

    register: Register
    _waiting: list[Revision] = attrs.field(factory=list, init=False)

    def record(self, point: ServicePoint | str, **record: Any) -> Registration:
        """Check one visitor's contact and hold it until `commit`; raises RejectedError."""
        return self.record_raw(_raw(point, record))

    def record_raw(self, raw: Mapping[str, Any]) -> Registration:
        """Check a record in the form of the exchange format and hold it until `commit`; raises RejectedError."""
        revision = self.register._intake().admit(raw)
        self._waiting.append(revision)
        return revision.registration

    def commit(self) -> tuple[Registration, ...]:
        """Store everything that was recorded, in one transaction; raises ConflictError, and stores nothing then."""
        receipts = self.register._write(self._waiting)
        self._waiting = []
        return tuple(receipt.entry.revision.registration for receipt in receipts)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._waiting = []


def _identity(value: UUID | str) -> UUID:
    try:
        return value if isinstance(value, UUID) else UUID(value)
    except ValueError:
        raise InvalidValueError("not-an-id", value=value) from None


def _point_id(point: ServicePoint | str | None) -> str | None:
    return point.id if isinstance(point, ServicePoint) else point


def _raw(point: ServicePoint | str, record: Mapping[str, Any]) -> dict[str, Any]:
    given = {key: value for key, value in record.items() if value is not None or key == "count"}
    return {"service_point": _point_id(point), **given}


def _selection(
    period: str | Period | None,
    point: ServicePoint | str | None,
    theme: str | None,
    statuses: Iterable[Status],
) -> Selection:
    span = Period.parse(period) if isinstance(period, str) else period
    return Selection(
        theme=theme,
        start=span.start if span else None,
        end=span.end if span else None,
        service_points=None if point is None else frozenset({str(_point_id(point))}),
        statuses=statuses,
    )


def open_register(
    url: str | None = None,
    *,
    engine: Any = None,
    connection: Any = None,
    schema: str | None = None,
    actor: str = LOCAL_OWNER,
    clock: Callable[[], datetime] = system_clock,
    themes: str = "ido",
    extra_rules: Iterable[rules.Rule] = (),
) -> Register:
    """Open the register at `url` (``memory:``, ``sqlite:///ido.db``, ``postgresql://...``, or any installed backend).

    A host passes its own SQLAlchemy `engine`, or a `connection` whose transaction the register then joins; `schema`
    names where our tables live in it. `themes` names the plugin that brings the themes. The scheme of the url names
    the backend, and only that one is loaded; raises PluginNotFoundError, PluginDependencyError, StoreUnavailableError.
    """
    store = _open_store(url, engine, connection, schema)
    try:
        return _furnish(store, actor, clock, themes, tuple(extra_rules))
    except BaseException:
        store.close()
        raise


def _open_store(url: str | None, engine: Any, connection: Any, schema: str | None) -> Store:
    if engine is not None or connection is not None:
        host: Store = plugins.load("idocore.stores", "sqlalchemy")(engine=engine, connection=connection, schema=schema)
        return host
    scheme = (url or "memory:").partition(":")[0].partition("+")[0]
    opened: Store = plugins.load("idocore.stores", scheme)(url or "memory:")
    return opened


def _furnish(
    store: Store, actor: str, clock: Callable[[], datetime], themes: str, extra_rules: tuple[rules.Rule, ...]
) -> Register:
    knowledge = Knowledge.of(store, themes)
    return Register(store, actor, clock, knowledge, rules.DEFAULT_RULES + extra_rules)
