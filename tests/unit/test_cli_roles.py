"""Who may do what through the command `ido`: the same table in the documentation, cell by cell."""

import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest
from click.testing import CliRunner, Result

import idocore
from idocore_cli.commands import ido
from idocore_cli.setting import Setting
from tests.registers import DIGID, MAY, NOW, SMALL_THEME, furnished
from tests.unit.test_roles import ELSEWHERE, HOLDING, cases, expected

LINE: Mapping[str, object] = {"service_point": "centrale", "moment": MAY, "inquiries": DIGID}

pytestmark = pytest.mark.slow


@attrs.define
class Terminal:
    """A folder with a register in it to work on, and each operation as a person would type it."""

    folder: Path
    visit: str
    late: str
    who: tuple[str, ...] = ()
    is_fresh: bool = False

    @classmethod
    def furnished(cls, folder: Path) -> "Terminal":
        """A terminal in `folder`, with the registers that every attempt begins with."""
        with furnished(idocore.open(f"sqlite:///{folder}/before.db", clock=lambda: NOW)) as register:
            visit = register.record("centrale", inquiries=DIGID, moment=MAY, answers={"note": "kwam terug"})
            register.periods.close("2024-04", at="nation")
        with furnished(idocore.open(f"sqlite:///{folder}/source.db", clock=lambda: NOW)) as source:
            late = source.record("centrale", inquiries=DIGID, moment=MAY)
        (folder / "klein.toml").write_text(SMALL_THEME)
        return cls(folder, str(visit.id), str(late.id))

    def attempt(self, role: str, scope: str, operation: str) -> bool:
        """Whether `operation` does what it is for, typed by `role` within `scope`."""
        if not self.is_fresh:
            shutil.copyfile(self.folder / "before.db", self.folder / "ido.db")
        self.who = ("--actor", "p-1", "--role", role, "--scope", scope)
        found: bool = getattr(self, operation)()
        # What was refused has changed nothing: the next may go on with it.
        self.is_fresh = not found
        return found

    def run(self, *words: str, input: str | None = None) -> Result:
        return CliRunner().invoke(ido, ["--language", "en", *self.who, *words], input=input)

    def succeeds(self, *words: str, input: str | None = None) -> bool:
        return self.run(*words, input=input).exit_code == 0

    def record(self) -> bool:
        return self.succeeds("record", "-", input=json.dumps(LINE))

    def correct(self) -> bool:
        return self.succeeds("correct", self.visit, "--set", "channel=telephone")

    def amend(self) -> bool:
        line = {**LINE, "moment": "2024-04-02T10:00"}
        return self.succeeds("record", "-", "--override", "period-closed=lag in een la", input=json.dumps(line))

    def read(self) -> bool:
        return self.succeeds("show", self.visit)

    def notes(self) -> bool:
        return "kwam terug" in self.run("show", self.visit).stdout

    def count(self) -> bool:
        return len(self.run("table", "--where", "service_point=centrale", "--format", "csv").stdout.splitlines()) > 1

    def export(self) -> bool:
        out = self.folder / "out.jsonl"
        out.unlink(missing_ok=True)
        return self.succeeds("export", str(out)) and bool(out.read_text())

    def close(self) -> bool:
        done = self.run("periods", "close", "2024-03")
        return done.exit_code == 0 and any(scope in done.stderr for scope in HOLDING)

    def places(self) -> bool:
        return self.succeeds("places", "add", "centrale", "--municipality", "Utrecht", "--organisation", "noord")

    def purge(self) -> bool:
        return self.succeeds("erase", self.visit, "--yes")

    def sync(self) -> bool:
        self.run("sync", "sqlite:///source.db", "sqlite:///ido.db", "--one-way")
        self.is_fresh, self.who = False, ()
        return self.succeeds("show", self.late)

    def themes(self) -> bool:
        return self.succeeds("themes", "klein.toml")

    def journal(self) -> bool:
        return self.succeeds("verify") and self.succeeds("seal")

    def releases(self) -> bool:
        return self.succeeds("releases")

    def publish(self) -> bool:
        return self.succeeds("publish", "maand", "2024-04", "--dry-run")

    def keep(self) -> bool:
        return self.succeeds("rebuild")


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IDOCORE_STORE", "sqlite:///ido.db")
    return Terminal.furnished(tmp_path)


def check(terminal: Terminal, tried: Iterable[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Those of the cells that are tried in which the command does not do what the table says."""
    return [case for case in tried if terminal.attempt(*case) is not expected(*case)]


@pytest.mark.parametrize("role", [role.value for role in idocore.Role if role is not idocore.Role.OWNER])
def test_the_command_line_does_what_the_table_says(
    terminal: Terminal, role: str, record_property: Callable[[str, object], None]
) -> None:
    """A person sees and changes only what their role and scope allow, through `ido`: every cell is typed."""
    tried = [case for case in cases() if case[0] == role]
    assert check(terminal, tried) == []
    record_property("promise", "a person sees and changes only what their role and scope allow")
    record_property("reached", f"{role}: {len(tried)} combinations of scope and operation through `ido`, 0 wrong")


def test_a_command_line_that_forgets_scopes_is_caught(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken twin hands the role on, and not the scope."""

    def forgetful(setting: Setting, register: idocore.Register) -> Any:
        return register.acting_as(setting.actor, setting.role, "nation")

    monkeypatch.setattr(Setting, "bound", forgetful)
    wrong = check(terminal, [case for case in cases() if case[::2] == ("worker", "read")])
    assert {scope for _, scope, _ in wrong} == set(ELSEWHERE)
