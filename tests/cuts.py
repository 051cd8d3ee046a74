"""Random cuts: what an engine is asked, in more combinations than queries make."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from uuid import UUID

import attrs
from hypothesis import strategies as st

from idocore.gazetteer import Gazetteer
from idocore.registrations import Registration, Status
from idocore.statistics import reference
from idocore.statistics.cells import INQUIRIES, REGISTRATIONS, TALLIED, UNCOUNTED, Cell, Cut, Dimension, Filter, Origin
from idocore.statistics.query import dimensions
from idocore.testing.strategies import PLACES, THEMES, registrations, with_id

GAZETTEER = Gazetteer.default().with_places(PLACES)
_CODES = {
    "province": ["PV26", "PV27", "PV30", "PV28"],
    "municipality": ["GM0344", "GM0370", "GM0439", "GM0363", "GM0855"],
    "organisation": ["noord", "zuid"],
    "service_point": ["centrale", "nieuw"],
    "nation": ["NL"],
    "inside": ["inside", "outside"],
    "channel": ["desk", "telephone"],
    "kind": ["visit", "tally"],
    "theme": ["ido@2024", "ido@2021"],
    "amendment": ["yes", "no"],
    "day": ["2022-03-01", "nonsense"],
    "week": ["2022-W09", "2021-W53"],
    "month": ["2022-03", "2024-05"],
    "quarter": ["2022-Q1", "2023-Q4"],
    "half_year": ["2022-H1"],
    "year": ["2020", "2024"],
    "weekday": ["1", "6"],
    "hour": ["09", "10", "9"],
}


@st.composite
def filters(draw: st.DrawFn, dimension: Dimension) -> Filter:
    """A filter on `dimension`: on some codes, or on having any."""
    listed = _CODES.get(dimension.name) or _answers(dimension)
    codes = st.lists(st.sampled_from(listed), min_size=1, max_size=3, unique=True).map(frozenset)
    return Filter(dimension, draw(st.one_of(st.none(), codes)))


def _answers(dimension: Dimension) -> list[str]:
    lists = [
        [one.code for one in THEMES.codelist(entry.codelist).codes][:8]
        for version in THEMES.versions("ido")
        for entry in version.fields
        if entry.key == dimension.name and entry.codelist
    ]
    return sorted({code for codes in lists for code in codes}) or ["yes", "no"]


@st.composite
def cuts(draw: st.DrawFn) -> Cut:
    """A cut through registrations of the theme ``ido``."""
    known = dimensions(THEMES, "ido", draw(st.sampled_from(["base", "local", "comparable"])))
    some = st.sampled_from(list(known.values()))
    by = draw(st.lists(some, max_size=3, unique_by=lambda one: one.name))
    asked = [draw(filters(one)) for one in draw(st.lists(some, max_size=2, unique_by=lambda one: one.name))]
    start = draw(st.one_of(st.none(), st.dates(date(2019, 6, 1), date(2024, 1, 1))))
    length = draw(st.one_of(st.none(), st.integers(1, 1500)))
    measures = frozenset({REGISTRATIONS, TALLIED, UNCOUNTED, INQUIRIES})
    together = None
    if draw(st.integers(0, 4)) == 0:
        together = draw(st.sampled_from([one for one in known.values() if one.origin is Origin.ANSWER]))
        by, measures = [one for one in by if not one.of_inquiry], frozenset({REGISTRATIONS})
    place_date = draw(st.one_of(st.none(), st.dates(date(2019, 1, 1), date(2024, 12, 31))))
    return Cut(
        theme="ido",
        dimensions=tuple(by),
        measures=draw(st.sampled_from([measures, frozenset({REGISTRATIONS})])),
        ancestry=GAZETTEER.ancestry(place_date) if place_date else GAZETTEER.then,
        filters=tuple(asked),
        start=start,
        end=start + timedelta(days=length) if start and length else None,
        together=together,
    )


@attrs.frozen
class Sample:
    """Some registrations, of which the amendments are known."""

    registrations: tuple[Registration, ...]
    amended: frozenset[UUID]

    @property
    def facts(self) -> list[tuple[Registration, bool]]:
        """What is frozen of them: the final ones, each with whether it is an amendment."""
        final = (one for one in self.registrations if one.status is Status.FINAL and one.theme_name == "ido")
        return [(one, one.id in self.amended) for one in final]

    def meant(self, cut: Cut) -> dict[tuple[str | None, ...], dict[str, int]]:
        """What `cut` means."""
        return counted(reference.evaluate(cut, self.registrations, self.amended))


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    """Registrations as every rule accepts them, each third an amendment."""
    made = [with_id(one, number) for number, one in enumerate(draw(st.lists(registrations(), max_size=12)))]
    return Sample(tuple(made), frozenset(one.id for one in made[::3]))


def counted(cells: Iterable[Cell]) -> dict[tuple[str | None, ...], dict[str, int]]:
    """Cells without what is zero, to be compared."""
    found = {key: {name: count for name, count in counts.items() if count} for key, counts in cells}
    return {key: counts for key, counts in found.items() if counts}


Engine = Callable[[Cut], Sequence[Cell]]


def differing(engine: Engine, sample: Sample, asked: Iterable[Cut]) -> list[Cut]:
    """The cuts of `asked` that `engine` answers otherwise than they mean."""
    return [cut for cut in asked if counted(engine(cut)) != sample.meant(cut)]
