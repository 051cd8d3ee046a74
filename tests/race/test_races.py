"""Many processes at once: nothing lost, nothing doubled, nothing written into what was closed."""

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import idocore
from tests import workers
from tests.mariadb import fewer
from tests.registers import DIGID, MAY, furnished

pytestmark = pytest.mark.race
Property = Callable[[str, object], None]
PROCESSES = 8
CORRECTIONS = 500
RECORDS = 1000
TRIES = 1000


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgres", marks=pytest.mark.pg),
        pytest.param("mariadb", marks=pytest.mark.maria),
    ]
)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a register with some places."""
    found = f"sqlite:///{tmp_path}/ido.db"
    if request.param != "sqlite":
        found = request.getfixturevalue(f"{request.param}_url")
    with furnished(workers.opened(found)):
        return str(found)


def kind(url: str) -> str:
    return {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mariadb": "MariaDB"}[url.partition(":")[0]]


# Corrections


def revisions(url: str) -> int:
    """How many revisions of registrations the journal holds, and all of it in order."""
    with workers.opened(url) as register:
        assert list(register.verify()) == []
        return sum(entry.kind == "registration" for entry in register.changes())


def visits(url: str, count: int) -> list[Any]:
    with workers.opened(url) as register:
        return [register.record("centrale", inquiries=DIGID, moment=MAY).id for _ in range(count)]


def added(url: str, visits: list[Any]) -> int:
    """How many times one was added to what these hold."""
    with workers.opened(url) as register:
        return sum(int(register.get(visit).answers.get("note", 0)) for visit in visits)


def test_no_update_is_lost(url: str, record_property: Property) -> None:
    """8 processes correct the same 20 registrations 500 times each: every correction is there, nobody is locked out.

    Whoever came second was told what is stored, and by whom.
    """
    made = visits(url, 20)
    each = fewer(CORRECTIONS, url)
    told = workers.in_parallel(workers.correct, [(url, made, each, seed) for seed in range(PROCESSES)])
    assert [errors for _, _, errors in told] == [[]] * PROCESSES
    assert sum(nameless for _, nameless, _ in told) == 0
    assert revisions(url) == 20 + PROCESSES * each
    assert added(url, made) == PROCESSES * each
    conflicts = sum(conflicts for conflicts, _, _ in told)
    assert conflicts > 0
    record_property("promise", "no lost update")
    done = f"{PROCESSES} x {each} corrections, {conflicts} conflicts told"
    record_property("reached", f"{kind(url)}: {done}, 0 lost, 0 spurious lock errors")


def test_who_overwrites_is_caught(url: str) -> None:
    """The broken twin corrects by id, whatever stands there by now: the last one wins, and the others are not asked."""
    (visit,) = visits(url, 1)
    with workers.opened(url) as one, workers.opened(url) as other:
        read = [register.get(visit) for register in (one, other)]
        for register, latest in zip((one, other), read, strict=True):
            count = int(latest.answers.get("note", 0)) + 1
            register.correct(latest.id, answers={"note": str(count)})
        assert added(url, [visit]) != 2
        with pytest.raises(idocore.ConflictError):
            other.correct(read[1], answers={"note": "2"})


# Sending again


def raws() -> list[dict[str, Any]]:
    chance = random.Random(1)
    return [
        {
            "id": str(idocore.new_id()),
            "service_point": chance.choice(["centrale", "wijk"]),
            "moment": f"2024-05-{1 + number % 28:02}T10:00",
            "inquiries": DIGID,
        }
        for number in range(RECORDS)
    ]


@pytest.mark.parametrize("bulk", [False, True], ids=["single", "bulk"])
def test_sending_again_is_harmless(url: str, bulk: bool, record_property: Property) -> None:
    """8 senders send the same 1,000 registrations, each in an order of its own: all are there, once."""
    made = raws()[: fewer(RECORDS, url)]
    shuffled = [random.Random(seed).sample(made, len(made)) for seed in range(PROCESSES)]
    told = workers.in_parallel(workers.send, [(url, one, bulk) for one in shuffled])
    assert told == [[]] * PROCESSES
    assert revisions(url) == len(made)
    with workers.opened(url) as register:
        assert register.table("registrations").to_dicts() == [{"registrations": len(made)}]
        for raw in made[:50]:
            other = "wijk" if raw["service_point"] == "centrale" else "centrale"
            with pytest.raises(idocore.ConflictError):
                register.record_raw({**raw, "service_point": other})
    record_property("promise", "sending again is harmless")
    way = "bulk" if bulk else "single"
    record_property("reached", f"{kind(url)}, {way}: {PROCESSES} senders x {len(made)}, {len(made)} rows and entries")


@pytest.mark.parametrize("bulk", [False, True], ids=["single", "bulk"])
def test_other_content_is_always_a_conflict(url: str, bulk: bool, record_property: Property) -> None:
    """Four senders send the same ids with content of their own at once: one of each is taken, the others are told."""
    made = raws()[: fewer(RECORDS, url) // 5]
    senders = len(workers.CHANNELS)
    shuffled = [random.Random(seed).sample(made, len(made)) for seed in range(senders)]
    told = workers.in_parallel(workers.send_other, [(url, one, bulk, n) for n, one in enumerate(shuffled)])
    taken = [one for _, ids, _ in told for one in ids]
    assert sorted(taken) == sorted(raw["id"] for raw in made)
    assert {code for *_, said in told for code in said} == {"conflict-other-content"}
    assert revisions(url) == len(made)
    with workers.opened(url) as register:
        for channel, ids, _ in told:
            assert {register.get(one).channel for one in ids} <= {channel}
    record_property("promise", "sending again is harmless")
    way = "bulk" if bulk else "single"
    refused = f"{senders * len(made) - len(taken)} conflicts told"
    record_property("reached", f"{kind(url)}, {way}: {senders} senders x {len(made)} ids, other content: {refused}")


def test_who_makes_new_ids_is_caught(url: str) -> None:
    """The broken twin gives every sending an id of its own, and everything is there twice."""
    made = [{key: value for key, value in raw.items() if key != "id"} for raw in raws()[:20]]
    workers.in_parallel(workers.send, [(url, made, False), (url, made, False)])
    assert revisions(url) == 40


# Closing


def raced(url: str, work: Callable[..., None]) -> tuple[int, int, int]:
    """Let 4 writers record into May while it is being closed; how many were stored, refused, and stored too late."""
    closed_at, results = workers.moment(), workers.queue()
    writers = [workers.start(work, url, TRIES // 4, closed_at, results) for _ in range(4)]
    with workers.opened(url) as register:
        while len(register.find(limit=20).registrations) < 20:
            time.sleep(0.01)
        register.periods.close("2024-05", at="organisation/noord")
        closed_at.value = time.monotonic()
    told = [results.get(timeout=300) for _ in writers]
    for writer in writers:
        writer.join()
    return tuple(map(sum, zip(*told, strict=True)))  # type: ignore[return-value]


def test_a_closed_period_stays_closed(url: str, record_property: Property) -> None:
    """1,000 tries race the closing itself: what began after it was acknowledged is refused, all of it.

    Records, corrections, withdrawals and lines of a file take turns.
    """
    stored, refused, late = raced(url, workers.record_into_may)
    assert stored + refused >= TRIES
    assert late == 0
    assert stored > 0
    assert refused > 0
    assert after_closing(url) == 0
    record_property("promise", "a closed period stays closed")
    tries = f"{stored + refused} tries racing the closing"
    record_property("reached", f"{kind(url)}: {tries}, {refused} refused, 0 written after it")


def after_closing(url: str) -> int:
    """How many more there are than were counted when the period was closed, but for amendments."""
    with workers.opened(url) as register:
        count = len(list(register.revisions(period="2024-05")))
        with pytest.raises(idocore.PeriodClosedError):
            register.record("centrale", inquiries=DIGID, moment=MAY)
        return len(list(register.revisions(period="2024-05"))) - count


def test_who_does_not_look_again_is_caught(url: str) -> None:
    """The broken twin appends what it judged before the closing, and the check sees it."""
    _, _, late = raced(url, workers.record_without_looking)
    assert late > 0
