"""The command `ido`: data on stdout, messages on stderr, exit 0, 1 or 2."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, text

from idocore_cli.commands import ido

GOOD = '{"service_point": "centrale", "moment": "2024-05-06", "inquiries": [{"topic": "digid", "provider": "logius"}]}'


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IDOCORE_LANGUAGE", "en")

    def run(*words: str, input: str | None = None) -> Result:
        return CliRunner().invoke(ido, words, input=input)

    assert run("init", "--service-point", "centrale", "--municipality", "Utrecht").exit_code == 0
    return run


def test_records_from_stdin_get_a_line_each(run: Any) -> None:
    """One result line for every record; exit 1 when one was rejected, and the rejected line can be mended."""
    done = run("record", "-", "--rejected", "again.jsonl", input=f"{GOOD}\n{{broken\n")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["line"], line["result"]) for line in lines] == [(1, "stored"), (2, "rejected")]
    assert done.exit_code == 1
    assert Path("again.jsonl").read_text() == "{broken\n"
    assert "2: " in done.stderr


def test_a_table_in_json(run: Any) -> None:
    """Rows, base, unknown and notes."""
    run("record", "-", input=f"{GOOD}\n{GOOD}\n")
    done = run("table", "--measure", "registrations", "--by", "province", "--by", "month", "--format", "json")
    found = json.loads(done.stdout)
    assert found["rows"] == [{"province": "PV26", "month": "2024-05", "registrations": 2}]
    assert (found["base"], done.exit_code) == ({"registrations": 2}, 0)
    assert set(found) == {"rows", "base", "unknown", "notes"}
    none = run("table", "--where", "topic=work", "--format", "csv")
    assert (none.stdout, none.exit_code) == ("registrations\n", 0)


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("table", "--by", "provincie"), 2, "province"),
        (("table", "--period", "2024-13"), 2, "2024-Q2"),
        (("table", "--where", "topic"), 2, "FIELD=CODE"),
        (("nonsense",), 2, "No such command"),
        (("show", "00000000-0000-7000-8000-000000000000"), 1, "no registration"),
        (("show", "nonsense"), 2, "UUID"),
        (("withdraw", "nonsense"), 2, "UUID"),
        (("export", "out.pdf"), 2, "xlsx"),
        (("--store", "mongodb://x", "verify"), 2, "ido plugins"),
        (("places", "add", "x", "--municipality", "Utrech"), 1, "ido places --level municipality"),
        (("periods", "close", "2024", "--at", "service_point/x"), 2, "ido places --level service-point"),
        (("places", "add", "x", "--municipality", "Utrech"), 1, "Utrecht"),
        (("places", "add", "x", "--opening-hours", "blah"), 2, "Mo-Fr"),
    ],
)
def test_a_wrong_call_says_what_to_do(run: Any, words: tuple[str, ...], status: int, said: str) -> None:
    """Nothing on stdout, one sentence on stderr, and an exit status that tells usage from failure."""
    done = run(*words)
    assert (done.exit_code, done.stdout) == (status, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_verify_names_the_row_that_was_altered(run: Any) -> None:
    """Exit 0 when all is well; after a change by hand exit 1 with the row."""
    run("record", "-", input=GOOD)
    assert run("verify").exit_code == 0
    engine = create_engine("sqlite:///ido.db")
    with engine.begin() as connection:
        connection.execute(text("UPDATE ido_registration SET service_point='elders'"))
    engine.dispose()
    done = run("verify")
    found = json.loads(done.stdout)
    assert (done.exit_code, found["code"], found["columns"]) == (1, "fact-differs", ["service_point"])


def test_export_import_and_report(run: Any) -> None:
    """What goes out comes in; the same again changes nothing."""
    run("record", "-", input=GOOD)
    assert run("export", "out.jsonl").exit_code == 0
    assert json.loads(run("export", "-", "--format", "jsonl").stdout)["service_point"] == "centrale"
    assert "unchanged 1" in run("import", "out.jsonl").stderr
    assert run("report", "r.xlsx", "--period", "2024").exit_code == 0
    assert Path("r.xlsx").stat().st_size > 5000


def test_an_interview_records_a_visit(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the questions are asked; enter skips."""
    monkeypatch.setattr("idocore_cli.commands.sys.stdin.isatty", lambda: True, raising=False)
    from idocore_cli import interview

    monkeypatch.setattr(interview.click, "confirm", lambda *_, **__: False)
    answers = iter(["digid"])
    monkeypatch.setattr(interview.click, "prompt", lambda *_, **__: next(answers, ""))
    import click

    from idocore_cli.setting import Setting

    with click.Context(ido) as context:
        context.obj = Setting("sqlite:///ido.db", "nl", "desk-1")
        interview.record(context.obj)
    assert json.loads(run("table", "--by", "topic", "--format", "json").stdout)["rows"] == [
        {"topic": "digid", "registrations": 1}
    ]


def test_listings(run: Any) -> None:
    """Places, themes and plugins can be listed; municipalities as of a day."""
    rows = json.loads(run("places", "--level", "municipality", "--on", "2022-03-24", "--format", "json").stdout)["rows"]
    assert len(rows) == 344
    themes = [row["theme"] for row in json.loads(run("themes", "--format", "json").stdout)["rows"]]
    assert themes == ["ido@2019", "ido@2021", "ido@2022", "ido@2024", "visits@1"]
    assert "sqlite" in run("plugins").stdout
    assert "logius" in run("themes", "--codes", "idocore-basis/providers").stdout


@pytest.mark.demo
def test_the_demo_is_the_same_for_the_same_seed(run: Any) -> None:
    """Totals are equal; provinces add up to the nation, as then and as now."""
    for store in ("a", "b"):
        assert run("--store", f"sqlite:///{store}.db", "demo", "--registrations", "400", "--seed", "1").exit_code == 0
    tables = []
    for store in ("a", "b"):
        for place_date in ("then", "now"):
            words = ("table", "--by", "province", "--place-date", place_date, "--format", "json")
            found = json.loads(run("--store", f"sqlite:///{store}.db", *words).stdout)
            assert sum(row["registrations"] for row in found["rows"]) == found["base"]["registrations"]
            tables.append(found["rows"])
    assert tables[:2] == tables[2:]


def recorded(run: Any) -> str:
    done = run("record", "-", input=GOOD)
    found: str = json.loads(done.stdout)["id"]
    return found


def test_correct_withdraw_restore_and_show(run: Any) -> None:
    """One registration changed from the command line, with its history to read."""
    visit = recorded(run)
    run("correct", visit, "--set", "channel=telephone", "--set", "answers.note=kwam terug", "--reason", "vergist")
    run("withdraw", visit, "--reason", "dubbel")
    assert json.loads(run("restore", visit).stdout) == {"id": visit, "revision": 4, "status": "final"}
    history = [json.loads(line) for line in run("show", visit).stdout.splitlines()]
    assert [(one["status"], one["channel"], one["reason"]) for one in history] == [
        ("final", None, None),
        ("final", "telephone", "vergist"),
        ("withdrawn", "telephone", "dubbel"),
        ("final", "telephone", None),
    ]
    assert run("restore", visit).exit_code == 2
    assert run("correct", visit, "--set", "channel").exit_code == 2


def test_periods_from_the_command_line(run: Any) -> None:
    """Close, look, amend, open again; a worker may not."""
    assert run("periods").stderr == "Nothing is closed.\n"
    run("periods", "close", "2024-05", "--at", "nation", "--reason", "jaarverslag")
    closed = json.loads(run("periods", "--format", "json").stdout)["rows"]
    assert closed == [{"period": "2024-05", "level": "nation", "code": "NL"}]
    done = run("record", "-", input=GOOD)
    assert (done.exit_code, json.loads(done.stdout)["findings"][0]["code"]) == (1, "period-closed")
    assert run("record", "-", "--override", "period-closed=te laat", input=GOOD).exit_code == 0
    done = run("--role", "worker", "--scope", "service_point/centrale", "periods", "reopen", "2024-05")
    assert (done.exit_code, "who may: owner, coordinator" in done.stderr) == (1, True)
    run("periods", "reopen", "2024-05", "--at", "nation")
    assert recorded(run)


def test_who_closed_and_why_is_told(run: Any) -> None:
    """The history of closings, oldest first, as it was given."""
    assert "yet" in run("periods", "history").stderr
    run("--actor", "c-17", "periods", "close", "2024-05", "--at", "nation", "--reason", "ingeleverd")
    run("--actor", "n-1", "periods", "reopen", "2024-05", "--at", "nation", "--reason", "telfout")
    told = json.loads(run("periods", "history", "--format", "json").stdout)["rows"]
    assert [(one["period"], one["is_closed"], one["actor"], one["reason"]) for one in told] == [
        ("2024-05", True, "c-17", "ingeleverd"),
        ("2024-05", False, "n-1", "telfout"),
    ]
    refused = run("--role", "worker", "--scope", "service_point/centrale", "periods", "history")
    assert (refused.exit_code, refused.stdout) == (1, "")


def test_what_was_amended_is_told(run: Any) -> None:
    """A withdrawal after the closing, with its day and why."""
    stored = recorded(run)
    assert "Nothing" in run("periods", "amendments").stderr
    run("periods", "close", "2024-05", "--at", "nation")
    run("withdraw", stored, "--override", "period-closed=dubbel")
    (told,) = json.loads(run("periods", "amendments", "2024-05", "--format", "json").stdout)["rows"]
    assert (told["id"], told["day"], told["status"], told["reason"]) == (stored, "2024-05-06", "withdrawn", "dubbel")
    assert run("periods", "amendments", "2024-04").stdout.count("\n") <= 1
    assert stored in run("periods", "amendments").stdout


def test_a_warning_names_the_option_that_goes_on(run: Any) -> None:
    """In a file, and of a single change."""
    stored = recorded(run)
    run("periods", "close", "2024-05", "--at", "nation")
    for words, given in ((("record", "-"), GOOD), (("withdraw", stored), None)):
        assert "--override period-closed=REASON" in run(*words, input=given).stderr
        assert run(*words, "--override", "period-closed=lag in een la", input=given).exit_code == 0


def test_who_imports_without_ids_is_told(run: Any) -> None:
    """Since the same file counts again each time; with an id it does not, and nothing is said."""
    Path("zonder.jsonl").write_text(GOOD)
    Path("met.jsonl").write_text('{"id": "018f4c3e-0000-7000-8000-000000000001", ' + GOOD[1:])
    assert "1 without an id" in run("import", "zonder.jsonl").stderr
    assert "without an id" not in run("import", "met.jsonl").stderr


def test_a_broken_value_of_a_correction_is_told_as_such(run: Any) -> None:
    refused = run("correct", recorded(run), "--set", 'inquiries=[{"topic"')
    assert (refused.exit_code, "no JSON" in refused.stderr) == (2, True)


@pytest.mark.parametrize("command", ["record", "import"])
@pytest.mark.parametrize("target", ["in.jsonl", "./in.jsonl", "link.jsonl", "hard.jsonl"])
def test_what_is_read_is_not_written_over(run: Any, command: str, target: str) -> None:
    """The file for rejected lines is not the one that they come from, by whatever name: exit 2, and it stays."""
    file = Path("in.jsonl")
    file.write_text(f"{GOOD}\n{{broken\n")
    Path("link.jsonl").symlink_to(file)
    Path("hard.jsonl").hardlink_to(file)
    done = run(command, str(file), "--rejected", target)
    assert (done.exit_code, "target-is-source" in done.stderr, done.stdout) == (2, True, "")
    assert file.read_text() == f"{GOOD}\n{{broken\n"
    assert run(command, str(file), "--rejected", "out.jsonl").exit_code == 1
    assert Path("out.jsonl").read_text() == "{broken\n"


def test_the_faulty_cells_are_not_marked_in_the_file_itself(run: Any) -> None:
    """Nor is a copy with marks written over what is read."""
    Path("in.jsonl").write_text(GOOD)
    assert run("import", "in.jsonl", "--errors", "in.jsonl").exit_code == 2
    assert Path("in.jsonl").read_text() == GOOD


@pytest.mark.parametrize(
    ("pairs", "status", "said"),
    [
        (["answers=x"], 1, "answers"),
        (["reason=foo"], 2, "--reason"),
        (['overrides={"a": "b"}'], 2, "--override"),
        (["visit=1"], 2, "no such field"),
        (["self=1"], 2, "no such field"),
        (["colour=red"], 1, "colour"),
        (["answers=x", "answers.note=y"], 2, "answers.KEY=VALUE"),
        (["answers.note=y", "answers=x"], 2, "answers.KEY=VALUE"),
    ],
)
def test_a_correction_of_what_is_no_field_is_told(run: Any, pairs: list[str], status: int, said: str) -> None:
    """A sentence and an exit status; nothing is changed."""
    visit = recorded(run)
    done = run("correct", visit, *(word for pair in pairs for word in ("--set", pair)))
    assert (done.exit_code, said in done.stderr) == (status, True)
    assert len(run("show", visit).stdout.splitlines()) == 1


@pytest.mark.parametrize("pairs", [["answers.note=y", "answers={}"], ["answers={}", "answers.note=y"]])
def test_no_answer_is_dropped(run: Any, pairs: list[str]) -> None:
    """In whatever order they are given."""
    visit = recorded(run)
    run("correct", visit, "--set", pairs[0], "--set", pairs[1])
    assert json.loads(run("show", visit).stdout.splitlines()[-1])["answers"]["note"] == "y"


@pytest.mark.parametrize("command", [["record", "in.jsonl"], ["import", "in.jsonl"]])
def test_a_sign_in_another_encoding_stops_no_line(run: Any, command: list[str]) -> None:
    """It is marked, and the lines around it are stored, by both ways in."""
    latin = GOOD[:-1].encode() + ', "answers": {"note": "één"}}'.encode("latin-1")
    Path("in.jsonl").write_bytes(GOOD.encode() + b"\n" + latin + b"\n")
    done = run(*command)
    assert (done.exit_code, "stored 2" in done.stderr) == (0, True)


def test_a_new_target_of_a_sync_is_told(run: Any) -> None:
    """Once: a mistyped address would look like a register that lacks everything."""
    assert "not there yet" in run("sync", "sqlite:///ido.db", "sqlite:///new.db").stderr
    assert "not there yet" not in run("sync", "sqlite:///ido.db", "sqlite:///new.db").stderr


def test_what_is_held_is_shown_until_it_is_settled(run: Any) -> None:
    """What it says, by whom; after the settlement only when all is asked for."""
    stored = recorded(run)
    run("sync", "sqlite:///ido.db", "sqlite:///province.db")
    province = ("--store", "sqlite:///province.db")
    run("--actor", "w-1", "correct", stored, "--set", "channel=telephone")
    run(*province, "--actor", "w-2", "correct", stored, "--set", "channel=online")
    assert run("sync", "sqlite:///ido.db", "sqlite:///province.db").exit_code == 1
    (held,) = (json.loads(line) for line in run(*province, "held").stdout.splitlines())
    assert (held["code"], held["by"], held["content"]["channel"]) == ("held-conflict", "w-1", "telephone")
    run(*province, "correct", stored, "--set", "channel=telephone", "--reason", "nagevraagd")
    assert run("sync", "sqlite:///ido.db", "sqlite:///province.db").exit_code == 0
    assert run(*province, "held").exit_code == 0
    assert len(run(*province, "held", "--all").stdout.splitlines()) == 1


def test_seal_backup_and_restore(run: Any) -> None:
    """A backup with its seal, put back at another address and checked."""
    recorded(run)
    seal = run("backup", "copy.db").stdout
    Path("seal.json").write_text(seal)
    recorded(run)
    assert run("verify", "--seal", "seal.json").exit_code == 0
    again = ("--store", "sqlite:///again.db")
    assert run(*again, "restore-backup", "copy.db", "--seal", "seal.json").exit_code == 0
    assert run(*again, "table", "--format", "csv").stdout == "registrations\n1\n"
    assert run("backup", "copy.db").exit_code == 1
    assert run("rebuild").stderr == "2 registrations rebuilt\n"
    Path("seal.json").write_text("{}")
    assert run("verify", "--seal", "seal.json").exit_code == 1


def test_sync_from_the_command_line(run: Any) -> None:
    """Dry run, sync, and again; what is held is listed with exit 1."""
    recorded(run)
    assert json.loads(run("sync", "sqlite:///ido.db", "sqlite:///province.db", "--dry-run").stdout) == {"pending": 2}
    done = run("sync", "sqlite:///ido.db", "sqlite:///province.db")
    assert json.loads(done.stdout)["up"] == {"applied": 2, "amendment": 0, "known": 0, "held": 0}
    assert json.loads(run("sync", "sqlite:///ido.db", "sqlite:///province.db").stdout)["up"]["applied"] == 0
    assert run("--store", "sqlite:///province.db", "held").exit_code == 0
    scoped = ("--role", "coordinator", "--scope", "organisation/zuid")
    done = run(*scoped, "sync", "sqlite:///ido.db", "sqlite:///zuid.db")
    assert (done.exit_code, json.loads(done.stdout)["held"]) == (1, 2)
    assert run("--store", "sqlite:///zuid.db", "held").exit_code == 1


def test_a_source_that_is_not_there_is_not_made(run: Any) -> None:
    """A slip of the pen in the address is told, and leaves no empty register."""
    done = run("sync", "sqlite:///typo.db", "sqlite:///province.db")
    assert done.exit_code == 1
    assert "typo.db" in done.stderr
    assert not Path("typo.db").exists()


def test_a_scope_without_a_role_is_refused(run: Any) -> None:
    """It would leave an owner, who may do everything."""
    done = run("--scope", "service_point/centrale", "backup", "copy.db")
    assert (done.exit_code, Path("copy.db").exists()) == (2, False)


def test_what_is_wholly_held_is_erased_from_the_command_line(run: Any) -> None:
    """A registration that came by sync and has no effect can be erased as any other."""
    noted = GOOD.replace('"inquiries"', '"answers": {"note": "kwam terug"}, "inquiries"')
    visit = json.loads(run("record", "-", input=noted).stdout)["id"]
    run("--role", "coordinator", "--scope", "organisation/zuid", "sync", "sqlite:///ido.db", "sqlite:///zuid.db")
    assert run("--store", "sqlite:///zuid.db", "erase", visit, "--yes").exit_code == 0
    assert run("--store", "sqlite:///zuid.db", "erase", visit.replace("0", "1"), "--yes").exit_code == 1
    assert b"kwam terug" not in b"".join(path.read_bytes() for path in Path().glob("zuid.db*"))


def test_notes_go_from_the_command_line(run: Any) -> None:
    """A dry run, the purge, and the erasure of one registration, which asks first."""
    noted = GOOD.replace('"inquiries"', '"answers": {"note": "kwam terug"}, "inquiries"')
    visit = json.loads(run("record", "-", input=noted).stdout)["id"]
    assert "1 registration(s)" in run("purge", "--dry-run").stderr
    assert run("purge").exit_code == 0
    assert "note" not in json.loads(run("show", visit).stdout)["answers"]
    assert run("erase", visit, input="n\n").exit_code == 1
    assert json.loads(run("show", visit).stdout)["actor"] == "local-owner"
    assert run("erase", visit, "--yes").exit_code == 0
    assert json.loads(run("show", visit).stdout)["actor"] is None


def test_a_table_as_a_file_or_in_another_format(run: Any) -> None:
    """The suffix of --out says the format, --format another; text to the terminal stays what comes without either."""
    run("record", "-", input=f"{GOOD}\n{GOOD}\n")
    table = ("table", "--by", "province")
    assert run(*table).stdout.split()[:4] == ["province", "registrations", "Utrecht", "2"]
    assert run(*table, "--format", "sdmx").stdout.splitlines()[1].endswith("PV26,registrations,2,A,F")
    assert run(*table, "--format", "svg").stdout.startswith("<svg")
    assert "<caption>Registrations by province" in run(*table, "--format", "html").stdout
    for name in ("t.svg", "t.html", "t.json", "t.sdmx.csv", "t.parquet", "t.txt"):
        done = run(*table, "--out", name)
        assert (done.exit_code, done.stdout) == (0, "")
        assert Path(name).stat().st_size > 50
    assert Path("t.sdmx.xml").exists()
    assert "t-province.csv" in run(*table, "--out", "t.csv", "--format", "csvw").stderr
    assert Path("t.csv").read_text() == "province,registrations\nPV26,2\n"


def test_a_table_as_what_it_cannot_be(run: Any) -> None:
    """A format that is several files needs a name, one that does not exist names those that do; exit 2."""
    for words, said in ((("--format", "csvw"), "--out"), (("--out", "t.pdf"), "parquet")):
        done = run("table", "--by", "province", *words)
        assert (done.exit_code, done.stdout) == (2, "")
        assert said in done.stderr
    assert run("table", "--out", "nowhere/t.csv").exit_code == 1


def test_publishing_and_reading_what_was_published(run: Any) -> None:
    """A dry run says what would be hidden; publishing needs a closed period; anybody lists and shows releases."""
    run("record", "-", input=f"{GOOD}\n" * 8)
    refused = run("publish", "maand", "2024-05", "--by", "topic")
    assert (refused.exit_code, "release-not-closed" in refused.stderr) == (1, True)
    run("periods", "close", "2024-05", "--at", "nation")
    dry = run("publish", "maand", "2024-05", "--by", "topic", "--level", "nation", "--dry-run")
    assert (dry.exit_code, dry.stdout) == (0, "")
    assert "Would publish" in dry.stderr
    assert "Nearly everything" not in dry.stderr
    sparse = run("publish", "maand", "2024-05", "--by", "topic", "--level", "nation", "--fewest", "50", "--dry-run")
    assert "Nearly everything is hidden" in sparse.stderr
    assert json.loads(run("releases", "--format", "json").stdout) == {"rows": []}
    assert run("publish", "maand", "2024-05", "--by", "topic", "--level", "nation").exit_code == 0
    public = ("--role", "public", "--scope", "nation")
    listed = json.loads(run(*public, "releases", "--format", "json").stdout)["rows"]
    assert [(row["name"], row["hidden"]) for row in listed] == [("maand/2024-05/1", 0)]
    shown = json.loads(run(*public, "releases", "maand/2024-05", "--format", "json").stdout)
    assert shown["rows"][0]["inquiries"] == 8
    assert run(*public, "publish", "maand", "2024-05").exit_code == 1


def test_rollups_are_declared_refreshed_and_checked(run: Any) -> None:
    """By which dimensions counts are kept ready; what is no dimension is refused with the nearest named."""
    run("record", "-", input=f"{GOOD}\n")
    done = run("rollups", "declare", "provider,topic", "help")
    assert (done.exit_code, "provider,topic" in done.stdout) == (0, True)
    assert run("rollups", "refresh").exit_code == 0
    done = run("rollups", "check")
    assert (done.exit_code, "agree" in done.stderr) == (0, True)
    listed = run("rollups", "--format", "csv").stdout.splitlines()
    assert listed == ["theme,dimensions", "ido,", "ido,help", 'ido,"provider,topic"']
    refused = run("rollups", "declare", "provder")
    assert (refused.exit_code, "provider" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    "words",
    [
        ("verify",),
        ("seal",),
        ("rebuild",),
        ("backup", "copy.db"),
        ("purge",),
        ("held",),
        ("table",),
        ("export", "out.jsonl"),
        ("show", "00000000-0000-7000-8000-000000000000"),
    ],
)
def test_a_mistyped_address_makes_no_register(run: Any, words: tuple[str, ...]) -> None:
    """What reads or keeps a register says that there is none, and how to make one; nothing is made."""
    done = run("--store", "sqlite:///typo.db", *words)
    assert done.exit_code == 1
    assert "store-absent" in done.stderr
    assert not Path("typo.db").exists()


def test_a_dry_run_of_a_sync_makes_no_register(run: Any) -> None:
    """All that there is would go to a register that is not there yet, and it is still not there afterwards."""
    run("record", "-", input=f"{GOOD}\n")
    there = json.loads(run("sync", "sqlite:///ido.db", "sqlite:///new.db", "--dry-run").stdout)["pending"]
    assert not Path("new.db").exists()
    done = json.loads(run("sync", "sqlite:///ido.db", "sqlite:///new.db").stdout)
    assert done["up"]["applied"] == there


def test_a_service_point_moves_and_is_not_replaced_unseen(run: Any) -> None:
    """From a day on it is elsewhere; added again, it says that it was there."""
    assert "added" in run("places", "add", "wijk", "--municipality", "Utrecht").stderr
    assert run("places", "move", "wijk", "--on", "2024-05", "--municipality", "Amersfoort").exit_code == 0
    rows = [json.loads(run("places", "--on", day, "--format", "json").stdout)["rows"] for day in DAYS]
    towns = [{row["id"]: row["municipality"] for row in several}["wijk"] for several in rows]
    assert towns == ["GM0344", "GM0307"]
    assert run("places", "move", "wijk", "--on", "2024-05").exit_code == 2
    assert "replaced" in run("places", "add", "wijk", "--municipality", "Utrecht").stderr


DAYS = ("2024-04-30", "2024-05-01")


def test_keeping_and_trying_a_sync_ask_the_role(run: Any) -> None:
    """A backup is put back by the owner only, also where there is no register yet; a dry run of a sync is a sync."""
    assert run("backup", "copy.db").exit_code == 0
    for who in (("--role", "public", "--scope", "service_point/x"), ("--role", "national")):
        refused = run("--store", "sqlite:///other.db", *who, "restore-backup", "copy.db")
        assert (refused.exit_code, Path("other.db").exists()) == (1, False)
        assert "[not-allowed]" in refused.stderr
    tried = run("--role", "public", "sync", "sqlite:///ido.db", "sqlite:///copy.db", "--dry-run")
    assert (tried.exit_code, tried.stdout) == (1, "")
    assert run("--store", "sqlite:///other.db", "--role", "owner", "restore-backup", "copy.db").exit_code == 0
