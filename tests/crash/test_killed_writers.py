"""What was acknowledged is kept, whoever is killed: a writer, or the server itself."""

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import pytest

import idocore
from tests import workers
from tests.mariadb import fewer, running_mariadb
from tests.registers import furnished

Property = Callable[[str, object], None]
KILLS = 200
SERVER_KILLS = 20
PROMISE = "a registration that was acknowledged is kept when the process is killed"

pytestmark = [pytest.mark.crash]


def killed(url: str, acknowledged: Path, writer: Callable[..., None], kills: int) -> None:
    """Start `writer` and kill it in the middle of its work, `kills` times."""
    chance = random.Random(1)
    for _ in range(kills):
        before = acknowledged.stat().st_size if acknowledged.exists() else 0
        process = workers.start(writer, url, str(acknowledged))
        # Until it has begun to write, and then some moments more.
        deadline = time.monotonic() + 30
        while not (acknowledged.exists() and acknowledged.stat().st_size > before) and time.monotonic() < deadline:
            time.sleep(0.002)
        time.sleep(chance.random() * 0.02)
        process.kill()
        process.join()


def lost(url: str, acknowledged: Path) -> tuple[int, int]:
    """How many acknowledged records are not there, and how much of what is there is half written."""
    told = set(workers.Acknowledgements.read(str(acknowledged)))
    with workers.opened(url) as register:
        there = {entry.revision.subject for entry in register.changes() if entry.kind == "registration"}
        return len(told - there), len(list(register.verify()))


def prepared(url: str) -> str:
    with furnished(workers.opened(url)):
        return url


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgres", marks=pytest.mark.pg),
        pytest.param("mariadb", marks=pytest.mark.maria),
    ]
)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return prepared(f"sqlite:///{tmp_path}/ido.db")
    return prepared(request.getfixturevalue(f"{request.param}_url"))


def test_no_acknowledged_record_is_lost(url: str, tmp_path: Path, record_property: Property) -> None:
    """A registration that was acknowledged is kept when its writer is killed with SIGKILL; nothing is half written."""
    acknowledged = tmp_path / "acknowledged"
    kills = fewer(KILLS, url)
    killed(url, acknowledged, workers.write_on, kills)
    assert lost(url, acknowledged) == (0, 0)
    count = len(workers.Acknowledgements.read(str(acknowledged)))
    assert count >= kills
    record_property("promise", PROMISE)
    record_property("reached", f"{url.partition(':')[0]}: {kills} kills, {count} acknowledged, 0 lost, 0 half written")


def test_a_writer_that_tells_too_early_is_caught(url: str, tmp_path: Path) -> None:
    """The broken twin acknowledges before it stores."""
    acknowledged = tmp_path / "acknowledged"
    for _ in range(10):
        killed(url, acknowledged, workers.write_hastily, 10)
        missing, _ = lost(url, acknowledged)
        if missing:
            return
    pytest.fail("the check does not notice records that are lost")


@pytest.fixture
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A PostgreSQL server that may be killed."""
    from tests.postgres import running_server

    with running_server() as server:
        yield server


@pytest.mark.pg
def test_a_killed_server_loses_nothing(own_server: Any, tmp_path: Path, record_property: Property) -> None:
    """The whole PostgreSQL server killed while writing: after its restart every acknowledged record is there."""
    url, acknowledged = prepared(own_server.get_uri()), tmp_path / "acknowledged"
    kill_while_writing(url, acknowledged, lambda: kill_server(own_server), own_server.ensure_postgres_running)
    assert lost(url, acknowledged) == (0, 0)
    count = len(workers.Acknowledgements.read(str(acknowledged)))
    record_property("promise", PROMISE)
    record_property("reached", f"PostgreSQL's server: {SERVER_KILLS} kills, {count} acknowledged, 0 lost")


@pytest.mark.maria
def test_a_killed_mariadb_loses_nothing(mariadb_server: Any, tmp_path: Path, record_property: Property) -> None:
    """The same of MariaDB, with a server that writes to the disk as one does by itself."""
    with running_mariadb(is_careful=True) as server:
        server.execute("CREATE DATABASE ido")
        url, acknowledged = prepared(server.url("ido")), tmp_path / "acknowledged"
        kill_while_writing(url, acknowledged, server.kill, server.start)
        assert lost(url, acknowledged) == (0, 0)
    count = len(workers.Acknowledgements.read(str(acknowledged)))
    record_property("promise", PROMISE)
    record_property("reached", f"MariaDB's server: {SERVER_KILLS} kills, {count} acknowledged, 0 lost")


def kill_while_writing(url: str, acknowledged: Path, kill: Callable[[], None], revive: Callable[[], None]) -> None:
    """Kill the server of `url` in the middle of a writer's work, `SERVER_KILLS` times, and start it again."""
    chance = random.Random(1)
    for _ in range(SERVER_KILLS):
        before = acknowledged.stat().st_size if acknowledged.exists() else 0
        process = workers.start(workers.write_until_failure, url, str(acknowledged))
        while not (acknowledged.exists() and acknowledged.stat().st_size > before):
            time.sleep(0.005)
        time.sleep(chance.random() * 0.1)
        kill()
        process.join(timeout=30)
        revive()


def kill_server(server: Any) -> None:
    """End the server and all its processes at once, as a power cut would, as far as processes go."""
    postmaster = psutil.Process(server.get_pid())
    everybody = [*postmaster.children(recursive=True), postmaster]
    postmaster.kill()
    for process in everybody:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(everybody, timeout=10)


def test_a_row_that_vanished_is_noticed(tmp_path: Path) -> None:
    """The check looks at what is there: an acknowledged id that was never stored counts as lost."""
    url, acknowledged = prepared(f"sqlite:///{tmp_path}/ido.db"), tmp_path / "acknowledged"
    told = workers.Acknowledgements(str(acknowledged))
    told.add(UUID(int=1))
    told.add(idocore.new_id())
    assert lost(url, acknowledged) == (2, 0)
