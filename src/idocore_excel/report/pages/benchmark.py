"""The place beside its province, the nation and libraries of its size, where that may be seen."""

from collections.abc import Iterator
from functools import cached_property

from attrs import define, field

from idocore.peers import FEWEST_OTHERS, SIZES, Beside, Group, Peers, called
from idocore.presence import Presence
from idocore_excel.report.counted import Counted, codes_of
from idocore_excel.report.discretion import Number
from idocore_excel.report.pages.hours import visitors_by_point
from idocore_excel.report.paper import Column, Paper, Shown
from idocore_excel.report.subject import Subject

WIDTHS = (46, 17, 17, 17, 17)

_TOPICS = 5


def fill(subject: Subject, paper: Paper) -> None:
    """A column for each group; a sentence for each that is left out."""
    _Benchmark(subject, Peers(subject.places, subject.scope, subject.start, subject.end)).fill(paper)


@define(slots=False)
class _Benchmark:
    subject: Subject
    peers: Peers
    outside: list[str] = field(factory=list)
    small: list[str] = field(factory=list)

    def name(self, group: Group) -> str:
        """What `group` is called at the head of its column."""
        if group.beside is Beside.PROVINCE and group.codes:
            return self.subject.places.name("province", next(iter(group.codes)))
        return self.subject.say(group.beside, size=called(self.peers.size) if self.peers.size else "")

    def shown(self) -> Iterator[tuple[Group, list[Presence]]]:
        """The groups that may be seen and are large enough, with their points."""
        for group in self.peers.groups():
            points = self.peers.present(group)
            if not group.may_be_seen_by(self.subject.register.actor.scope):
                self.outside.append(self.name(group))
            elif not self.peers.has_others(points):
                self.small.append(self.name(group))
            else:
                yield group, points

    def fill(self, paper: Paper) -> None:
        say = self.subject.say
        groups = [(self.peers.own(), self.subject.points), *self.shown()]
        if len(groups) == 1:
            paper.note(say("bench-none"))
        columns = [Column(say("figure"), WIDTHS[0], "text")]
        columns += [
            Column(self.name(group), width, "decimal") for (group, _), width in zip(groups, WIDTHS[1:], strict=False)
        ]
        figures = [_Figures(self.subject, self.peers, group, points) for group, points in groups]
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
        yield say("bench-size", day=say.day(self.peers.day), classes=classes)
        if self.small:
            yield say("bench-small", fewest=FEWEST_OTHERS, groups=", ".join(self.small))
        if self.outside:
            yield say("bench-outside", groups=", ".join(self.outside))


_AVERAGES = ("organisations", "points", "visitors", "inquiries", "hours")


@define(slots=False)
class _Figures:
    """The figures of one group."""

    subject: Subject
    peers: Peers
    group: Group
    points: list[Presence]
    _counted: dict[str, Counted] = field(factory=dict)

    def average(self, name: str) -> Number:
        """A count, or an average for each service point or open hour."""
        shown = self.subject.discretion
        match name:
            case "organisations":
                return len(self.peers.runners(self.points))
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
