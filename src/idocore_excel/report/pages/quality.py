"""Data quality: silent service points, late entry, what is unknown or other, and what may have been entered twice."""

from collections import defaultdict
from collections.abc import Iterator

from idocore import Period, PeriodKind
from idocore.presence import Presence
from idocore_excel.report.counted import Counted
from idocore_excel.report.gathering import LATENESS
from idocore_excel.report.pages.answers import keys
from idocore_excel.report.pages.hours import around, by_name
from idocore_excel.report.paper import Column, Paper, Shown
from idocore_excel.report.subject import Subject

WIDTHS = (64, 14, 16, 16)
SILENT_WIDTHS = (44, 36, 24, 14, 14)
DOUBLES_WIDTHS = (40, 20, 40, 40)
_MOST_DOUBLES = 1000


def fill(subject: Subject, paper: Paper) -> None:
    """The figures, in four grids one below the other."""
    _points(subject, paper)
    _lateness(subject, paper)
    _answers(subject, paper)
    _doubles(subject, paper)
    say = subject.say
    paper.notes(say("notes"), [say("late-note"), say("other-note"), say("doubles-note")])


def silent(subject: Subject) -> list[Presence]:
    """The points that existed in the period and for which nothing was registered."""
    heard = _heard(subject)
    return [one for one in subject.points if one.point.id not in heard]


def fill_silent(subject: Subject, paper: Paper, points: list[Presence]) -> None:
    """A listing of the silent points."""
    say = subject.say
    columns = [
        Column(say("level.service_point"), SILENT_WIDTHS[0], "text"),
        Column(say("level.organisation"), SILENT_WIDTHS[1], "text"),
        Column(say("level.municipality"), SILENT_WIDTHS[2], "text"),
        Column(say("opened"), SILENT_WIDTHS[3], "day"),
        Column(say("provisional"), SILENT_WIDTHS[4], "text"),
    ]
    rows = [
        [one.point.name, *around(subject, one), one.point.opened, say("yes" if one.point.provisional else "no")]
        for one in by_name(points)
    ]
    paper.listing("IdoSilent", columns, rows)


def fill_doubles(subject: Subject, paper: Paper) -> None:
    """A listing of registrations that look just like an earlier one."""
    say, gathered = subject.say, subject.gathered
    columns = [
        Column(say("level.service_point"), DOUBLES_WIDTHS[0], "text"),
        Column(say("moment"), DOUBLES_WIDTHS[1], "moment"),
        Column(say("registration"), DOUBLES_WIDTHS[2], "text"),
        Column(say("same-as"), DOUBLES_WIDTHS[3], "text"),
    ]
    rows: Iterator[list[Shown]] = (
        [
            subject.places.name("service_point", one.registration.service_point),
            one.registration.moment.replace(tzinfo=None),
            str(one.registration.id),
            str(one.earlier),
        ]
        for one in gathered.doubles
    )
    paper.listing("IdoDoubles", columns, rows)
    if gathered.double > len(gathered.doubles):
        paper.note(say("doubles-more", shown=len(gathered.doubles)))


def _heard(subject: Subject) -> dict[str, set[str]]:
    """The months in which something was registered, for each point that was heard of."""
    table = subject.table(["registrations", "visitors", "inquiries"], ["service_point", "month"])
    found: dict[str, set[str]] = defaultdict(set)
    for row in table.rows:
        point, month = row.codes
        if point is not None and month is not None:
            found[point].add(month)
    return dict(found)


def _has_gap(subject: Subject, one: Presence, heard: set[str]) -> bool:
    """Whether there is a month, wholly within the period and the life of the point, of which nothing is known."""
    for start, end in one.stretches:
        month = Period.of(PeriodKind.MONTH, start)
        month = month if month.start == start else month.next()
        while month.end <= end:
            if month.code not in heard:
                return True
            month = month.next()
    return False


def _points(subject: Subject, paper: Paper) -> None:
    say, heard = subject.say, _heard(subject)
    silent_ones = [one for one in subject.points if one.point.id not in heard]
    gaps = [one for one in subject.points if _has_gap(subject, one, heard.get(one.point.id, set()))]
    columns = [Column(say("quality-points"), WIDTHS[0], "text"), *_numbers(subject)]
    open_ones = len(subject.points)
    rows: list[list[Shown]] = [[say("quality-open"), open_ones, ""]]
    for name, several in (("quality-silent", silent_ones), ("quality-gaps", gaps)):
        rows.append([say(name), len(several), len(several) / open_ones if open_ones else None])
    paper.grid(columns, rows)


def _numbers(subject: Subject) -> list[Column]:
    return [Column(subject.say("number"), WIDTHS[1]), Column(subject.say("share"), WIDTHS[2], "share")]


def _lateness(subject: Subject, paper: Paper) -> None:
    say, shown, late = subject.say, subject.discretion, subject.gathered.late
    columns = [Column(say("quality-late"), WIDTHS[0], "text"), *_numbers(subject)]
    base = late.total()
    rows: list[list[Shown]] = [
        [say(f"late-{index}"), shown.count(late[index]), shown.ratio(late[index], base)]
        for index in range(len(LATENESS) + 1)
    ]
    paper.grid(columns, rows, [[say("late-base"), shown.count(base), ""]])


def _answers(subject: Subject, paper: Paper) -> None:
    say, shown = subject.say, subject.discretion
    columns = [
        Column(say("quality-answers"), WIDTHS[0], "text"),
        Column(say("quality-base"), WIDTHS[1]),
        Column(say("quality-unknown"), WIDTHS[2], "share"),
        Column(say("quality-other"), WIDTHS[3], "share"),
    ]
    rows: list[list[Shown]] = []
    for key in keys(subject):
        counted = Counted.in_period(subject, key)
        other = sum(count for code, count in counted.counts.items() if is_other(code))
        shares = shown.ratio(counted.unknown, counted.total), shown.ratio(other, counted.known)
        rows.append([subject.field_label(key), shown.count(counted.total), *shares])
    paper.grid(columns, rows)


def is_other(code: str) -> bool:
    """Whether a code stands for all that its list does not name."""
    return code == "other" or code.startswith("other-")


def _doubles(subject: Subject, paper: Paper) -> None:
    say, shown, gathered = subject.say, subject.discretion, subject.gathered
    columns = [Column(say("quality-doubles"), WIDTHS[0], "text"), *_numbers(subject)]
    share = shown.ratio(gathered.double, gathered.timed)
    rows: list[list[Shown]] = [[say("doubles-count"), shown.count(gathered.double), share]]
    paper.grid(columns, rows, [[say("doubles-base"), shown.count(gathered.timed), ""]])
