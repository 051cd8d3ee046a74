"""Faults put into a clean register: each is found where it was put, and nowhere else."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from uuid import UUID

import attrs
import pytest

from idocore import Finding, Inquiry, Kind, Period, Precision, Registration, Revision
from idocore.closings import AMENDS
from idocore.gazetteer import Gazetteer
from idocore.periods import LOCAL_ZONE
from idocore.quality import Watcher, judge
from idocore.quality.cases import Case
from idocore.quality.detecting import DETECTORS, Detector, gaps, unknown_hours
from idocore.quality.thresholds import Thresholds
from idocore.scopes import EVERYWHERE
from idocore.simulation import simulate
from idocore.simulation.network import Network
from tests.quality import TODAY, YEAR, changed, entered, judged, revisions_of, watched

POINTS = 30
RECORDS = 16_000
JULY = date(2024, 7, 1)
ALLOWED = 0.05
"""Findings for each point and year that a clean register may give."""

Found = set[tuple[str, str]]
"""Code and service point of findings."""


class Clean:
    """The first points of the demo nation in one year, as busy as a few points can be."""

    def __init__(self) -> None:
        nation = simulate(RECORDS, 1)
        few = attrs.evolve(nation, network=Network(nation.organisations, nation.network.desks[:POINTS]))
        self.places = Gazetteer.default().with_places(few.places)
        self.revisions = revisions_of(few)
        counts = [one.registration.service_point for one in self.revisions]
        ranked = sorted(set(counts), key=lambda point: -counts.count(point))
        self.point = ranked[1]
        """Where faults are put in: the second busiest."""
        self.findings = judged(self.places, self.revisions).findings
        self.at_once = places_of(self.findings)


def places_of(findings: Iterable[Finding]) -> Found:
    return {(one.code, one.path.partition("/")[2]) for one in findings}


@pytest.fixture(scope="module")
def clean() -> Clean:
    return Clean()


def test_a_clean_register_gives_few_findings(clean: Clean) -> None:
    """Nobody reads a list that cries wolf."""
    assert len(clean.findings) <= ALLOWED * POINTS


# The faults: what the revisions of one point become


def silent(revisions: list[Revision]) -> Iterator[Revision]:
    return iter(())


def with_a_gap(revisions: list[Revision]) -> Iterator[Revision]:
    return (one for one in revisions if one.registration.local_date.month not in (3, 4))


def with_a_full_day(revisions: list[Revision]) -> Iterator[Revision]:
    """Thirty different visits on one day of the busiest."""
    yield from revisions
    day = revisions[len(revisions) // 2].registration.local_date
    for number in range(30):
        moment = datetime.combine(day, time(10 + number // 10, number), LOCAL_ZONE)
        visit = attrs.evolve(visits(revisions)[number].registration, moment=moment, precision=Precision.INSTANT)
        yield entered(with_number(visit, number))


def with_a_wrong_tally(revisions: list[Revision]) -> Iterator[Revision]:
    """A tally on each of twelve days, one of them with two noughts too many."""
    yield from revisions
    for number in range(12):
        yield entered(tally(revisions, number, 600 if number == 7 else 3 + number % 4))


def with_round_tallies(revisions: list[Revision]) -> Iterator[Revision]:
    yield from revisions
    for number in range(30):
        yield entered(tally(revisions, number, 5 * (1 + number % 3)))


def on_the_half_hour(revisions: list[Revision]) -> Iterator[Revision]:
    return moved(revisions, lambda moment: moment.replace(minute=moment.minute // 30 * 30))


def at_closing_time(revisions: list[Revision]) -> Iterator[Revision]:
    """All visits of a week, entered at closing time of its last open day."""
    last = {week(one): one.registration.moment for one in visits(revisions)}
    for one in revisions:
        moment = last.get(week(one), one.registration.moment)
        yield entered(attrs.evolve(one.registration, moment=moment.replace(hour=16, minute=57)))


def all_at_once(revisions: list[Revision]) -> Iterator[Revision]:
    when = datetime(2025, 1, 2, 9, tzinfo=LOCAL_ZONE)
    return (attrs.evolve(one, recorded_at=when) for one in revisions)


def late(revisions: list[Revision]) -> Iterator[Revision]:
    return (entered(one.registration, timedelta(days=20)) for one in revisions)


def twice(revisions: list[Revision]) -> Iterator[Revision]:
    """Every tenth visit is sent again under another id."""
    yield from revisions
    for number, one in enumerate(visits(revisions)[::10]):
        yield entered(with_number(one.registration, number))


def left_open(revisions: list[Revision]) -> Iterator[Revision]:
    return answered(revisions, lambda answers: {key: code for key, code in answers.items() if key != "provider"})


def with_other(revisions: list[Revision]) -> Iterator[Revision]:
    return answered(revisions, lambda answers: {**answers, "topic": "other"})


def twice_as_busy(revisions: list[Revision]) -> Iterator[Revision]:
    """From July on everything counts three times, on other minutes."""
    yield from revisions
    for number, one in enumerate(revisions):
        if one.registration.local_date >= JULY:
            for more in (1, 2):
                moment = one.registration.moment + timedelta(minutes=more)
                yield entered(with_number(attrs.evolve(one.registration, moment=moment), number * 2 + more))


def forgotten(revisions: list[Revision]) -> Iterator[Revision]:
    """From July on only one in five is registered."""
    return (one for n, one in enumerate(revisions) if one.registration.local_date < JULY or n % 5 == 0)


def after_closing(revisions: list[Revision]) -> Iterator[Revision]:
    return (attrs.evolve(one, overrides={AMENDS: "kwam later"}) for one in revisions)


def visits(revisions: list[Revision]) -> list[Revision]:
    return [
        one
        for one in revisions
        if one.registration.kind is Kind.VISIT and one.registration.precision is Precision.INSTANT
    ]


def week(revision: Revision) -> str:
    return Period.of("week", revision.registration.local_date).code


def moved(revisions: list[Revision], change: Callable[[datetime], datetime]) -> Iterator[Revision]:
    return (entered(attrs.evolve(one.registration, moment=change(one.registration.moment))) for one in revisions)


def answered(revisions: list[Revision], change: Callable[[dict[str, object]], object]) -> Iterator[Revision]:
    for one in revisions:
        changed = tuple(Inquiry(change(dict(each.answers)), each.count) for each in one.registration.inquiries)  # type: ignore[arg-type]
        yield entered(attrs.evolve(one.registration, inquiries=changed))


def tally(revisions: list[Revision], number: int, count: int) -> Registration:
    """A tally on the day of a visit, another one for each number."""
    days = sorted({one.registration.local_date for one in revisions})
    moment = datetime.combine(days[number], time(12, number), LOCAL_ZONE)
    base = revisions[0].registration
    made = attrs.evolve(base, moment=moment, kind=Kind.TALLY, count=count, answers={}, inquiries=())
    return with_number(attrs.evolve(made, precision=Precision.INSTANT), number)


def with_number(registration: Registration, number: int) -> Registration:
    return attrs.evolve(registration, id=UUID(int=number + 1))


FAULTS: dict[str, Callable[[list[Revision]], Iterator[Revision]]] = {
    "quality-silent": silent,
    "quality-gap": with_a_gap,
    "quality-outlier": with_a_full_day,
    "quality-outlier-tally": with_a_wrong_tally,
    "quality-round-tallies": with_round_tallies,
    "quality-round-moments": on_the_half_hour,
    "quality-same-minute": at_closing_time,
    "quality-at-once": all_at_once,
    "quality-late": late,
    "quality-doubles": twice,
    "quality-unknown": left_open,
    "quality-other": with_other,
    "quality-more": twice_as_busy,
    "quality-fewer": forgotten,
    "quality-amended": after_closing,
}


def faulty(clean: Clean, code: str) -> Watcher:
    """What is seen once the fault of `code` is put in at one point."""
    here = [one for one in clean.revisions if one.registration.service_point == clean.point]
    there = [one for one in clean.revisions if one.registration.service_point != clean.point]
    return watched(clean.places, [*there, *FAULTS[code](here)])


def found_with(clean: Clean, watcher: Watcher, detectors: tuple[Detector, ...] = DETECTORS) -> Found:
    """What is found beyond the findings of the clean register."""
    return places_of(judge(watcher, (EVERYWHERE,), YEAR, TODAY, detectors).findings) - clean.at_once


@pytest.mark.parametrize("code", FAULTS)
def test_a_fault_is_found_where_it_was_put(clean: Clean, code: str) -> None:
    """The finding is there, at that point; no other point gets a finding from it."""
    found = found_with(clean, faulty(clean, code))
    assert (code, clean.point) in found
    assert {point for _, point in found} == {clean.point}


def test_without_its_detector_a_fault_is_missed(clean: Clean) -> None:
    """The broken twins: each fault is found by one detector, and no other stands in for it; all are needed."""
    needed = set()
    for code in FAULTS.keys() - {"quality-more", "quality-fewer"}:
        watcher = faulty(clean, code)
        having = [one for one in DETECTORS if (code, clean.point) in found_with(clean, watcher, (one,))]
        others = tuple(one for one in DETECTORS if one not in having)
        assert len(having) == 1
        assert (code, clean.point) not in found_with(clean, watcher, others)
        needed |= {*having}
    assert set(DETECTORS) - needed == {unknown_hours}


# Closed is not a gap


def closed_in_summer(clean: Clean, detector: Detector) -> Found:
    """The gaps that `detector` finds at a point that is closed in July and August, and says so in its hours."""
    known = clean.places.service_point(clean.point).opening_hours
    places = changed(clean.places, clean.point, opening_hours=f"{known}; Jul-Aug off")
    open_then = [
        one
        for one in clean.revisions
        if one.registration.service_point != clean.point or one.registration.local_date.month not in (7, 8)
    ]
    found = judged(places, open_then, detectors=(detector,)).findings
    return places_of(one for one in found if one.code == "quality-gap") - clean.at_once


def gaps_of_the_calendar(case: Case, limits: Thresholds) -> Iterator[Finding]:
    """The broken twin: opening hours are looked at, closing days are not."""
    if case.point is None or not case.point.opening_hours:
        return iter(())
    usual = attrs.evolve(case.point, opening_hours=case.point.opening_hours.replace("; Jul-Aug off", ""))
    return gaps(Case(case.key, usual, case.stretches, case.watched), limits)


def test_closing_days_are_no_gap(clean: Clean) -> None:
    """A summer closure that stands in the opening hours gives no finding; a detector that overlooks it is caught."""
    assert closed_in_summer(clean, gaps) == set()
    assert closed_in_summer(clean, gaps_of_the_calendar) == {("quality-gap", clean.point)}


def test_a_change_of_opening_hours_is_no_sudden_change(clean: Clean) -> None:
    """Twice as many hours and visitors from July on: nothing to explain. Without the hours written down there is."""
    point = clean.places.service_point(clean.point)
    usual = point.opening_hours or ""
    here = [one for one in clean.revisions if one.registration.service_point == clean.point]
    there = [one for one in clean.revisions if one.registration.service_point != clean.point]
    # A fifth of the visits before July, so that the hours before are a fifth as well: one short day a week.
    fewer = [one for number, one in enumerate(here) if one.registration.local_date >= JULY or number % 5 == 0]
    shortened = "Jan-Jun We 10:00-11:00; Jul-Dec " + usual
    told = judged(changed(clean.places, clean.point, opening_hours=shortened), [*there, *fewer])
    silent_on_it = judged(clean.places, [*there, *fewer])
    assert ("quality-more", clean.point) not in places_of(told.findings)
    assert ("quality-more", clean.point) in places_of(silent_on_it.findings)
    assert YEAR.start < JULY < YEAR.end
