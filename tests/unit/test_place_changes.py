"""Changes of places by several at once: what was acknowledged is there."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import attrs
import pytest

import idocore
from idocore.errors import ConflictError
from idocore.places import Succession, SuccessionStatus
from tests.registers import NOW, furnished

Two = tuple[idocore.Register, idocore.Register]


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    """Two registers on one SQLite file."""
    url = f"sqlite:///{tmp_path}/ido.db"
    with idocore.open(url, clock=lambda: NOW) as one, idocore.open(url, clock=lambda: NOW) as other:
        furnished(one)
        yield one, other


def hosts(register: idocore.Register) -> set[str | None]:
    """Where the service point was, of all its sitings."""
    return {siting.host for siting in register.places.service_point("centrale").sitings}


def test_no_move_is_lost(two: Two) -> None:
    """Two people who move a service point on other days, at the same time: every move is among its sitings."""
    start = Barrier(2)

    def move(number: int) -> None:
        start.wait()
        for day in range(25):
            on = date(2020 + number, 1, 1) + timedelta(days=day)
            two[number].places.move("centrale", on, host=f"{number}-{day}")

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(move, range(2))) == [None, None]
    for register in two:
        assert hosts(register) == {None, *(f"{number}-{day}" for number in range(2) for day in range(25))}


def overtaken(two: Two, *, is_forgetful: bool = False) -> set[str | None]:
    """Where the point was after a move that another one overtook between reading and writing."""
    book, others = two[0].places, [lambda: two[1].places.move("centrale", "2024-02", host="overtaking")]

    def late(place: Any, overrides: Any, closings: int, before: Any) -> None:
        if others:
            others.pop()()
        book._append(place, overrides, closings, None if is_forgetful else before)

    attrs.evolve(book, append=late).move("centrale", "2024-03", host="overtaken")
    return hosts(two[1])


def test_a_move_that_is_overtaken_is_made_again(two: Two) -> None:
    """Of what is stored by then."""
    assert overtaken(two) == {None, "overtaking", "overtaken"}


def test_a_writer_that_forgets_what_was_read_is_caught(two: Two) -> None:
    """The broken twin: the move in between is gone."""
    assert overtaken(two, is_forgetful=True) == {None, "overtaken"}


def test_who_is_always_overtaken_is_told(two: Two) -> None:
    """It ends, with an error that says what to do."""
    book, days = two[0].places, iter(range(1, 1000))

    def late(place: Any, overrides: Any, closings: int, before: Any) -> None:
        two[1].places.move("centrale", date(2020, 1, 1) + timedelta(days=next(days)), host="overtaking")
        book._append(place, overrides, closings, before)

    with pytest.raises(ConflictError) as caught:
        attrs.evolve(book, append=late).move("centrale", "2024-03", host="overtaken")
    assert "try again" in caught.value.message("en")


def test_a_planned_change_that_was_changed_meanwhile_is_confirmed_as_it_is(two: Two) -> None:
    """The date that somebody else set in between stays."""
    one, other = two
    one.places.put(Succession(date(2025, 1, 1), "GM0307", "GM0344", status=SuccessionStatus.PLANNED))
    book, later = one.places, Succession(date(2026, 1, 1), "GM0307", "GM0344", status=SuccessionStatus.PLANNED)

    def late(place: Any, overrides: Any, closings: int, before: Any) -> None:
        if before.date != later.date:
            other.places.put(later)
        book._append(place, overrides, closings, before)

    confirmed = attrs.evolve(book, append=late).confirm("GM0307", "GM0344")
    assert confirmed == attrs.evolve(later, status=SuccessionStatus.CONFIRMED)
