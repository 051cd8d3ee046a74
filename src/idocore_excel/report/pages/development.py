"""Development: by month (or day), beside the same period a year before, and cumulative."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from attrs import define, field

from idocore import Period, PeriodKind
from idocore_excel.report.discretion import Number
from idocore_excel.report.paper import Column, Paper, Shown
from idocore_excel.report.subject import COUNTS, Subject

WIDTHS = (19, 14, 11, 10, 13, 10, 12, 13)
_WEEKS = timedelta(days=364)
"""A year before a day or a week: the same weekday."""


def fill(subject: Subject, paper: Paper) -> None:
    """Registrations, visitors and inquiries in time."""
    _Development(subject).fill(paper)


def year_before(day: date) -> date:
    """The same day a year before; for 29 February the 28th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


@define
class _Development:
    subject: Subject
    unit: PeriodKind = field(init=False)
    numbers: Mapping[str | None, tuple[int, ...]] = field(init=False)

    def __attrs_post_init__(self) -> None:
        subject = self.subject
        self.unit = PeriodKind.DAY if self._is_short else PeriodKind.MONTH
        # The year before is counted along; the rows of all time begin where there is nothing before.
        start = None if subject.period is None else self.before(subject.start)
        table = subject.table(COUNTS, self.unit, start=start, end=subject.end)
        self.numbers = {row.codes[0]: row.numbers for row in table.rows}  # type: ignore[misc]

    @property
    def _is_short(self) -> bool:
        period = self.subject.period
        return period is not None and (period.kind.months or 0) <= 1

    def before(self, day: date) -> date:
        """The day a year before `day`."""
        period = self.subject.period
        by_weeks = period is not None and period.kind in (PeriodKind.DAY, PeriodKind.WEEK)
        return day - _WEEKS if by_weeks else year_before(day)

    def units(self) -> Iterator[Period]:
        """The months or days of the period, as far as they have come."""
        unit = Period.of(self.unit, self.subject.start)
        while unit.start < self.subject.end:
            yield unit
            unit = unit.next()

    def counted(self, unit: Period) -> tuple[Number, ...]:
        """The counts of `unit`; None where no point was open and nothing was counted."""
        found = self.numbers.get(unit.code)
        if found is not None:
            return found
        known = self.subject.points
        is_open = not known or any(one.during(unit.start, unit.end) for one in known)
        return (0,) * len(COUNTS) if is_open else (None,) * len(COUNTS)

    def earlier(self, unit: Period) -> Number:
        """The visitors a year before `unit`; None where nothing was counted then."""
        found = self.numbers.get(Period.of(self.unit, self.before(unit.start)).code)
        return None if found is None else found[1]

    def fill(self, paper: Paper) -> None:
        subject, say, shown = self.subject, self.subject.say, self.subject.discretion
        units = list(self.units())
        counts = [self.counted(unit) for unit in units]
        earlier = [self.earlier(unit) for unit in units]
        sums = shown.running(visitors for _, visitors, _ in counts), shown.running(earlier)
        rows: list[list[Shown]] = []
        for unit, number, before, total, total_before in zip(units, counts, earlier, *sums, strict=True):
            growth = None if unit.end > subject.end else shown.growth(number[1], before)
            rows.append([self._name(unit), *map(shown.count, number), shown.count(before), growth, total, total_before])
        if None in self.numbers and self._is_short:
            rows.append([say("day-unknown"), *map(shown.count, self.numbers[None]), None, None, None, None])
        grid = paper.grid(self._columns(), rows, [self._totals()])
        if len(units) > 1:
            columns = [3, 5] if any(earlier) else [3]
            paper.chart("column", say("chart-months"), columns, grid)
            paper.chart("line", say("chart-cumulative"), [7, 8] if any(earlier) else [7], grid)
        paper.notes(say("notes"), self._notes())

    def _name(self, unit: Period) -> str:
        label = self.subject.say.period(unit)
        if unit.end <= self.subject.end:
            return label
        return self.subject.say("running", label=label, last=f"{self.subject.end - timedelta(days=1):%d-%m}")

    def _columns(self) -> list[Column]:
        say = self.subject.say
        return [
            Column(say("day" if self._is_short else "month"), WIDTHS[0], "text"),
            *(Column(say(f"measure.{name}"), width) for name, width in zip(COUNTS, WIDTHS[1:4], strict=True)),
            Column(say("visitors-before"), WIDTHS[4]),
            Column(say("change"), WIDTHS[5], "points"),
            Column(say("cumulative"), WIDTHS[6]),
            Column(say("cumulative-before"), WIDTHS[7]),
        ]

    def _totals(self) -> list[Shown]:
        """The totals as they are computed over the records, which is not always the sum of the rows."""
        subject, shown = self.subject, self.subject.discretion
        base = subject.table(COUNTS).base
        before = self._total_before()
        return [
            subject.say("total"),
            *(shown.count(base[name]) for name in COUNTS),
            shown.count(before),
            shown.growth(base["visitors"], before),
            None,
            None,
        ]

    def _total_before(self) -> int | None:
        subject = self.subject
        if subject.period is None or subject.end <= subject.start:
            return None
        start, end = self.before(subject.start), self.before(subject.end)
        found = subject.table("visitors", start=start, end=end).base["visitors"]
        return found or None

    def _notes(self) -> Iterator[str]:
        subject, say = self.subject, self.subject.say
        if subject.period is not None and subject.end > subject.start:
            last = self.before(subject.end) - timedelta(days=1)
            yield say("note-before", first=say.day(self.before(subject.start)), last=say.day(last))
        if subject.is_running:
            yield say("note-running")
        yield from subject.remarks(subject.table(COUNTS))
