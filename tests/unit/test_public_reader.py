"""Whatever is published one after another, somebody who reads the tables cannot compute a small number that is hidden.

The reader knows nothing of how the counts were protected: it has the tables only.
"""

import random
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime

import attrs
import pytest

import idocore
from idocore.errors import ReleaseRefusedError
from idocore.periods import LOCAL_ZONE
from tests.public_reader import Leaf, PublicReader

LATER = datetime(2024, 7, 15, 12, tzinfo=LOCAL_ZONE)
QUARTER, MONTHS = "2024-Q2", ("2024-04", "2024-05", "2024-06")
TOPICS = ("digid", "work", "pension")
POINTS = {
    "dom": ("Utrecht", "PV26", "a"),
    "soest": ("Soest", "PV26", "a"),
    "zeist": ("Zeist", "PV26", "b"),
    "gooi": ("Hilversum", "PV27", "b"),
    "haarlem": ("Haarlem", "PV27", "c"),
    "noord": ("Groningen", "PV20", "d"),
}
MOVE = date(2024, 5, 15)
"""When soest moves to Hilversum."""
SEQUENCES = 12


def filled(register: idocore.Register, chance: random.Random) -> Counter[Leaf]:
    """Visits to six service points in three provinces, one of which moves; what they were, by kind."""
    for organisation in "abcd":
        register.places.add_organisation(organisation, f"Bibliotheek {organisation}")
    for point, (municipality, _, organisation) in POINTS.items():
        register.places.add_service_point(point, municipality=municipality, organisation=organisation)
    register.places.move("soest", MOVE, municipality="Hilversum")
    visits: Counter[Leaf] = Counter()
    for point, (_, province, organisation) in POINTS.items():
        for _ in range(chance.choice((6, 30, 80, 150))):
            topic, month = chance.choices(TOPICS, (8, 4, 1))[0], chance.choice(MONTHS)
            day = date.fromisoformat(f"{month}-{chance.randint(1, 28):02}")
            register.record(point, inquiries=[{"topic": topic}], moment=day.isoformat())
            lay = "PV27" if point == "soest" and day >= MOVE else province
            visits[Leaf(point, lay, organisation, topic, month)] += 1
    return visits


def drawn(chance: random.Random, number: int) -> tuple[idocore.ReleasePlan, str]:
    """Some plan, and a period for it."""
    within, period = chance.choice((None, "PV26", "PV27")), chance.choice((QUARTER, QUARTER, *MONTHS))
    levels = chance.choice(((), ("province", "organisation"), ("service_point",)))
    by_month = period == QUARTER and chance.random() < 0.4
    return idocore.ReleasePlan.of(f"r{number}", levels, by="topic", by_month=by_month, within=within), period


def known(register: idocore.Register, visits: Counter[Leaf], releases: list[idocore.Release]) -> list[str]:
    """What an outsider, or one of the libraries, knows too well."""
    found = []
    for organisation in (None, *"abcd"):
        reader = PublicReader(visits)
        for release in releases:
            reader.read(register.publications.tables(release))
        if organisation is not None:
            reader.know_own(organisation)
        found += [f"{organisation}: {one}" for one in reader.knows_too_well()]
    return found


@pytest.mark.slow
def test_nothing_can_be_computed_from_the_tables(record_property: Callable[[str, object], None]) -> None:
    """Random sequences of releases: months, quarters, provinces and the country, of places that move."""
    published = 0
    for seed in range(SEQUENCES):
        chance = random.Random(seed)
        with idocore.open("memory:", clock=lambda: LATER) as register:
            visits = filled(register, chance)
            register.periods.close(QUARTER, at="nation")
            releases = []
            for plan, period in (drawn(chance, number) for number in range(chance.randint(2, 4))):
                try:
                    releases.append(register.publications.publish(plan, period))
                except ReleaseRefusedError:
                    continue
            assert known(register, visits, releases) == [], seed
            published += len(releases)
    assert published > SEQUENCES
    record_property("promise", "nobody can compute a suppressed cell")
    record_property(
        "reached", f"{published} releases in {SEQUENCES} registers: from their tables alone, 0 known to within 5"
    )


def test_a_reader_finds_what_is_not_protected(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken twin: with the small numbers hidden only, the reader computes some of them."""
    monkeypatch.setattr("idocore.publications._protected", _primary_only)
    with idocore.open("memory:", clock=lambda: LATER) as register:
        visits = filled(register, random.Random(1))
        register.periods.close(QUARTER, at="nation")
        plan = idocore.ReleasePlan.of("kwartaal", by="topic", by_month=True)
        assert known(register, visits, [register.publications.publish(plan, QUARTER)])


def _primary_only(system: idocore.disclosure.System, policy: idocore.Policy, _: object) -> object:
    small = idocore.disclosure.sensitive(system, policy)
    found = idocore.disclosure.Protection(small, small, (), (), 0.0)
    return attrs.evolve(found)
