"""The register: places, themes and a store; the one object that front ends talk to."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final, Literal, Self
from uuid import UUID

import attrs
from attrs import frozen

from idocore import arguments, plugins, rules
from idocore.amendments import Amendment, amendments
from idocore.batch import Batch
from idocore.conflicts import waiting
from idocore.errors import InvalidValueError, ThemeError
from idocore.exchange import Line
from idocore.findings import Finding
from idocore.freezing import Source
from idocore.gazetteer import Gazetteer
from idocore.indicators import Allocation, Catalogue, Indication, Indicator
from idocore.indicators.benchmarking import Benchmarking, for_each_point
from idocore.indicators.computing import Computing
from idocore.intake import Intake
from idocore.journal import Entry, Revision, SubjectKind
from idocore.knowledge import Knowledge, read_theme_source
from idocore.loading import Loader, Outcome
from idocore.peers import Peers
from idocore.period_book import PeriodBook
from idocore.periods import Period, to_local
from idocore.place_book import PlaceBook
from idocore.places import ServicePoint
from idocore.publications import Publications
from idocore.quality import Quality, Thresholds, Watcher, judge
from idocore.registrations import Kind, Registration, Status
from idocore.releases import Release
from idocore.reports import ExportRequest
from idocore.retention import Retention
from idocore.roles import Actor, Operation, Role
from idocore.rollup_book import RollupBook
from idocore.scopes import EVERYWHERE, LEVELS, Scope
from idocore.seals import Seal
from idocore.sheet_book import SheetBook
from idocore.sight import Sight, check_place_date, within
from idocore.snapshot_book import SnapshotBook
from idocore.statistics import Query, Table
from idocore.statistics.answer import answer
from idocore.statistics.cells import Cell, Cut
from idocore.statistics.query import PlaceDate, dimensions
from idocore.store import CONFLICT, Arrival, Cursor, Mark, Progress, Selection, Store, unseen
from idocore.theme_files import Themes
from idocore.writer import Make, Writer

_AT_ONCE: Final = 1000
"""How many registrations are read from the store at once."""


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
        new = Actor(actor, arguments.role(role or self.actor.role), Scope.parse(scope or self.actor.scope))
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
            self._gazetteer, self._writer.append_place, lambda: self._now().date(), self.actor, lambda: known.closings
        )

    @property
    def periods(self) -> PeriodBook:
        """The closed periods of this register: close, open again, look."""
        self._knowledge.refresh()
        known, write = self._knowledge, self._writer.append_closing
        return PeriodBook(
            lambda: known.closings,
            write,
            self.actor,
            self._gazetteer,
            lambda: self._now().date(),
            lambda: self._of_kind(SubjectKind.CLOSING),
        )

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
            self._writer.append,
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
        return Retention(self._store, self.themes, self.actor, self._sight(), today, self._writer.append_purges)

    def install_theme(self, path: str | Path) -> tuple[str, ...]:
        """Install the theme file at `path`, now and for everyone who opens this store; the ids of all themes then.

        Raises ThemeError with every fault; nothing is installed then.
        """
        self.actor.require(Operation.THEMES)
        source = read_theme_source(path)
        self._knowledge.refresh()
        self._knowledge.check(source)
        self._writer.append(source)
        self._knowledge.refresh()
        # Somebody else may have installed what contradicts it, a moment before: then it has no effect.
        if lacking := [one for one in self._knowledge.faults if one.path == source.name]:
            raise ThemeError(source.name, tuple(str(one.parameters["faults"]) for one in lacking))
        return tuple(sorted(self.themes.themes))

    # Writing

    def check(self, point: ServicePoint | str, **record: Any) -> tuple[Finding, ...]:
        """All findings on a record, as `record` would meet them; nothing is stored."""
        return self.check_raw(arguments.raw_record(point, record))

    def check_raw(self, raw: Mapping[str, Any]) -> tuple[Finding, ...]:
        """All findings on a record in the form of the exchange format; nothing is stored."""
        self.actor.require(Operation.RECORD)
        return self._writer.fresh_intake().judge(raw).findings

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
        return self.record_raw(arguments.raw_record(point, record))

    def tally(self, point: ServicePoint | str, count: int | None, **record: Any) -> Registration:
        """Store `count` visitors in one record (None: only inquiries were counted); the rest as in `record`."""
        return self.record(point, kind=Kind.TALLY, count=count, **record)

    def record_raw(self, raw: Mapping[str, Any]) -> Registration:
        """Store a record in the form of the exchange format; raises RejectedError, ConflictError.

        Sending a record again that is stored already gives back what is stored, whatever was closed since.
        """
        self.actor.require(Operation.RECORD)
        writer = self._writer
        return writer.write(lambda intake: [writer.admit(intake, raw)])[0].registration

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
        """The status that it had, wherever it lay then: of what was there before, nothing else is looked at."""
        entries = self._store.journal(subject=withdrawn.subject)
        written = [entry.revision for entry in entries if entry.standing.has_effect and entry.revision.is_registration]
        latest_first = sorted(written, key=lambda revision: revision.number, reverse=True)
        before = (revision.registration.status for revision in latest_first)
        return next((status for status in before if status is not Status.WITHDRAWN), Status.FINAL)

    def _follow(self, visit: Registration | UUID, make: Make) -> Registration:
        self.actor.require(Operation.CORRECT)
        return self._writer.follow(visit, make).registration

    def batch(self) -> Batch:
        """A unit of work: what is recorded in it is stored together at `commit`, or not at all."""
        return Batch(self._writer)

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
        Raises InvalidValueError for what is no line: `read_file` makes them of a file, `read_jsonl` of records as JSON.
        """
        self.actor.require(Operation.RECORD)
        loader = Loader(
            self._store,
            self._writer.fresh_intake,
            overrides or {},
            self._knowledge.catch_up,
            lambda error: self._sight().narrow(error),
            dry_run,
            progress,
        )
        return loader.load(arguments.lines(lines), bulk=bulk)

    def read_file(self, path: str | Path, *, format: str | None = None) -> Iterator[Line]:
        """The records in a file (``jsonl`` or ``csv``, by name or `format`), for `load`; raises ExchangeError."""
        chosen = format or Path(path).suffix.lstrip(".").lower()
        importer = plugins.load("idocore.importers", chosen)
        found: Iterator[Line] = importer(Path(path), self.themes)
        return found

    # Reading

    def get(self, registration_id: UUID | str) -> Registration:
        """The latest revision of a registration; raises NotFoundError."""
        return self._sight().seen(self._store.get(arguments.identity(registration_id))).registration

    def history(self, registration_id: UUID | str) -> tuple[Revision, ...]:
        """All revisions of a registration that this store holds, oldest first; empty when there is none."""
        sight = self._sight()
        entries = self._store.journal(subject=arguments.identity(registration_id))
        revisions = (sight.seen(entry.revision) for entry in entries if entry.standing.has_effect)
        return tuple(sorted(revisions, key=lambda revision: revision.number))

    def find(
        self,
        *,
        period: str | Period | None = None,
        point: ServicePoint | str | None = None,
        theme: str | None = None,
        statuses: Iterable[Status | str] = (Status.FINAL, Status.DRAFT),
        after: Mark | None = None,
        limit: int = 100,
    ) -> Page:
        """A page of registrations by local date and id; pass the page's `next` as `after` for the one that follows.

        What may not be seen is passed over: a page holds less than `limit` only at the end, and its `next` is of a
        registration that was seen. Raises NotAllowedError for a point that lies wholly outside the scope of who acts,
        and InvalidValueError for a period, status or limit that is none.
        """
        sight = self._sight_of(point)
        selection = sight.narrowed(arguments.selection(period, point, theme, statuses))
        most = arguments.limit(limit)
        found = list(islice(sight.only_seen(self._selected(selection, after, most)), most))
        full = len(found) == most and most > 0
        return Page(tuple(revision.registration for revision in found), _mark(found[-1]) if full else None)

    def revisions(
        self,
        *,
        period: str | Period | None = None,
        point: ServicePoint | str | None = None,
        theme: str | None = None,
        statuses: Iterable[Status | str] = (Status.FINAL, Status.DRAFT),
        scope: Scope | str | None = None,
    ) -> Iterator[Revision]:
        """The latest revision of each registration within `scope`, by local date and id, read page by page.

        Raises NotAllowedError for a point or scope that lies wholly outside the scope of who acts.
        """
        sight = self._sight_of(point)
        sight = attrs.evolve(sight, asked=sight.reachable(Scope.parse(scope or EVERYWHERE)))
        selection = sight.narrowed(arguments.selection(period, point, theme, statuses))
        yield from sight.only_seen(self._selected(selection, None, _AT_ONCE))

    def _selected(self, selection: Selection, after: Mark | None, first: int) -> Iterator[Revision]:
        """What is selected, seen or not, by local date and id; `first` is how many are read at first."""
        limit = first
        while page := self._store.find(selection, after=after, limit=limit):
            yield from page
            if len(page) < limit:
                return
            # Whoever sees little of what there is would else read it in very small steps.
            after, limit = _mark(page[-1]), max(limit, _AT_ONCE)

    def amendments(
        self, period: str | Period | None = None, *, scope: Scope | str | None = None, progress: Progress = unseen
    ) -> Iterator[Amendment]:
        """Every change of a closed period that touches `period`, within `scope`: what is late, corrected or withdrawn.

        In the order of the journal, which is read as a whole. Raises NotAllowedError, InvalidValueError.
        """
        span = Period.parse(period) if isinstance(period, str) else period
        asked = self._sight().reachable(Scope.parse(scope or EVERYWHERE).known(self._gazetteer()))
        return amendments(self._store, attrs.evolve(self._sight(), asked=asked), span, progress)

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
                places = known.places

                def evaluate(cut: Cut) -> Sequence[Cell]:
                    check_place_date(cut, self.actor, places, themes)
                    return counting.evaluate(cut)

                return answer(within(query, self.actor), evaluate, themes, places, today, has_closings, cursor)

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
        self._knowledge.refresh()  # facts have tables and columns by the themes that there are by now
        yield from self._knowledge.faults
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
        self._knowledge.refresh()  # as for `verify`
        return self._store.rebuild(progress)

    def backup(self, path: str | Path, *, progress: Progress = unseen) -> Seal:
        """Copy everything to a new file at `path` while others go on; the seal of what it holds at least."""
        self.actor.require(Operation.KEEP)
        seal = self.seal()
        self._store.backup(Path(path), progress)
        return seal

    def held(self, *, settled: bool = False) -> Iterator[Arrival]:
        """What came by sync and has no effect yet, each with what holds it; without notes unless they may be read.

        With `settled` also what was put aside when a conflict was settled, and stays so. Registrations outside the
        scope of who acts are left out.
        """
        self.actor.require(Operation.SYNC)
        return self._held_shown(self._store.held() if settled else waiting(self._store))

    def _held_shown(self, found: Iterable[Arrival]) -> Iterator[Arrival]:
        sight = self._sight()
        covered = (one for one in found if sight.covers(one.entry))
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
        behind unless `with_texts`. A file appears whole or not at all. Raises InvalidValueError for an unknown place,
        NotAllowedError for one that lies wholly outside the scope of who acts.
        """
        self.actor.require(Operation.EXPORT)
        if with_texts:
            self.actor.require(Operation.NOTES)
        chosen = format or (Path(target).suffix.lstrip(".").lower() if isinstance(target, str | Path) else "jsonl")
        exporter = plugins.load("idocore.exporters", chosen)
        span = Period.parse(period) if isinstance(period, str) else period
        within = self._asked_scope(point, scope)
        request = ExportRequest(
            self, span, arguments.point_id(point), theme, language, with_texts, progress, within, publish, self._now()
        )
        return request.write(exporter, target)

    def _asked_scope(self, point: ServicePoint | str | None, scope: Scope | str | None) -> Scope:
        if point is not None and scope is not None:
            raise InvalidValueError("point-and-scope")
        asked = (
            Scope.parse(scope or EVERYWHERE)
            if point is None
            else Scope("service_point", str(arguments.point_id(point)))
        )
        return self._sight().reachable(asked.known(self._gazetteer()))

    def close(self) -> None:
        """Let go of the store; harmless twice."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Below the surface

    @property
    def _writer(self) -> Writer:
        return Writer(self._store, self.actor, self._knowledge, self._rules, self._now, self._sight)

    def _now(self) -> datetime:
        return to_local(self._clock())

    def _gazetteer(self) -> Gazetteer:
        self._knowledge.refresh()
        return self._knowledge.places

    def _sight(self) -> Sight:
        return Sight(self.actor, self._gazetteer())

    def _sight_of(self, point: ServicePoint | str | None) -> Sight:
        """What may be seen; raises NotAllowedError where that is nothing of `point`."""
        sight = self._sight()
        if point is not None:
            sight.reachable(Scope("service_point", str(arguments.point_id(point))))
        return sight

    def _releases(self) -> Iterator[Release]:
        contents = (revision.content for revision in self._of_kind(SubjectKind.RELEASE))
        return (content for content in contents if isinstance(content, Release))

    def _of_kind(self, kind: SubjectKind) -> Iterator[Revision]:
        """What is in effect of this kind, all revisions, stream by stream."""
        entries = self._store.journal(kinds=frozenset({kind}))
        return (entry.revision for entry in entries if entry.standing.has_effect)


def _mark(revision: Revision) -> Mark:
    return revision.registration.local_date, revision.subject
