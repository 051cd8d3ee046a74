"""Random registrations, places and queries for property tests."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import attrs
from hypothesis import strategies as st

from idocore.knowledge import default_themes
from idocore.periods import LOCAL_ZONE, PeriodKind
from idocore.places import Organisation, ServicePoint, Siting
from idocore.reading import RecordReader
from idocore.registrations import Registration
from idocore.statistics import Query
from idocore.statistics.bridging import Codes
from idocore.statistics.cells import Origin
from idocore.statistics.measures import MEASURES, Kind
from idocore.statistics.query import dimensions
from idocore.testing import corpus
from idocore.themes import Field, FieldType, Level, Theme

THEMES = default_themes().with_file(corpus.changing_theme(), "changing.toml")
NOW = datetime(2024, 12, 31, 12, tzinfo=LOCAL_ZONE)

ORGANISATIONS = (Organisation("noord", "Bibliotheek Noord"), Organisation("zuid", "Bibliotheek Zuid"))
SERVICE_POINTS = (
    ServicePoint("centrale", "Centrale", (Siting(None, "GM0344", "noord"),)),
    ServicePoint(
        "beemster",
        "Beemster",
        (Siting(None, "GM0370", "noord"), Siting(date(2023, 5, 1), "GM0439", "zuid", False, "basic")),
    ),
    ServicePoint("weesp", "Weesp", (Siting(None, "GM0457", "zuid", True, "always-available"),)),
    ServicePoint("haaren", "Haaren", (Siting(None, "GM0788", "zuid"), Siting(date(2021, 1, 1), "GM0855", "zuid"))),
    ServicePoint("nieuw", "Nieuw", provisional=True),
)
"""Service points that merged, split, moved, changed hands, and one of which little is known."""

PLACES = (*ORGANISATIONS, *SERVICE_POINTS)


def _answer(entry: Field, day: date) -> st.SearchStrategy[Any]:
    if entry.type is FieldType.BOOLEAN:
        return st.booleans()
    codes = [one.code for one in THEMES.codelist(str(entry.codelist)).valid_on(day)]
    if entry.type is FieldType.CODES:
        return st.lists(st.sampled_from(codes), max_size=3, unique=True)
    return st.sampled_from(codes)


@st.composite
def _answers(draw: st.DrawFn, theme: Theme, level: Level, day: date) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for entry in theme.of_level(level):
        if entry.type in (FieldType.TEXT, FieldType.INTEGER) or entry.derive_from:
            continue
        condition = entry.when
        given = found.get(condition.field) if condition else None
        asked = condition is None or any(
            code in condition.codes for code in (given if isinstance(given, list) else [given])
        )
        if asked and (entry.required or draw(st.booleans())):
            found[entry.key] = draw(_answer(entry, day))
    return found


@st.composite
def raw_records(draw: st.DrawFn, name: str = "ido") -> dict[str, Any]:
    """A record of theme `name` in the form of the exchange format that every rule accepts."""
    minutes = draw(st.integers(0, 5 * 365 * 24 * 60))
    moment = datetime(2019, 6, 1, 10, tzinfo=LOCAL_ZONE) + timedelta(minutes=minutes)
    precision = draw(st.sampled_from(["instant", "instant", "day", "month"]))
    day = moment.date()
    if precision == "month":
        day = day.replace(day=1)
        moment = datetime(day.year, day.month, 1, tzinfo=LOCAL_ZONE)
    theme = THEMES.at(name, day) or THEMES.versions(name)[0]
    tally = draw(st.integers(0, 3)) == 0
    inquiries = draw(st.lists(_answers(theme, Level.INQUIRY, day), min_size=theme.min_inquiries, max_size=3))
    if tally:
        inquiries = [{**one, "count": draw(st.integers(1, 5))} for one in inquiries]
    channels = [one.code for one in THEMES.codelist(theme.channels).valid_on(day)]
    return {
        "id": str(UUID(int=draw(st.integers(0, 2**128 - 1)))),
        "kind": "tally" if tally else "visit",
        "theme": theme.id,
        "service_point": draw(st.sampled_from([point.id for point in SERVICE_POINTS])),
        "moment": moment.isoformat(),
        "precision": precision,
        "channel": draw(st.sampled_from([None, *channels])),
        "status": draw(st.sampled_from(["final", "final", "final", "draft", "withdrawn"])),
        "count": draw(st.one_of(st.none(), st.integers(0, 9))) if tally else 1,
        "answers": draw(_answers(theme, Level.REGISTRATION, day)),
        "inquiries": inquiries,
    }


def registrations(name: str = "ido") -> st.SearchStrategy[Registration]:
    """A registration of theme `name` that every rule accepts."""
    reader = RecordReader(THEMES, lambda: NOW)
    return raw_records(name).map(lambda raw: reader.read(raw).registration())


@st.composite
def queries(draw: st.DrawFn, name: str = "ido") -> Query:
    """A query over the theme `name` that can be answered."""
    ways: list[Codes] = ["base", "base", "local", "comparable"]
    codes = draw(st.sampled_from(ways))
    known = dimensions(THEMES, name, codes)
    pairs = [one.name for one in known.values() if one.origin is Origin.ANSWER and (one.of_inquiry or one.multiple)]
    together = draw(st.one_of(st.none(), st.none(), st.none(), st.sampled_from(pairs)))
    offered = [one.name for one in known.values() if not (together and (one.of_inquiry or one.name == together))]
    by = draw(st.lists(st.sampled_from(sorted(offered)), max_size=3, unique=True))
    measures = ["registrations"] if together else draw(_measures(by))
    filters = _FILTERS[name] | _PLACES
    where = {
        one: draw(_codes(filters[one]))
        for one in draw(st.lists(st.sampled_from(sorted(filters)), max_size=2, unique=True))
    }
    start = draw(st.one_of(st.none(), st.dates(date(2019, 6, 1), date(2024, 1, 1))))
    length = draw(st.one_of(st.none(), st.integers(1, 1500)))
    end = start + timedelta(days=length) if start and length else None
    days = st.dates(date(2019, 1, 1), date(2024, 12, 31))
    place_date = draw(st.one_of(st.just("then"), st.just("now"), days))
    return Query(measures, by, where, start, end, place_date, name, codes, together)


@st.composite
def _measures(draw: st.DrawFn, by: list[str]) -> list[str]:
    """Measures that have a meaning for this split."""
    periods = [one for one in by if one in [kind.value for kind in PeriodKind]]
    kinds = [
        Kind.COUNT,
        *([Kind.SHARE, Kind.RANK] if by else []),
        *([Kind.GROWTH, Kind.CUMULATIVE] if len(periods) == 1 else []),
    ]
    if periods == ["month"]:
        kinds.append(Kind.MOVING)
    names = sorted(measure.name for measure in MEASURES.values() if measure.kind in kinds)
    return draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))


_PLACES: dict[str, list[str]] = {
    "province": ["PV26", "PV27", "PV30"],
    "municipality": ["GM0344", "GM0370", "GM0439", "GM0363", "GM0855"],
    "inside": ["inside", "outside"],
    "channel": ["desk", "telephone"],
    "month": ["2022-03", "2024-05"],
    "weekday": ["1", "6"],
    "year": ["2020", "2024"],
}
_FILTERS: dict[str, dict[str, list[str]]] = {
    "ido": {
        "topic": ["digid", "pension", "printing"],
        "provider": ["logius", "uwv", "duo"],
        "help": ["digital-traffic", "referral"],
        "duration": ["under-10", "over-20"],
        "returning": ["yes", "no"],
    },
    "changing": {
        "object": ["lamp", "furniture"],
        "things": ["lamp", "chair", "set"],
        "all_things": ["lamp", "chair", "furniture", "rug"],
        "way": ["sold", "lent"],
        "was_sold": ["yes", "no"],
    },
}


def _codes(known: list[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(known), min_size=1, unique=True).map(tuple)


def with_id(registration: Registration, number: int) -> Registration:
    """`registration` under an id of its own."""
    return attrs.evolve(registration, id=UUID(int=number + 1))
