"""Questions asked together: pairs of topics within one registration."""

from idocore_excel.report.counted import codes_of
from idocore_excel.report.paper import Column, Paper, Shown
from idocore_excel.report.subject import Subject

WIDTHS = (76, 14, 14)
_MOST = 25
_MOST_IN_CHART = 10


def fill(subject: Subject, paper: Paper) -> None:
    """The most frequent pairs, with the registrations with two topics or more as base."""
    say, shown, gathered = subject.say, subject.discretion, subject.gathered
    codes = codes_of(subject, gathered.key)

    def name(code: str) -> str:
        return codes[code].label.text(subject.request.language) if code in codes else code

    ranked = sorted(gathered.pairs.items(), key=lambda item: (-item[1], item[0]))
    rows: list[list[Shown]] = [
        [" + ".join(map(name, pair)), shown.count(count), shown.ratio(count, gathered.with_several)]
        for pair, count in ranked[:_MOST]
    ]
    columns = [
        Column(say("pair"), WIDTHS[0], "text"),
        Column(say("pair-registrations"), WIDTHS[1]),
        Column(say("pair-share"), WIDTHS[2], "share"),
    ]
    totals: list[list[Shown]] = [
        [say("pair-base"), shown.count(gathered.with_several), ""],
        [say("pair-all"), shown.count(gathered.with_topic), ""],
    ]
    if not rows:
        paper.note(say("pair-none"))
    grid = paper.grid(columns, rows, totals)
    paper.chart("ranked", say("pair"), [2], grid, _MOST_IN_CHART)
    more = [say("pair-more", shown=_MOST, all=len(ranked))] if len(ranked) > _MOST else []
    paper.notes(say("notes"), [say("pair-note"), *more])
