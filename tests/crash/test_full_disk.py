"""A full disk is an error, not a loss."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine, make_url

import idocore
from idocore_sql.failures import Translating
from tests import workers
from tests.crash.test_killed_writers import lost
from tests.registers import DIGID, MAY, furnished

pytestmark = pytest.mark.crash
PROMISE = "a full disk is an error, not a loss"
Property = Callable[[str, object], None]


def fill(register: idocore.Register, acknowledged: Path) -> idocore.StoreError:
    """Record until the disk is full; the error that says so."""
    told = workers.Acknowledgements(str(acknowledged))
    note = "een lange aantekening " * 20
    while True:
        try:
            told.add(register.record("centrale", inquiries=DIGID, moment=MAY, answers={"note": note}).id)
        except idocore.StoreError as error:
            return error


def test_a_database_that_may_not_grow(tmp_path: Path, record_property: Property) -> None:
    """SQLite says that it is full: one typed error with what to do, nothing lost, and it goes on when there is room."""
    path, acknowledged = tmp_path / "ido.db", tmp_path / "acknowledged"
    with furnished(workers.opened(f"sqlite:///{path}")) as register:
        limited(register, 400)
        error = fill(register, acknowledged)
        assert error.code == "store-full"
        assert "vol" in error.message("nl")
        limited(register, 100_000)
        register.record("centrale", inquiries=DIGID, moment=MAY)
    assert lost(f"sqlite:///{path}", acknowledged) == (0, 0)
    count = len(workers.Acknowledgements.read(str(acknowledged)))
    record_property("promise", PROMISE)
    record_property("reached", f"SQLite at its size limit: typed error, 0 of {count} acknowledged lost")


def limited(register: idocore.Register, pages: int) -> None:
    """All of the store's connections may make the file at most `pages` long."""
    from sqlalchemy import event

    access = register.store._access  # type: ignore[attr-defined]
    access._let_go()
    access._engine.dispose()

    @event.listens_for(access._engine, "connect")
    def limit(connection: object, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")  # type: ignore[attr-defined]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MB."""
    if os.geteuid() != 0:
        pytest.skip("a small disk can only be mounted as root")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(tmp_path)], check=False)
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here")
    yield tmp_path
    subprocess.run(["umount", "-l", str(tmp_path)], check=True)


def test_a_disk_that_is_full(
    small_disk: Path, tmp_path_factory: pytest.TempPathFactory, record_property: Property
) -> None:
    """The operating system has no room left: the same, and after room was made the register goes on."""
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"0" * 500_000)
    acknowledged = tmp_path_factory.mktemp("told") / "acknowledged"
    url = f"sqlite:///{small_disk}/ido.db"
    with furnished(workers.opened(url)) as register:
        error = fill(register, acknowledged)
        assert isinstance(error, idocore.StoreError)
        ballast.unlink()
        register.record("centrale", inquiries=DIGID, moment=MAY)
        assert lost(url, acknowledged) == (0, 0)
    count = len(workers.Acknowledgements.read(str(acknowledged)))
    record_property("promise", PROMISE)
    record_property("reached", f"a disk of 3 MB: {error.code}, 0 of {count} acknowledged lost")


@pytest.fixture
def small_database(postgres_server: Any) -> Iterator[tuple[str, Path]]:
    """A PostgreSQL database on a disk of its own of 40 MB, and that disk."""
    if os.geteuid() != 0:
        pytest.skip("a small disk can only be mounted as root")
    disk = Path(tempfile.mkdtemp(prefix="idocore-disk-"))
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(disk)], check=False)
    if mounted.returncode:
        disk.rmdir()
        pytest.skip("a small disk cannot be mounted here")
    name = f"small_{os.getpid()}"
    try:
        with psycopg.connect(postgres_server.get_uri(), autocommit=True) as connection:
            (data,) = connection.execute("SHOW data_directory").fetchone() or ("",)
            home = disk / "home"
            home.mkdir()
            disk.chmod(0o755)
            os.chown(home, os.stat(data).st_uid, os.stat(data).st_gid)
            connection.execute(f"CREATE TABLESPACE {name} LOCATION '{home}'".encode())
            connection.execute(f"CREATE DATABASE {name} TABLESPACE {name}".encode())
            yield postgres_server.get_uri(name), disk
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
            connection.execute(f"DROP TABLESPACE {name}".encode())
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
        disk.rmdir()


@pytest.mark.pg
def test_a_disk_that_is_full_on_postgresql(
    small_database: tuple[str, Path], tmp_path: Path, record_property: Property
) -> None:
    """The server's disk has no room left: one typed error, nothing lost, and it goes on when there is room again."""
    url, disk = small_database
    acknowledged = tmp_path / "acknowledged"
    with furnished(workers.opened(url)) as register:
        ballast = disk / "ballast"
        ballast.write_bytes(b"0" * (shutil.disk_usage(disk).free - 1_000_000))
        error = fill(register, acknowledged)
        assert error.code == "store-full"
        assert "vol" in error.message("nl")
        ballast.unlink()
        register.record("centrale", inquiries=DIGID, moment=MAY)
        assert lost(url, acknowledged) == (0, 0)
    count = len(workers.Acknowledgements.read(str(acknowledged)))
    record_property("promise", PROMISE)
    record_property("reached", f"PostgreSQL on a full disk: {error.code}, 0 of {count} acknowledged lost")


@pytest.mark.pg
@pytest.mark.parametrize(
    ("state", "code"),
    [("53100", "store-full"), ("40P01", "store-deadlock"), ("40001", "store-deadlock"), ("55P03", "store-busy")],
)
def test_postgresql_is_understood_in_any_language(postgres_url: str, state: str, code: str) -> None:
    """What its server says goes by the number of the error, not by an English sentence."""
    engine = create_engine(make_url(postgres_url).set(drivername="postgresql+psycopg"))
    raised = f"DO $$ BEGIN RAISE EXCEPTION 'kein Platz mehr' USING ERRCODE = '{state}'; END $$"
    with pytest.raises(idocore.StoreError) as caught, Translating(engine.url), engine.begin() as connection:
        connection.exec_driver_sql(raised)
    engine.dispose()
    assert caught.value.code == code


def test_lost_rows_are_noticed(tmp_path: Path) -> None:
    """The broken twin: a store that swallows the error and goes on acknowledging."""
    path, acknowledged = tmp_path / "ido.db", tmp_path / "acknowledged"
    told = workers.Acknowledgements(str(acknowledged))
    with furnished(workers.opened(f"sqlite:///{path}")) as register:
        limited(register, 400)
        fill(register, acknowledged)
        for _ in range(20):
            new = idocore.new_id()
            with suppress(idocore.StoreError):
                register.record("centrale", inquiries=DIGID, moment=MAY, id=new, answers={"note": "lang " * 390})
            told.add(new)
        limited(register, 100_000)
    assert lost(f"sqlite:///{path}", acknowledged)[0] > 0
