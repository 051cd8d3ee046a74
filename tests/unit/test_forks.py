"""A process that forks with a register open: what its child records is kept, or refused, but never lost."""

import os
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from weakref import WeakKeyDictionary, WeakSet

import pytest

import idocore
from idocore.errors import StoreUnavailableError
from idocore_sql import forking
from idocore_sql.forking import FORKS
from tests.registers import DIGID, MAY, NOW, furnished

RECORDS = 20
FORKS_OF_THREADS = 3

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system knows no forks"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]


def opened(url: str) -> idocore.Register:
    return idocore.open(url, clock=lambda: NOW)


def record(register: idocore.Register, times: int = RECORDS) -> None:
    for _ in range(times):
        register.record("centrale", moment=MAY, inquiries=DIGID)


def forked(work: Callable[[], None]) -> Callable[[], int]:
    """Do `work` in a child; the answer waits for it, and tells what it exits with: 0 when all went well."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return lambda: os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def counted(url: str) -> int:
    """How many registrations there are; nothing may be wrong with them."""
    with opened(url) as register:
        assert list(register.verify()) == []
        return sum(entry.kind == "registration" for entry in register.changes())


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.pg)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/forks.db"
    found: str = request.getfixturevalue("postgres_url")
    return found


def close_under_a_child(url: str, break_it: Callable[[], None] = lambda: None) -> int:
    """The parent closes the register in the middle of what its child records; how the child ended."""
    told, closed = os.pipe(), os.pipe()

    def work() -> None:
        record(register)
        os.write(told[1], b"half")
        os.read(closed[0], 1)
        record(register)

    with furnished(opened(url)) as register:
        record(register, 1)
        break_it()
        ended = forked(work)
        os.read(told[0], 4)
    os.write(closed[1], b"!")
    code = ended()
    for end in (*told, *closed):
        os.close(end)
    return code


def test_what_a_child_records_is_kept_when_its_parent_closes_the_register(url: str) -> None:
    """Both open it anew, and neither takes the other's log away."""
    assert close_under_a_child(url) == 0
    assert counted(url) == 1 + 2 * RECORDS


def test_a_fork_that_nobody_is_told_of_loses_what_was_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin: the child goes on with connections that it inherited."""

    def break_it() -> None:
        monkeypatch.setattr(FORKS, "_stores", WeakSet())
        monkeypatch.setattr(FORKS, "_open", WeakKeyDictionary())

    url = f"sqlite:///{tmp_path}/forks.db"
    assert close_under_a_child(url, break_it) == 0
    assert counted(url) < 1 + 2 * RECORDS


def test_parent_and_children_record_at_once(url: str) -> None:
    """With the one register that was opened before, also when a child forks again."""
    with furnished(opened(url)) as register:

        def work() -> None:
            again = forked(lambda: record(register))
            record(register)
            assert again() == 0

        ended = [forked(work) for _ in range(2)]
        record(register)
        assert [one() for one in ended] == [0, 0]
        record(register)
    assert counted(url) == 6 * RECORDS


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forking, "_PATIENCE", 0.05)


def refused(work: Callable[[], object]) -> None:
    with pytest.raises(StoreUnavailableError) as caught:
        work()
    assert caught.value.code == "store-forked"


@pytest.mark.parametrize("how", ["reading", "writing"])
def test_a_child_of_a_process_at_work_is_refused(how: str, tmp_path: Path, impatient: None) -> None:
    """It may not open the register anew either; the parent goes on."""
    url = f"sqlite:///{tmp_path}/busy.db"
    begun, ended = Event(), Event()
    with furnished(opened(url)) as register:

        def hold() -> None:
            with getattr(register.store._access, how)() as connection:
                connection.exec_driver_sql("SELECT count(*) FROM idocore_journal").all()
                begun.set()
                ended.wait(10)

        def work() -> None:
            refused(lambda: record(register))
            refused(lambda: list(register.changes()))
            refused(lambda: opened(url))
            refused(lambda: opened(f"sqlite:///{tmp_path}/./busy.db"))
            with furnished(opened(f"sqlite:///{tmp_path}/other.db")) as other:
                record(other, 1)
            assert forked(lambda: refused(lambda: record(register)))() == 0

        with ThreadPoolExecutor(1) as pool:
            holding = pool.submit(hold)
            assert begun.wait(10)
            child = forked(work)
            ended.set()
            holding.result(10)
            record(register)
            assert child() == 0
    assert counted(url) == RECORDS


def test_a_fork_waits_for_who_is_nearly_done(tmp_path: Path) -> None:
    """Threads that record all the time are no reason to refuse a child."""
    url = f"sqlite:///{tmp_path}/threads.db"
    stop = Event()
    with furnished(opened(url)) as register:

        def go_on() -> int:
            done = 0
            while not stop.is_set():
                record(register, 1)
                register._knowledge.refresh()
                done += 1
            return done

        with ThreadPoolExecutor(3) as pool:
            working = [pool.submit(go_on) for _ in range(3)]
            codes = [forked(lambda: record(register, 1))() for _ in range(FORKS_OF_THREADS)]
            stop.set()
            done = sum(one.result(30) for one in working)
    assert codes == [0] * FORKS_OF_THREADS
    assert counted(url) == done + FORKS_OF_THREADS


def test_threads_that_fork_at_once_wait_for_each_other(tmp_path: Path) -> None:
    """Each goes on after its own fork, and so do writers and children."""
    url = f"sqlite:///{tmp_path}/at_once.db"
    with furnished(opened(url)) as register:

        def fork_often() -> list[int]:
            return [forked(lambda: record(register, 1))() for _ in range(FORKS_OF_THREADS)]

        with ThreadPoolExecutor(3) as pool:
            ended = [pool.submit(fork_often) for _ in range(3)]
            assert [one.result(60) for one in ended] == [[0] * FORKS_OF_THREADS] * 3
        record(register, 1)
    assert counted(url) == 3 * FORKS_OF_THREADS + 1


def test_a_fork_within_a_write_waits_for_nothing(tmp_path: Path) -> None:
    """Its own thread cannot end the write meanwhile: the child is refused, and the parent's write is kept."""
    url = f"sqlite:///{tmp_path}/within.db"
    with furnished(opened(url)) as register:
        with register.store._access.writing():
            pid = os.fork()
            if pid == 0:
                try:
                    refused(lambda: record(register))
                    os._exit(0)
                finally:
                    os._exit(1)
        assert os.waitpid(pid, 0)[1] == 0
        record(register, 1)
    assert counted(url) == 1
