"""A record is on disk before it is acknowledged: the order of writes, syncs and acknowledgements, traced."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

import idocore
from tests import workers
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
url, acknowledged, pragma = sys.argv[1:]
if pragma:
    opening._DURABLE = (*opening._DURABLE, pragma)
told = workers.Acknowledgements(acknowledged)
with workers.opened(url) as register:
    for _ in range({records}):
        told.add(register.record("centrale", inquiries=DIGID, moment=MAY).id)
"""
_CALL = re.compile(r"(?:\[pid +\d+\] |\d+ +)?(\w+)\(\d+<([^>]*)>")


def unsynced(directory: Path, pragma: str = "") -> int:
    """How many of the records were acknowledged before their last write to the log had been synced."""
    path = directory / "ido.db"
    with furnished(workers.opened(f"sqlite:///{path}")):
        pass
    trace, acknowledged = directory / "trace", directory / "acknowledged"
    program = [sys.executable, "-c", _PROGRAM.format(records=RECORDS), f"sqlite:///{path}", str(acknowledged), pragma]
    calls = "trace=write,pwrite64,fsync,fdatasync"
    root = Path(__file__).parents[2]
    subprocess.run(["strace", "-f", "-y", "-e", calls, "-o", str(trace), *program], check=True, cwd=root)
    return _unsynced_in(trace.read_text(errors="replace").splitlines(), path, acknowledged)


def _unsynced_in(lines: list[str], path: Path, acknowledged: Path) -> int:
    wrong = told = 0
    is_synced = True
    for call, file in (found.groups() for line in lines if (found := _CALL.match(line))):
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
    record_property("reached", f"0 of {RECORDS} acknowledged unsynced, traced")


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
