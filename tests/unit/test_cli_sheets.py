"""`ido propose` and `ido import` of sheets: sentences by cell, the sum, and the exit status."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from idocore_cli.commands import ido
from idocore_excel import importing
from tests.sheets import ListBook, book

SHEET = book(("Datum", "Vraag"), ("1-3-2022", "DigiD"), (), ("2-3-2022", "raar"), ("Totaal", 2))


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    @contextmanager
    def opened(_: Path) -> Iterator[Any]:
        yield SHEET

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IDOCORE_LANGUAGE", "nl")
    monkeypatch.setattr(importing, "opened", opened)
    Path("2022.xlsx").write_bytes(b"")

    def run(*words: str) -> Result:
        return CliRunner().invoke(ido, words)

    assert run("init", "--service-point", "centrale", "--municipality", "Utrecht").exit_code == 0
    return run


def test_propose_then_import(run: Any) -> None:
    """A proposal is saved or printed; the import names the cell, gives the sum and the reasons, and exits 1."""
    assert run("propose", "2022.xlsx", "--save", "p.toml").stdout == ""
    assert run("propose", "2022.xlsx").stdout == Path("p.toml").read_text(encoding="utf-8")
    done = run("import", "2022.xlsx", "--profile", "p.toml", "--dry-run")
    assert done.exit_code == 1
    assert "Blad1!B4: De code 'raar' staat niet in de lijst" in done.stderr
    assert "[unknown-code]" in done.stderr
    assert "4 gelezen = 1 aanvaard + 0 met een opmerking + 1 afgewezen + 2 overgeslagen" in done.stderr
    assert "1: Lege regel. [row-blank]" in done.stderr
    assert [json.loads(line)["cell"] for line in done.stdout.splitlines()] == ["B4"]
    assert "--errors" in done.stderr


def test_a_sheet_that_is_left_out_is_told(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line after the sum."""
    whole = ListBook({**SHEET.grids, "2024": SHEET.grids["Blad1"]})
    monkeypatch.setattr(importing, "opened", lambda _: nullcontext(whole))
    run("propose", "2022.xlsx", "--save", "p.toml")
    assert "Niet gelezen: blad 2024;" in run("import", "2022.xlsx", "--profile", "p.toml", "--dry-run").stderr


def test_import_is_harmless_to_repeat(run: Any) -> None:
    """Mended in the profile, it loads with exit 0, and again changes nothing; another source is another visit."""
    run("propose", "2022.xlsx", "--save", "p.toml")
    text = Path("p.toml").read_text(encoding="utf-8")
    Path("p.toml").write_text(text + 'codes = { raar = "other" }\n', encoding="utf-8")
    load = ("import", "2022.xlsx", "--profile", "p.toml")
    assert ("2 registraties nieuw" in run(*load).stderr, run(*load).exit_code) == (True, 0)
    assert "0 registraties nieuw, 2 waren er al" in run(*load).stderr
    assert "2 registraties nieuw" in run(*load, "--source", "filiaal").stderr


def test_a_broken_profile_is_a_sentence(run: Any) -> None:
    """Exit 1, every fault, no traceback."""
    Path("p.toml").write_text('profle = "x"\n', encoding="utf-8")
    done = run("import", "2022.xlsx", "--profile", "p.toml")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "profle: 'profle' bestaat hier niet; bedoelt u profile" in done.stderr


def test_our_own_csv_stays_what_it_was(run: Any) -> None:
    """Only a CSV of another make is read as a sheet."""
    Path("own.csv").write_text("service_point,moment,inquiry.topic\ncentrale,2024-05-06,digid\n", encoding="utf-8")
    assert "Gelezen: 1" in run("import", "own.csv").stderr
