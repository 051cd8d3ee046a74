"""The register, as front ends and hosts use it."""

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from sqlalchemy import create_engine, text

import idocore
from idocore import plugins
from idocore.periods import LOCAL_ZONE
from idocore.testing.strategies import NOW, PLACES, raw_records

DIGID = [{"topic": "digid", "provider": "logius", "help": ["digital-traffic"]}]


@pytest.fixture(params=["memory:", "sqlite"])
def register(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    url = request.param if request.param == "memory:" else f"sqlite:///{tmp_path}/ido.db"
    with idocore.open(url, clock=lambda: NOW) as register:
        register.places.put(*PLACES)
        yield register


def test_importing_costs_little() -> None:
    """The core loads no backend and no frame library."""
    heavy = ["sqlalchemy", "openpyxl", "alembic", "click", "rich", "pandas", "polars", "psycopg"]
    code = f"import sys, idocore; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_memory_register_loads_no_other_backend() -> None:
    """Only the plugin that is named is loaded."""
    code = "import sys, idocore; idocore.open('memory:'); print('sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_lines_of_the_readme(register: idocore.Register) -> None:
    """Record, count, hand over."""
    point = register.places.service_point("centrale")
    visit = register.record(point, inquiries=DIGID)
    table = register.table(measures=["registrations", "inquiries"], by=["province", "quarter", "provider"])
    expected = {"province": "PV26", "quarter": "2024-Q4", "provider": "logius", "registrations": 1, "inquiries": 1}
    assert table.to_dicts() == [expected]
    assert table.to_polars().to_dicts() == [expected]
    assert table.to_pandas().to_dict("records") == [expected]
    assert register.get(visit.id) == visit


@pytest.mark.parametrize(
    "lines", ["visits.jsonl", Path("visits.jsonl"), [{"note": "kwam terug"}], ['{"note": "kwam terug"}']]
)
def test_what_nobody_has_read_is_no_line(register: idocore.Register, lines: Any) -> None:
    """A file or records in the place of lines: what to call is told, what they hold is not."""
    with pytest.raises(idocore.InvalidValueError) as caught:
        list(register.load(lines))
    assert caught.value.code == "not-a-line"
    assert "read_file" in str(caught.value)
    assert "kwam terug" not in str(caught.value)


def test_correct_and_withdraw_keep_the_history(register: idocore.Register) -> None:
    """Each change is a revision with who and why; only the latest counts."""
    visit = register.record("centrale", inquiries=DIGID, answers={"note": "eerst"})
    other = register.acting_as("u-2").correct(visit, answers={"note": "dan"}, reason="typefout")
    assert (other.revision, other.answers["note"]) == (2, "dan")
    register.withdraw(other.id, reason="dubbel")
    history = register.history(visit.id)
    assert [(one.number, one.actor, one.reason) for one in history] == [
        (1, "local-owner", None),
        (2, "u-2", "typefout"),
        (3, "local-owner", "dubbel"),
    ]
    assert register.table().base == {"registrations": 0}
    assert list(register.verify()) == []


def test_a_correction_of_an_old_revision_is_a_conflict(register: idocore.Register) -> None:
    """Who corrects what somebody else corrected meanwhile is told, and nothing is lost."""
    visit = register.record("centrale", inquiries=DIGID)
    register.correct(visit, channel="desk")
    with pytest.raises(idocore.ConflictError) as caught:
        register.correct(visit, channel="telephone")
    assert caught.value.stored is not None
    assert caught.value.stored.registration.channel == "desk"
    assert register.get(visit.id).channel == "desk"


def test_a_moved_moment_takes_the_form_of_its_day(register: idocore.Register) -> None:
    """A version is chosen by the moment of the visit, also when that is corrected."""
    visit = register.record("centrale", inquiries=[{"topic": "digid"}], moment="2024-05-06")
    assert register.correct(visit, moment="2020-05-06").theme == "ido@2019"


def test_leaving_a_batch_without_commit_stores_nothing(register: idocore.Register) -> None:
    """A unit of work is stored whole or not at all."""
    with register.batch() as batch:
        batch.record("centrale", inquiries=DIGID)
    assert register.table().base == {"registrations": 0}
    with register.batch() as batch:
        batch.record("centrale", inquiries=DIGID)
        batch.record("weesp", inquiries=DIGID)
        assert len(batch.commit()) == 2
    assert register.table().base == {"registrations": 2}


def test_find_pages(register: idocore.Register) -> None:
    """Pages follow each other until there is none."""
    for number in range(5):
        register.record("centrale", inquiries=DIGID, moment=datetime(2024, 5, 1 + number, 10, tzinfo=LOCAL_ZONE))
    first = register.find(limit=3)
    second = register.find(after=first.next, limit=3)
    assert [len(first.registrations), len(second.registrations)] == [3, 2]
    assert second.next is None
    assert len(register.find(period="2024-05-02").registrations) == 1


@given(raw_records())
def test_what_leaves_comes_back_the_same(raw: dict[str, Any]) -> None:
    """A record that is exported, checked by its JSON Schema and loaded elsewhere is the same record."""
    here, there = (idocore.open("memory:", clock=lambda: NOW) for _ in range(2))
    for register in (here, there):
        register.places.put(*PLACES)
    visit = here.record_raw(raw)
    sent = json.loads(json.dumps(idocore.to_raw(here.history(visit.id)[0])))
    jsonschema.validate(sent, idocore.json_schema(here.themes.get(visit.theme), here.themes))
    assert there.record_raw(sent) == visit
    content = [register.history(visit.id)[0].content_hash for register in (here, there)]
    assert content[0] == content[1]


@pytest.mark.parametrize("format", ["jsonl", "csv"])
def test_files_come_back_the_same(register: idocore.Register, tmp_path: Path, format: str) -> None:
    """What is exported can be imported again, and that changes nothing."""
    register.record("centrale", inquiries=[*DIGID, {"topic": "work"}], answers={"returning": True})
    register.tally("weesp", 7, moment="2020-03", inquiries=[{"topic": "digid", "count": 3}])
    path = tmp_path / f"out.{format}"
    assert register.export(path) == 2
    results = [outcome.result.value for outcome in register.load(register.read_file(path))]
    assert results == ["unchanged", "unchanged"]


def test_notes_stay_behind_unless_asked(register: idocore.Register, tmp_path: Path) -> None:
    """The free note is the desk's own."""
    register.record("centrale", inquiries=DIGID, answers={"note": "kleinkind kwam mee"})
    register.export(tmp_path / "a.jsonl")
    register.export(tmp_path / "b.jsonl", with_texts=True)
    assert "kleinkind" not in (tmp_path / "a.jsonl").read_text(encoding="utf-8")
    assert "kleinkind" in (tmp_path / "b.jsonl").read_text(encoding="utf-8")


def test_a_bad_line_never_stops_the_good_ones(register: idocore.Register) -> None:
    """Good lines are stored, the bad one keeps its number and its text, and can be fed in again."""
    good = json.dumps({"service_point": "centrale", "moment": "2024-05-06", "inquiries": DIGID})
    lines = [good, "{broken", "", good, '{"service_point": "centrale", "service_point": "weesp"}']
    outcomes = list(register.load(idocore.read_jsonl(lines)))
    assert [(one.line.number, one.result.value) for one in outcomes] == [
        (1, "stored"),
        (2, "rejected"),
        (4, "stored"),
        (5, "rejected"),
    ]
    assert outcomes[1].line.text == "{broken"
    assert register.table().base == {"registrations": 2}


def test_a_conflict_among_many_is_one_rejected_line(register: idocore.Register) -> None:
    """One id with other content does not take its neighbours down."""
    visit = register.record("centrale", inquiries=DIGID, moment="2024-05-06")
    raws = [
        {"id": str(visit.id), "service_point": "weesp", "moment": "2024-05-06", "inquiries": DIGID},
        {"service_point": "weesp", "moment": "2024-05-06", "inquiries": DIGID},
    ]
    outcomes = list(register.load(idocore.Line(number, raw) for number, raw in enumerate(raws, start=1)))
    assert [one.result.value for one in outcomes] == ["rejected", "stored"]
    assert outcomes[0].findings[0].code == "conflict-other-content"


def test_a_dry_run_stores_nothing(register: idocore.Register) -> None:
    """Everything is judged and nothing written."""
    lines = [idocore.Line(1, {"service_point": "centrale", "inquiries": DIGID})]
    assert [one.result.value for one in register.load(lines, dry_run=True)] == ["acceptable"]
    assert register.table().base == {"registrations": 0}


def test_what_another_process_adds_is_seen(tmp_path: Path) -> None:
    """Places and themes that somebody else wrote to the same store are known at the next question."""
    one, other = (idocore.open(f"sqlite:///{tmp_path}/ido.db") for _ in range(2))
    one.places.add_service_point("nieuw", municipality="Utrecht")
    assert other.places.service_point("nieuw").name == "nieuw"
    one.close()
    other.close()


def test_an_altered_fact_is_reported(tmp_path: Path) -> None:
    """Facts that were changed by hand are named; the journal holds."""
    with idocore.open(f"sqlite:///{tmp_path}/ido.db") as register:
        register.places.put(*PLACES)
        visit = register.record("centrale", inquiries=DIGID)
        register.record("weesp", inquiries=DIGID)
        engine = create_engine(f"sqlite:///{tmp_path}/ido.db")
        with engine.begin() as connection:
            connection.execute(text("UPDATE ido_inquiry SET provider='uwv' WHERE registration=1"))
            connection.execute(text("DELETE FROM ido_choice WHERE registration=2"))
        engine.dispose()
        found = list(register.verify())
    assert {(one.code, one.parameters["table"]) for one in found} == {
        ("fact-differs", "ido_inquiry"),
        ("fact-differs", "ido_choice"),
    }
    assert str(visit.id) in {str(one.parameters["id"]) for one in found}


def test_a_cut_tail_and_a_changed_entry_show(tmp_path: Path) -> None:
    """The chain breaks where the journal was changed, and where its end was cut off."""
    with idocore.open(f"sqlite:///{tmp_path}/ido.db") as register:
        register.places.put(*PLACES)
        engine = create_engine(f"sqlite:///{tmp_path}/ido.db")
        with engine.begin() as connection:
            connection.execute(text("UPDATE idocore_journal SET body=replace(body, 'Noord', 'Zuid') WHERE position=1"))
        assert [one.code for one in register.verify()] == ["journal-broken"]
        with engine.begin() as connection:
            connection.execute(text("UPDATE idocore_journal SET body=replace(body, 'Zuid', 'Noord') WHERE position=1"))
        assert list(register.verify()) == []
        with engine.begin() as connection:
            last = "(SELECT max(position) FROM idocore_journal)"
            connection.execute(text(f"DELETE FROM idocore_journal WHERE position={last}"))
        assert [one.code for one in register.verify()] == ["journal-broken"]
        engine.dispose()


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("mongodb://x", idocore.PluginNotFoundError),
        ("sqlite:////nergens/op/deze/machine/ido.db", idocore.StoreUnavailableError),
        ("postgresql://u:geheim@127.0.0.1:1/x", idocore.StoreUnavailableError),
    ],
)
def test_a_store_that_cannot_be_had_says_so(url: str, error: type[Exception]) -> None:
    """A typed error with a stable code; a password is never repeated."""
    with pytest.raises(error) as caught:
        idocore.open(url)
    assert "geheim" not in str(caught.value)


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    """An older program does not touch what it cannot know."""
    url = f"sqlite:///{tmp_path}/ido.db"
    idocore.open(url).close()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE idocore_version SET version_num='9999'"))
    engine.dispose()
    with pytest.raises(idocore.StoreUnavailableError, match="pip install -U idocore"):
        idocore.open(url)


def test_a_missing_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error is an ImportError with the command to type."""
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    for name in [name for name in sys.modules if name.startswith(("idocore_excel", "openpyxl."))]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(idocore.PluginDependencyError) as caught:
        plugins.load("idocore.exporters", "xlsx")
    assert caught.value.install == "pip install 'idocore[excel]'"
    assert isinstance(caught.value, ImportError)


def test_a_host_keeps_its_transaction(tmp_path: Path) -> None:
    """On a host's connection our part is committed, or rolled back, with the host's."""
    engine = create_engine(f"sqlite:///{tmp_path}/host.db")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE own (x INTEGER)"))
        idocore.open(connection=connection).places.put(*PLACES)
    with engine.connect() as connection:
        idocore.open(connection=connection, clock=lambda: NOW).record("centrale", inquiries=DIGID)
        connection.execute(text("INSERT INTO own VALUES (1)"))
        connection.rollback()
    register = idocore.open(engine=engine, clock=lambda: NOW)
    assert register.table().base == {"registrations": 0}
    with engine.begin() as connection:
        idocore.open(connection=connection, clock=lambda: NOW).record("centrale", inquiries=DIGID)
        connection.execute(text("INSERT INTO own VALUES (1)"))
    assert register.table().base == {"registrations": 1}
    engine.dispose()


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [
        ({"measures": "registration"}, "registrations"),
        ({"by": "provincie"}, "province"),
        ({"where": {"topic": "digit"}}, "digid"),
        ({"where": {"topik": "digid"}}, "topic"),
        ({"theme": "idoo"}, "ido"),
        ({"place_date": "soon"}, "now"),
        ({"by": ["month", "month"]}, "month"),
        ({"start": "2024-02", "end": "2024-01"}, "no day"),
        ({"measures": "share_of_inquiries"}, "share"),
    ],
)
def test_a_question_that_makes_no_sense_names_the_nearest(asked: dict[str, Any], nearest: str) -> None:
    """Never an empty table where the question was wrong."""
    with pytest.raises(idocore.InvalidQueryError, match=nearest):
        idocore.open("memory:").table(**asked)


def test_tallies_are_unlinked_to_inquiries(register: idocore.Register) -> None:
    """Visitors of a tally stand under unknown by topic, are left out of a filter on it, and are told of."""
    register.record("centrale", inquiries=DIGID)
    register.tally("centrale", 7, inquiries=[{"topic": "digid", "count": 4}])
    by = register.table(["visitors", "inquiries"], by="topic")
    assert by.to_dicts() == [
        {"topic": "digid", "visitors": 1, "inquiries": 5},
        {"topic": None, "visitors": 7, "inquiries": 0},
    ]
    assert (by.base, by.unlinked) == ({"visitors": 8, "inquiries": 5}, 7)
    filtered = register.table("visitors", where={"topic": "digid"})
    assert (filtered.base, filtered.unlinked) == ({"visitors": 1}, 7)


def test_legacy_counts_fit(register: idocore.Register) -> None:
    """Counts per month or day, a cross-table, and counts of questions only, each in its own record."""
    register.tally("centrale", 40, moment="2020-03")
    register.tally("centrale", 5, moment="2020-03-04")
    register.tally("centrale", 9, moment="2022-02", theme="ido@2022")
    register.tally("centrale", None, moment="2020-04", inquiries=[{"topic": "digid", "count": 12}])
    table = register.table(["registrations", "visitors", "inquiries"], by=["month", "day"])
    assert [(row.codes, row.numbers) for row in table.rows] == [
        (("2020-03", "2020-03-04"), (0, 5, 0)),
        (("2020-03", None), (0, 40, 0)),
        (("2020-04", None), (0, 0, 12)),
        (("2022-02", None), (0, 9, 0)),
    ]
    assert "note-uncounted" in {note.code for note in table.notes}
    assert "note-uncounted" not in {note.code for note in register.table("visitors", period="2022").notes}


def test_a_cross_table_fits(register: idocore.Register) -> None:
    """Visitors by length of the conversation: a tally for each cell, countable by that answer."""
    codes = [
        one.code for one in register.themes.codelist("idocore-basis/durations").valid_on(datetime(2022, 2, 1).date())
    ]
    for number, code in enumerate(codes[:3], start=1):
        register.tally("centrale", number, moment="2022-02", answers={"duration": code})
    table = register.table("visitors", by="duration")
    assert {row.codes[0]: row.numbers[0] for row in table.rows} == dict(zip(codes[:3], (1, 2, 3), strict=True))
