"""By provider, topic, help, referral, channel or duration: numbers, shares of the known answers, what is unknown."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from attrs import define, field

from idocore import Bridge
from idocore_excel.report.charts import Kind
from idocore_excel.report.counted import Counted, codes_of
from idocore_excel.report.discretion import Number
from idocore_excel.report.pages.development import year_before
from idocore_excel.report.paper import Column, Paper, Shown
from idocore_excel.report.subject import Subject

_NAME, _COUNT, _SHARE = 46, 11, 12

KEYS = ("provider", "topic", "help", "referral", "channel", "duration")
"""The fields that have a page of their own, as far as the theme has them."""

_IN_ORDER_OF_THEIR_LIST = ("duration",)
_MOST_IN_CHART = 15
_MOST_YEARS = 5


def years(subject: Subject) -> list[int]:
    """The latest years of all there is; none when a period was asked for."""
    first, last = subject.gathered.first_day, subject.gathered.last_day
    if subject.period is not None or first is None or last is None:
        return []
    return list(range(first.year, last.year + 1))[-_MOST_YEARS:]


def widths(subject: Subject) -> list[int]:
    """The widths of the columns: those of the year before, or of each year."""
    more = [_COUNT, _SHARE, _SHARE] if subject.period else [_SHARE for _ in years(subject)]
    return [_NAME, _COUNT, _SHARE, *more]


def keys(subject: Subject) -> list[str]:
    """The fields of the theme that get a page: the usual ones, or all coded ones of a theme that has none of those."""
    versions = subject.register.themes.versions(subject.request.theme)
    coded = dict.fromkeys(entry.key for one in versions for entry in one.fields if entry.type.is_coded)
    usual = [key for key in KEYS if key in coded]
    return [key for key in KEYS if key in coded or key == "channel"] if usual else [*coded, "channel"]


def fill(subject: Subject, paper: Paper, key: str) -> None:
    """The grid of field `key`, its chart and its notes."""
    _Answers(subject, key).fill(paper)


@define
class _Answers:
    subject: Subject
    key: str
    main: Counted = field(init=False)
    others: list[Counted] = field(init=False)

    def __attrs_post_init__(self) -> None:
        subject = self.subject
        self.main = Counted.in_period(subject, self.key)
        self.others = list(self._others())

    def _others(self) -> Iterator[Counted]:
        """The year before; or, of everything there is, the latest years."""
        subject, period = self.subject, self.subject.period
        if period is not None:
            start, end = year_before(period.start), year_before(period.end)
            name = f"{start.year}" if period.kind == "year" else subject.say("before-short")
            yield Counted.of(subject, self.key, name, start, end)
            return
        for year in years(subject):
            yield Counted.of(subject, self.key, f"{year}", date(year, 1, 1), date(year + 1, 1, 1))

    def fill(self, paper: Paper) -> None:
        say = self.subject.say
        if not self.main.total:
            paper.note(say("empty"))
        grid = paper.grid(self._columns(), map(self._row, self._codes()), self._totals())
        is_ranked = self.key not in _IN_ORDER_OF_THEIR_LIST
        kind: Kind = "ranked" if is_ranked else "bar"
        paper.chart(kind, say(f"measure.{self.main.measure}"), [2], grid, _MOST_IN_CHART)
        paper.notes(say("notes"), self._notes())

    def _codes(self) -> list[str]:
        """The codes that were given at all, most often first, unless their list is a scale."""
        counts = self.main.counts
        given = dict.fromkeys([*counts, *(code for one in self.others for code in one.counts)])
        if self.key in _IN_ORDER_OF_THEIR_LIST:
            return [code for code in codes_of(self.subject, self.key) if code in given]
        return sorted(given, key=lambda code: -counts.get(code, 0))

    @property
    def _has_before(self) -> bool:
        return self.subject.period is not None

    def _columns(self) -> list[Column]:
        say = self.subject.say
        names = [Column(self.subject.field_label(self.key), _NAME, "text")]
        if not self._has_before:
            first = [Column(say("number"), _COUNT), Column(say("share"), _SHARE, "share")]
            shares = [Column(say("share-of", period=one.name), _SHARE, "share") for one in self.others]
            return [*names, *first, *shares]
        for one in (self.main, *self.others):
            names.append(Column(say("number-of", period=one.name), _COUNT))
            names.append(Column(say("share-of", period=one.name), _SHARE, "share"))
        return [*names, Column(say("change-points"), _SHARE, "points")]

    def _share(self, one: Counted, code: str) -> Number:
        """The share of the table itself, unless a count behind it may not be seen."""
        count = one.count(code, codes_of(self.subject, self.key))
        return None if count is None else self.subject.discretion.ratio(count, one.known)

    def _row(self, code: str) -> list[Shown]:
        shown, codes = self.subject.discretion, codes_of(self.subject, self.key)
        row: list[Shown] = [self.subject.label(self.main.table, self.key, code)]
        row += [shown.count(self.main.count(code, codes)), self._share(self.main, code)]
        if not self._has_before:
            return [*row, *(self._share(one, code) for one in self.others)]
        before = self.others[0]
        shares = self._share(self.main, code), self._share(before, code)
        return [*row, shown.count(before.count(code, codes)), shares[1], shown.difference(*shares)]

    def _totals(self) -> Iterator[list[Shown]]:
        for name in ("known", "unknown", "total"):
            count = [self.subject.discretion.count(getattr(one, name)) for one in (self.main, *self.others)]
            if self._has_before:
                yield [self.subject.say(name), count[0], "", count[1], "", ""]
            else:
                yield [self.subject.say(name), count[0], "", *count[1:]]

    def _notes(self) -> Iterator[str]:
        subject = self.subject
        yield subject.say("percentages")
        yield from subject.remarks(self.main.table)
        yield from self._changes_of_wording()

    def _changes_of_wording(self) -> Iterator[str]:
        """What the bridges say of this field, for every change of the form within the days that are shown."""
        themes = self.subject.register.themes
        ends = {bridge.ends: bridge for bridge in themes.bridges}
        starts = [one.start or self.subject.start for one in (self.main, *self.others)]
        for older, newer in pairwise(themes.versions(self.subject.request.theme)):
            bridge = ends.get((older.id, newer.id))
            if bridge is not None and min(starts) < newer.valid_from < self.subject.end:
                yield from self._said(bridge, newer.valid_from)

    def _said(self, bridge: Bridge, day: date) -> Iterator[str]:
        language = self.subject.request.language
        for entry in bridge.fields:
            if entry.note and self.key in (entry.field, *entry.to):
                yield self.subject.say("wording", day=self.subject.say.day(day), text=entry.note.text(language))
        if bridge.note and self.main.measure == "inquiries":
            yield self.subject.say("wording", day=self.subject.say.day(day), text=bridge.note.text(language))
