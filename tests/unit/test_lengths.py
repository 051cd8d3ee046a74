"""Names that some store has no room for are refused where they come in, by every store alike."""

from collections.abc import Callable
from datetime import date

import pytest

import idocore
from idocore.gazetteer import Place
from idocore.places import Municipality, Organisation, Province, ServicePoint, Siting, Succession
from tests.registers import MAY, OpenRegister, furnished

PLACES: list[tuple[Callable[[str], Place], int]] = [
    (lambda name: Organisation(name, "Bibliotheek"), 120),
    (lambda name: ServicePoint(name, "Loket"), 120),
    (lambda name: ServicePoint("loket", "Loket", (Siting(organisation=name),)), 120),
    (lambda name: ServicePoint("loket", "Loket", (Siting(municipality=name),)), 12),
    (lambda name: ServicePoint("loket", "Loket", (Siting(variant=name),)), 40),
    (lambda name: Municipality(name, "Stad", "PV26"), 12),
    (lambda name: Municipality("GM9999", "Stad", name), 12),
    (lambda name: Province(name, "Land"), 12),
    (lambda name: Succession(date(2024, 1, 1), "GM0344", name), 12),
]


@pytest.mark.parametrize(("made", "most"), PLACES)
def test_a_name_of_a_place_that_is_too_long_is_refused(made: Callable[[str], Place], most: int) -> None:
    """The sentence gives how long it may be; what is as long as that is taken."""
    register = idocore.open("memory:")
    with pytest.raises(idocore.InvalidValueError, match=f"{most} are allowed"):
        register.places.put(made("x" * (most + 1)))
    register.places.put(made("x" * most))


def test_an_actor_that_is_too_long_is_refused() -> None:
    """When a register is opened, and when somebody else acts."""
    register = idocore.open("memory:", actor="x" * 200)
    for attempt in (lambda: idocore.open("memory:", actor="x" * 201), lambda: register.acting_as("x" * 201)):
        with pytest.raises(idocore.InvalidValueError, match="200 are allowed"):
            attempt()


def test_the_longest_names_are_stored_and_counted(open_register: OpenRegister) -> None:
    """On every store: an actor, an organisation, a service point and its variant."""
    register = furnished(open_register(actor="a" * 200))
    point, organisation, variant = "p" * 120, "o" * 120, "v" * 40
    register.places.add_organisation(organisation)
    register.places.add_service_point(point, municipality="Utrecht", organisation=organisation, variant=variant)
    register.record(point, inquiries=[{"topic": "digid", "provider": "logius"}], moment=MAY)
    by = ("service_point", "organisation", "variant")
    (row,) = register.table("registrations", by=by).to_dicts()
    assert (row["service_point"], row["organisation"], row["variant"]) == (point, organisation, variant)
