"""Data quality: silent service points, late entry, what is unknown or other, and what may have been entered twice."""

from collections.abc import Iterator

from idocore.presence import Presence
from idocore.quality import LATENESS, Answered
from idocore_excel.report.pages.answers import keys
from idocore_excel.report.pages.hours import around, by_name
from idocore_excel.report.paper import Column, Paper, Shown
from idocore_excel.report.subject import Subject

WIDTHS = (64, 14, 16, 16)
SILENT_WIDTHS = (44, 36, 24, 14, 14)
DOUBLES_WIDTHS = (40, 20, 40, 40)


def fill(subject: Subject, paper: Paper) -> None:
    """The figures, in grids one below the other."""
    _points(subject, paper)
    _lateness(subject, paper)
    _answers(subject, paper)
    _moments(subject, paper)
    _doubles(subject, paper)
    say = subject.say
    names = ("gaps-note", "late-note", "other-note", "moments-note", "doubles-note")
    paper.notes(say("notes"), [say(name) for name in names])


def silent(subject: Subject) -> list[Presence]:
    """The points that were open in the period, or may have been, and for which nothing was registered."""
    return [one for one in subject.points if one.point.id in subject.quality.silent]


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
    say, watcher = subject.say, subject.watcher
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
        for one in watcher.doubles
    )
    paper.listing("IdoDoubles", columns, rows)
    if watcher.double > len(watcher.doubles):
        paper.note(say("doubles-more", shown=len(watcher.doubles)))


def _points(subject: Subject, paper: Paper) -> None:
    say, quality = subject.say, subject.quality
    with_gap = {one.service_point for one in quality.points if one.figures.empty_months}
    untold = {one.service_point for one in quality.points if one.figures.hours_unknown}
    columns = [Column(say("quality-points"), WIDTHS[0], "text"), *_numbers(subject)]
    there, total = len(subject.points), quality.total
    rows: list[list[Shown]] = [[say("quality-open"), there, ""]]
    for name, several in (("silent", quality.silent), ("gaps", with_gap), ("untold", untold)):
        rows.append([say(f"quality-{name}"), len(several), len(several) / there if there else None])
    shown = subject.discretion
    rows.append([say("quality-days"), total.open_days, ""])
    rows.append([say("quality-heard"), shown.count(total.heard_days), shown.ratio(total.heard_days, total.open_days)])
    paper.grid(columns, rows)


def _numbers(subject: Subject) -> list[Column]:
    return [Column(subject.say("number"), WIDTHS[1]), Column(subject.say("share"), WIDTHS[2], "share")]


def _lateness(subject: Subject, paper: Paper) -> None:
    say, shown, late = subject.say, subject.discretion, subject.quality.total.late
    columns = [Column(say("quality-late"), WIDTHS[0], "text"), *_numbers(subject)]
    base = sum(late)
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
        one = subject.quality.total.answers.get(key, Answered())
        shares = shown.ratio(one.unknown, one.asked), shown.ratio(one.other, one.asked - one.unknown)
        rows.append([subject.field_label(key), shown.count(one.asked), *shares])
    paper.grid(columns, rows)


def _moments(subject: Subject, paper: Paper) -> None:
    say, shown, total = subject.say, subject.discretion, subject.quality.total
    columns = [Column(say("quality-moments"), WIDTHS[0], "text"), *_numbers(subject)]
    counted = (
        ("round-moments", total.round_moments, total.timed),
        ("same-minute", total.same_minute, total.timed),
        ("round-tallies", total.round_tallies, total.tallies),
        ("changed", total.changed, total.registrations),
        ("amended", total.amended, total.registrations),
    )
    rows: list[list[Shown]] = [
        [say(f"quality-{name}"), shown.count(part), shown.ratio(part, whole)] for name, part, whole in counted
    ]
    paper.grid(columns, rows)


def _doubles(subject: Subject, paper: Paper) -> None:
    say, shown, total = subject.say, subject.discretion, subject.quality.total
    columns = [Column(say("quality-doubles"), WIDTHS[0], "text"), *_numbers(subject)]
    share = shown.ratio(total.doubles, total.timed)
    rows: list[list[Shown]] = [[say("doubles-count"), shown.count(total.doubles), share]]
    paper.grid(columns, rows, [[say("doubles-base"), shown.count(total.timed), ""]])
