"""Puts the pages of the report together."""

from collections.abc import Callable, Sequence
from typing import IO, Any

from attrs import define, field
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from idocore.flat import columns as flat_columns
from idocore.quality import Watcher
from idocore.reports import ExportRequest
from idocore.statistics.query import dimensions
from idocore_excel.report.gathering import Gathered
from idocore_excel.report.pages import (
    answers,
    benchmark,
    cover,
    development,
    findings,
    hours,
    places,
    quality,
    registrations,
    together,
)
from idocore_excel.report.paper import Paper
from idocore_excel.report.styles import add_styles
from idocore_excel.report.subject import Subject
from idocore_excel.streaming import StreamedBook


def export_xlsx(request: ExportRequest, target: IO[bytes]) -> int:
    """The exporter ``xlsx``: writes the workbook to `target`; how many registrations lie behind it."""
    return _Report.of(request).write(target)


export_xlsx.binary = True  # type: ignore[attr-defined]


@define
class _Report:
    subject: Subject
    workbook: Workbook = field(factory=Workbook, init=False)
    contents: list[cover.Entry] = field(factory=list, init=False)
    papers: list[Paper] = field(factory=list, init=False)

    @classmethod
    def of(cls, request: ExportRequest) -> "_Report":
        known = dimensions(request.register.themes, request.theme)
        recode = known["topic"].recode if "topic" in known else {}
        register = request.register
        watcher = Watcher.of(register.places.gazetteer, register.themes, request.theme)
        return cls(Subject(request, watcher, Gathered("topic", recode)))

    def write(self, target: IO[bytes]) -> int:
        """Every page; the registrations first, since what passes by is gathered for the other pages."""
        add_styles(self.workbook)
        front: Any = self.workbook.active
        front.title = self.subject.say("page.cover")
        with StreamedBook(self.workbook, target) as book:
            self._pass_by(book)
            self._pages()
            self._cover(front)
            book.save()
        return self.subject.gathered.count

    def _pass_by(self, book: StreamedBook) -> None:
        request, gathered = self.subject.request, self.subject.gathered
        revisions = self.subject.watcher.watch(gathered.watch(request.revisions()))
        if request.publish:
            for _ in revisions:
                pass
            return
        names = flat_columns(request.register.themes, request.theme, with_texts=request.with_texts)
        getters = registrations.getters_of(names)

        def make(number: int) -> Worksheet:
            title = self.subject.say("page.registrations")
            sheet: Worksheet = self.workbook.create_sheet(title if number == 1 else f"{title} {number}")
            return registrations.sheet_with(sheet, names)

        rows = (row for revision in revisions for row in registrations.rows(revision.registration, getters))
        book.stream(make, rows)

    def _pages(self) -> None:
        subject = self.subject
        self._page("development", development.WIDTHS, development.fill)
        level = places.level_within(subject)
        if level is not None:
            self._page("places", places.WIDTHS, lambda subject, paper: places.fill(subject, paper, level))
        self._answers()
        if "topic" in answers.keys(subject):
            self._page("together", together.WIDTHS, together.fill)
        if subject.scope.level != "nation":
            self._page("benchmark", benchmark.WIDTHS, benchmark.fill)
        self._page("hours", hours.WIDTHS, hours.fill, is_wide=True)
        self._page("quality", quality.WIDTHS, quality.fill)
        self._lists()

    def _answers(self) -> None:
        for key in answers.keys(self.subject):

            def fill(subject: Subject, paper: Paper, key: str = key) -> None:
                answers.fill(subject, paper, key)

            usual = key in answers.KEYS
            label = self.subject.field_label(key)
            name = self.subject.say(f"page.{key}") if usual else label[:25]
            about = self.subject.say(f"about.{key}") if usual else self.subject.say("about.field", field=label)
            self._page(key, answers.widths(self.subject), fill, name=name, about=about)

    def _lists(self) -> None:
        """What can be mended, as lists; not in what is published."""
        subject = self.subject
        found = quality.silent(subject)
        if found:
            fill = quality.fill_silent
            self._page(
                "silent", quality.SILENT_WIDTHS, lambda subject, paper: fill(subject, paper, found), is_wide=True
            )
        if subject.request.publish:
            return
        if subject.quality.findings:
            self._page("findings", findings.WIDTHS, findings.fill, is_wide=True)
        if subject.watcher.doubles:
            self._page("doubles", quality.DOUBLES_WIDTHS, quality.fill_doubles, is_wide=True)

    def _page(
        self,
        key: str,
        widths: Sequence[float],
        fill: Callable[[Subject, Paper], None],
        *,
        is_wide: bool = False,
        name: str | None = None,
        about: str | None = None,
    ) -> None:
        say = self.subject.say
        name, about = name or say(f"page.{key}"), about or say(f"about.{key}")
        paper = Paper(self.workbook.create_sheet(name), widths, is_wide)
        paper.title(about, self.subject.lead)
        fill(self.subject, paper)
        paper.legend(self.subject.say)
        paper.finish()
        self.papers.append(paper)
        self.contents.append(cover.Entry(paper.sheet.title, about))

    def _cover(self, front: Worksheet) -> None:
        say = self.subject.say
        contents = [*self.contents]
        if not self.subject.request.publish:
            contents.append(cover.Entry(say("page.registrations"), say("about.registrations")))
        legend = [say("legend-absent")] if any(paper.has_absent for paper in self.papers) else []
        if any(paper.has_hidden for paper in self.papers):
            legend.append(say("legend-hidden"))
        paper = Paper(front, cover.WIDTHS)
        cover.fill(self.subject, paper, contents, legend)
        paper.finish()
