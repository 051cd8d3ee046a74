"""A theme that a store has no room for is refused before it is in the journal, where it would stay."""

from pathlib import Path

import pytest

import idocore
from idocore import theme_files
from idocore.errors import StoreUnavailableError
from idocore.theme_files import MOST_FIELDS
from tests.registers import DIGID, MAY, NOW, furnished

SMALL = """
[[theme]]
name = "%s"
version = "1"
label = { nl = "Klein", en = "Small" }
valid_from = 2024-01-01
min_inquiries = 0
"""
FIELD = """
[[theme.fields]]
key = "f%d"
level = "registration"
type = "integer"
label = { nl = "Veld", en = "Field" }
"""


def theme(folder: Path, name: str, fields: int) -> Path:
    file = folder / f"{name}.toml"
    file.write_text(SMALL % name + ("fields = []" if not fields else "".join(FIELD % one for one in range(fields))))
    return file


@pytest.fixture
def register(tmp_path: Path) -> idocore.Register:
    return furnished(idocore.open(f"sqlite:///{tmp_path}/room.db", clock=lambda: NOW))


def goes_on(register: idocore.Register, tmp_path: Path) -> None:
    """The register works, also for who opens it anew, and nothing of the theme is in it."""
    register.record("centrale", moment=MAY, inquiries=DIGID)
    with idocore.open(f"sqlite:///{tmp_path}/room.db", clock=lambda: NOW) as anew:
        assert anew.themes.names() == register.themes.names() == ("ido", "visits")
        assert [one for one in anew.changes() if one.kind == "theme"] == []
        assert list(anew.verify()) == []


@pytest.mark.parametrize(("name", "fields"), [("sqlite", 0), ("sqlite_2", 0), ("veel", MOST_FIELDS + 1)])
def test_what_no_store_takes_is_refused(name: str, fields: int, register: idocore.Register, tmp_path: Path) -> None:
    with pytest.raises(idocore.ThemeError, match=name):
        register.install_theme(theme(tmp_path, name, fields))
    goes_on(register, tmp_path)


def test_the_most_fields_are_taken(register: idocore.Register, tmp_path: Path) -> None:
    register.install_theme(theme(tmp_path, "veel", MOST_FIELDS))
    register.record("centrale", theme="veel", moment=MAY, answers={f"f{MOST_FIELDS - 1}": 7})
    assert list(register.verify()) == []


@pytest.fixture
def lenient(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if we did not know what a store has no room for."""
    monkeypatch.setattr(theme_files, "_TAKEN", ("idocore",))
    monkeypatch.setattr(theme_files, "MOST_FIELDS", 10_000)


@pytest.mark.parametrize(("name", "fields"), [("sqlite", 0), ("veel", 2100)])
def test_a_store_is_asked_first(
    name: str, fields: int, register: idocore.Register, tmp_path: Path, lenient: None
) -> None:
    with pytest.raises(idocore.ThemeError):
        register.install_theme(theme(tmp_path, name, fields))
    goes_on(register, tmp_path)


def test_a_theme_that_arrives_is_held(register: idocore.Register, tmp_path: Path, lenient: None) -> None:
    """The store that it came from had room for it; here it stays without effect, and all else is taken."""
    other = furnished(idocore.open("memory:", clock=lambda: NOW))
    other.install_theme(theme(tmp_path, "sqlite", 0))
    other.record("wijk", moment=MAY, inquiries=DIGID)
    idocore.sync(other, register)
    assert [one.held.code for one in register.store.held() if one.held] == ["held-theme-faulty"]
    register.record("centrale", moment=MAY, inquiries=DIGID)
    assert register.table().base == {"registrations": 2}
    assert list(register.verify()) == []


def test_a_store_that_is_away_is_no_fault_of_the_theme(register: idocore.Register, tmp_path: Path) -> None:
    register.close()
    with pytest.raises(StoreUnavailableError, match="closed"):
        register.install_theme(theme(tmp_path, "klein", 0))
