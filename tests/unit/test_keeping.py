"""Keeping a register: verify, seal, rebuild, back up, restore, migrate."""

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs
import pytest
from alembic import command
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import OperationalError

import idocore
from idocore.errors import ConflictError, ExchangeError, InvalidValueError, StoreError, StoreUnavailableError
from idocore.memory import MemoryStore
from idocore.purges import Purge
from idocore_sql import migrating
from tests.registers import DIGID, MAY, NOW, OpenRegister, furnished


@pytest.fixture
def register(open_register: OpenRegister) -> idocore.Register:
    register = furnished(open_register())
    for number in range(20):
        visit = register.record("centrale", inquiries=DIGID, moment=MAY, answers={"note": f"bezoek {number}"})
        if number % 4 == 0:
            register.correct(visit, channel="telephone", reason="vergist")
    register.withdraw(visit)
    return register


def figures(register: idocore.Register) -> list[dict[str, object]]:
    return register.table(["registrations", "inquiries"], by=["channel", "service_point"]).to_dicts()


def test_withdrawn_and_restored(register: idocore.Register) -> None:
    """What was withdrawn can be taken in again, with its history; what was not withdrawn cannot."""
    visit = register.find().registrations[0]
    before = figures(register)
    gone = register.withdraw(visit, reason="dubbel")
    assert figures(register) != before
    back = register.restore(gone, reason="toch niet dubbel")
    assert figures(register) == before
    assert [one.registration.status.value for one in register.history(visit.id)][-3:] == ["final", "withdrawn", "final"]
    with pytest.raises(InvalidValueError):
        register.restore(back)


def test_a_draft_comes_back_as_a_draft(register: idocore.Register) -> None:
    """Restoring gives the status of before."""
    draft = register.record("centrale", inquiries=DIGID, moment=MAY, status="draft")
    assert register.restore(register.withdraw(draft)).status is idocore.Status.DRAFT


def test_a_conflict_tells_what_is_stored_and_by_whom(register: idocore.Register) -> None:
    """Two people correct the same visit: the second hears who was first, and what stands there now."""
    visit = register.find().registrations[0]
    register.acting_as("w-1").correct(visit, channel="telephone")
    with pytest.raises(ConflictError) as caught:
        register.acting_as("w-2").correct(visit, channel="online")
    assert caught.value.stored is not None
    assert caught.value.stored.registration.channel == "telephone"
    assert caught.value.stored.actor == "w-1"
    assert "w-1" in caught.value.message("nl")


def test_facts_are_rebuilt(register: idocore.Register) -> None:
    """After a rebuild the facts are what they were, and agree with the journal."""
    before = figures(register)
    told: list[int] = []
    assert register.rebuild(told.append) == sum(told) == 20
    assert figures(register) == before
    assert list(register.verify()) == []


@pytest.mark.parametrize(
    "alteration",
    [
        "number = NULL, standing = 'known'",
        "number = NULL, standing = 'held'",
        "kind = 'place'",
        "number = 7",
        "subject = randomblob(16)",
        "body = 'x'",
        "body = '{}'",
        """body = replace(body, '"content"', '"contents"')""",
    ],
)
def test_an_altered_entry_is_found(tmp_path: Path, alteration: str) -> None:
    """Put out of effect though its hash still holds and its facts are gone, or not even readable: verify says so."""
    with furnished(idocore.open(f"sqlite:///{tmp_path}/ido.db", clock=lambda: NOW)) as register:
        register.record("centrale", inquiries=DIGID, moment=MAY)
        assert list(register.verify()) == []
    engine = create_engine(f"sqlite:///{tmp_path}/ido.db")
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE idocore_journal SET {alteration} WHERE kind = 'registration'"))
        for table in ("ido_choice", "ido_inquiry", "ido_registration"):
            connection.execute(text(f"DELETE FROM {table}"))
    engine.dispose()
    with idocore.open(f"sqlite:///{tmp_path}/ido.db", clock=lambda: NOW) as register:
        assert "journal-broken" in {finding.code for finding in register.verify()}


def test_a_rebuild_mends_altered_facts(tmp_path: Path) -> None:
    """Facts altered by hand are found by verify and mended by a rebuild."""
    with furnished(idocore.open(f"sqlite:///{tmp_path}/ido.db", clock=lambda: NOW)) as register:
        register.record("centrale", inquiries=DIGID, moment=MAY)
        engine = create_engine(f"sqlite:///{tmp_path}/ido.db")
        with engine.begin() as connection:
            connection.execute(text("UPDATE ido_registration SET service_point = 'weesp'"))
        engine.dispose()
        assert [finding.code for finding in register.verify()] == ["fact-differs"]
        register.rebuild()
        assert list(register.verify()) == []


def test_entries_that_no_stream_has_are_found(tmp_path: Path) -> None:
    """An altered entry is not hidden by taking away what says where its stream ends: verify names the stream."""
    with furnished(idocore.open(f"sqlite:///{tmp_path}/ido.db", clock=lambda: NOW)) as register:
        register.record("centrale", inquiries=DIGID, moment=MAY)
        seal = register.seal()
    engine = create_engine(f"sqlite:///{tmp_path}/ido.db")
    with engine.begin() as connection:
        altered = "UPDATE idocore_journal SET body = replace(body, 'digid', 'toeslagen') WHERE kind = 'registration'"
        connection.execute(text(altered))
        connection.execute(text("DELETE FROM idocore_stream WHERE purpose = 'work'"))
    engine.dispose()
    with idocore.open(f"sqlite:///{tmp_path}/ido.db", clock=lambda: NOW) as register:
        with pytest.raises(StoreError):
            register.rebuild()
        assert "journal-broken" in {finding.code for finding in register.verify()}
        assert "journal-broken" in {finding.code for finding in register.verify(seal)}


def test_a_rebuild_of_a_damaged_journal_is_refused(tmp_path: Path) -> None:
    """The facts stay: that of a registration whose entry was cut off is all that is left of it."""
    with furnished(idocore.open(f"sqlite:///{tmp_path}/ido.db", clock=lambda: NOW)) as register:
        for _ in range(2):
            register.record("centrale", inquiries=DIGID, moment=MAY)
        engine = create_engine(f"sqlite:///{tmp_path}/ido.db")
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM idocore_journal WHERE kind = 'registration' AND position = 2"))
        engine.dispose()
        with pytest.raises(StoreError) as caught:
            register.rebuild()
        assert caught.value.code == "rebuild-broken"
        assert register.table("registrations").to_dicts() == [{"registrations": 2}]


KLEIN = """
[[theme]]
name = "klein"
version = "{version}"
label = {{ nl = "Klein", en = "Small" }}
valid_from = 2024-0{version}-01
valid_until = 2024-0{next}-01
min_inquiries = 0
fields = [{fields}]
"""
AGE = '{ key = "age", label = { nl = "Leeftijd", en = "Age" }, type = "integer", level = "registration" }'


def test_a_process_that_was_open_for_long_keeps_what_others_brought(
    open_shared: Callable[[], Any], tmp_path: Path
) -> None:
    """Another process installs a theme, and a version with a field more: a rebuild and a check here know of both."""
    here, there = furnished(open_shared()), open_shared()
    for version, fields in ((1, ""), (2, AGE)):
        path = tmp_path / f"klein-{version}.toml"
        path.write_text(KLEIN.format(version=version, next=version + 1, fields=fields))
        there.install_theme(path)
        answers = {"age": 61} if fields else {}
        there.record("centrale", theme="klein", moment=f"2024-0{version}-20T10:00", answers=answers)
        assert list(here.verify()) == []
        assert here.rebuild() == version
        assert list(there.verify()) == []
        assert list(here.verify()) == []
    assert len(here.find(theme="klein").registrations) == 2


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.pg)])
def open_shared(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], idocore.Register]]:
    """Opens the same database once more at each call."""
    url = f"sqlite:///{tmp_path}/ido.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    with ExitStack() as opened:
        yield lambda: opened.enter_context(idocore.open(url, clock=lambda: NOW))


_SLY = "INSERT INTO idocore_purge SELECT DISTINCT subject, 9, 0 FROM idocore_journal"


@pytest.mark.parametrize(
    ("taken", "paths"),
    [
        ("DELETE FROM idocore_text", ["answers.note", "reason"]),
        ("DELETE FROM idocore_text WHERE path = 'reason'", ["reason"]),
        ("UPDATE idocore_journal SET actor = NULL, salt = NULL", ["by"]),
        (f"DELETE FROM idocore_text; {_SLY}", None),
    ],
)
def test_texts_taken_away_by_hand_are_found(tmp_path: Path, taken: str, paths: list[str] | None) -> None:
    """What no purge in the journal took, and is not there, verify tells; what was purged, or erased, it does not."""
    with furnished(idocore.open(f"sqlite:///{tmp_path}/ido.db", clock=lambda: NOW)) as register:
        visits = [register.record("centrale", inquiries=DIGID, moment=MAY, answers={"note": "dank"}) for _ in range(3)]
        for visit in visits:
            register.correct(visit, channel="telephone", reason="vergist")
        register.retention.erase(visits[0].id)
        register.acting_as("p-1")._writer.append_purges([Purge(visits[1].id, 2)], None)
        assert list(register.verify()) == []
        with sqlite3.connect(tmp_path / "ido.db") as connection:
            connection.executescript(taken)
        connection.close()
        found = [finding for finding in register.verify() if finding.code == "text-missing"]
    told = sorted({path for finding in found for path in finding.parameters["paths"]})
    assert told == (paths or ["answers.note", "reason"])


NOTED = {"service_point": "centrale", "moment": MAY, "inquiries": DIGID, "answers": {"note": "dank"}}


def without_texts(path: Path) -> list[str]:
    """What `verify` finds once all texts are deleted past the register, after it found nothing before."""
    with idocore.open(f"sqlite:///{path}", clock=lambda: NOW) as register:
        assert list(register.verify()) == []
        with sqlite3.connect(path) as connection:
            connection.execute("DELETE FROM idocore_text")
        connection.close()
        return [finding.code for finding in register.verify()]


@pytest.mark.parametrize("bulk", [False, True])
@pytest.mark.parametrize("is_restored", [False, True])
def test_texts_taken_away_are_found_however_they_were_written(tmp_path: Path, bulk: bool, is_restored: bool) -> None:
    """Loaded in bulk or line by line, and also in the streams that were the register's own before a restore."""
    path, backup = tmp_path / "ido.db", tmp_path / "backup.db"
    with furnished(idocore.open(f"sqlite:///{path}", clock=lambda: NOW)) as register:
        lines = (idocore.Line(number, NOTED, None, "") for number in range(3))
        assert not [one for one in register.load(lines, bulk=bulk) if one.is_rejected]
        register.backup(backup)
    if is_restored:
        path = tmp_path / "restored.db"
        idocore.restore_backup(backup, f"sqlite:///{path}").close()
    assert without_texts(path) == ["text-missing"] * 3


@pytest.mark.parametrize("bulk", [False, True])
def test_texts_that_never_came_are_not_found_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bulk: bool
) -> None:
    """Stripped by sync, also where a stream that was written here before a restore goes on elsewhere."""
    monkeypatch.setattr("idocore.loading.BULK_CHUNK" if bulk else "idocore.loading._CHUNK", 1)
    path, backup, restored, other = (tmp_path / f"{name}.db" for name in ("ido", "backup", "restored", "other"))
    with furnished(idocore.open(f"sqlite:///{path}", clock=lambda: NOW)) as register:
        outcomes = register.load((idocore.Line(number, NOTED, None, "") for number in range(3)), bulk=bulk)
        next(outcomes)
        register.backup(backup)
        assert len(list(outcomes)) == 2
        for target in (idocore.restore_backup(backup, f"sqlite:///{restored}"), idocore.open(f"sqlite:///{other}")):
            with target:
                idocore.sync(register.acting_as("p-1", "provincial", "province/PV26"), target)
                assert len(target.find().registrations) == 3
    assert [without_texts(each) for each in (restored, other)] == [["text-missing"], []]


def test_a_seal_shows_a_cut_tail(tmp_path: Path) -> None:
    """Journal, facts and head shortened together: verify alone cannot see it, the seal does."""
    path = tmp_path / "ido.db"
    with furnished(idocore.open(f"sqlite:///{path}", clock=lambda: NOW)) as register:
        for _ in range(5):
            last = register.record("centrale", inquiries=DIGID, moment=MAY)
        seal = idocore.Seal.from_json(json.loads(json.dumps(register.seal().to_json())))
        assert list(register.verify(seal)) == []
        register.record("centrale", inquiries=DIGID, moment=MAY)
        assert list(register.verify(seal)) == []  # the journal went on
    cut(path, last.id)
    with idocore.open(f"sqlite:///{path}", clock=lambda: NOW) as register:
        assert list(register.verify()) == []  # the broken twin: a look without the seal
        assert [finding.code for finding in register.verify(seal)] == ["journal-cut"]


def cut(path: Path, last: UUID) -> None:
    """Take the entries from that of `last` on away, as somebody who knows the tables would."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        row = connection.execute(
            text("SELECT stream, position, previous FROM idocore_journal WHERE subject = :id"), {"id": last.bytes}
        ).one()
        place = {"stream": row.stream, "position": row.position, "previous": row.previous}
        gone = "SELECT subject FROM idocore_journal WHERE stream = :stream AND position >= :position"
        keys = f"SELECT key FROM ido_registration WHERE id IN ({gone})"
        for table in ("ido_inquiry", "ido_choice"):
            connection.execute(text(f"DELETE FROM {table} WHERE registration IN ({keys})"), place)
        connection.execute(text(f"DELETE FROM ido_registration WHERE id IN ({gone})"), place)
        connection.execute(text("DELETE FROM idocore_journal WHERE stream = :stream AND position >= :position"), place)
        connection.execute(
            text("UPDATE idocore_stream SET position = :position - 1, head = :previous WHERE id = :stream"), place
        )
    engine.dispose()


def test_a_seal_that_was_altered_is_refused(register: idocore.Register) -> None:
    """A seal vouches for itself by its hash."""
    values = register.seal().to_json()
    for wrong in ({**values, "hash": "0" * 64}, {}, [], {**values, "heads": []}):
        with pytest.raises(ExchangeError):
            idocore.Seal.from_json(wrong)


def test_verify_names_the_first_broken_link(tmp_path: Path) -> None:
    """An entry altered in the middle: its stream and position are told."""
    path = tmp_path / "ido.db"
    with furnished(idocore.open(f"sqlite:///{path}", clock=lambda: NOW)) as register:
        for _ in range(5):
            register.record("centrale", inquiries=DIGID, moment=MAY)
        engine = create_engine(f"sqlite:///{path}")
        with engine.begin() as connection:
            altered = "UPDATE idocore_journal SET body = replace(body, 'digid', 'other') WHERE kind = 'registration'"
            connection.execute(text(altered + " AND position = 3"))
        engine.dispose()
        found = list(register.verify())
    broken = [finding for finding in found if finding.code == "journal-broken"]
    assert [finding.parameters["position"] for finding in broken] == [4]


# Backups


def backed_up(register: idocore.Register, tmp_path: Path, url: str) -> None:
    visit = register.record("centrale", inquiries=DIGID, moment=MAY, answers={"note": "kwam terug"})
    before = figures(register)
    path = tmp_path / "backup"
    seal = register.backup(path)
    later = register.record("centrale", inquiries=DIGID, moment=MAY)
    with pytest.raises(ExchangeError):
        register.backup(path)  # never over an earlier one
    with idocore.restore_backup(path, url, seal=seal) as restored:
        assert figures(restored) == before
        assert restored.get(visit.id) == visit
        assert list(restored.verify(seal)) == []
        restored.record("centrale", inquiries=DIGID, moment=MAY)
        report = idocore.sync(register, restored)  # each goes on in streams of its own, so they can come together
        assert report.is_clean
        assert restored.get(later.id) == later
    with pytest.raises((StoreUnavailableError, ExchangeError)):
        idocore.restore_backup(path, url)  # not over what is there


def test_a_backup_restores_on_sqlite(tmp_path: Path) -> None:
    """A copy made while the register is open, put back at another address, with everything up to its start."""
    with furnished(idocore.open(f"sqlite:///{tmp_path}/ido.db", clock=lambda: NOW)) as register:
        backed_up(register, tmp_path, f"sqlite:///{tmp_path}/again.db")


@pytest.mark.parametrize("ending", ["-wal", "-shm", "-journal"])
def test_a_restore_beside_the_log_of_another_database_is_refused(tmp_path: Path, ending: str) -> None:
    """What SQLite left beside a database that is gone would be played into the one put back: nothing is put there."""
    left = left_behind(tmp_path, ending)
    with pytest.raises(StoreUnavailableError) as caught:
        idocore.restore_backup(tmp_path / "backup", f"sqlite:///{tmp_path}/ido.db")
    assert caught.value.code == "restore-leftovers"
    assert str(left) in caught.value.message("nl")
    assert not (tmp_path / "ido.db").exists()
    left.rename(tmp_path / "elsewhere")
    with idocore.restore_backup(tmp_path / "backup", f"sqlite:///{tmp_path}/ido.db") as restored:
        assert len(restored.find().registrations) == 1


def test_a_restore_that_takes_the_log_for_its_own_is_caught(tmp_path: Path) -> None:
    """The broken twin copies the file beside the log that was left: it is not what was backed up, or unreadable."""
    left_behind(tmp_path, "-wal")
    (tmp_path / "ido.db").write_bytes((tmp_path / "backup").read_bytes())
    try:
        with idocore.open(f"sqlite:///{tmp_path}/ido.db", clock=lambda: NOW) as restored:
            found = len(restored.find().registrations)
    except StoreError:
        found = -1
    assert found != 1


def left_behind(tmp_path: Path, ending: str) -> Path:
    """A backup of one record, and what a database that was written further, and is gone, left beside its place."""
    url, beside = f"sqlite:///{tmp_path}/ido.db", tmp_path / f"ido.db{ending}"
    with furnished(idocore.open(url, clock=lambda: NOW)) as register:
        register.record("centrale", inquiries=DIGID, moment=MAY)
        register.backup(tmp_path / "backup")
        for _ in range(50):
            register.record("centrale", inquiries=DIGID, moment=MAY)
        log = (tmp_path / "ido.db-wal").read_bytes()
    (tmp_path / "ido.db").unlink()
    beside.write_bytes(log)
    return beside


@pytest.mark.pg
@pytest.mark.usefixtures("pg_programs")
def test_a_backup_restores_on_postgresql(tmp_path: Path, new_postgres_url: Callable[[], str]) -> None:
    """The same with pg_dump and pg_restore."""
    with furnished(idocore.open(new_postgres_url(), clock=lambda: NOW)) as register:
        backed_up(register, tmp_path, new_postgres_url())


@pytest.mark.maria
def test_a_backup_restores_on_mariadb(tmp_path: Path, new_mariadb_url: Callable[[], str]) -> None:
    """The same with mariadb-dump and mariadb."""
    with furnished(idocore.open(new_mariadb_url(), clock=lambda: NOW)) as register:
        backed_up(register, tmp_path, new_mariadb_url())


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    """A wrong file, a wrong kind, and a backup that lacks what was sealed are each one typed error."""
    url = f"sqlite:///{tmp_path}/again.db"
    (tmp_path / "wrong").write_text("no backup")
    for path in ("absent", "wrong"):
        with pytest.raises(ExchangeError):
            idocore.restore_backup(tmp_path / path, url)
    with furnished(idocore.open(f"sqlite:///{tmp_path}/ido.db", clock=lambda: NOW)) as register:
        register.backup(tmp_path / "old")
        register.record("centrale", inquiries=DIGID, moment=MAY)
        with pytest.raises(ExchangeError) as caught:
            idocore.restore_backup(tmp_path / "old", url, seal=register.seal())
        assert caught.value.code == "backup-lacks"


def test_a_backup_that_lacks_what_was_sealed_writes_no_streams_of_others(tmp_path: Path) -> None:
    """It was put back, though its seal fails: who opens it all the same does not fork what it was made of."""
    again = f"sqlite:///{tmp_path}/again.db"
    with furnished(idocore.open(f"sqlite:///{tmp_path}/ido.db", clock=lambda: NOW)) as register:
        register.record("centrale", inquiries=DIGID, moment=MAY)
        register.backup(tmp_path / "old")
        register.record("centrale", inquiries=DIGID, moment=MAY)
        with pytest.raises(ExchangeError):
            idocore.restore_backup(tmp_path / "old", again, seal=register.seal())
        with idocore.open(again, clock=lambda: NOW) as restored:
            restored.record("centrale", inquiries=DIGID, moment=MAY)
            assert idocore.sync(register, restored).is_clean
            assert len(restored.find().registrations) == 3


def test_a_copy_that_goes_on_in_the_same_streams_is_caught(tmp_path: Path) -> None:
    """The broken twin: a copy that was not made to go on in streams of its own, written further, is forked."""
    with furnished(idocore.open(f"sqlite:///{tmp_path}/ido.db", clock=lambda: NOW)) as register:
        register.record("centrale", inquiries=DIGID, moment=MAY)
        register.backup(tmp_path / "copy.db")
        register.record("centrale", inquiries=DIGID, moment=MAY)
        with idocore.open(f"sqlite:///{tmp_path}/copy.db", clock=lambda: NOW) as copy:
            copy.record("centrale", inquiries=DIGID, moment=MAY)
            assert not idocore.sync(register, copy).is_clean


def test_pg_dump_that_is_missing_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence with the command to type."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("IDOCORE_PG_BIN", raising=False)
    from idocore_sql.copying import restore

    (tmp_path / "dump").write_bytes(b"PGDMP")
    with pytest.raises(StoreUnavailableError) as caught:
        restore(tmp_path / "dump", "postgresql://nobody@127.0.0.1:1/none")
    assert "apt-get install postgresql-client" in str(caught.value)


# Migrations


def at_0001(url: str) -> None:
    """A database of the revision before, with a registration, a note and a place as it was written then."""
    engine = create_engine(url)
    with engine.begin() as connection:
        command.upgrade(migrating.config(connection, None), "0001")
        stream, visit = idocore.new_id(), idocore.new_id()
        entry = attrs.evolve(_written(visit), stream=stream)
        fields = {**entry.fields, "stream": str(stream), "position": 1, "actor": "w-1", "reason": None}
        del fields["by"]
        body = json.dumps({**fields, "overrides": {}}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        entry = attrs.evolve(entry, body=body)
        key: Any = (lambda one: one) if engine.dialect.name == "postgresql" else (lambda one: one.bytes)
        row = {"stream": key(stream), "subject": key(visit), "head": bytes.fromhex(entry.hash), "body": entry.body}
        row["previous"] = bytes.fromhex(entry.previous)
        connection.execute(text("INSERT INTO idocore_stream VALUES (:stream, true, 1, :head)"), row)
        connection.execute(
            text("INSERT INTO idocore_journal VALUES (:stream, 1, 'registration', :subject, 1, :previous, :body)"), row
        )
        for path, note in entry.texts.items():
            values = {**row, "path": path, "text": note.text, "salt": note.salt}
            connection.execute(text("INSERT INTO idocore_text VALUES (:subject, 1, :path, :text, :salt)"), values)
    engine.dispose()


def _written(visit: UUID) -> idocore.Entry:
    with furnished(idocore.open("memory:", clock=lambda: NOW)) as register:
        raw = {"id": str(visit), "service_point": "centrale", "moment": MAY, "inquiries": DIGID}
        register.record_raw({**raw, "answers": {"note": "van toen"}})
        return next(entry for entry in register.changes() if entry.kind == "registration")


def schema(url: str) -> set[tuple[str, ...]]:
    """The tables of the journal, with all that a database tells of them: columns, types, keys, indexes."""
    engine = create_engine(url)
    inspector = inspect(engine)
    found: set[tuple[str, ...]] = set()
    for name in inspector.get_table_names():
        if name.startswith("idocore_"):
            columns = inspector.get_columns(name)
            found |= {("column", name, *(str(one[key]) for key in ("name", "type", "nullable"))) for one in columns}
            keys = [inspector.get_pk_constraint(name), *inspector.get_foreign_keys(name)]
            found |= {("key", name, str(sorted(one.items(), key=str))) for one in keys}
            indexes = [*inspector.get_indexes(name), *inspector.get_unique_constraints(name)]
            found |= {("index", name, str(one["name"]), str(one["column_names"])) for one in indexes}
    engine.dispose()
    return found


def columns(found: set[tuple[str, ...]]) -> set[tuple[str, ...]]:
    """The columns with their types."""
    return {one[1:4] for one in found if one[0] == "column"}


def migrated(url: str, revision: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        step = command.upgrade if revision > "0001" else command.downgrade
        step(migrating.config(connection, None), revision)
    engine.dispose()


def up_down_up(url: str, register_url: str, fresh: tuple[str, str]) -> None:
    """`fresh` are the addresses of an empty database, in which the same tables come to be at once."""
    at_0001(url)
    old = schema(url)
    with idocore.open(register_url, clock=lambda: NOW) as register:
        (visit,) = (entry.revision for entry in register.changes())
        assert visit.registration.answers["note"] == "van toen"
        assert visit.actor == "w-1"
        register.rebuild()
        assert list(register.verify()) == []
        furnished(register)
        register.record("centrale", inquiries=DIGID, moment=MAY, answers={"note": "van nu"})
        before = [entry.revision for entry in register.changes()]
    new = schema(url)
    migrated(url, "0001")
    # Going down keeps everything: what the program of then knows is there, and may now be empty.
    assert columns(schema(url)) >= columns(old)
    migrated(url, "0002")
    migrated(url, "0003")
    migrated(url, "0004")
    assert schema(url) == new
    idocore.open(fresh[1]).close()
    assert schema(fresh[0]) == new
    with idocore.open(register_url, clock=lambda: NOW) as register:
        assert [entry.revision for entry in register.changes()] == before
        assert list(register.verify()) == []


def test_migrations_go_up_and_down_and_up_on_sqlite(tmp_path: Path) -> None:
    """From the first revision to the last, back, and up again: every registration, place and note is kept."""
    url, fresh = f"sqlite:///{tmp_path}/ido.db", f"sqlite:///{tmp_path}/fresh.db"
    up_down_up(url, url, (fresh, fresh))


@pytest.mark.pg
def test_migrations_go_up_and_down_and_up_on_postgresql(new_postgres_url: Callable[[], str]) -> None:
    """The same on PostgreSQL."""
    url, fresh = new_postgres_url(), new_postgres_url()
    up_down_up(_driven(url), url, (_driven(fresh), fresh))


@pytest.mark.maria
def test_migrations_go_up_and_down_and_up_on_mariadb(new_mariadb_url: Callable[[], str]) -> None:
    """The same on MariaDB."""
    url, fresh = new_mariadb_url(), new_mariadb_url()
    up_down_up(_driven(url), url, (_driven(fresh), fresh))


def _driven(url: str) -> str:
    """`url` as SQLAlchemy takes it."""
    return url.replace("postgresql:", "postgresql+psycopg:").replace("mariadb:", "mariadb+pymysql:")


def test_a_store_that_cannot_says_so() -> None:
    """A capability that is not declared raises, with its name; nothing is passed over in silence."""
    store = MemoryStore()
    with pytest.raises(NotImplementedError, match="backup"):
        store.backup(Path(os.devnull))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.pg)])
def old_database(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """A database of an earlier program: its address for SQLAlchemy, and for us."""
    url = f"sqlite:///{tmp_path}/ido.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    driver = _driven(url)
    at_0001(driver)
    return driver, url


def test_a_migration_that_fails_leaves_what_was_there(
    old_database: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken off at its last step, it leaves the old tables with all that is in them; the next opening ends it."""
    driver, url = old_database
    old = schema(driver)
    with monkeypatch.context() as patched:
        patched.setattr("idocore_sql.migrating.open_stream", _fails)
        patched.setattr("idocore_sql.migrating.own_stream", lambda *_: None)
        with pytest.raises(StoreError) as caught:
            idocore.open(url)
    assert caught.value.code == "store-full"
    assert schema(driver) == old
    with idocore.open(url, clock=lambda: NOW) as register:
        (visit,) = (entry.revision for entry in register.changes())
        assert visit.registration.answers["note"] == "van toen"


def _fails(*_: object, **__: object) -> None:
    raise OperationalError("INSERT", None, sqlite3.OperationalError("database or disk is full"))
