"""An SQLite register in memory lives until it is closed, whatever is refused and whichever thread writes."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs
import pytest

import idocore
from idocore.errors import ConflictError, StoreError, StoreUnavailableError
from idocore.journal import Revision
from tests.registers import DIGID, MAY, NOW, furnished
from tests.unit.test_forks import forked

IN_MEMORY = ["sqlite://", "sqlite:///:memory:"]


@pytest.fixture(params=IN_MEMORY)
def register(request: pytest.FixtureRequest) -> idocore.Register:
    return furnished(idocore.open(request.param, clock=lambda: NOW))


def record(register: idocore.Register) -> object:
    return register.record("centrale", moment=MAY, inquiries=DIGID)


def counted(register: idocore.Register) -> int:
    assert list(register.verify()) == []
    return sum(entry.kind == "registration" for entry in register.changes())


def test_what_is_refused_leaves_the_rest(register: idocore.Register) -> None:
    """A conflict undoes itself and nothing else; what was kept can be changed."""
    record(register)
    entry = next(one for one in register.changes() if one.kind == "registration")
    other = next(one for one in register.changes() if one.kind != "registration")
    for _ in range(3):
        with pytest.raises(ConflictError):
            register.store.append([_renumbered(entry.revision, 7)])
        with pytest.raises(StoreError):
            register.store.append([other.revision], closings=5)
    record(register)
    assert counted(register) == 2


def _renumbered(revision: Revision, number: int) -> Revision:
    return attrs.evolve(revision, number=number)


def test_threads_take_turns(register: idocore.Register) -> None:
    """They all write in, and read from, the one register."""

    def work(_: int) -> int:
        record(register)
        return len(register.table(by=["province"]).to_dicts())

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(work, range(20))) == {1}
    assert counted(register) == 20


def test_what_is_written_while_somebody_checks_stays(register: idocore.Register) -> None:
    """Also when the one who checks stops in the middle."""
    checking = register.verify()
    next(iter(checking), None)
    record(register)
    del checking
    assert counted(register) == 1


def test_closed_it_is_closed(register: idocore.Register) -> None:
    register.close()
    register.close()
    with pytest.raises(StoreUnavailableError, match="closed"):
        record(register)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system knows no forks")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_has_a_copy(register: idocore.Register) -> None:
    record(register)

    def work() -> None:
        record(register)
        assert counted(register) == 2

    assert forked(work)() == 0
    assert counted(register) == 1


@pytest.mark.parametrize("url", IN_MEMORY)
def test_a_backup_is_not_put_into_memory(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, register: idocore.Register
) -> None:
    """Nor into a file that is called like it."""
    monkeypatch.chdir(tmp_path)
    register.backup(tmp_path / "copy.db")
    with pytest.raises(StoreUnavailableError) as caught:
        idocore.restore_backup(tmp_path / "copy.db", url)
    assert caught.value.code == "restore-in-memory"
    assert [file.name for file in tmp_path.iterdir()] == ["copy.db"]


def test_the_copy_is_whole(tmp_path: Path, register: idocore.Register) -> None:
    record(register)
    register.backup(tmp_path / "copy.db")
    with idocore.restore_backup(tmp_path / "copy.db", f"sqlite:///{tmp_path}/again.db") as again:
        assert counted(again) == 1
