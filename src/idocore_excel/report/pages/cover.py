"""The cover: what, where, when, as of when, how much, and what is meant by it."""

from collections.abc import Sequence

from attrs import frozen

from idocore_excel.report import styles
from idocore_excel.report.paper import Column, Paper, Shown
from idocore_excel.report.subject import COUNTS, Subject

WIDTHS = (30, 22, 62)


@frozen
class Entry:
    """A line of the contents: a sheet and what it is about."""

    sheet: str
    about: str


def fill(subject: Subject, paper: Paper, contents: Sequence[Entry], legend: Sequence[str]) -> None:
    """Everything that a reader must know before the figures."""
    say = subject.say
    paper.title(f"{say('report')} {theme_title(subject)}", subject.lead)
    paper.facts(_facts(subject))
    table = subject.table(COUNTS)
    rows: list[list[Shown]] = [
        [say(f"measure.{name}"), subject.discretion.count(table.base[name]), say(f"meaning.{name}")] for name in COUNTS
    ]
    rows.append([say("points"), len(subject.points), say("meaning.points")])
    what = (say("what"), say("number"), say("meaning"))
    paper.grid([Column(what[0], WIDTHS[0], "text"), Column(what[1]), Column(what[2], WIDTHS[2], "text")], rows)
    if not any(table.base.values()):
        paper.note(say("empty"))
    paper.contents(say("contents"), [(one.sheet, one.about) for one in contents])
    paper.note(say("publish" if subject.request.publish else "internal"), styles.STRONG)
    paper.notes(say("notes"), [*legend, *subject.remarks(table)])


def theme_title(subject: Subject) -> str:
    """What was registered, without the version of its form."""
    if subject.request.theme == "ido":
        return subject.say("title")
    versions = subject.register.themes.versions(subject.request.theme)
    return versions[-1].label.text(subject.request.language) if versions else subject.request.theme


def _facts(subject: Subject) -> list[tuple[str, Shown]]:
    say, gathered = subject.say, subject.gathered
    facts: list[tuple[str, Shown]] = [
        (say(f"level.{subject.scope.level}"), subject.name),
        (say("period"), subject.span),
        (say("made"), subject.request.made_at.replace(tzinfo=None)),
    ]
    if gathered.last_day and not subject.request.publish:
        facts.append((say("latest"), gathered.last_day))
    if gathered.last_entry:
        facts.append((say("entered"), gathered.last_entry.replace(tzinfo=None)))
    return facts
