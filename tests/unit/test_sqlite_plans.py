"""What SQLite makes of our statements: daily work finds its rows by index, however large the register is."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select, tuple_

import idocore
from idocore_sql import tables
from tests.registers import DIGID, MAY, NOW, furnished

GROWING = ("idocore_journal", "idocore_text", "idocore_held", "ido_registration", "ido_inquiry", "ido_choice")
Statements = dict[str, None]


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Statements:
    """Everything that SQLite is asked from here on, with its values, in the order it was asked first."""
    found: Statements = {}
    real = sqlite3.dbapi2.connect

    def connect(*arguments: object, **options: object) -> sqlite3.Connection:
        connection: sqlite3.Connection = real(*arguments, **options)  # type: ignore[call-overload]
        connection.set_trace_callback(lambda statement: found.setdefault(statement))
        return connection

    monkeypatch.setattr(sqlite3.dbapi2, "connect", connect)
    monkeypatch.setattr(sqlite3, "connect", connect)
    return found


def scanned(database: Path, statements: Statements) -> list[str]:
    """The statements for which SQLite reads the whole of a table that grows."""
    connection = sqlite3.Connection(database)
    try:
        return [one for one in statements if _is_scan(connection, one)]
    finally:
        connection.close()


def _is_scan(connection: sqlite3.Connection, statement: str) -> bool:
    if not statement.startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
        return False
    steps = [step[3] for step in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
    if "LIMIT" in statement and not any("TEMP B-TREE" in step for step in steps):
        return False  # a page, read in the order of its key
    return any(step.startswith(f"SCAN {table}") for step in steps for table in GROWING)


def _record(register: idocore.Register) -> None:
    raw = {"inquiries": DIGID, "moment": MAY, "answers": {"note": "kwam terug"}}
    stored = register.record("centrale", **raw)
    register.record("centrale", **raw, id=stored.id)


def _change(register: idocore.Register) -> None:
    stored = register.record("centrale", inquiries=DIGID, moment=MAY)
    stored = register.correct(stored, answers={"note": "anders"})
    stored = register.withdraw(stored, reason="dubbel")
    register.restore(stored, reason="toch niet")
    list(register.history(stored.id))


def _load(register: idocore.Register) -> None:
    raw = {"service_point": "centrale", "moment": MAY, "inquiries": DIGID, "answers": {"note": "kwam terug"}}
    for bulk in (False, True):
        lines = [idocore.Line(number, {**raw, "id": str(idocore.new_id())}, None, "") for number in range(3)]
        assert not [one for one in register.load(lines, bulk=bulk) if one.findings]
        assert not [one for one in register.load(lines, bulk=bulk) if one.findings]


def _follow(register: idocore.Register) -> None:
    register.record("centrale", inquiries=DIGID, moment=MAY, answers={"note": "kwam terug"})
    assert list(register.changes())


@pytest.mark.parametrize("work", [_record, _change, _load, _follow])
def test_daily_work_finds_its_rows_by_index(
    work: Callable[[idocore.Register], None], statements: Statements, tmp_path: Path
) -> None:
    """Recording, changing, loading and following never read a whole table, so that they do not slow down."""
    database = tmp_path / "ido.db"
    with furnished(idocore.open(f"sqlite:///{database}", clock=lambda: NOW)) as register:
        statements.clear()
        work(register)
    assert sum(statement.startswith("SELECT") for statement in statements) > 2
    assert scanned(database, statements) == []


def test_a_sync_finds_its_rows_by_index(statements: Statements, tmp_path: Path) -> None:
    """What arrives from another register, twice, is compared by index with what is there."""
    ours, theirs = tmp_path / "ours.db", tmp_path / "theirs.db"
    with furnished(idocore.open(f"sqlite:///{ours}", clock=lambda: NOW)) as register:
        _record(register)
        _change(register)
        with idocore.open(f"sqlite:///{theirs}", clock=lambda: NOW) as target:
            idocore.sync(register, target)
            statements.clear()
            _record(register)
            idocore.sync(register, target)
    assert scanned(theirs, statements) == []


def test_what_is_due_finds_its_texts_by_index(statements: Statements, tmp_path: Path) -> None:
    """Which registrations still have text is looked up for each page of them, never in all texts."""
    database = tmp_path / "ido.db"
    with furnished(idocore.open(f"sqlite:///{database}", clock=lambda: NOW.replace(year=2026))) as register:
        _record(register)
        statements.clear()
        assert register.retention.purge(dry_run=True) == 1
    assert any("idocore_text" in statement for statement in statements)
    assert scanned(database, statements) == []


def test_a_list_of_pairs_is_noticed(statements: Statements, tmp_path: Path) -> None:
    """The broken twin asks for pairs as a list, for which SQLite reads the whole table."""
    database = tmp_path / "ido.db"
    with furnished(idocore.open(f"sqlite:///{database}", clock=lambda: NOW)) as register:
        stored = register.record("centrale", inquiries=DIGID, moment=MAY)
    statements.clear()
    journal = tables.journal
    engine = create_engine(f"sqlite:///{database}")
    with engine.connect() as connection:
        pairs = [(stored.id, 1), (stored.id, 2)]
        connection.execute(select(journal).where(tuple_(journal.c.subject, journal.c.number).in_(pairs))).all()
    engine.dispose()
    assert len(scanned(database, statements)) == 1
