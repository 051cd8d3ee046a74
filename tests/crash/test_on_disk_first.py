"""A record is on disk before it is acknowledged: the order of writes, syncs and acknowledgements, traced."""

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

import idocore
from tests import workers
from tests.postgres import running_server
from tests.registers import DIGID, MAY, furnished

RECORDS = 100
pytestmark = [
    pytest.mark.crash,
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is missing: apt-get install strace"),
]

_PROGRAM = """
import os, sys
import idocore_sql.opening as opening
from tests import workers
from tests.registers import DIGID, MAY
url, acknowledged, twin = sys.argv[1:]
if twin.startswith("synchronous="):
    opening._DURABLE = (*opening._DURABLE, twin)
elif twin:
    opening._prepare_postgresql = lambda *_: None
told = workers.Acknowledgements(acknowledged)
with workers.opened(url) as register:
    for _ in range({records}):
        told.add(register.record("centrale", inquiries=DIGID, moment=MAY).id)
"""
_STRACE = ("strace", "-f", "-y", "-ttt", "-e", "trace=write,pwrite64,fsync,fdatasync")
_CALL = re.compile(r"(?:\[pid +\d+\] |\d+ +)?(\d+\.\d+) (\w+)\(\d+<([^>]*)>")


def traced(directory: Path, url: str, twin: str) -> list[str]:
    """The writes and syncs of a program that records and writes down what was acknowledged, with their times."""
    trace = directory / "trace"
    program = [sys.executable, "-c", _PROGRAM.format(records=RECORDS), url, str(directory / "acknowledged"), twin]
    root = Path(__file__).parents[2]
    subprocess.run([*_STRACE, "-o", str(trace), *program], check=True, cwd=root)
    return trace.read_text(errors="replace").splitlines()


def unsynced(directory: Path, pragma: str = "") -> int:
    """How many of the records were acknowledged before their last write to the log had been synced."""
    path = directory / "ido.db"
    with furnished(workers.opened(f"sqlite:///{path}")):
        pass
    return _unsynced_in(traced(directory, f"sqlite:///{path}", pragma), path, directory / "acknowledged")


def _calls(lines: list[str]) -> list[tuple[float, str, str]]:
    """When, what and on which file, in order of time."""
    found = (match.groups() for line in lines if (match := _CALL.match(line)))
    return sorted((float(when), call, file) for when, call, file in found)


@contextmanager
def watched(url: str, trace: Path) -> Iterator[None]:
    """Write down the writes and syncs of the server of `url`, of all its processes, those to come too."""
    with psycopg.connect(url) as connection:
        data = connection.execute("SHOW data_directory").fetchone()
    assert data is not None
    first = int(Path(data[0], "postmaster.pid").read_text().split()[0])
    there = [first, *(child.pid for child in psutil.Process(first).children())]
    attached = [argument for pid in there for argument in ("-p", str(pid))]
    log = trace.with_suffix(".log")
    with log.open("w") as file:
        process = subprocess.Popen([*_STRACE, "-o", str(trace), *attached], stderr=file)
    try:
        while not all(_is_traced(pid) for pid in there):
            if process.poll() is not None:
                pytest.skip(f"a running process may not be traced here: {log.read_text()}")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(60)


def _is_traced(pid: int) -> bool:
    return "\nTracerPid:\t0\n" not in Path(f"/proc/{pid}/status").read_text()


def unsynced_on_server(directory: Path, twin: str = "") -> int:
    """How many of the records were acknowledged with no sync of the server's log since the one before."""
    with running_server() as server:
        url = server.get_uri()
        if twin:
            habit(url)
        with furnished(workers.opened(url)):
            pass
        with watched(url, directory / "server"):
            client = traced(directory, url, twin)
        lines = (directory / "server").read_text(errors="replace").splitlines()
    told = wrong = 0
    is_synced = False
    for _, call, file in _calls(lines + client):
        if "/pg_wal/" in file:
            is_synced = is_synced or call in ("fsync", "fdatasync")
        elif file == str(directory / "acknowledged"):
            told += 1
            wrong += not is_synced
            is_synced = False
    assert told == RECORDS
    return wrong


@pytest.mark.pg
def test_postgresql_synced_before_acknowledged(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """The same on PostgreSQL, its server traced beside us: a sync of its log before each acknowledgement."""
    assert unsynced_on_server(tmp_path) == 0
    record_property("promise", "it was on disk before it was acknowledged")
    record_property("reached", f"PostgreSQL: 0 of {RECORDS} acknowledged unsynced, client and server traced")


@pytest.mark.pg
def test_a_server_that_syncs_some_time_is_caught(tmp_path: Path) -> None:
    """The broken twin: a database that acknowledges first, and connections that leave it to that."""
    assert unsynced_on_server(tmp_path, "habit") > RECORDS // 2


def _unsynced_in(lines: list[str], path: Path, acknowledged: Path) -> int:
    wrong = told = 0
    is_synced = True
    for _, call, file in _calls(lines):
        if file == f"{path}-wal":
            is_synced = call in ("fsync", "fdatasync")
        elif file == str(acknowledged):
            told += 1
            wrong += not is_synced
    assert told == RECORDS
    return wrong


def test_synced_before_acknowledged(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """It was on disk before it was acknowledged: of 100 records none is told before its log was synced."""
    assert unsynced(tmp_path) == 0
    record_property("promise", "it was on disk before it was acknowledged")
    record_property("reached", f"SQLite: 0 of {RECORDS} acknowledged unsynced, traced")


def habit(url: str) -> None:
    """The database of `url` acknowledges before it syncs, by the habit of whoever runs it."""
    with psycopg.connect(url, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = off".encode())


def commits(register: idocore.Register) -> set[str]:
    """How the connections commit through which `register` records."""
    found = set()
    with register.store._access.writing() as connection:  # type: ignore[attr-defined]
        found.add(connection.exec_driver_sql("SHOW synchronous_commit").scalar())
        register.record("centrale", inquiries=DIGID, moment=MAY)  # through another one
    with register.store._access.reading() as connection:  # type: ignore[attr-defined]
        found.add(connection.exec_driver_sql("SHOW synchronous_commit").scalar())
    return found


@pytest.mark.pg
def test_postgresql_syncs_whatever_its_habit(postgres_url: str) -> None:
    """A database that is set to acknowledge first is told otherwise by our own connections; more than that stays."""
    habit(postgres_url)
    with furnished(workers.opened(postgres_url)) as register:
        assert commits(register) == {"on"}
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = remote_apply".encode())
    with workers.opened(postgres_url) as register:
        assert commits(register) == {"remote_apply"}


@pytest.mark.pg
def test_a_connection_that_is_left_to_the_habit_is_caught(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken twin says nothing to the server, and acknowledges first."""
    habit(postgres_url)
    monkeypatch.setattr("idocore_sql.opening._prepare_postgresql", lambda *_: None)
    with furnished(workers.opened(postgres_url)) as register:
        assert commits(register) == {"off"}


def test_synchronous_normal_is_caught(tmp_path: Path) -> None:
    """The broken twin: synchronous=NORMAL acknowledges first, and syncs some time."""
    assert unsynced(tmp_path, "synchronous=NORMAL") > RECORDS // 2
