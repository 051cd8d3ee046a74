"""The report workbook: overview, by month, by provider, by place, and the registrations behind it."""

from collections.abc import Sequence
from typing import IO, Any, Final

from attrs import define, field
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

import idocore
from idocore.flat import columns as flat_columns
from idocore.flat import rows as flat_rows
from idocore.reports import ExportRequest
from idocore.statistics.query import dimensions
from idocore_excel.sheets import add_chart, add_styles, set_up, write, write_grid

_COUNTS: Final = ("registrations", "visitors", "inquiries")
_PLACES: Final = ("province", "municipality", "service_point")
_MOST_IN_CHART: Final = 15

_WORDS: Final = {
    "overview": ("Overzicht", "Overview"),
    "month": ("Per maand", "By month"),
    "provider": ("Per dienstverlener", "By provider"),
    "place": ("Per plaats", "By place"),
    "data": ("Registraties", "Registrations"),
    "title": ("Registraties van het Informatiepunt Digitale Overheid", "Registrations of the help point"),
    "period": ("Periode", "Period"),
    "all": ("alles", "everything"),
    "point": ("IDO-locatie", "Service point"),
    "made": ("Gemaakt op", "Made on"),
    "what": ("Wat", "What"),
    "number": ("Aantal", "Number"),
    "meaning": ("Betekenis", "Meaning"),
    "total": ("Totaal", "Total"),
    "notes": ("Toelichting", "Notes"),
    "empty": ("Er zijn in deze periode geen registraties.", "There are no registrations in this period."),
    "registrations": (
        "één bezoeker, één registratie; turven tellen niet mee",
        "one visitor, one record; tallies not included",
    ),
    "visitors": ("registraties plus geturfde bezoekers", "registrations plus tallied visitors"),
    "inquiries": ("wat de bezoekers vroegen, met wat geturfd is", "what the visitors asked, tallies included"),
}


def export_xlsx(request: ExportRequest, target: IO[bytes]) -> int:
    """The exporter ``xlsx``: writes the workbook to `target`; how many registrations lie behind it."""
    return _Report(request).write(target)


export_xlsx.binary = True  # type: ignore[attr-defined]


@define
class _Report:
    request: ExportRequest
    workbook: Workbook = field(factory=Workbook, init=False)
    notes: dict[str, None] = field(factory=dict, init=False)

    def write(self, target: IO[bytes]) -> int:
        add_styles(self.workbook)
        overview: Any = self.workbook.active
        self._by_month()
        if "provider" in dimensions(self.request.register.themes, self.request.theme):
            self._by_provider()
        self._by_place()
        count = self._data()
        self._overview(overview)
        self.workbook.save(target)
        return count

    def _say(self, word: str) -> str:
        nl, en = _WORDS[word]
        return nl if self.request.language == "nl" else en

    def _table(self, measures: Sequence[str], by: Sequence[str] = ()) -> idocore.Table:
        request = self.request
        where = {"service_point": request.point} if request.point else None
        table = request.register.table(measures, by, where=where, period=request.period, theme=request.theme)
        self.notes |= dict.fromkeys(note.message(request.language) for note in table.notes)
        return table

    def _sheet(self, word: str) -> Worksheet:
        sheet: Worksheet = self.workbook.create_sheet(self._say(word))
        write(sheet, 1, 1, self._say(word), "ido title")
        return sheet

    def _rows(self, table: idocore.Table) -> list[list[Any]]:
        language = self.request.language
        return [
            [table.label(name, code, language) for name, code in zip(table.query.by, row.codes, strict=True)]
            + list(row.numbers)
            for row in table.rows
        ]

    def _headings(self, table: idocore.Table) -> list[str]:
        return [table.heading(name, self.request.language).capitalize() for name in table.columns]

    def _total(self, sheet: Worksheet, row: int, table: idocore.Table) -> None:
        """The total as it was computed over the records, which is not always the sum of the rows."""
        write(sheet, row, 1, self._say("total"), "ido total")
        for column, name in enumerate(table.columns[1:], start=2):
            write(sheet, row, column, table.base.get(name, ""), "ido total")

    def _listing(self, word: str, table: idocore.Table, rows: list[list[Any]]) -> tuple[Worksheet, int]:
        sheet = self._sheet(word)
        last = write_grid(sheet, 3, self._headings(table), rows)
        if rows:
            self._total(sheet, last + 1, table)
        else:
            write(sheet, 4, 1, self._say("empty"), "ido note")
        set_up(sheet, 3, [34, *[16] * (len(table.columns) - 1)])
        return sheet, last

    def _by_month(self) -> None:
        table = self._table(_COUNTS, ["month"])
        sheet, last = self._listing("month", table, self._rows(table))
        if last > 3:
            add_chart(sheet, "line", self._say("month"), 3, last, 4, "F3")

    def _by_provider(self) -> None:
        table = self._table(["inquiries", "share_of_inquiries"], ["provider"])
        known = len([row for row in table.rows if row.codes[0] is not None])
        rows = self._rows(table)
        rows = sorted(rows[:known], key=lambda row: -row[1]) + rows[known:]
        sheet, _ = self._listing("provider", table, rows)
        if known:
            add_chart(sheet, "bar", self._say("provider"), 3, 3 + min(known, _MOST_IN_CHART), 2, "E3")

    def _by_place(self) -> None:
        table = self._table(_COUNTS, list(_PLACES))
        self._listing("place", table, self._rows(table))

    def _data(self) -> int:
        """The registrations themselves, a row for each inquiry."""
        request = self.request
        names = flat_columns(request.register.themes, request.theme, with_texts=request.with_texts)
        sheet: Worksheet = self.workbook.create_sheet(self._say("data"))
        seen: set[Any] = set()

        def rows() -> Any:
            for revision in request.revisions():
                seen.add(revision.subject)
                for row in flat_rows(idocore.to_raw(revision, with_texts=request.with_texts)):
                    yield [_flat(row.get(name)) for name in names]

        last = write_grid(sheet, 1, names, rows())
        set_up(sheet, 1, [22] * len(names))
        sheet.auto_filter.ref = f"A1:{sheet.cell(last, len(names)).coordinate}"
        return len(seen)

    def _overview(self, sheet: Worksheet) -> None:
        sheet.title = self._say("overview")
        write(sheet, 1, 1, self._say("title"), "ido title")
        request = self.request
        facts = {
            "period": request.period.code if request.period else self._say("all"),
            "point": request.point or self._say("all"),
            "made": idocore.now().strftime("%d-%m-%Y %H:%M"),
        }
        for row, (word, value) in enumerate(facts.items(), start=2):
            write(sheet, row, 1, self._say(word))
            write(sheet, row, 2, value)
        table = self._table(_COUNTS)
        rows = [
            [table.heading(name, request.language).capitalize(), table.base[name], self._say(name)] for name in _COUNTS
        ]
        last = write_grid(sheet, 7, [self._say("what"), self._say("number"), self._say("meaning")], rows)
        if not any(table.base.values()):
            last += 1
            write(sheet, last, 1, self._say("empty"), "ido note")
        write(sheet, last + 2, 1, self._say("notes"), "ido total")
        for row, note in enumerate(self.notes, start=last + 3):
            write(sheet, row, 1, note, "ido note")
        set_up(sheet, 7, [30, 18, 70])


def _flat(value: Any) -> Any:
    """What a cell can hold: several codes joined, yes and no as words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " | ".join(value) if isinstance(value, list) else value
