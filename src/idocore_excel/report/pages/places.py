"""Where the visitors came: by province, organisation or service point, whatever lies within the place."""

from idocore_excel.report.paper import Column, Paper, Shown
from idocore_excel.report.subject import COUNTS, Subject

WIDTHS = (52, 14, 14, 14, 14)
_WITHIN = {"nation": "province", "province": "organisation", "organisation": "service_point"}
_MOST_IN_CHART = 15


def level_within(subject: Subject) -> str | None:
    """The level that the place is split by; None for a service point."""
    return _WITHIN.get(subject.scope.level)


def fill(subject: Subject, paper: Paper, level: str) -> None:
    """A listing by `level`, most visitors first, and a chart of the largest."""
    say, shown = subject.say, subject.discretion
    table = subject.table([*COUNTS, "share_of_visitors"], level)
    known = sorted((row for row in table.rows if row.codes[0] is not None), key=lambda row: -(row.numbers[1] or 0))
    unknown = [row for row in table.rows if row.codes[0] is None]
    base = table.base["visitors"] - table.unknown[level]["visitors"]
    rows: list[list[Shown]] = []
    for row in (*known, *unknown):
        share = None if row.codes[0] is None else shown.ratio(row.numbers[1], base)
        rows.append([subject.label(table, level, row.codes[0]), *map(shown.count, row.numbers[:3]), share])
    columns = [Column(say(f"level.{level}"), WIDTHS[0], "text")]
    columns += [Column(say(f"measure.{name}"), 14) for name in COUNTS]
    columns.append(Column(say("visit-share"), 14, "share"))
    if not rows:
        paper.note(say("empty"))
    grid = paper.listing("IdoPlaces", columns, rows)
    totals: list[Shown] = [say("total"), *(shown.count(table.base[name]) for name in COUNTS), ""]
    paper.total(columns, totals)
    paper.chart("ranked", say("measure.visitors"), [3], grid, min(_MOST_IN_CHART, len(known)) or None)
    paper.notes(say("notes"), [say("percentages"), *subject.remarks(table)])
