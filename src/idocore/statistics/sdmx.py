"""A table as SDMX-CSV 2.0: an observation for each number, with SDMX's codes for what is unknown or cannot be given.

Dimensions are written in capitals. One that is a period becomes FREQ and TIME_PERIOD; should some rows not know their
period, or should there be two, periods are ordinary codes. The measures are the codes of MEASURE.
"""

import csv
import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from attrs import frozen

from idocore.messages import Language
from idocore.periods import PeriodKind
from idocore.statistics.measures import Absence

if TYPE_CHECKING:
    from idocore.statistics.table import Number, Row, Table

AGENCY: Final = "IDOCORE"
VERSION: Final = "1.0.0"
UNKNOWN: Final = "_U"
"""SDMX's code for: not known."""
MEASURE: Final = "MEASURE"
TIME: Final = "TIME_PERIOD"
VALUE: Final = "OBS_VALUE"
STATUS: Final = "OBS_STATUS"
CONFIDENTIALITY: Final = "CONF_STATUS"
FREQUENCIES: Final = {
    PeriodKind.DAY.value: "D",
    PeriodKind.WEEK.value: "W",
    PeriodKind.MONTH.value: "M",
    PeriodKind.QUARTER.value: "Q",
    PeriodKind.HALF_YEAR.value: "S",
    PeriodKind.YEAR.value: "A",
}
_MISSING: Final = {
    Absence.NOT_EXISTING: "M",
    Absence.CLOSED: "M",
    Absence.NO_BASE: "M",
    Absence.UNKNOWN: "L",
    Absence.SUPPRESSED: "Q",
}
_ODD: Final = re.compile(r"^[^A-Za-z0-9]|[^A-Za-z0-9_@\-]")
_ESCAPED: Final = re.compile(r"\$([0-9a-f]*)\$")


def sdmx_code(code: str | None) -> str:
    """`code` as SDMX allows it; other characters stand as their number between dollars, a missing code is ``_U``."""
    if code is None:
        return UNKNOWN
    return _ODD.sub(lambda found: f"${ord(found[0]):x}$", code) if code else "$$"


def own_code(code: str) -> str | None:
    """The code that `sdmx_code` was given."""
    return None if code == UNKNOWN else _ESCAPED.sub(lambda found: chr(int(found[1], 16)) if found[1] else "", code)


def sdmx_period(code: str) -> str:
    """A period as SDMX writes it: ours, but a half-year is 2024-S1."""
    return code.replace("-H", "-S")


def status(number: "Number", why: Absence | None = None) -> tuple[str, str]:
    """The codes of CL_OBS_STATUS and CL_CONF_STATUS for a number, and why it is not there.

    A: normal; M: cannot exist; L: exists, but was not collected; Q: suppressed (and then C: confidential, else F:
    free); O: missing for another reason.
    """
    if number is not None:
        return "A", "F"
    return (_MISSING.get(why, "O") if why else "O"), ("C" if why is Absence.SUPPRESSED else "F")


@frozen
class Layout:
    """Where the dimensions of a table go: `period` to FREQ and TIME_PERIOD, `coded` to dimensions of their own."""

    id: str
    coded: tuple[str, ...]
    period: str | None

    @classmethod
    def of(cls, table: "Table") -> "Layout":
        """The layout of a table, named after what it is split by."""
        by = table.code_columns
        periods = [name for name in by if name in FREQUENCIES]
        period = periods[0] if len(periods) == 1 else None
        if period is not None and any(row.codes[by.index(period)] is None for row in table.rows):
            period = None
        name = "_".join([table.query.theme, "by", *by] if by else [table.query.theme, "total"])
        return cls(sdmx_code(name).upper(), tuple(one for one in by if one != period), period)


def to_csv(table: "Table", labels: Language | None = None) -> str:
    """The observations; with `labels` each heading and code is followed by its name."""
    layout = Layout.of(table)
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(_header(table, layout, labels))
    name = f"{AGENCY}:{layout.id}({VERSION})"
    for row in table.rows:
        for measure, number, why in zip(table.query.measures, row.numbers, row.absences(), strict=True):
            key = _key(table, layout, row, measure, labels)
            writer.writerow(["dataflow", name, "I", *key, "" if number is None else number, *status(number, why)])
    return target.getvalue()


def _header(table: "Table", layout: Layout, labels: Language | None) -> list[str]:
    named = [with_name(name.upper(), table.heading(name, labels) if labels else None) for name in layout.coded]
    time = [with_name(TIME, table.heading(layout.period, labels) if labels else None)] if layout.period else []
    frequency = ["FREQ"] if layout.period else []
    return ["STRUCTURE", "STRUCTURE_ID", "ACTION", *frequency, *named, MEASURE, *time, VALUE, STATUS, CONFIDENTIALITY]


def _key(table: "Table", layout: Layout, row: "Row", measure: str, labels: Language | None) -> Iterator[str]:
    codes = dict(zip(table.code_columns, row.codes, strict=True))
    if layout.period:
        yield FREQUENCIES[layout.period]
    for name in layout.coded:
        yield with_name(sdmx_code(codes[name]), table.label(name, codes[name], labels) if labels else None)
    yield with_name(sdmx_code(measure), table.heading(measure, labels) if labels else None)
    if layout.period:
        yield sdmx_period(codes[layout.period] or "")


def with_name(code: str, name: str | None) -> str:
    """``code: name``, on one line."""
    return code if name is None else f"{code}: {' '.join(name.split())}"
