"""The publications ledger: what is public is frozen, safe, and for everybody to read."""

import sys
from collections.abc import Iterator
from datetime import datetime
from itertools import chain

import pytest

import idocore
from idocore.errors import NotAllowedError, NotFoundError, ReleaseRefusedError
from idocore.periods import LOCAL_ZONE
from idocore.release_systems import SystemBuilder
from tests.registers import LOCAL, OpenRegister, open_register

pytestmark = LOCAL

__all__ = ["open_register"]

PLAN = idocore.ReleasePlan.of("maand", by="topic")
MUNICIPALITIES = {"noord": "Groningen", "midden": "Utrecht", "zuid": "Maastricht", "west": "Rotterdam"}
MAY = {"noord": (3, 10), "midden": (12, 15), "zuid": (20, 25), "west": (30, 35)}
"""Visits about DigiD and about work."""


def counted(register: idocore.Register, visits: dict[str, tuple[int, int]], month: str) -> None:
    """Record so many visits of each organisation in `month`, and close it for the nation."""
    for organisation, numbers in visits.items():
        for topic, number in zip(("digid", "work"), numbers, strict=True):
            for _ in range(number):
                register.record(organisation, inquiries=[{"topic": topic}], moment=f"{month}-14T10:30")
    register.periods.close(month, at="nation")


def furnished(register: idocore.Register) -> idocore.Register:
    """Four organisations with a point each, in as many provinces, and three closed months."""
    for organisation, municipality in MUNICIPALITIES.items():
        register.places.add_organisation(organisation, f"Bibliotheek {organisation}")
        register.places.add_service_point(organisation, municipality=municipality, organisation=organisation)
    many = dict.fromkeys(MUNICIPALITIES, (10, 20))
    for month, visits in (("2024-03", many), ("2024-04", many), ("2024-05", MAY)):
        counted(register, visits, month)
    return register


@pytest.fixture
def register(open_register: OpenRegister) -> idocore.Register:
    return furnished(open_register())


def numbers(release: idocore.Release) -> Iterator[int | None]:
    return chain.from_iterable(cell.numbers for cell in release.cells)


def test_a_release_is_read_by_everybody(register: idocore.Register) -> None:
    """The public reads releases and nothing else; small numbers are None there, with others that protect them."""
    made = register.publications.publish(PLAN, "2024-05")
    public = register.acting_as("anybody", "public", "nation")
    assert public.publications.list() == (made,)
    assert public.publications.get("maand/2024-05") == public.publications.get("maand/2024-05/1") == made
    assert not {number for number in numbers(made) if number is not None and 0 < number < 5}
    assert "final records of one visitor" in made.definitions["registrations"].en
    hidden = {cell.key for cell in made.cells if cell.is_hidden}
    assert {"service_point/noord", "organisation/noord", "province/PV20"} <= {key.place for key in hidden}
    assert made.base == {"registrations": 150, "inquiries": 150}
    with pytest.raises(NotAllowedError):
        public.table("registrations")
    with pytest.raises(NotFoundError):
        public.publications.get("maand/2024-04")


def test_a_release_is_part_of_the_journal(register: idocore.Register, open_register: OpenRegister) -> None:
    """It is covered by the chain, survives a rebuild, and sync brings it where places go."""
    made = register.publications.publish(PLAN, "2024-05")
    assert list(register.verify()) == []
    register.rebuild()
    below = open_register(actor="elsewhere")
    idocore.sync(below, register)
    assert below.publications.list() == (made,)
    assert list(below.verify()) == []


def test_tables_show_what_is_hidden(register: idocore.Register) -> None:
    """A table of a release has None for what is hidden, and says how much that is."""
    register.publications.publish(PLAN, "2024-05")
    nation, _, organisation, _ = register.publications.tables("maand/2024-05")
    assert nation.to_dicts()[0] == {"nation": "NL", "topic": "digid", "registrations": 65, "inquiries": 65}
    assert None in [row["registrations"] for row in organisation.to_dicts()]
    assert "note-hidden" in [note.code for note in organisation.notes]
    assert ",,\r\n" in organisation.to_csv()


def test_a_release_that_would_crack_an_earlier_one_is_refused(open_register: OpenRegister) -> None:
    """A quarter of which nothing may be hidden gives the hidden May away: refused, with the cells of May named."""
    register = furnished(open_register(clock=lambda: datetime(2024, 7, 15, 12, tzinfo=LOCAL_ZONE)))
    counted(register, dict.fromkeys(MUNICIPALITIES, (10, 20)), "2024-06")
    books, quarter = register.publications, idocore.ReleasePlan.of("kwartaal", by="topic")
    months = [books.publish(PLAN, month) for month in ("2024-04", "2024-05", "2024-06")]
    nothing_hidden = idocore.Policy(always=("nation", "province", "organisation", "service_point"))
    with pytest.raises(ReleaseRefusedError) as refused:
        books.publish(quarter, "2024-Q2", nothing_hidden)
    assert refused.value.code == "release-cracks"
    assert "organisation/noord topic/digid 2024-05" in refused.value.cells
    assert "organisation/noord topic/digid 2024-05" in refused.value.message("nl")
    made = books.publish(quarter, "2024-Q2")
    hidden = {cell.key for cell in made.cells if cell.is_hidden}
    assert ("organisation/noord", "topic/digid", "2024-Q2") in hidden
    assert [books.get(one.name) for one in months] == months


def test_a_release_by_month_is_safe_and_hides_empty_months_too(open_register: OpenRegister) -> None:
    """Small places are hidden by month, empty months with the others; what is large is shown; zeros elsewhere are."""
    register = furnished(open_register(clock=lambda: datetime(2024, 7, 15, 12, tzinfo=LOCAL_ZONE)))
    register.places.add_organisation("klein", "Bibliotheek klein")
    for number in range(3):
        register.places.add_service_point(f"hoek-{number}", municipality="Utrecht", organisation="klein")
        for topic, month in (("digid", 4), ("work", 4), ("digid", 5), ("work", 6)):
            moment = f"2024-{month:02}-{20 + number}"
            overrides = {"period-closed": "kwam later binnen"}
            register.record(f"hoek-{number}", inquiries=[{"topic": topic}], moment=moment, overrides=overrides)
    counted(register, dict.fromkeys(MUNICIPALITIES, (10, 20)), "2024-06")
    monthly = idocore.ReleasePlan.of("per-maand", by="topic", by_month=True)
    made = register.publications.publish(monthly, "2024-Q2")
    cells = {cell.key: cell for cell in made.cells}
    assert cells["nation/NL", "topic/work", "2024-05"].numbers == (85, 85)
    assert cells["service_point/hoek-0", "topic/work", "2024-05"].is_hidden, "nobody came"
    assert ("service_point/west", "topic/pension", "2024-04") not in cells, "never asked there"
    assert not [number for number in numbers(made) if number is not None and number < 5]
    tables = register.publications.tables(made)
    quarter, by_month = tables[len(tables) // 2 - 1], tables[-1]
    assert "month" not in quarter.query.by
    assert len(by_month.rows) > len(quarter.rows)
    assert "note-hidden-zeros" in [note.code for note in by_month.notes]
    assert "note-hidden-zeros" not in [note.code for note in quarter.notes]


def test_other_measures_of_the_same_days_are_refused(register: idocore.Register) -> None:
    """Many questions of few visitors: whoever shows the questions first cannot show the visitors afterwards."""
    register.publications.publish(idocore.ReleasePlan.of("vragen", by="topic", measures="inquiries"), "2024-05")
    visits = idocore.ReleasePlan.of("bezoeken", by="topic", measures="registrations")
    with pytest.raises(ReleaseRefusedError) as refused:
        register.publications.publish(visits, "2024-05")
    assert refused.value.code == "release-measures"
    assert "vragen/2024-05/1" in refused.value.message("nl")


def test_a_later_release_is_as_strict_as_the_first(register: idocore.Register) -> None:
    """What an earlier release hid is not shown by one with a weaker policy."""
    register.publications.publish(PLAN, "2024-05")
    plan = idocore.ReleasePlan.of("organisaties", ["nation", "organisation"], by="topic")
    made = register.publications.publish(plan, "2024-05", idocore.Policy(fewest=2, interval=1))
    assert (made.policy.fewest, made.policy.interval) == (5, 5)
    assert not {number for number in numbers(made) if number is not None and 0 < number < 5}


def test_a_base_that_was_not_published_is_not_zero(register: idocore.Register) -> None:
    """Without the nation among its levels a release has no base."""
    made = register.publications.publish(idocore.ReleasePlan.of("eigen", "province", by="topic"), "2024-05")
    assert made.base == {"registrations": None, "inquiries": None}


def test_an_open_period_is_refused(register: idocore.Register) -> None:
    """Only what is closed for the nation, and over, is published."""
    with pytest.raises(ReleaseRefusedError) as refused:
        register.publications.publish(PLAN, "2024-02")
    assert refused.value.code == "release-not-closed"
    register.periods.reopen("2024-04", at="nation")
    with pytest.raises(ReleaseRefusedError):
        register.publications.prepare(PLAN, "2024-04")
    register.periods.close("2024-06", at="nation")
    with pytest.raises(ReleaseRefusedError) as early:
        register.publications.prepare(PLAN, "2024-06")
    assert early.value.code == "release-not-over"


def test_without_time_nothing_is_published(register: idocore.Register) -> None:
    """When the solver runs out of time the release is refused, never let through."""
    prepared = register.publications.prepare(PLAN, "2024-05", idocore.Policy(seconds=0))
    assert not prepared.may_be_published
    with pytest.raises(ReleaseRefusedError) as refused:
        register.publications.publish(PLAN, "2024-05", idocore.Policy(seconds=0))
    assert refused.value.code == "release-unproven"
    assert any("noord" in cell for cell in refused.value.cells)
    assert register.publications.list() == ()


def test_corrections_appear_in_the_next_release(register: idocore.Register) -> None:
    """What is public stays as it was; a correction is in the next version."""
    first = register.publications.publish(PLAN, "2024-05")
    late = {"period-closed": "lag in een la"}
    register.record("west", inquiries=[{"topic": "work"}], moment="2024-05-15T10:30", overrides=late)
    second = register.publications.publish(PLAN, "2024-05")
    assert register.publications.get("maand/2024-05/1") == first
    assert (first.version, second.version) == (1, 2)
    assert second.base["registrations"] == 151
    assert {cell.key for cell in second.cells if cell.is_hidden} >= {cell.key for cell in first.cells if cell.is_hidden}


def test_methods_do_not_mix(register: idocore.Register) -> None:
    """Rounded and hidden numbers of the same days together tell too much."""
    made = register.publications.publish(PLAN, "2024-05", idocore.Policy(method="rounded"))
    assert all(number is not None and number % 5 == 0 for number in numbers(made))
    with pytest.raises(ReleaseRefusedError) as refused:
        register.publications.publish(PLAN, "2024-05")
    assert refused.value.code == "release-methods"


def test_only_the_nation_publishes(register: idocore.Register) -> None:
    """A province reads; it publishes nothing."""
    with pytest.raises(NotAllowedError):
        register.acting_as("p-1", "provincial", "province/PV26").publications.prepare(PLAN, "2024-05")
    assert register.acting_as("n-1", "national", "nation").publications.publish(PLAN, "2024-05").number == 1


def test_what_has_to_be_installed_is_said_before_counting(
    register: idocore.Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a solver nothing is counted, and the error says what to install; rounding needs none."""
    monkeypatch.setitem(sys.modules, "highspy", None)
    monkeypatch.setattr(SystemBuilder, "build", lambda *_: pytest.fail("counted first"))
    with pytest.raises(idocore.PluginDependencyError, match=r"idocore\[disclosure\]"):
        register.publications.prepare(PLAN, "2024-05")
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "highspy", None)
    assert register.publications.prepare(PLAN, "2024-05", idocore.Policy(method="rounded")).may_be_published
