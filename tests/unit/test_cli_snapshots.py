"""`ido snapshot`, from closing to a table that is computed again."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import idocore
from idocore_cli.commands import ido
from tests.registers import DIGID, MAY, furnished


@pytest.fixture
def store(tmp_path: Path) -> str:
    """The address of a register with one visit in May."""
    url = f"sqlite:///{tmp_path}/ido.db"
    with idocore.open(url) as register:
        furnished(register).record("centrale", inquiries=DIGID, moment=MAY, overrides={"registered-late": "la"})
    return url


def run(store: str, *arguments: str) -> Result:
    return CliRunner().invoke(ido, ["--store", store, "--lang", "en", *arguments])


def test_from_closing_to_a_table_computed_again(store: str, tmp_path: Path) -> None:
    """What is open is refused; then freeze, list, check, count and cite; an altered file is found and not counted."""
    folder, cited = str(tmp_path / "snapshots"), str(tmp_path / "answer.json")
    refused = run(store, "snapshot", "freeze", "2024-05", "--folder", folder)
    assert refused.exit_code == 1
    assert "[snapshot-open]" in refused.stderr
    assert run(store, "periods", "close", "2024-05").exit_code == 0
    dry = run(store, "snapshot", "freeze", "2024-05", "--folder", folder, "--dry-run")
    assert (dry.exit_code, dry.stdout, Path(folder).exists()) == (0, "", False)
    made = json.loads(run(store, "snapshot", "freeze", "2024-05", "--folder", folder).stdout)
    listed = json.loads(run(store, "snapshot", "list", "--folder", folder, "--format", "json").stdout)
    assert [(one["id"], one["hash"]) for one in listed["rows"]] == [(made["id"], made["hash"])]
    asked = ("--by", "province", "--period", "2024-05", "--format", "csv", "--snapshots", folder, "--cite", cited)
    counted = run(store, "table", *asked)
    assert counted.stdout == "province,registrations\nPV26,1\n"
    again = run(store, "snapshot", "recompute", cited, "--folder", folder, "--format", "csv")
    assert again.stdout == counted.stdout
    assert run(store, "snapshot", "check", "--folder", folder).exit_code == 0
    with (Path(folder) / made["id"] / "rows.parquet").open("ab") as file:
        file.write(b"x")
    checked = run(store, "snapshot", "check", "--folder", folder)
    assert checked.exit_code == 1
    assert "[snapshot-altered]" in checked.stderr
    assert "[snapshot-altered]" in run(store, "table", *asked).stderr


def test_a_role_is_asked_before_snapshots_are_listed(store: str, tmp_path: Path) -> None:
    """With a role the command keeps to it: the public sees no counts that were frozen."""
    folder = str(tmp_path / "snapshots")
    assert run(store, "periods", "close", "2024-05").exit_code == 0
    assert run(store, "snapshot", "freeze", "2024-05", "--folder", folder).exit_code == 0
    for word in ("list", "check"):
        refused = run(store, "--role", "public", "snapshot", word, "--folder", folder)
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert "[not-allowed]" in refused.stderr
    assert "nation/NL" in run(store, "--role", "funder", "snapshot", "list", "--folder", folder).stdout
