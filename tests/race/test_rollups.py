"""Tables asked while others write: each is of one moment, whatever is kept and whatever is marked."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import idocore
from idocore.errors import ConflictError
from tests import workers
from tests.registers import DIGID, MAY, furnished

pytestmark = pytest.mark.race
TABLES = 24
STORES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.pg), pytest.param("mariadb", marks=pytest.mark.maria)]
POINTS = ("centrale", "wijk", "weesp")
MONTHS = ("2024-03-05T10:30", "2024-04-14T10:30", MAY)


def move_on(url: str, seed: int, stop: Any) -> None:
    """Correct the same few registrations to other places, months and topics, until told to stop."""
    chance = random.Random(seed)
    with workers.opened(url) as register:
        visits = [one.id for one in register.find().registrations]
        while not stop.is_set():
            changes = {
                "service_point": chance.choice(POINTS),
                "moment": chance.choice(MONTHS),
                "inquiries": [{"topic": chance.choice(["digid", "pension"]), "provider": "logius"}],
            }
            try:
                register.correct(chance.choice(visits), **changes)
            except ConflictError:
                continue


def refresh_on(url: str, stop: Any) -> None:
    """Count anew what is marked, until told to stop."""
    with workers.opened(url) as register:
        while not stop.is_set():
            register.rollups.refresh()


@pytest.mark.parametrize("kind", STORES)
def test_no_table_is_between_two_moments(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Registrations only move, so every cut counts all of them, once: also while two move them and one counts anew."""
    names = {"sqlite": "", "postgresql": "postgres_url", "mariadb": "mariadb_url"}
    url = request.getfixturevalue(names[kind]) if names[kind] else f"sqlite:///{tmp_path}/ido.db"
    total = 30
    with furnished(workers.opened(url)) as register:
        for number in range(total):
            register.record(POINTS[number % 3], inquiries=DIGID, moment=MONTHS[number % 3])
        register.rollups.refresh()
        stop = workers.event()
        others = [workers.start(move_on, url, seed, stop) for seed in range(2)]
        others.append(workers.start(refresh_on, url, stop))
        _ask(register, total)
        stop.set()
        for one in others:
            one.join()
        register.rollups.refresh()
        assert list(register.verify()) == []


def _ask(register: idocore.Register, total: int) -> None:
    """Each table has all registrations in it."""
    cuts: list[Callable[[], idocore.Table]] = [
        lambda: register.table(["registrations", "inquiries"], by=["month", "service_point"]),
        lambda: register.table(["registrations", "inquiries"], by=["province", "topic"]),
        lambda: register.table(["registrations", "inquiries"], by="topic", end="2024-05-20"),
    ]
    for number in range(TABLES):
        table = cuts[number % len(cuts)]()
        assert [sum(int(row.numbers[one] or 0) for row in table.rows) for one in (0, 1)] == [total, total]
