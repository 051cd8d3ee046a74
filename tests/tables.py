"""Random tables: any dimensions and measures, numbers that are None, names that are hard to write down."""

from typing import Any

from hypothesis import strategies as st

import idocore
from idocore.periods import Period, PeriodKind
from idocore.statistics.query import Query
from idocore.statistics.table import Note, Row, Table
from idocore.themes import Label

PERIODS = tuple(kind.value for kind in PeriodKind)
PLAIN = ("province", "service_point", "provider", "help")
CODES = st.text(st.sampled_from("abcXYZ019-_.:/@=+ é$'\""), min_size=1, max_size=12)
HARD = ('"', "'", ",", ";", "\n", "\t", "é", "ß", "漢", "=", "+", "<b>", "&amp;", "\\", " ", "#", "👩", "\u202f")
NAMES = st.lists(st.sampled_from([*HARD, "Utrecht", "x", "1"]), min_size=1, max_size=6).map("".join).map(str.strip)
NUMBERS = st.one_of(st.none(), st.integers(0, 2_000_000))
SHARES = st.one_of(st.none(), st.floats(0, 1))


@st.composite
def tables(draw: st.DrawFn, most_periods: int = 2, most: int = 3) -> Table:
    """A table that no register counted, but every register could have."""
    plain = draw(st.lists(st.sampled_from(PLAIN), max_size=most, unique=True))
    periods = draw(st.lists(st.sampled_from(PERIODS), max_size=min(most_periods, most - len(plain)), unique=True))
    by = draw(st.permutations([*plain, *periods]))
    measures = draw(st.lists(st.sampled_from(list(idocore.MEASURES)[:6]), min_size=1, max_size=3, unique=True))
    labels = {name: draw(_labels()) for name in plain}
    codes = [sorted(labels[name]) if name in labels else draw(_periods(name)) for name in by]
    keys = draw(st.lists(st.tuples(*(st.sampled_from([*some, None]) for some in codes)), max_size=12, unique=True))
    numbers = st.tuples(*(SHARES if name.startswith("share") else NUMBERS for name in measures))
    labels[""] = {name: Label(draw(_name()), draw(_name())) for name in by}
    return Table(
        query=Query(tuple(measures), tuple(by)),
        rows=tuple(Row(key, draw(numbers)) for key in (keys if by else keys[:1])),
        base={name: draw(st.integers(0, 9_999_999)) for name in measures if not name.startswith("share")},
        unknown={name: {"registrations": draw(st.integers(0, 99))} for name in by},
        unlinked=0,
        notes=(Note("note-unlinked", {"count": 7}),),
        labels=labels,
        as_of={"s1": 12},
        measures=tuple(idocore.MEASURES[name] for name in measures),
    )


def _name() -> st.SearchStrategy[str]:
    return NAMES.filter(bool)


def _labels() -> st.SearchStrategy[dict[str, Label]]:
    return st.dictionaries(CODES, st.builds(Label, _name(), _name()), min_size=1, max_size=5)


def _periods(kind: str) -> st.SearchStrategy[list[str]]:
    days = st.dates(min_value=Period.parse("2019").start, max_value=Period.parse("2026").start)
    codes = days.map(lambda day: Period.of(kind, day).code)
    return st.lists(codes, min_size=1, max_size=4, unique=True).map(sorted)


def table(by: tuple[str, ...], rows: list[tuple[Any, ...]], measure: str = "visitors", **labels: Any) -> Table:
    """A table of one measure: codes, then the number."""
    return Table(
        query=Query((measure,), by),
        rows=tuple(Row(tuple(row[:-1]), (row[-1],)) for row in rows),
        base={"visitors": sum(row[-1] or 0 for row in rows)} if measure == "visitors" else {},
        unknown={},
        unlinked=0,
        notes=(),
        labels={"": {name: Label(name, name) for name in by}, **labels},
        measures=(idocore.MEASURES[measure],),
    )
