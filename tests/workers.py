"""Processes that use a register at once, and may be killed: what they do, and how they are started quickly.

They come from a server process that has everything imported, so that one costs milliseconds.
"""

import multiprocessing
import os
import time
from collections.abc import Callable, Iterable
from itertools import cycle
from multiprocessing.process import BaseProcess
from typing import Any
from uuid import UUID

import idocore
from idocore.errors import ConflictError, IdocoreError, PeriodClosedError
from tests.registers import DIGID, MAY, NOW

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.workers", "idocore_sql", "alembic.command", "psycopg", "pymysql"])
_ID = 16
CHANNELS = ("desk", "appointment", "telephone", "online")
_PATIENCE = 40
"""How many times more than asked is tried before a closing is given up that does not come."""


def start(work: Callable[..., None], *arguments: Any) -> BaseProcess:
    """A process that does `work`."""
    process = _CONTEXT.Process(target=work, args=arguments, daemon=True)
    process.start()
    return process


def queue() -> Any:
    """What workers tell their results through."""
    return _CONTEXT.Queue()


def event() -> Any:
    """What workers wait for."""
    return _CONTEXT.Event()


def opened(url: str) -> idocore.Register:
    """The register at `url`, at the time of the tests."""
    return idocore.open(url, clock=lambda: NOW)


class Acknowledgements:
    """A file to which a worker writes the id of each record as soon as it was acknowledged."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._file = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    def add(self, registration_id: UUID) -> None:
        os.write(self._file, registration_id.bytes)

    @staticmethod
    def read(path: str) -> list[UUID]:
        with open(path, "rb") as file:
            found = file.read()
        return [UUID(bytes=found[start : start + _ID]) for start in range(0, len(found) // _ID * _ID, _ID)]


def write_on(url: str, path: str, pause: float = 0.0) -> None:
    """Record until killed, each time after `pause` seconds; each acknowledged record is told."""
    told = Acknowledgements(path)
    with opened(url) as register:
        while True:
            told.add(register.record("centrale", inquiries=DIGID, moment=MAY, answers={"note": "kwam terug"}).id)
            time.sleep(pause)


def write_hastily(url: str, path: str) -> None:
    """The broken twin: tells first, then records."""
    told = Acknowledgements(path)
    with opened(url) as register:
        while True:
            new = idocore.new_id()
            told.add(new)
            register.record("centrale", inquiries=DIGID, moment=MAY, id=new)


def write_until_failure(url: str, path: str) -> None:
    """Record until the store cannot be reached."""
    told = Acknowledgements(path)
    try:
        with opened(url) as register:
            while True:
                told.add(register.record("centrale", inquiries=DIGID, moment=MAY).id)
    except idocore.StoreError:
        return


def sync_once(source: str, target: str, begun: Any) -> None:
    """Bring what `source` has to `target`."""
    with opened(source) as laptop, opened(target) as province:
        begun.set()
        idocore.sync(laptop, province)


def correct(url: str, visits: list[UUID], times: int, seed: int, results: Any) -> None:
    """Add one to what `visits` hold, in turns, trying again after each conflict; tells the conflicts and other errors.

    Two who read the same write the same: the one who came second is to hear of it all the same.
    """
    conflicts, errors, nameless = 0, [], 0
    with opened(url).acting_as(f"w-{seed}") as register:
        for number in range(times):
            visit = visits[(number * 7 + seed) % len(visits)]
            while True:
                try:
                    latest = register.get(visit)
                    register.correct(latest, answers={"note": str(int(latest.answers.get("note", 0)) + 1)})
                    break
                except ConflictError as error:
                    conflicts += 1
                    nameless += error.stored is None or error.stored.actor is None
                except IdocoreError as error:
                    errors.append(repr(error))
                    break
    results.put((conflicts, nameless, errors))


def send(url: str, raws: list[dict[str, Any]], bulk: bool, results: Any) -> None:
    """Send these records, one by one or as a bulk load; tells how many came to be there, and what went wrong."""
    with opened(url) as register:
        if bulk:
            lines = [idocore.Line(number, raw, None, "") for number, raw in enumerate(raws, start=1)]
            outcomes = list(register.load(lines, bulk=True))
            wrong = [str(one.findings) for one in outcomes if one.result is idocore.Result.REJECTED]
        else:
            wrong = [problem for raw in raws if (problem := _sent(register, raw))]
    results.put(wrong)


def send_other(url: str, raws: list[dict[str, Any]], bulk: bool, number: int, results: Any) -> None:
    """Send these records with a channel of this sender's own; tells it, which were taken, and what others were told."""
    mine = [{**raw, "channel": CHANNELS[number]} for raw in raws]
    with opened(url) as register:
        if bulk:
            outcomes = list(register.load([idocore.Line(n, raw, None, "") for n, raw in enumerate(mine)], bulk=True))
            taken = [str(one.id) for one in outcomes if not one.is_rejected]
            said = {one.findings[0].code for one in outcomes if one.is_rejected}
        else:
            taken, said = [], set()
            for raw in mine:
                try:
                    register.record_raw(raw)
                    taken.append(raw["id"])
                except IdocoreError as error:
                    said.add(error.code)
    results.put((CHANNELS[number], taken, sorted(said)))


def _sent(register: idocore.Register, raw: dict[str, Any]) -> str | None:
    try:
        register.record_raw(raw)
    except IdocoreError as error:
        return repr(error)
    return None


def record_into_may(url: str, times: int, closed_at: Any, results: Any) -> None:
    """Record into a month that somebody is closing, correct and withdraw what lies in it, and load lines of it.

    At least until one was refused. Tells how many were stored, refused, and stored though too late.
    """
    stored = refused = late = 0
    ways = cycle((_record_one, _correct_one, _load_one, _withdraw_one))
    with opened(url).acting_as("w-1", "worker", "organisation/noord") as register:
        while stored + refused < times or (not refused and stored < _PATIENCE * times):
            began = time.monotonic()
            try:
                next(ways)(register)
                stored += 1
                late += bool(closed_at.value) and began > closed_at.value
            except PeriodClosedError:
                refused += 1
            except ConflictError:
                pass  # two who changed the same visit: another test's
    results.put((stored, refused, late))


def _record_one(register: idocore.Register) -> None:
    register.record("centrale", inquiries=DIGID, moment=MAY)


def _correct_one(register: idocore.Register) -> None:
    register.correct(_any_of_may(register), channel="telephone")


def _withdraw_one(register: idocore.Register) -> None:
    register.withdraw(_any_of_may(register))


def _any_of_may(register: idocore.Register) -> UUID:
    return register.find(period="2024-05", limit=1).registrations[0].id


def _load_one(register: idocore.Register) -> None:
    raw = {"service_point": "centrale", "inquiries": DIGID, "moment": MAY}
    (outcome,) = register.load([idocore.Line(1, raw, None, "")])
    if outcome.is_rejected:
        raise PeriodClosedError(outcome.findings)


def record_without_looking(url: str, times: int, closed_at: Any, results: Any) -> None:
    """The broken twin: appends what was judged before, whatever was closed since."""
    stored = late = 0
    with opened(url) as register:
        intake = register._writer.intake()
        while stored < times or (not late and stored < _PATIENCE * times):
            began = time.monotonic()
            try:
                revision = intake.admit({"service_point": "centrale", "inquiries": DIGID, "moment": MAY})
            except PeriodClosedError:
                break  # it began after the closing, and knew of it
            register.store.append([revision])
            stored += 1
            late += bool(closed_at.value) and began > closed_at.value
    results.put((stored, 0, late))


def moment() -> Any:
    """A moment of the monotonic clock that all workers see; 0 until it is set."""
    return _CONTEXT.Value("d", 0.0)


def migrate(url: str) -> None:
    """Open, which migrates."""
    opened(url).close()


def in_parallel(work: Callable[..., None], arguments: Iterable[tuple[Any, ...]]) -> list[Any]:
    """What `work` tells for each of `arguments`, all at once; its last parameter is the queue to tell it through."""
    results = queue()
    processes = [start(work, *each, results) for each in arguments]
    told = [results.get(timeout=300) for _ in processes]
    for process in processes:
        process.join()
    return told
