"""Retention: notes go when their term is over, and one registration's text when asked; totals stay."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import attrs
import pytest
from sqlalchemy import create_engine, event

import idocore
from idocore.errors import NotAllowedError, RejectedError, StoreUnavailableError
from idocore.federation import Judge
from idocore.journal import START, Entry, Purpose, Revision, subject_of
from idocore.periods import LOCAL_ZONE
from idocore.store import CONFLICT, Arrival
from tests.registers import DIGID, MAY, NOW, OpenRegister, furnished

NOTE = "kwam met een woord dat weg moet: kattenluik"
LATER = datetime(2025, 12, 1, 9, tzinfo=LOCAL_ZONE)


@pytest.fixture
def register(open_register: OpenRegister) -> idocore.Register:
    return furnished(open_register(clock=lambda: LATER))


def total(register: idocore.Register) -> list[dict[str, object]]:
    return register.table(["registrations", "inquiries"], by=["topic", "service_point"]).to_dicts()


def test_notes_go_when_their_term_is_over(register: idocore.Register) -> None:
    """A dry run tells how many; the purge takes them; younger ones and all totals stay; again there is nothing due."""
    old = [register.record("centrale", inquiries=DIGID, moment=MAY, answers={"note": NOTE}) for _ in range(3)]
    young = register.record("centrale", inquiries=DIGID, moment="2025-11-01T10:00", answers={"note": NOTE})
    before = total(register)
    assert register.retention.purge(dry_run=True) == 3
    assert "note" in register.get(old[0].id).answers
    assert register.retention.purge() == 3
    assert all("note" not in register.get(one.id).answers for one in old)
    assert register.get(young.id).answers["note"] == NOTE
    assert total(register) == before
    assert register.retention.purge() == 0
    assert list(register.verify()) == []


def test_a_note_that_was_corrected_away_goes_from_history_too(register: idocore.Register) -> None:
    """Earlier revisions keep no text either."""
    visit = register.record("centrale", inquiries=DIGID, moment=MAY, answers={"note": NOTE})
    register.correct(visit, answers={"note": None}, reason=f"reden met {NOTE}")
    register.retention.purge()
    assert NOTE not in str(register.history(visit.id))


@pytest.mark.parametrize("erased", [False, True])
def test_an_override_is_handed_over_without_its_reason(
    register: idocore.Register, open_register: OpenRegister, tmp_path: Path, erased: bool
) -> None:
    """Its reason is somebody's own words; the record is taken elsewhere, with the same override."""
    register.places.add_service_point("nieuw", municipality="Utrecht", opened=date(2024, 6, 1))
    given = {"service-point-not-open": NOTE}
    visit = register.record("nieuw", inquiries=DIGID, moment=MAY, overrides=given)
    if erased:
        register.retention.erase(visit.id)
    path = tmp_path / "over.jsonl"
    for with_texts in (False, True):
        register.export(path, with_texts=with_texts)
        assert (NOTE in path.read_text()) is (with_texts and not erased)
    register.export(path)
    other = furnished(open_register(clock=lambda: LATER))
    other.places.add_service_point("nieuw", municipality="Utrecht", opened=date(2024, 6, 1))
    (outcome,) = other.load(other.read_file(path))
    assert not outcome.is_rejected
    assert set(other.history(visit.id)[0].overrides) == set(given)


def test_erasing_takes_text_and_who_wrote_it(register: idocore.Register) -> None:
    """Free text, reasons and the actor of every revision are gone; coded answers and the chain stay."""
    desk = register.acting_as("w-17")
    visit = desk.record("centrale", inquiries=DIGID, moment=MAY, answers={"note": NOTE})
    desk.correct(visit, channel="telephone", reason="vergist")
    erased = register.retention.erase(visit.id, reason="op verzoek")
    history = register.history(visit.id)
    assert [(one.actor, one.reason) for one in history] == [(None, None), (None, None)]
    assert erased.channel == "telephone"
    assert erased.inquiries == visit.inquiries
    assert list(register.verify()) == []
    again = register.correct(erased, answers={"note": "nieuw"})
    assert again.answers["note"] == "nieuw"


def test_a_resend_never_brings_text_back(register: idocore.Register) -> None:
    """The same record sent again after a purge is known, and its note stays away."""
    raw = {
        "id": str(idocore.new_id()),
        "service_point": "centrale",
        "moment": MAY,
        "inquiries": DIGID,
        "answers": {"note": NOTE},
    }
    visit = register.record_raw(raw)
    register.retention.purge()
    register.record_raw(raw)
    assert "note" not in register.get(visit.id).answers


@pytest.mark.parametrize("erase", [False, True])
def test_a_held_correction_keeps_no_text(open_register: OpenRegister, erase: bool) -> None:
    """What came by sync after the latest revision and is held loses its text, too, and is not due again."""
    laptop, province = furnished(open_register(actor="laptop")), open_register(clock=lambda: LATER)
    visit = laptop.record("centrale", inquiries=DIGID, moment=MAY, answers={"note": NOTE})
    idocore.sync(laptop, province)
    laptop.correct(visit, service_point="wijk", reason=f"reden met {NOTE}")
    idocore.sync(laptop, province.acting_as("c-1", "coordinator", "service_point/centrale"))
    assert NOTE in str(list(province.held()))
    if erase:
        province.retention.erase(visit.id)
    else:
        assert province.retention.purge() == 1
    assert NOTE not in str(list(province.changes()))
    assert province.retention.purge() == 0
    idocore.sync(laptop, province)
    assert province.get(visit.id).service_point == "wijk"
    assert NOTE not in str(list(province.changes()) + list(laptop.changes()))
    assert list(province.verify()) == []


def corrected_offline(open_register: OpenRegister, *, erase: bool) -> list[idocore.Register]:
    """A laptop corrects what the nation purges meanwhile; then all three sync, twice."""
    registers = [open_register(clock=lambda: LATER) for _ in range(3)]
    laptop, province, nation = registers
    visit = furnished(laptop).record("centrale", inquiries=DIGID, moment=MAY, answers={"note": NOTE})
    idocore.sync(laptop, province)
    idocore.sync(province, nation)
    if erase:
        nation.retention.erase(visit.id)
    else:
        nation.retention.purge()
    laptop.correct(visit, channel="telephone")
    for _ in range(2):
        idocore.sync(laptop, province)
        idocore.sync(province, nation)
    return registers


@pytest.mark.parametrize("erase", [False, True])
def test_a_correction_made_offline_brings_no_text_back(open_register: OpenRegister, erase: bool) -> None:
    """What was corrected on a laptop that did not know of the purge loses the text there, before it goes up."""
    for register in corrected_offline(open_register, erase=erase):
        assert [visit.channel for visit in register.find().registrations] == ["telephone"]
        assert NOTE not in str(list(register.changes()))
        assert list(register.verify()) == []


def test_a_purge_that_keeps_to_its_number_is_caught(
    open_register: OpenRegister, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin purges no later revision than the purge knew, and the note is everywhere again."""
    monkeypatch.setattr("idocore.federation._widen", lambda target, received: None)
    assert NOTE in str(list(corrected_offline(open_register, erase=False)[2].changes()))


@pytest.mark.parametrize("erase", [False, True])
def test_what_is_wholly_held_keeps_no_text(open_register: OpenRegister, erase: bool) -> None:
    """A registration without any effect here is due, and can be erased, as any other."""
    laptop, province = furnished(open_register(actor="laptop")), open_register(clock=lambda: LATER)
    visit = laptop.record("centrale", inquiries=DIGID, moment=MAY, answers={"note": NOTE})
    idocore.sync(laptop, province.acting_as("c-1", "coordinator", "service_point/wijk"))
    assert NOTE in str(list(province.held()))
    if erase:
        assert province.retention.erase(visit.id).id == visit.id
    else:
        assert [one.id for one in province.retention.due()] == [visit.id]
        assert province.retention.purge() == 1
    assert NOTE not in str(list(province.changes()))
    assert list(province.retention.due()) == []
    assert list(province.verify()) == []


def test_a_note_that_came_after_its_registration_is_due(open_register: OpenRegister) -> None:
    """Known first without its note, by who may not read those, and then with it, through another register."""
    desk, library, province = (open_register(clock=lambda: LATER) for _ in range(3))
    idocore.sync(furnished(desk), library)
    raw = {"id": str(idocore.new_id()), "service_point": "centrale", "moment": MAY, "inquiries": DIGID}
    for register in (desk, library):
        register.record_raw({**raw, "answers": {"note": NOTE}})
    idocore.sync(desk.acting_as("p-1", "provincial", "province/PV26"), province)
    assert NOTE not in str(list(province.changes()))
    assert province.retention.purge() == 0
    idocore.sync(library, province)
    assert NOTE in str(list(province.changes()))
    assert [str(one.id) for one in province.retention.due()] == [raw["id"]]
    assert province.retention.purge() == 1
    assert NOTE not in str(list(province.changes()))
    assert province.retention.purge() == 0


def misfiled(laptop: idocore.Register, province: idocore.Register, subject: UUID, number: int, visit: UUID) -> None:
    """Bring to `province` a note on `visit`, as revision `number` under the id `subject`; it is held there."""
    content = attrs.evolve(laptop.find().registrations[0], id=visit, revision=number)
    made = Revision(subject, number, content, "somebody", NOW, "reden", texts=frozenset({"answers.note"}))
    arrival = Arrival(Entry.write(idocore.new_id(), 1, START, made), Purpose.WORK)
    (received,) = Judge.of(laptop, province).receive([arrival])
    assert received.held is not None
    assert received.held.code == "held-id"


def with_note(open_register: OpenRegister) -> tuple[idocore.Register, idocore.Register, UUID]:
    """A laptop with a note, which a province has as well."""
    laptop, province = furnished(open_register(actor="laptop")), open_register(clock=lambda: LATER)
    visit = laptop.record("centrale", inquiries=DIGID, moment=MAY, answers={"note": NOTE})
    idocore.sync(laptop, province)
    return laptop, province, visit.id


def test_a_note_under_the_id_of_a_place_is_purged_and_the_place_stays(open_register: OpenRegister) -> None:
    """Held for its id, and due as any other; the reasons that the place was changed for are no notes, and stay."""
    laptop, province, _ = with_note(open_register)
    laptop.places.put(laptop.places.service_point("wijk"), overrides={CONFLICT: "nagebeld"})
    idocore.sync(laptop, province)
    place = subject_of(province.places.service_point("wijk"))
    misfiled(laptop, province, place, 2, place)
    assert str(list(province.changes())).count(NOTE) == 2
    assert place in [one.id for one in province.retention.due()]
    assert province.retention.purge() == 2
    assert NOTE not in str(list(province.changes()))
    assert province.places.service_point("wijk") == laptop.places.service_point("wijk")
    assert "nagebeld" in str(list(province.changes()))
    assert (province.retention.purge(), list(province.verify())) == (0, [])


@pytest.mark.parametrize("erase", [False, True])
def test_a_note_under_another_id_goes_with_its_registration(open_register: OpenRegister, erase: bool) -> None:
    """Whatever number it has there, and whenever it comes; what it is filed under keeps its own note, not due yet."""
    laptop, province, visit = with_note(open_register)
    young = province.record("centrale", inquiries=DIGID, moment="2025-11-01T10:00", answers={"note": "jong"})
    misfiled(laptop, province, young.id, 7, visit)
    assert str(list(province.changes())).count(NOTE) == 2
    if erase:
        province.retention.erase(visit)
    else:
        assert [one.id for one in province.retention.due()] == [visit]
        assert province.retention.purge() == 1
    assert NOTE not in str(list(province.changes()))
    assert province.get(young.id).answers["note"] == "jong"
    misfiled(laptop, province, young.id, 8, visit)
    assert NOTE not in str(list(province.changes()))
    assert (province.retention.purge(), list(province.verify())) == (0, [])


def test_a_note_that_is_here_only_under_another_id_can_be_erased(open_register: OpenRegister) -> None:
    """Of a registration that never came here, and of what is filed under the id of a place."""
    laptop, province, visit = with_note(open_register)
    province.retention.erase(visit)
    place = subject_of(province.places.service_point("wijk"))
    for subject, registration in ((idocore.new_id(), idocore.new_id()), (place, place)):
        misfiled(laptop, province, subject, 2, registration)
        assert NOTE in str(list(province.changes()))
        assert province.retention.erase(registration).id == registration
        assert NOTE not in str(list(province.changes()))
    assert list(province.verify()) == []


def crossed(register: idocore.Register, purge: Callable[[], object], *, purge_first: bool) -> UUID:
    """A correction and a purge of the same visit at once: each read before, and wrote after, the other."""
    visit = register.record("centrale", inquiries=DIGID, moment=MAY, answers={"note": NOTE})
    waiting: list[Callable[[], object]] = []

    def clock() -> datetime:
        while waiting:  # read by now, and not yet written
            waiting.pop()()
        return LATER

    slow = attrs.evolve(register, clock=clock)
    if purge_first:
        waiting.append(purge)
        slow.correct(visit, channel="telephone")
    else:
        retention = slow.retention
        waiting.append(lambda: register.correct(visit, channel="telephone"))
        retention.erase(visit.id)
    return visit.id


def test_a_correction_under_way_brings_no_text_back(register: idocore.Register) -> None:
    """Read before the purge and written after it: stored, without the text that was purged."""
    visit = crossed(register, lambda: register.retention.purge(), purge_first=True)
    assert [one.registration.channel for one in register.history(visit)] == [None, "telephone"]
    assert NOTE not in str(list(register.changes()))


def test_a_purge_under_way_reaches_a_correction_that_passed_it(register: idocore.Register) -> None:
    """Thought of before the correction and written after it: the correction has lost the text, too."""
    visit = crossed(register, lambda: None, purge_first=False)
    assert register.get(visit).channel == "telephone"
    assert NOTE not in str(list(register.changes()))


@pytest.mark.parametrize("purge_first", [True, False])
def test_a_register_that_does_not_look_back_is_caught(
    register: idocore.Register, monkeypatch: pytest.MonkeyPatch, purge_first: bool
) -> None:
    """The broken twins: a correction that tells nobody what it carried on, a purge that keeps to its number."""
    monkeypatch.setattr("idocore.journal.Revision.carrying", lambda self, _: self)
    monkeypatch.setattr("idocore.writer.widened", lambda *_: ())
    crossed(register, lambda: register.retention.purge(), purge_first=purge_first)
    assert NOTE in str(list(register.changes()))


def test_who_may_purge(register: idocore.Register) -> None:
    """A coordinator, within the own organisation."""
    register.record("centrale", inquiries=DIGID, moment=MAY, answers={"note": NOTE})
    weesp = register.record("weesp", inquiries=DIGID, moment=MAY, answers={"note": NOTE})
    noord = register.acting_as("c-1", "coordinator", "organisation/noord")
    assert noord.retention.purge() == 1
    with pytest.raises(NotAllowedError):
        noord.retention.erase(weesp.id)
    with pytest.raises(NotAllowedError):
        register.acting_as("w-1", "worker", "organisation/noord").retention.purge()


def test_what_is_due_shows_notes_to_who_may_read_them(open_register: OpenRegister) -> None:
    """Who may purge, and not read notes, sees which registrations are due, held ones too, and not what was noted."""
    laptop, province = furnished(open_register(actor="laptop")), open_register(clock=lambda: LATER)
    laptop.record("centrale", inquiries=DIGID, moment=MAY, answers={"note": NOTE})
    laptop.record("weesp", inquiries=DIGID, moment=MAY, answers={"note": NOTE})
    idocore.sync(laptop, province.acting_as("c-1", "coordinator", "organisation/noord"))
    national = province.acting_as("n-1", "national", "nation")
    due = list(national.retention.due())
    assert {one.service_point for one in due} == {"centrale", "weesp"}
    assert NOTE not in str(due)
    assert NOTE in str(list(province.retention.due()))  # the owner may
    assert national.retention.purge() == 2
    assert list(province.retention.due()) == []


def test_reasons_hold_no_personal_data(register: idocore.Register) -> None:
    """A reason is free text like a note, and is looked at in the same way."""
    visit = register.record("centrale", inquiries=DIGID, moment=MAY)
    for attempt in (
        lambda: register.correct(visit, channel="telephone", reason="bel 06-12345678"),
        lambda: register.withdraw(visit, reason="mail a@example.org"),
        lambda: register.periods.close("2024-05", at="nation", reason="a@example.org"),
        lambda: register.retention.erase(visit.id, reason="a@example.org"),
    ):
        with pytest.raises(RejectedError) as caught:
            attempt()
        assert "example.org" not in str(caught.value)


def leftovers(files: Iterable[Path], word: bytes) -> list[str]:
    """The files that hold `word`, searched byte by byte."""
    return [path.name for path in files if word in path.read_bytes()]


def test_nothing_is_left_on_disk(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """After a purge the word is in no file of SQLite: database, write-ahead log, shared memory; totals unchanged."""
    url = f"sqlite:///{tmp_path}/ido.db"
    with furnished(idocore.open(url, clock=lambda: LATER)) as register:
        for number in range(200):
            note = f"{NOTE} {number} " + "lang " * (number % 50)
            visit = register.record("centrale", inquiries=DIGID, moment=MAY, answers={"note": note})
            if number % 3 == 0:
                register.correct(visit, answers={"note": f"anders {NOTE}"})
        before = total(register)
        assert leftovers(tmp_path.iterdir(), b"kattenluik") != []
        register.retention.purge()
        assert leftovers(tmp_path.iterdir(), b"kattenluik") == []
        assert total(register) == before
    assert leftovers(tmp_path.iterdir(), b"kattenluik") == []
    record_property("promise", "retention is real")
    record_property("reached", "200 notes in 267 revisions purged, 0 bytes left in database and write-ahead log")


@pytest.mark.parametrize("way", ["up", "down"])
def test_a_purge_that_comes_by_sync_leaves_nothing_on_disk(tmp_path: Path, way: str) -> None:
    """After the sync the word is in no file of the register that the purge came to, while it stays open."""
    one, other = (idocore.open(f"sqlite:///{tmp_path}/{name}.db", clock=lambda: LATER) for name in ("one", "other"))
    with one, other:
        furnished(one).record("centrale", inquiries=DIGID, moment=MAY, answers={"note": NOTE})
        idocore.sync(one, other)
        (one if way == "up" else other).retention.purge()
        report = idocore.sync(one, other)
        assert (report.up.purges, report.down.purges) == ((1, 0) if way == "up" else (0, 1))
        assert leftovers(tmp_path.iterdir(), b"kattenluik") == []


def test_a_sync_that_leaves_the_log_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken twin deletes the text by sync, and leaves it in the log."""
    one, other = (idocore.open(f"sqlite:///{tmp_path}/{name}.db", clock=lambda: LATER) for name in ("one", "other"))
    with one, other:
        furnished(one).record("centrale", inquiries=DIGID, moment=MAY, answers={"note": NOTE})
        idocore.sync(one, other)
        one.retention.purge()
        monkeypatch.setattr(type(other.store), "tidy", lambda _: None)
        idocore.sync(one, other)
        assert leftovers(tmp_path.iterdir(), b"kattenluik") == ["other.db-wal"]


def in_conflict(directory: Path) -> tuple[idocore.Register, UUID]:
    """A register on SQLite in which a correction is held, since somebody with an id of their own was first."""
    province = idocore.open(f"sqlite:///{directory}/ido.db", clock=lambda: LATER)
    laptop = furnished(idocore.open("memory:", actor="laptop", clock=lambda: LATER))
    visit = laptop.record("centrale", inquiries=DIGID, moment=MAY)
    idocore.sync(laptop, province)
    province.acting_as("medewerker-4711").correct(visit, channel="telephone")
    laptop.correct(visit, channel="online")
    idocore.sync(laptop, province)
    return province, visit.id


def test_an_erasure_takes_who_was_first_in_a_conflict(tmp_path: Path) -> None:
    """Whom a held correction conflicts with is told, and once erased neither told nor left in a file."""
    province, visit = in_conflict(tmp_path)
    with province:
        (held,) = province.held()
        assert held.held is not None
        assert "medewerker-4711" in held.held.message()
        province.retention.erase(visit)
        assert "medewerker" not in str(list(province.held()))
        assert leftovers(tmp_path.iterdir(), b"medewerker-4711") == []
        assert list(province.verify()) == []


def test_who_was_noted_in_the_open_goes_with_the_next_purge(tmp_path: Path) -> None:
    """What an earlier version noted of a conflict (here the broken twin) is not told, and is gone after a purge."""
    province, visit = in_conflict(tmp_path)
    with province:
        with sqlite3.connect(tmp_path / "ido.db") as connection:
            noted = f'{{"id": "{visit}", "actor": "medewerker-4711", "revision": 2}}'
            connection.execute("UPDATE idocore_held SET parameters = ?", [noted])
        connection.close()
        assert b"medewerker-4711" in b"".join(path.read_bytes() for path in tmp_path.iterdir())
        assert "medewerker" not in str([one.held for one in province.store.held()])
        province.retention.erase(visit)
        assert leftovers(tmp_path.iterdir(), b"medewerker-4711") == []


def hasty(register: idocore.Register) -> None:
    """No connection of the store waits long for somebody else."""
    engine = register.store._access._engine  # type: ignore[attr-defined]
    engine.dispose()

    @event.listens_for(engine, "connect")
    def wait_little(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA busy_timeout=50")


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Somebody else is reading what is there now."""
    reader = sqlite3.connect(path, isolation_level=None)
    try:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM idocore_text").fetchone()
        yield
    finally:
        reader.close()


@pytest.mark.parametrize("erase", [False, True])
def test_a_purge_that_a_reader_was_in_the_way_of_is_finished_the_next_time(tmp_path: Path, erase: bool) -> None:
    """It says that the text is gone but for the log, and the same command again, with nothing due, empties that."""
    with furnished(idocore.open(f"sqlite:///{tmp_path}/ido.db", clock=lambda: LATER)) as register:
        hasty(register)
        visit = register.record("centrale", inquiries=DIGID, moment=MAY, answers={"note": NOTE})

        def purge() -> object:
            return register.retention.erase(visit.id) if erase else register.retention.purge()

        with reading(tmp_path / "ido.db"):
            with pytest.raises(StoreUnavailableError) as caught:
                purge()
            assert caught.value.code == "store-untidy"
            assert "note" not in register.get(visit.id).answers
            assert leftovers(tmp_path.iterdir(), b"kattenluik") != []
            with pytest.raises(StoreUnavailableError):
                purge()
        purge()
        assert leftovers(tmp_path.iterdir(), b"kattenluik") == []


def test_a_dry_run_tidies_nothing(tmp_path: Path) -> None:
    """It only looks, and a reader is not in its way."""
    with furnished(idocore.open(f"sqlite:///{tmp_path}/ido.db", clock=lambda: LATER)) as register:
        hasty(register)
        register.record("centrale", inquiries=DIGID, moment=MAY, answers={"note": NOTE})
        with reading(tmp_path / "ido.db"):
            assert register.retention.purge(dry_run=True) == 1


def test_a_database_without_secure_delete_is_caught(tmp_path: Path) -> None:
    """The broken twin: deleted, and still to be read in the file."""
    path = tmp_path / "plain.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA secure_delete=OFF")
    connection.execute("CREATE TABLE note (text TEXT)")
    connection.executemany("INSERT INTO note VALUES (?)", [(f"{NOTE} {number}",) for number in range(200)])
    connection.commit()
    connection.execute("DELETE FROM note")
    connection.commit()
    connection.close()
    assert leftovers([path], b"kattenluik") == ["plain.db"]


def test_nothing_is_left_on_disk_through_the_engine_of_a_host(tmp_path: Path) -> None:
    """A host that does not have SQLite overwrite what is deleted gets it all the same, where we write."""
    engine = create_engine(f"sqlite:///{tmp_path}/ido.db")
    event.listen(engine, "connect", lambda driver, _: driver.execute("PRAGMA secure_delete=OFF"))
    with furnished(idocore.open(engine=engine, clock=lambda: LATER)) as register:
        for number in range(100):
            register.record("centrale", inquiries=DIGID, moment=MAY, answers={"note": f"{NOTE} {number}"})
        assert register.retention.purge() == 100
    engine.dispose()
    assert leftovers(tmp_path.iterdir(), b"kattenluik") == []


def test_a_host_that_is_left_alone_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken twin trusts the host's engine: the words stay in the file."""
    monkeypatch.setattr("idocore_sql.access._overwrite_on_sqlite", lambda _: None)
    with pytest.raises(AssertionError):
        test_nothing_is_left_on_disk_through_the_engine_of_a_host(tmp_path)
