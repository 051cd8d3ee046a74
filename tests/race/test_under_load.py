"""Backups and rebuilds while others write and read."""

import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

import idocore
from tests import workers
from tests.crash.test_killed_writers import lost
from tests.mariadb import fewer
from tests.registers import DIGID, MAY, furnished

pytestmark = pytest.mark.race
Property = Callable[[str, object], None]
BACKUPS = 40
"""Of each database."""
PAUSE = 0.05
"""Seconds between two records, so that what a backup holds does not grow with the speed of the machine."""


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgresql", marks=pytest.mark.pg),
        pytest.param("mariadb", marks=pytest.mark.maria),
    ]
)
def addresses(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Empty addresses, one after another."""
    if request.param == "sqlite":
        return (f"sqlite:///{tmp_path}/{number}.db" for number in count())
    if request.param == "mariadb":
        make = request.getfixturevalue("new_mariadb_url")
        return (make() for _ in count())
    request.getfixturevalue("pg_programs")
    make = request.getfixturevalue("new_postgres_url")
    return (make() for _ in count())


@pytest.fixture
def writing(addresses: Iterator[str], tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A register to which another process writes all the time, and the file in which it tells what was stored."""
    url, acknowledged = next(addresses), tmp_path / "acknowledged"
    with furnished(workers.opened(url)):
        pass
    process = workers.start(workers.write_on, url, str(acknowledged), PAUSE)
    while not acknowledged.exists() or not acknowledged.stat().st_size:
        time.sleep(0.01)
    yield url, acknowledged
    process.kill()
    process.join()


def test_backups_under_load_restore(
    writing: tuple[str, Path], addresses: Iterator[str], tmp_path: Path, record_property: Property
) -> None:
    """40 backups while somebody writes: all that was acknowledged before is restored."""
    url, acknowledged = writing
    backups = fewer(BACKUPS, url)
    for number in range(backups):
        known = tmp_path / f"known-{number}"
        known.write_bytes(acknowledged.read_bytes())
        with workers.opened(url) as register:
            seal = register.backup(tmp_path / f"backup-{number}")
        again = next(addresses)
        idocore.restore_backup(tmp_path / f"backup-{number}", again, seal=seal).close()
        assert lost(again, known) == (0, 0)
    record_property("promise", "a backup taken under load restores")
    record_property(
        "reached", f"{url.partition(':')[0]}: {backups} of {backups}, nothing acknowledged before is missing"
    )


def test_an_old_backup_is_noticed(writing: tuple[str, Path], addresses: Iterator[str], tmp_path: Path) -> None:
    """The broken twin hands out an earlier backup; the check misses what came since."""
    url, acknowledged = writing
    with workers.opened(url) as register:
        register.backup(tmp_path / "old")
    size = acknowledged.stat().st_size
    while acknowledged.stat().st_size < size + 160:
        time.sleep(0.01)
    known = tmp_path / "known"
    known.write_bytes(acknowledged.read_bytes())
    again = next(addresses)
    idocore.restore_backup(tmp_path / "old", again).close()
    assert lost(again, known)[0] > 0


def test_verify_sees_one_moment(writing: tuple[str, Path]) -> None:
    """While somebody writes, facts and journal are compared as of one moment: nothing is found, time after time."""
    url, acknowledged = writing
    before = acknowledged.stat().st_size
    with workers.opened(url) as register:
        for _ in range(10):
            assert list(register.verify()) == []
    assert acknowledged.stat().st_size > before


def read_on(url: str, stop: Any, results: Any) -> None:
    """Ask for the same table until told to stop; every different answer, and how many there were."""
    answers, asked = set(), 0
    with workers.opened(url) as register:
        while not stop.is_set():
            answers.add(str(register.table(["registrations", "inquiries"], by="service_point").to_dicts()))
            asked += 1
    results.put((answers, asked))


def test_readers_go_on_during_a_rebuild(addresses: Iterator[str]) -> None:
    """While the facts are made anew every table is the same, and none fails or waits for the end."""
    url = next(addresses)
    with furnished(workers.opened(url)) as register:
        raws = [{"service_point": "centrale", "moment": MAY, "inquiries": DIGID} for _ in range(5000)]
        list(register.load((idocore.Line(number, raw, None, "") for number, raw in enumerate(raws)), bulk=True))
        stop, results = workers.event(), workers.queue()
        reader = workers.start(read_on, url, stop, results)
        time.sleep(1)
        for _ in range(3):
            assert register.rebuild() == 5000
        stop.set()
        answers, asked = results.get(timeout=60)
        reader.join()
        assert len(answers) == 1
        assert asked > 3
        assert list(register.verify()) == []
