"""A full disk is an error, not a loss."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import idocore
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

    engine = register.store._access._engine  # type: ignore[attr-defined]
    engine.dispose()

    @event.listens_for(engine, "connect")
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
