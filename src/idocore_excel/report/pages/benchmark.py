"""The place beside its province, the nation and libraries of its size, where that may be seen."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from functools import cached_property

from attrs import define, field, frozen

from idocore import Scope
from idocore.presence import Presence, present
from idocore_excel.report.counted import Counted, codes_of
from idocore_excel.report.discretion import Number
from idocore_excel.report.pages.hours import visitors_by_point
from idocore_excel.report.paper import Column, Paper, Shown
from idocore_excel.report.points import SIZES, called, size_class, sizes
from idocore_excel.report.subject import Subject

WIDTHS = (46, 17, 17, 17, 17)

FEWEST_OTHERS = 3
"""A group is shown only with this many other organisations: with fewer, one's own figure taken off gives another's."""

_TOPICS = 5


@frozen
class Group:
    """What a report is set beside: all that lies within the places `codes` (None: all) of `level`."""

    name: str
    level: str
    codes: frozenset[str] | None

    @property
    def where(self) -> Mapping[str, Collection[str]]:
        """The filter of its tables."""
        return {} if self.codes is None else {self.level: sorted(self.codes)}

    def may_be_seen_by(self, scope: Scope) -> bool:
        """Whether all of it lies within `scope`, so that its counts are whole."""
        return scope.level == "nation" or (scope.level == self.level and self.codes == frozenset({scope.code}))


def fill(subject: Subject, paper: Paper) -> None:
    """A column for each group; a sentence for each that is left out."""
    _Benchmark(subject).fill(paper)


@define(slots=False)
class _Benchmark:
    subject: Subject
    outside: list[str] = field(factory=list)
    small: list[str] = field(factory=list)

    @cached_property
    def day(self) -> date:
        """The last day that is looked at."""
        return max(self.subject.end - timedelta(days=1), self.subject.start)

    @cached_property
    def sizes(self) -> Mapping[str, int]:
        """The service points of each organisation on that day."""
        return sizes(self.subject.places, self.day)

    @cached_property
    def runners(self) -> frozenset[str]:
        """The organisations of the place."""
        return frozenset(_runners(self.subject, self.subject.points))

    def own(self) -> Group:
        """The place itself."""
        scope = self.subject.scope
        codes = None if scope.level == "nation" else frozenset({scope.code})
        return Group(self.subject.say("own"), scope.level, codes)

    def groups(self) -> Iterator[Group]:
        """The province, the nation, and the organisations of the same size, as far as each is wider than the place."""
        subject, level = self.subject, self.subject.scope.level
        if level in ("service_point", "organisation"):
            provinces = {code for one in subject.points for code in _codes(subject, one, "province")}
            if len(provinces) == 1:
                code = provinces.pop()
                yield Group(subject.places.name("province", code), "province", frozenset({code}))
        if level != "nation":
            yield Group(subject.say("nation"), "nation", None)
        if level in ("service_point", "organisation") and len(self.runners) == 1:
            yield from self._same_size(next(iter(self.runners)))

    def _same_size(self, runner: str) -> Iterator[Group]:
        size = size_class(self.sizes.get(runner, 1))
        same = frozenset(one for one, points in self.sizes.items() if size_class(points) == size) | {runner}
        yield Group(self.subject.say("same-size", size=called(size)), "organisation", same)

    def shown(self) -> Iterator[tuple[Group, list[Presence]]]:
        """The groups that may be seen and are large enough, with their points."""
        subject = self.subject
        for group in self.groups():
            points = present(subject.places, group.level, group.codes, subject.start, subject.end)
            if not group.may_be_seen_by(subject.register.actor.scope):
                self.outside.append(group.name)
            elif len(_runners(subject, points) - self.runners) < FEWEST_OTHERS:
                self.small.append(group.name)
            else:
                yield group, points

    def fill(self, paper: Paper) -> None:
        say = self.subject.say
        groups = [(self.own(), self.subject.points), *self.shown()]
        if len(groups) == 1:
            paper.note(say("bench-none"))
        columns = [Column(say("figure"), WIDTHS[0], "text")]
        columns += [Column(group.name, width, "decimal") for (group, _), width in zip(groups, WIDTHS[1:], strict=False)]
        figures = [_Figures(self.subject, group, points) for group, points in groups]
        averages = [[name, *(one.average(name) for one in figures)] for name in _AVERAGES]
        rows: list[list[Shown]] = [[say(f"bench-{name}"), *numbers] for name, *numbers in averages]
        grid = paper.grid(columns, rows)
        self._shares(paper, columns, figures)
        if len(groups) > 1 and self.subject.points:
            paper.chart_of_row("column", say("bench-visitors"), grid, grid.first + 2, len(groups))
        paper.notes(say("notes"), self._notes())

    def _shares(self, paper: Paper, columns: list[Column], figures: "list[_Figures]") -> None:
        """The topics that were asked most here, and referral, as shares everywhere."""
        subject, say = self.subject, self.subject.say
        rows: list[list[Shown]] = []
        for key, word, most in (("topic", "bench-topic", _TOPICS), ("help", "bench-help", 1)):
            codes = codes_of(subject, key)
            if not codes:
                continue
            own = figures[0].counted(key).counts
            ranked = ["referral"] if key == "help" and "referral" in codes else sorted(own, key=lambda one: -own[one])
            for code in ranked[:most]:
                label = codes[code].label.text(subject.request.language) if code in codes else code
                rows.append([say(word, **{key: label}), *(one.share(key, code) for one in figures)])
        if rows:
            shares = [Column(one.heading, one.width, "text" if one.format == "text" else "share") for one in columns]
            paper.grid(shares, rows)

    def _notes(self) -> Iterator[str]:
        say = self.subject.say
        yield say("bench-note")
        classes = ", ".join(map(called, SIZES))
        yield say("bench-size", day=say.day(self.day), classes=classes)
        if self.small:
            yield say("bench-small", fewest=FEWEST_OTHERS, groups=", ".join(self.small))
        if self.outside:
            yield say("bench-outside", groups=", ".join(self.outside))


_AVERAGES = ("organisations", "points", "visitors", "inquiries", "hours")


@define(slots=False)
class _Figures:
    """The figures of one group."""

    subject: Subject
    group: Group
    points: list[Presence]
    _counted: dict[str, Counted] = field(factory=dict)

    def average(self, name: str) -> Number:
        """A count, or an average for each service point or open hour."""
        shown = self.subject.discretion
        match name:
            case "organisations":
                return len(_runners(self.subject, self.points))
            case "points":
                return len(self.points)
            case "hours":
                return shown.rate(*self._visitors_and_hours)
        total = self.subject.table(name, place=self.group.where).base[name]
        return shown.rate(total, len(self.points))

    @cached_property
    def _visitors_and_hours(self) -> tuple[int, float]:
        visitors = visitors_by_point(self.subject, self.group.where)
        known = [one for one in self.points if one.hours is not None]
        there = [visitors.get(one.point.id) for one in known]
        return sum(one for one in there if isinstance(one, int)), sum(one.hours or 0.0 for one in known)

    def counted(self, key: str) -> Counted:
        """The answers to field `key` in the period."""
        if key not in self._counted:
            self._counted[key] = Counted.in_period(self.subject, key, self.group.where)
        return self._counted[key]

    def share(self, key: str, code: str) -> Number:
        """The share of the known answers to `key` that is `code`."""
        counted = self.counted(key)
        return self.subject.discretion.ratio(counted.counts.get(code, 0), counted.known)


def _codes(subject: Subject, presence: Presence, level: str) -> set[str]:
    """The places of `level` that a point lay in within its stretches."""
    spans = subject.places.then.by_point.get(presence.point.id, ())
    found = {
        span.value(level)
        for span in spans
        for start, end in presence.stretches
        if span.valid_from < end and start < span.valid_until
    }
    return {code for code in found if code is not None}


def _runners(subject: Subject, points: list[Presence]) -> set[str]:
    return {code for one in points for code in _codes(subject, one, "organisation")}
