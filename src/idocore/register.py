"""The register: places, themes and a store; the one object that front ends talk to."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import IO, Any, Literal, Self
from uuid import UUID

import attrs
from attrs import frozen

from idocore import plugins, rules
from idocore.closings import Closing
from idocore.errors import (
    ClosingsChangedError,
    ConflictError,
    InvalidValueError,
    NotAllowedError,
    RejectedError,
)
from idocore.exchange import Line
from idocore.findings import Finding
from idocore.freezing import Source
from idocore.gazetteer import Gazetteer, Place
from idocore.indicators import Allocation, Catalogue, Indication, Indicator
from idocore.indicators.benchmarking import Benchmarking, for_each_point
from idocore.indicators.computing import Computing
from idocore.intake import Intake, check_reasons
from idocore.journal import Content, Entry, Revision, Standing, SubjectKind, subject_of
from idocore.knowledge import Knowledge, read_theme_source
from idocore.loading import Loader, Outcome, already_stored
from idocore.peers import Peers
from idocore.period_book import PeriodBook
from idocore.periods import LOCAL_ZONE, Period
from idocore.place_book import PlaceBook
from idocore.places import ServicePoint
from idocore.publications import Publications
from idocore.purges import Purge
from idocore.quality import Quality, Thresholds, Watcher, judge
from idocore.registrations import Kind, Registration, Status
from idocore.releases import Release
from idocore.reports import ExportRequest
from idocore.retention import Retention, widened
from idocore.roles import Actor, Operation, Role
from idocore.rollup_book import RollupBook
from idocore.scopes import EVERYWHERE, LEVELS, Scope
from idocore.seals import Seal
from idocore.sheet_book import SheetBook
from idocore.sight import Sight, within
from idocore.snapshot_book import SnapshotBook
from idocore.statistics import Query, Table
from idocore.statistics.answer import answer
from idocore.statistics.query import PlaceDate, dimensions
from idocore.store import CONFLICT, Arrival, Capability, Cursor, Mark, Progress, Receipt, Selection, Store, unseen
from idocore.theme_files import Themes


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

    _store: Store
    actor: Actor
    _clock: Callable[[], datetime]
    _knowledge: Knowledge
    _rules: tuple[rules.Rule, ...]

    def acting_as(self, actor: str, role: Role | str | None = None, scope: Scope | str | None = None) -> "Register":
        """The same register for `actor` (an opaque id, never a name), who may do what `role` may, within `scope`.

        Scopes are written ``service_point/centrale``, ``organisation/noord``, ``province/PV26`` or ``nation``.
        Left out, role and scope stay as they are; only the owner may set them (else NotAllowedError). Raises
        InvalidValueError for an owner of a part: whoever owns the register owns the whole of it.
        """
        if role is None and scope is None:
            return attrs.evolve(self, actor=attrs.evolve(self.actor, id=actor))
        self.actor.require(Operation.KEEP)
        new = Actor(actor, _role(role or self.actor.role), Scope.parse(scope or self.actor.scope))
        if new.role is Role.OWNER and new.scope != EVERYWHERE:
            raise InvalidValueError("scope-without-role", scope=str(new.scope))
        return attrs.evolve(self, actor=new)

    @property
    def store(self) -> Store:
        """The store below, past all rules and roles; for the owner only."""
        self.actor.require(Operation.KEEP)
        return self._store

    # What is known

    @property
    def themes(self) -> Themes:
        """The themes, code lists and bridges that this register knows."""
        self._knowledge.refresh()
        return self._knowledge.themes

    @property
    def places(self) -> PlaceBook:
        """The places of this register: look up, add, change."""
        known = self._knowledge
        return PlaceBook(
            self._gazetteer, self._append_place, lambda: self._now().date(), self.actor, lambda: known.closings
        )

    @property
    def periods(self) -> PeriodBook:
        """The closed periods of this register: close, open again, look."""
        self._knowledge.refresh()
        return PeriodBook(lambda: self._knowledge.closings, self._append_closing, self.actor, self._gazetteer)

    @property
    def sheets(self) -> SheetBook:
        """Workbooks and CSV files of any make: propose a profile, load by it; forms to fill in."""
        return SheetBook(self.themes, self._gazetteer(), self.actor, self._now().date(), self.load)

    @property
    def publications(self) -> Publications:
        """What was made public of closed periods, and the way to make more public."""
        self._knowledge.refresh()
        return Publications(
            self._releases,
            self._append_content,
            self._counting,
            lambda: self._knowledge.closings,
            self.themes,
            self._gazetteer,
            self.actor,
            self._now,
        )

    @property
    def rollups(self) -> RollupBook:
        """By which dimensions counts are kept ready: look, declare, refresh, check."""
        return RollupBook(self._store, self.themes, self._gazetteer(), self.actor)

    @property
    def retention(self) -> Retention:
        """Free text that is due to go, and that of one registration."""
        today = self._now().date()
        return Retention(self._store, self.themes, self.actor, self._sight(), today, self._append_purges)

    def install_theme(self, path: str | Path) -> tuple[str, ...]:
        """Install the theme file at `path`, now and for everyone who opens this store; the ids of all themes then.

        Raises ThemeError with every fault; nothing is installed then.
        """
        self.actor.require(Operation.THEMES)
        source = read_theme_source(path)
        self._knowledge.check(source)
        self._append_content(source)
        self._knowledge.refresh()
        return tuple(sorted(self.themes.themes))

    # Writing

    def check(self, point: ServicePoint | str, **record: Any) -> tuple[Finding, ...]:
        """All findings on a record, as `record` would meet them; nothing is stored."""
        return self.check_raw(_raw(point, record))

    def check_raw(self, raw: Mapping[str, Any]) -> tuple[Finding, ...]:
        """All findings on a record in the form of the exchange format; nothing is stored."""
        self.actor.require(Operation.RECORD)
        return self._fresh_intake().judge(raw).findings

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
        """Store a record in the form of the exchange format; raises RejectedError, ConflictError.

        Sending a record again that is stored already gives back what is stored, whatever was closed since.
        """
        self.actor.require(Operation.RECORD)
        return self._write(lambda intake: [self._admit(intake, raw)])[0].registration

    def _admit(self, intake: Intake, raw: Mapping[str, Any]) -> Revision:
        try:
            return intake.admit(raw)
        except RejectedError:
            stored = already_stored(self._store, intake.reread(raw))
            if stored is None:
                raise
            return stored

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
        it must be the latest revision, or ConflictError tells what is stored and by whom; given an id, the latest is
        corrected. In a closed period it needs an override of ``period-closed``, and is an amendment.
        """
        return self._follow(visit, lambda intake, stored: intake.correction(stored, changes, reason, overrides))

    def withdraw(
        self, visit: Registration | UUID, *, reason: str | None = None, overrides: Mapping[str, str] | None = None
    ) -> Registration:
        """Take `visit` out of every count; its history stays. Raises as `correct` does."""
        return self._follow(visit, lambda intake, stored: intake.withdrawal(stored, reason, overrides))

    def restore(
        self, visit: Registration | UUID, *, reason: str | None = None, overrides: Mapping[str, str] | None = None
    ) -> Registration:
        """Take a withdrawn `visit` in again, with the status it had. Raises as `correct` does."""

        def restoration(intake: Intake, stored: Revision) -> Revision:
            return intake.restoration(stored, self._status_before(stored), reason, overrides)

        return self._follow(visit, restoration)

    def _status_before(self, withdrawn: Revision) -> Status:
        before = (revision.registration.status for revision in reversed(self.history(withdrawn.subject)))
        return next((status for status in before if status is not Status.WITHDRAWN), Status.FINAL)

    def _follow(self, visit: Registration | UUID, make: Callable[[Intake, Revision], Revision]) -> Registration:
        self.actor.require(Operation.CORRECT)

        def follow(intake: Intake) -> list[Revision]:
            before = self._current(visit)
            return [self._settling(make(intake, before)).carrying(before)]

        (stored,) = self._write(follow)
        return self._sight().shown(stored).registration

    def _settling(self, made: Revision) -> Revision:
        """`made`, and it says so when a conflict of its registration is known here: then it settles that elsewhere."""
        if not self._knows_conflict(made.subject):
            return made
        return attrs.evolve(made, overrides={**made.overrides, CONFLICT: made.reason or "known"})

    def _knows_conflict(self, subject: UUID) -> bool:
        if Capability.SYNC not in self._store.capabilities or next(self._store.held(), None) is None:
            return False
        return any(entry.standing is Standing.HELD for entry in self._store.journal(subject=subject))

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
        thousands; `bulk` takes more at once, in a stream of their own, so that other writers need not wait for its end.
        """
        self.actor.require(Operation.RECORD)
        loader = Loader(self._store, self._fresh_intake, overrides or {}, self._knowledge.relearn, dry_run, progress)
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
        return self._sight().seen(self._store.get(_identity(registration_id))).registration

    def history(self, registration_id: UUID | str) -> tuple[Revision, ...]:
        """All revisions of a registration that this store holds, oldest first; empty when there is none."""
        sight = self._sight()
        entries = self._store.journal(subject=_identity(registration_id))
        revisions = (sight.seen(entry.revision) for entry in entries if entry.standing.has_effect)
        return tuple(sorted(revisions, key=lambda revision: revision.number))

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
        """A page of registrations by local date and id; pass the page's `next` as `after` for the one that follows.

        A page may hold less than `limit` and yet have a next one, where somebody may not see all.
        """
        sight = self._sight()
        selection = sight.narrowed(_selection(period, point, theme, statuses))
        revisions = self._store.find(selection, after=after, limit=limit)
        full = len(revisions) == limit and limit > 0
        found = tuple(revision.registration for revision in sight.only_seen(revisions))
        return Page(found, _mark(revisions[-1]) if full else None)

    def revisions(
        self,
        *,
        period: str | Period | None = None,
        point: ServicePoint | str | None = None,
        theme: str | None = None,
        statuses: Iterable[Status] = (Status.FINAL, Status.DRAFT),
        scope: Scope | str | None = None,
    ) -> Iterator[Revision]:
        """The latest revision of each registration within `scope`, by local date and id, read page by page."""
        sight = attrs.evolve(self._sight(), asked=Scope.parse(scope or EVERYWHERE))
        selection, after = sight.narrowed(_selection(period, point, theme, statuses)), None
        while page := self._store.find(selection, after=after, limit=1000):
            yield from sight.only_seen(page)
            after = _mark(page[-1])

    def changes(self, since: Cursor | None = None) -> Iterator[Entry]:
        """What was written to the journal after `since`, stream by stream; without notes unless they may be read."""
        self.actor.require(Operation.JOURNAL)
        return map(self._sight().entry, self._store.journal(since))

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
        **more: Any,
    ) -> Table:
        """Count: the arguments are those of `Query`, `more` too. Raises InvalidQueryError that names the nearest."""
        more |= {"place_date": place_date, "theme": theme}
        return self.answer(Query.of(measures, by, where=where, period=period, start=start, end=end, **more))

    def answer(self, query: Query) -> Table:
        """The table that answers `query`, counted within the scope of who acts."""
        self.actor.require(Operation.COUNT)
        with self._counting() as count:
            return count(query)

    @property
    def indicators(self) -> Catalogue:
        """The named statistics that can be asked for; the newest version of each when read in order."""
        return Catalogue.default()

    def indicator(
        self,
        name: str | Indicator,
        by: str | Iterable[str] = (),
        *,
        period: str | Period | None = None,
        start: date | str | None = None,
        end: date | str | None = None,
        **more: Any,
    ) -> Indication:
        """The values of an indicator (``share-digid``, ``share-digid@1`` or one of your own), as of one moment.

        `by` and `more` are those of `Query`. Raises NotFoundError that names the nearest, and InvalidQueryError.
        """
        self.actor.require(Operation.COUNT)
        chosen = name if isinstance(name, Indicator) else self.indicators.get(name)
        query = within(Query.of((), by, period=period, start=start, end=end, **more), self.actor)
        with self._counting() as count:
            return Computing(chosen, query, count, self._gazetteer(), self._now().date()).compute()

    def accountability(
        self,
        period: str | Period,
        *,
        rule: str = "location",
        measure: str = "visitors",
        weights: Mapping[str, float] | None = None,
        **more: Any,
    ) -> Table:
        """What was counted in `period` by municipality, allocated by `rule`: location, equal, hours or weights.

        It adds up to what was counted. `weights` by CBS code are for the rule of that name. Raises InvalidQueryError.
        """
        self.actor.require(Operation.COUNT)
        allocation = Allocation.of(rule, measure, weights)
        by = ("organisation", "service_point", "municipality")
        with self._counting() as count:
            counted = count(Query.of(measure, by, period=period, **more))
        return allocation.allocate(counted, self._gazetteer(), self._now().date())

    def benchmark(
        self, name: str | Indicator, period: str | Period, *, at: Scope | str | None = None, theme: str = "ido"
    ) -> Table:
        """An indicator of the place `at` beside its province, the nation and organisations of its size.

        `at` is a place within the scope of who acts (``organisation/noord``; None: all of it). A row for each group:
        ``own``, ``province``, ``nation``, ``same-size``, as far as each is wider than the place; a number without a
        denominator becomes one for each service point. Groups beyond the scope are read from releases of the same
        period, and groups of fewer than three other organisations are not shown. Raises NotFoundError that names the
        nearest, InvalidValueError for an unknown place, NotAllowedError beyond the scope.
        """
        self.actor.require(Operation.COUNT)
        chosen = for_each_point(name if isinstance(name, Indicator) else self.indicators.get(name))
        days = Period.parse(period) if isinstance(period, str) else period
        here = self._reachable_whole(Scope.parse(at or self.actor.scope))
        today = self._now().date()
        peers = Peers(self._gazetteer(), here, days.start, max(days.start, min(days.end, today + timedelta(days=1))))
        query = Query.of((), period=days, theme=theme)
        with self._counting() as count:

            def indicate(indicator: Indicator, where: Mapping[str, Collection[str]]) -> Indication:
                asked = within(
                    attrs.evolve(query, where={name: tuple(codes) for name, codes in where.items()}), self.actor
                )
                return Computing(indicator, asked, count, self._gazetteer(), today).compute()

            known, scope = dimensions(self.themes, theme), self.actor.scope
            return Benchmarking(chosen, peers, days, scope, indicate, self.publications.list(), known).compare()

    def _reachable_whole(self, scope: Scope) -> Scope:
        """`scope`, all of which may be counted; raises InvalidValueError, NotAllowedError."""
        known, mine = scope.known(self._gazetteer()), self.actor.scope
        if LEVELS.index(known.level) > LEVELS.index(mine.level):
            raise self.actor.outside(Operation.COUNT, str(known))
        return self._sight().reachable(known)

    @contextmanager
    def _counting(self) -> Iterator[Callable[[Query], Table]]:
        """What answers queries within the scope of who acts, all as of one moment."""
        themes, known = self.themes, self._knowledge
        has_closings, today = bool(known.closings.count), self._now().date()
        with self._store.at_one_moment() as counting:
            cursor = counting.cursor()

            def count(query: Query) -> Table:
                asked = within(query, self.actor)
                return answer(asked, counting.evaluate, themes, known.places, today, has_closings, cursor)

            yield count

    def quality(
        self,
        period: str | Period | None = None,
        *,
        scope: Scope | str | None = None,
        theme: str = "ido",
        thresholds: Thresholds | None = None,
        progress: Progress = unseen,
    ) -> Quality:
        """How complete and reliable the final registrations of `theme` are: figures for each point, and what to do.

        For who may read registrations, within their scope and `scope`. Read once; memory holds counts for each
        point and day. Raises NotAllowedError, InvalidValueError for an unknown place, NotFoundError for an unknown
        theme.
        """
        self.actor.require(Operation.READ)
        span = Period.parse(period) if isinstance(period, str) else period
        asked = self._sight().reachable(Scope.parse(scope or EVERYWHERE).known(self._gazetteer()))
        watcher = Watcher.of(self._gazetteer(), self.themes, theme, thresholds)
        for _ in watcher.watch(self.revisions(period=span, theme=theme, statuses=(Status.FINAL,), scope=asked)):
            progress(1)
        return judge(watcher, (asked, self.actor.scope), span, self._now().date())

    def snapshots(self, folder: str | Path, *, spark: Any = None) -> SnapshotBook:
        """The snapshots in `folder` for the scope of who acts: freeze closed periods, count them and open ones as one.

        `spark` is a Spark session to count them with; None: DuckDB, in this process.
        """
        self._knowledge.refresh()
        return SnapshotBook(
            Path(folder), self.actor, Source(self._store, self._knowledge, self.actor, self._now), spark
        )

    # Keeping

    def verify(self, seal: Seal | None = None) -> Iterator[Finding]:
        """Everything in which facts and journal disagree, or the journal lacks what `seal` holds; nothing when well."""
        self.actor.require(Operation.JOURNAL)
        yield from self._store.verify()
        if seal is not None:
            yield from seal.breaches(self._store)

    def seal(self) -> Seal:
        """The seal over the journal as it is now; kept elsewhere it shows a tail that was cut."""
        self.actor.require(Operation.JOURNAL)
        return Seal.over(self._store.heads(), self._now())

    def rebuild(self, progress: Progress = unseen) -> int:
        """Make the facts anew from the journal while readers go on; the number of registrations."""
        self.actor.require(Operation.KEEP)
        return self._store.rebuild(progress)

    def backup(self, path: str | Path, *, progress: Progress = unseen) -> Seal:
        """Copy everything to a new file at `path` while others go on; the seal of what it holds at least."""
        self.actor.require(Operation.KEEP)
        seal = self.seal()
        self._store.backup(Path(path), progress)
        return seal

    def held(self) -> Iterator[Arrival]:
        """What came by sync and has no effect yet, each with what holds it; without notes unless they may be read.

        Registrations outside the scope of who acts are left out.
        """
        self.actor.require(Operation.SYNC)
        sight = self._sight()
        covered = (one for one in self._store.held() if sight.covers(one.entry))
        return (attrs.evolve(one, entry=sight.entry(one.entry), held=self._explained(one)) for one in covered)

    def _explained(self, arrival: Arrival) -> Finding | None:
        """What holds `arrival`; of a conflict with who wrote what counts, unless that was erased."""
        held, revision = arrival.held, arrival.entry.revision
        if held is None or held.code != CONFLICT:
            return held
        actor = self._store.get(revision.subject, revision.number).actor
        return attrs.evolve(held, parameters={**held.parameters, "actor": actor})

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
        scope: Scope | str | None = None,
        publish: bool = False,
    ) -> int:
        """Hand over the final registrations, in the format named or that the file's name ends in; how many.

        ``jsonl`` and ``csv`` write the records themselves, ``xlsx`` a report workbook with the records behind it.
        `scope` keeps to a place with everything within it (``organisation/noord``); `point` is short for that of one
        service point. A report to `publish` has no records in it, and hides counts from 1 to 4. Free notes stay
        behind unless `with_texts`. A file appears whole or not at all. Raises InvalidValueError for an unknown place.
        """
        self.actor.require(Operation.EXPORT)
        if with_texts:
            self.actor.require(Operation.NOTES)
        chosen = format or (Path(target).suffix.lstrip(".").lower() if isinstance(target, str | Path) else "jsonl")
        exporter = plugins.load("idocore.exporters", chosen)
        span = Period.parse(period) if isinstance(period, str) else period
        within = self._asked_scope(point, scope)
        request = ExportRequest(
            self, span, _point_id(point), theme, language, with_texts, progress, within, publish, self._now()
        )
        return request.write(exporter, target)

    def _asked_scope(self, point: ServicePoint | str | None, scope: Scope | str | None) -> Scope:
        if point is not None and scope is not None:
            raise InvalidValueError("point-and-scope")
        asked = Scope.parse(scope or EVERYWHERE) if point is None else Scope("service_point", str(_point_id(point)))
        return asked.known(self._gazetteer())

    def close(self) -> None:
        """Let go of the store; harmless twice."""
        self._store.close()

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
        known = self._knowledge
        reader = known.reader(self._now)
        return Intake(reader, known.places, known.closings, self._rules, self.actor, self._now)

    def _fresh_intake(self) -> Intake:
        self._knowledge.refresh()
        return self._intake()

    def _sight(self) -> Sight:
        return Sight(self.actor, self._gazetteer())

    def _write(self, make: Callable[[Intake], list[Revision]]) -> tuple[Revision, ...]:
        """Store what `make` makes, and give what is stored.

        It is made again when a period was closed in between, or text purged that it carried on.
        """
        self._knowledge.refresh_sometimes()
        while True:
            intake = self._intake()
            try:
                made = make(intake)
                receipts = self._store.append(made, closings=intake.closings.count)
                return tuple(map(_stored, made, receipts))
            except ClosingsChangedError:
                self._knowledge.relearn()
            except ConflictError as error:
                if error.code != "conflict-purged":
                    raise self._sight().narrow(error) from None
            except (RejectedError, NotAllowedError):
                self._knowledge.refresh()
                if intake.knows(self._knowledge.places, self._knowledge.themes, self._knowledge.closings):
                    raise

    def _current(self, visit: Registration | UUID) -> Revision:
        """The latest revision of `visit`; when a registration was given it must be that one."""
        if not isinstance(visit, Registration):
            return self._store.get(_identity(visit))
        latest = self._store.get(visit.id)
        if latest.number != visit.revision:
            raise ConflictError(
                "conflict-revision",
                latest,
                id=visit.id,
                revision=visit.revision + 1,
                latest=latest.number,
                actor=latest.actor,
                recorded_at=latest.recorded_at.isoformat(),
            )
        return latest

    def _append_place(self, place: Place, overrides: Mapping[str, str], closings: int) -> None:
        self.actor.require(Operation.PLACES)
        try:
            self._append_content(place, None, overrides, closings)
        except ClosingsChangedError:
            self._knowledge.relearn()
            raise
        self._knowledge.refresh()

    def _append_closing(self, closing: Closing, reason: str | None) -> None:
        self._append_content(closing, reason)
        self._knowledge.refresh()

    def _append_purges(self, purges: list[Purge], reason: str | None) -> None:
        check_reasons(reason, {})
        actor, now = self.actor.id, self._now()
        while purges:
            self._store.append([Revision(subject_of(one), 1, one, actor, now, reason) for one in purges])
            # A correction that was written since the purge was thought of has carried the text on.
            purges = list(widened(purges, self._store))

    def _releases(self) -> Iterator[Release]:
        for entry in self._store.journal(kinds=frozenset({SubjectKind.RELEASE})):
            content = entry.revision.content
            if entry.standing.has_effect and isinstance(content, Release):
                yield content

    def _append_content(
        self,
        content: Content,
        reason: str | None = None,
        overrides: Mapping[str, str] | None = None,
        closings: int | None = None,
    ) -> None:
        given = overrides or {}
        check_reasons(reason, given)
        subject = subject_of(content)
        history = [entry.revision for entry in self._store.journal(subject=subject) if entry.standing.has_effect]
        latest = max((revision.number for revision in history), default=0)
        if any(revision.number == latest and revision.content == content for revision in history):
            return
        made = Revision(subject, latest + 1, content, self.actor.id, self._now(), reason, given)
        self._store.append([made], closings=closings)


@attrs.define
class Batch:
    """A unit of work on a register; leaving it without `commit` stores nothing."""

    register: Register
    _waiting: list[Mapping[str, Any]] = attrs.field(factory=list, init=False)

    def record(self, point: ServicePoint | str, **record: Any) -> Registration:
        """Check one visitor's contact and hold it until `commit`; raises RejectedError."""
        return self.record_raw(_raw(point, record))

    def record_raw(self, raw: Mapping[str, Any]) -> Registration:
        """Check a record in the form of the exchange format and hold it until `commit`; raises RejectedError."""
        self.register.actor.require(Operation.RECORD)
        revision = self.register._admit(self.register._fresh_intake(), raw)
        # Judged again at commit, under the same id: a period may be closed meanwhile.
        moment = raw.get("moment", revision.registration.moment)
        self._waiting.append({**raw, "id": str(revision.subject), "moment": moment})
        return revision.registration

    def commit(self) -> tuple[Registration, ...]:
        """Store everything that was recorded, in one transaction; raises ConflictError, and stores nothing then."""
        stored = self.register._write(lambda intake: [self.register._admit(intake, raw) for raw in self._waiting])
        self._waiting = []
        return tuple(revision.registration for revision in stored)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._waiting = []


def _identity(value: UUID | str) -> UUID:
    try:
        return value if isinstance(value, UUID) else UUID(value)
    except ValueError:
        raise InvalidValueError("not-an-id", value=value) from None


def _stored(given: Revision, receipt: Receipt) -> Revision:
    return given if receipt.is_new else receipt.entry.revision


def _mark(revision: Revision) -> Mark:
    return revision.registration.local_date, revision.subject


def _role(value: Role | str) -> Role:
    try:
        return Role(value)
    except ValueError:
        raise InvalidValueError("invalid-role", value=value, known=[role.value for role in Role]) from None


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
