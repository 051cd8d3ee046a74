"""Random sheets of every shape, with what must become of each of their rows or cells."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import count
from typing import Any, Final

from attrs import define, field, frozen
from hypothesis import strategies as st

from idocore_excel.cells import at
from tests.sheets import ListBook, book

FIRST: Final = date(2022, 2, 1)


@define
class Expected:
    """How many rows or cells there are of each kind, and the cells that are wrong."""

    accepted: int = 0
    warned: int = 0
    skipped: int = 0
    faulty: list[str] = field(factory=list)
    items_rejected: int = 0

    @property
    def read(self) -> int:
        return self.accepted + self.warned + self.skipped + self.items_rejected


@frozen
class Case:
    """A sheet, by header and rows, and what must become of it."""

    profile: str
    header: tuple[Any, ...]
    rows: tuple[tuple[Any, ...], ...]
    expected: Expected = field(repr=False)

    @property
    def book(self) -> ListBook:
        return book(self.header, *self.rows)

    def with_rows_above(self, rows: Sequence[tuple[Any, ...]]) -> ListBook:
        """The same sheet after rows were inserted above its first."""
        return book(self.header, *rows, *self.rows)


def written(day: date, how: int) -> Any:
    """A day as one of the ways that people write it."""
    months = ["jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"]
    return (
        day,
        f"{day.day}-{day.month}-{day.year}",
        f"{day:%d/%m/%y} ",
        f"{day.day} {months[day.month - 1]} {day.year}",
        f"{day:%d-%b-%y}",
    )[how % 5]


VISITS: Final = """
profile = "bezoek"
fixed = { service_point = "centrale" }
columns = [
  { header = "Nr", to = "visitor" },
  { header = "Datum", to = "moment" },
  { header = "Hoe", to = "channel" },
  { header = "Vraag", to = "inquiries.topic" },
  { header = "Duur", to = "answers.duration" },
]
"""
_GOOD: Final = {
    2: ["balie", "Telefonisch", None, " OP AFSPRAAK "],
    3: ["DigiD", "toeslagen", "werk"],
    4: [3, "12", None],
}
_BAD: Final = {1: ["31-2-2022", "2022"], 2: ["fax"], 3: ["quatsch", None], 4: ["eeuwig"]}


@st.composite
def visits(draw: Callable[..., Any]) -> Case:
    """One row per visitor, with blank rows, totals, headers and unused rows among them, and faulty cells."""
    header = ("Nr", "Datum", "Hoe", "Vraag", "Duur")
    rows: list[tuple[Any, ...]] = []
    expected = Expected()
    kinds = draw(st.lists(st.sampled_from(["good", "bad", "bad2", "blank", "total", "header", "unused"]), max_size=12))
    for kind in [*kinds, "good"]:
        row = _visit(draw, len(rows))
        match kind:
            case "good":
                expected.accepted += 1
            case "bad" | "bad2":
                wrong = draw(st.lists(st.sampled_from(sorted(_BAD)), min_size=1, max_size=3, unique=True))
                for column in wrong:
                    row[column] = draw(st.sampled_from(_BAD[column]))
                    expected.faulty.append(at(len(rows) + 2, column))
                expected.items_rejected += 1
            case _:
                expected.skipped += 1
                skipped = {"blank": (), "total": ("Totaal", None, None, 3), "header": header, "unused": (len(rows),)}
                row = list(skipped[kind])
        rows.append(tuple(row))
    return Case(VISITS, header, tuple(rows), expected)


def _visit(draw: Callable[..., Any], number: int) -> list[Any]:
    day = FIRST + timedelta(days=draw(st.integers(0, 5)))
    cells = [draw(st.sampled_from(_GOOD[column])) for column in (2, 3, 4)]
    return [number, written(day, draw(st.integers(0, 4))), *cells]


QUESTIONS: Final = VISITS.replace('profile = "bezoek"', 'profile = "vragen"\nshape = "inquiries"')


@st.composite
def inquiries(draw: Callable[..., Any]) -> Case:
    """One row per question; the rows of one visitor follow each other, and may leave out what was said."""
    header = ("Nr", "Datum", "Hoe", "Vraag", "Duur")
    rows: list[tuple[Any, ...]] = []
    expected = Expected()
    for visitor in range(1, draw(st.integers(1, 5)) + 1):
        size = draw(st.integers(1, 3))
        first = _visit(draw, visitor)
        wrong = draw(st.none() | st.integers(0, size - 1))
        for one in range(size):
            topic = "quatsch" if one == wrong else draw(st.sampled_from(_GOOD[3]))
            rest = draw(st.sampled_from([first[:3], [visitor, None, None], [None, None, None]]))
            rows.append(tuple((first[:3] if one == 0 else rest) + [topic]))
            if one == wrong:
                expected.faulty.append(at(len(rows) + 1, 3))
        expected.accepted += size if wrong is None else 0
        expected.items_rejected += 0 if wrong is None else size
        blank = draw(st.integers(0, 2))
        rows += [()] * blank
        expected.skipped += blank
    rows.append(("Totaal", None, None, 5))
    expected.skipped += 1
    return Case(QUESTIONS, header, tuple(rows), expected)


CROSSTAB: Final = """
profile = "turf"
shape = "crosstab"
skip = ["n.v.t."]
fixed = { service_point = "centrale" }
columns = [
  { header = "Datum", to = "moment" },
  { header = "DigiD", to = "inquiries.topic", code = "digid" },
  { header = "Werk", to = "inquiries.topic", code = "work" },
  { header = "Bezoekers", to = "count" },
]
"""


@st.composite
def crosstab(draw: Callable[..., Any]) -> Case:
    """Counts per day, blank, zero, not available and faulty among them."""
    rows: list[tuple[Any, ...]] = []
    expected = Expected()
    for number in range(draw(st.integers(1, 6))):
        day = written(FIRST + timedelta(days=number), draw(st.integers(0, 4)))
        cells = draw(st.lists(st.sampled_from([5, "12", "1.250", None, 0, "n.v.t.", "veel"]), min_size=3, max_size=3))
        for column, value in enumerate(cells, start=1):
            expected.accepted += value in (5, "12", "1.250")
            expected.skipped += value in (None, 0, "n.v.t.")
            if value == "veel":
                expected.items_rejected += 1
                expected.faulty.append(at(len(rows) + 2, column))
        rows.append((day, *cells))
        blank = draw(st.integers(0, 2))
        rows += [()] * blank
        expected.skipped += blank * 3
    rows.append(("Totaal", 5, 6, 7))
    expected.skipped += 3
    return Case(CROSSTAB, ("Datum", "DigiD", "Werk", "Bezoekers"), tuple(rows), expected)


COUNTER: Final = """
profile = "poort"
theme = "visits"
shape = "counter"
skip = ["NA", "Gate broken"]
fixed = { service_point = "centrale" }
columns = [{ header = "dates", to = "moment" }, { header = "counts", to = "reading" }]
[counter]
largest_step = 500
closed = ["Gate Closed"]
"""


@st.composite
def counter(draw: Callable[..., Any]) -> Case:
    """Readings of a gate as staff keep them: not available, closed, broken, and a leap now and then."""
    rows: list[tuple[Any, ...]] = [(written(FIRST, 4), 10_000)]
    expected, reading, gap = Expected(skipped=1), 10_000, 0
    kinds = draw(
        st.lists(st.sampled_from(["step", "step", "step", "NA", '"Gate Closed"', "Gate broken", "leap", "??"]))
    )
    for day, kind in zip(count(1), kinds, strict=False):
        value: Any = kind
        if kind in ("step", "leap"):
            reading += draw(st.integers(0, 500)) + (400_000 if kind == "leap" else 0)
            value = draw(st.sampled_from([reading, str(reading)]))
            where = at(len(rows) + 2, 1)
            if kind == "leap":
                expected.faulty.append(where)
            expected.items_rejected += kind == "leap"
            expected.accepted += kind == "step" and not gap
            expected.warned += kind == "step" and gap > 0
            gap = 0
        elif kind == "??":
            expected.faulty.append(at(len(rows) + 2, 1))
            expected.items_rejected += 1
            gap += 1
        else:
            expected.skipped += 1
            gap += "Closed" not in kind
        rows.append((written(FIRST + timedelta(days=day), 4), value))
    return Case(COUNTER, ("dates", "counts"), tuple(rows), expected)


ANY: Final = st.one_of(visits(), inquiries(), crosstab(), counter())


def above(case: Case) -> list[tuple[Any, ...]]:
    """Rows that somebody inserted later: of an older day, one of them equal to a row that is there."""
    older = FIRST - timedelta(days=3)
    match case.profile:
        case p if p == COUNTER:
            return [(older, 9_990), (), (older + timedelta(days=1), 9_995)]
        case p if p == CROSSTAB:
            return [(older, 1, None, "veel"), ()]
    return [(99, older, "balie", "DigiD"), (), ("x", None), (98, older, "fax", "DigiD")]
