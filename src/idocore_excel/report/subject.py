"""What a report is about: the place, the period, and the tables of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import attrs
from attrs import define, field

from idocore import Period, PeriodKind, Quality, Register, Scope, Table, Theme
from idocore.gazetteer import Gazetteer
from idocore.presence import Presence, within
from idocore.quality import Watcher, judge
from idocore.reports import ExportRequest
from idocore.statistics.noting import Note
from idocore_excel.report.discretion import Discretion
from idocore_excel.report.gathering import Gathered
from idocore_excel.report.words import Words

COUNTS = ("registrations", "visitors", "inquiries")

Place = Mapping[str, str | Iterable[str]]
"""A place as the filter of a table."""


@define(slots=False)
class Subject:
    """The place and the period of a report; `gathered` and `watcher` hold what was seen of its registrations."""

    request: ExportRequest
    watcher: Watcher
    gathered: Gathered = field(factory=Gathered)

    @cached_property
    def say(self) -> Words:
        """The words of the report's language."""
        return Words(self.request.language)

    @cached_property
    def discretion(self) -> Discretion:
        """What may be seen of the numbers."""
        return Discretion(self.request.publish)

    @property
    def register(self) -> Register:
        """The register that is asked."""
        return self.request.register

    @property
    def scope(self) -> Scope:
        """The place that the report is about."""
        return self.request.place

    @property
    def period(self) -> Period | None:
        """The period that the report is about; None: everything there is."""
        return self.request.period

    @cached_property
    def places(self) -> Gazetteer:
        """All places."""
        return self.register.places.gazetteer

    @cached_property
    def today(self) -> date:
        """The day on which the report was asked for."""
        return self.request.made_at.date()

    @cached_property
    def start(self) -> date:
        """The first day that is looked at: that of the period, or else of the first registration."""
        return self.period.start if self.period else self.gathered.first_day or self.today

    @cached_property
    def end(self) -> date:
        """The first day that is not looked at any more: the period's, but nothing after today is known."""
        tomorrow = self.today + timedelta(days=1)
        return max(self.start, min(self.period.end, tomorrow)) if self.period else tomorrow

    @property
    def is_running(self) -> bool:
        """Whether the period has days that are still to come."""
        return self.period is not None and self.end < self.period.end

    @cached_property
    def points(self) -> list[Presence]:
        """The service points of the place that existed in the period."""
        return within(self.places, self.scope, self.start, self.end)

    @cached_property
    def versions(self) -> list[Theme]:
        """The versions of the theme that were in use in the period."""
        found = self.register.themes.versions(self.request.theme)
        return [one for one in found if one.valid_from < self.end and (one.valid_until or date.max) > self.start]

    @cached_property
    def quality(self) -> Quality:
        """How complete and reliable the registrations are that have passed by."""
        return judge(self.watcher, (self.scope, self.register.actor.scope), self.period, self.today)

    def table(
        self,
        measures: str | Sequence[str],
        by: str | Sequence[str] = (),
        *,
        place: Place | None = None,
        **days: Any,
    ) -> Table:
        """A table of the report's place and period, unless another `place` or other days (`start`, `end`) are given."""
        where = self.scope.where if place is None else place
        return self.register.table(
            measures, by, where=where, theme=self.request.theme, **(days or {"period": self.period})
        )

    def label(self, table: Table, name: str, code: str | None) -> str:
        """What people call `code`; a period by its name."""
        if code is None:
            return self.say("unknown")
        if name in list(PeriodKind):
            return self.say.period(Period.of_code(code))
        return table.label(name, code, self.request.language)

    def field_label(self, key: str) -> str:
        """What people call a field."""
        themes, language = self.register.themes, self.request.language
        for version in reversed(themes.versions(self.request.theme)):
            if key == "channel":
                return themes.codelist(version.channels).label.text(language)
            if key in version.by_key:
                return version.by_key[key].label.text(language)
        return key

    def remarks(self, *tables: Table) -> Iterator[str]:
        """The notes on `tables`, each once, with the names of fields as people call them."""
        for table in tables:
            for note in table.notes:
                if note.code != "note-period":
                    yield self._named(note, table).message(self.request.language)

    def _named(self, note: Note, table: Table) -> Note:
        named = dict(note.parameters)
        if "dimension" in named:
            named["dimension"] = f"‘{table.heading(named['dimension'], self.request.language)}’"
        if "themes" in named:
            named["themes"] = [table.label("theme", one, self.request.language) for one in named["themes"]]
        return attrs.evolve(note, parameters=named)

    @property
    def name(self) -> str:
        """What people call the place."""
        if self.scope.level == "nation":
            return self.say("nation")
        return self.places.name(self.scope.level, self.scope.code)

    @property
    def span(self) -> str:
        """The period in words."""
        if self.period:
            days = {"first": self.say.day(self.period.start), "last": self.say.day(self.period.end - timedelta(days=1))}
            return self.say("span", code=self.period.code, **days)
        if self.gathered.last_day is None:
            return self.say("nothing-yet")
        return self.say("everything", last=self.say.day(self.gathered.last_day))

    @property
    def lead(self) -> str:
        """The line beneath every title."""
        return f"{self.name} · {self.span}"
