"""What deserves a look, by service point, each with what to do: for coordinators, not for what is published."""

from idocore_excel.report.paper import Column, Paper, Shown
from idocore_excel.report.subject import Subject

WIDTHS = (32, 28, 12, 12, 90)


def fill(subject: Subject, paper: Paper) -> None:
    """A listing of the findings."""
    say, language = subject.say, subject.request.language
    columns = [
        Column(say("level.service_point"), WIDTHS[0], "text"),
        Column(say("level.organisation"), WIDTHS[1], "text"),
        Column(say("finding-from"), WIDTHS[2], "day"),
        Column(say("finding-until"), WIDTHS[3], "day"),
        Column(say("finding-what"), WIDTHS[4], "text"),
    ]
    rows: list[list[Shown]] = []
    for one in subject.quality.findings:
        about = one.parameters
        runner = subject.places.name("organisation", about["organisation"]) if about["organisation"] else ""
        rows.append([about["name"], runner, about["from"], about["until"], one.message(language)])
    paper.listing("IdoFindings", columns, rows)
