"""Opening hours, and visitors for each hour that a service point was open."""

from collections.abc import Sequence

from idocore.presence import Presence
from idocore_excel.report.discretion import Number
from idocore_excel.report.paper import Column, Paper, Shown
from idocore_excel.report.subject import Place, Subject

WIDTHS = (38, 32, 20, 34, 15, 13, 15)


def visitors_by_point(subject: Subject, place: Place | None = None) -> dict[str | None, Number]:
    """The visitors of each service point that had any, within the report's place or another."""
    table = subject.table("visitors", "service_point", place=place)
    return {row.codes[0]: row.numbers[0] for row in table.rows}


def fill(subject: Subject, paper: Paper) -> None:
    """A listing of the service points that existed in the period."""
    say, shown = subject.say, subject.discretion
    visitors = visitors_by_point(subject)
    columns = [
        Column(say("level.service_point"), WIDTHS[0], "text"),
        Column(say("level.organisation"), WIDTHS[1], "text"),
        Column(say("level.municipality"), WIDTHS[2], "text"),
        Column(say("opening-hours"), WIDTHS[3], "text"),
        Column(say("hours-open"), WIDTHS[4], "hours"),
        Column(say("measure.visitors"), WIDTHS[5]),
        Column(say("per-hour"), WIDTHS[6], "decimal"),
    ]
    if not subject.points:
        paper.note(say("no-points"))
    rows = [_row(subject, one, visitors.get(one.point.id, 0)) for one in by_name(subject.points)]
    paper.listing("IdoHours", columns, rows)
    timed = [one for one in subject.points if one.hours is not None]
    hours = sum(one.hours or 0.0 for one in timed)
    there = sum(_count(visitors.get(one.point.id)) for one in timed)
    rate = shown.rate(there, hours)
    paper.total(columns, [say("hours-base"), f"{len(timed)}", "", "", hours, shown.count(there), rate])
    rest = sum(_count(visitors.get(one.point.id)) for one in subject.points if one.hours is None)
    without = len(subject.points) - len(timed)
    paper.total(columns, [say("hours-without"), f"{without}", "", "", None, shown.count(rest), None])
    paper.notes(say("notes"), [say("hours-note"), say("hours-visitors")])


def by_name(points: Sequence[Presence]) -> list[Presence]:
    """The points in the order in which people look for them."""
    return sorted(points, key=lambda one: (one.point.name.casefold(), one.point.id))


def around(subject: Subject, presence: Presence) -> tuple[str, str]:
    """The names of the organisation and the municipality of a point, on its last day in the period."""
    last = presence.stretches[-1][1]
    spans = subject.places.then.by_point.get(presence.point.id, ())
    span = next((one for one in spans if one.valid_from < last <= one.valid_until), None)
    codes = {level: span.value(level) if span else None for level in ("organisation", "municipality")}
    names = [subject.places.name(level, code) if code else "" for level, code in codes.items()]
    return names[0], names[1]


def _row(subject: Subject, presence: Presence, visitors: Number) -> list[Shown]:
    shown, text = subject.discretion, presence.point.opening_hours
    rate = shown.rate(visitors, presence.hours)
    where = around(subject, presence)
    known = text or subject.say("hours-unknown")
    return [presence.point.name, *where, known, presence.hours, shown.count(visitors), rate]


def _count(number: Number) -> int:
    return number if isinstance(number, int) else 0
