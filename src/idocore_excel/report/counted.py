"""The answers to one field in one stretch of time, counted."""

from collections.abc import Mapping
from datetime import date

from attrs import frozen

from idocore import Code, Table
from idocore.themes import Level
from idocore_excel.report.discretion import Number
from idocore_excel.report.subject import Place, Subject


def measure_of(subject: Subject, key: str) -> str:
    """What is counted by field `key`: inquiries, or registrations for what is asked once a visit."""
    versions = subject.register.themes.versions(subject.request.theme)
    levels = {one.by_key[key].level for one in versions if key in one.by_key}
    return "inquiries" if Level.INQUIRY in levels else "registrations"


def codes_of(subject: Subject, key: str) -> Mapping[str, Code]:
    """The codes that may answer field `key`, in the order of their list; empty where there is no list."""
    versions = subject.register.themes.versions(subject.request.theme)
    lists = [one.channels if key == "channel" else one.by_key[key].codelist for one in versions if key in _keys(one)]
    return subject.register.themes.codelist(lists[-1]).by_code if lists and lists[-1] else {}


def _keys(theme: object) -> set[str]:
    return {"channel", *getattr(theme, "by_key", ())}


@frozen
class Counted:
    """How often each code was given from `start` until `end` (None: no bound), and what share of the known that is."""

    name: str
    start: date | None
    end: date | None
    measure: str
    table: Table

    @classmethod
    def of(
        cls, subject: Subject, key: str, name: str, start: date | None, end: date | None, place: Place | None = None
    ) -> "Counted":
        """Count the answers to `key` within the place of the report, or another."""
        measure = measure_of(subject, key)
        return cls(name, start, end, measure, subject.table(measure, key, place=place, start=start, end=end))

    @classmethod
    def in_period(cls, subject: Subject, key: str, place: Place | None = None) -> "Counted":
        """Count the answers to `key` in the period of the report."""
        period = subject.period
        start, end = (period.start, period.end) if period else (None, None)
        return cls.of(subject, key, period.code if period else "", start, end, place)

    @property
    def counts(self) -> dict[str, int]:
        """The counts of the codes that were given."""
        return {row.codes[0]: int(row.numbers[0] or 0) for row in self.table.rows if row.codes[0] is not None}

    @property
    def total(self) -> int:
        """All, known or not."""
        return self.table.base[self.measure]

    @property
    def unknown(self) -> int:
        """Those without a code."""
        return self.table.unknown[self.table.query.by[0]][self.measure]

    @property
    def known(self) -> int:
        """Those with a code: what shares are shares of."""
        return self.total - self.unknown

    def count(self, code: str, codes: Mapping[str, Code]) -> Number:
        """How often `code` was given; None when it did not exist then."""
        found = self.counts.get(code)
        return found if found is not None else 0 if self._existed(codes.get(code)) else None

    def _existed(self, code: Code | None) -> bool:
        if code is None:
            return True
        begun = self.end is None or code.valid_from is None or code.valid_from < self.end
        return begun and (self.start is None or code.valid_until is None or self.start < code.valid_until)
