"""A sync that is killed leaves nothing half done, and the next one brings the rest."""

import random
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import idocore
from idocore.federation import pending
from tests import workers
from tests.mariadb import fewer
from tests.registers import DIGID, MAY, furnished

Property = Callable[[str, object], None]
KILLS = 20
EACH = 600
"""How many registrations there are to bring for each sync: more than one transaction takes."""

pytestmark = [pytest.mark.crash]


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgres", marks=pytest.mark.pg),
        pytest.param("mariadb", marks=pytest.mark.maria),
    ]
)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty register of a province."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/province.db"
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def source(tmp_path: Path) -> str:
    """The register of a library."""
    with furnished(workers.opened(f"sqlite:///{tmp_path}/laptop.db")):
        return f"sqlite:///{tmp_path}/laptop.db"


def test_a_killed_sync_leaves_no_halves(source: str, target: str, record_property: Property) -> None:
    """Killed with SIGKILL at any moment, again and again: the chain holds, and at last everything is there once."""
    kills, cut = fewer(KILLS, target), 0
    for number in range(kills):
        work(source)
        killed_while_syncing(source, target, number)
        cut += lacking(source, target) > 0
    assert cut > 0, "no sync was killed before its end"
    assert faults(target) == []  # nothing that comes later mends a half
    with workers.opened(source) as laptop, workers.opened(target) as province:
        assert idocore.sync(laptop, province).is_clean
        assert dict(laptop.store.cursor()).items() <= dict(province.store.cursor()).items()
        assert laptop.table("registrations", by="channel") == province.table("registrations", by="channel")
        count = laptop.table("registrations").base["registrations"]
    assert (lacking(source, target), faults(target)) == (0, [])
    record_property("promise", "a registration that was acknowledged is kept when the process is killed")
    said = f"{kills} kills, {cut} before the end, {count} registrations arrived, 0 lost, 0 half written"
    record_property("reached", f"sync to {target.partition(':')[0]}: {said}")


def test_a_sync_that_leaves_halves_is_caught(source: str, tmp_path: Path) -> None:
    """The broken twin: an entry without its fact, as if the two were not written together."""
    target = f"sqlite:///{tmp_path}/province.db"
    work(source)
    with workers.opened(source) as laptop, workers.opened(target) as province:
        idocore.sync(laptop, province)
        laptop.record("centrale", inquiries=DIGID, moment=MAY)
    with sqlite3.connect(tmp_path / "province.db") as connection:
        connection.execute("DELETE FROM ido_registration WHERE key = 1")
    connection.close()
    assert lacking(source, target) == 1
    assert faults(target) != []


def work(source: str) -> None:
    """A day at the desk: registrations, and a correction and a withdrawal among them."""
    raw = {"service_point": "centrale", "inquiries": DIGID, "moment": MAY, "answers": {"note": "kwam terug"}}
    with workers.opened(source) as laptop:
        done = list(laptop.load([idocore.Line(number, raw, None, "") for number in range(EACH)], bulk=True))
        ids = [one.id for one in done if one.id is not None]
        laptop.correct(ids[0], channel="telephone")
        laptop.withdraw(ids[1])


def killed_while_syncing(source: str, target: str, number: int) -> None:
    """Start a sync in a process of its own, and kill it before long."""
    begun = workers.event()
    process = workers.start(workers.sync_once, source, target, begun)
    assert begun.wait(60)
    time.sleep(random.Random(number).random() * 0.5)
    process.kill()
    process.join()


def lacking(source: str, target: str) -> int:
    """How many entries of `source` are not at `target`."""
    with workers.opened(source) as laptop, workers.opened(target) as province:
        return pending(laptop, province)


def faults(target: str) -> list[idocore.Finding]:
    """What is wrong with what `target` has."""
    with workers.opened(target) as province:
        return list(province.verify())
