"""What is no register of ours is not put back: nothing stands at the address then."""

import sqlite3
from pathlib import Path

import pytest

import idocore
from idocore.errors import ExchangeError, StoreUnavailableError
from tests.registers import NOW, furnished


def copied(folder: Path) -> Path:
    """A copy of a small register."""
    with furnished(idocore.open(f"sqlite:///{folder}/ido.db", clock=lambda: NOW)) as register:
        register.backup(folder / "copy.db")
    return folder / "copy.db"


def altered(folder: Path, statement: str) -> Path:
    copy = copied(folder)
    connection = sqlite3.connect(copy)
    with connection:
        connection.execute(statement)
    connection.close()
    return copy


def other(folder: Path, _: str) -> Path:
    connection = sqlite3.connect(folder / "other.db")
    connection.execute("CREATE TABLE books (title TEXT)")
    connection.close()
    return folder / "other.db"


@pytest.mark.parametrize(
    ("make", "statement", "code"),
    [
        (other, "", "backup-unreadable"),
        (altered, "DELETE FROM idocore_version", "backup-unreadable"),
        (altered, "UPDATE idocore_version SET version_num = '9999'", "store-newer"),
    ],
)
def test_it_is_refused_before_it_is_put_there(make: object, statement: str, code: str, tmp_path: Path) -> None:
    """Any other SQLite database, and a register of a newer version."""
    assert callable(make)
    before = make(tmp_path, statement)
    with pytest.raises((ExchangeError, StoreUnavailableError)) as caught:
        idocore.restore_backup(before, f"sqlite:///{tmp_path}/new.db")
    assert caught.value.code == code
    assert not list(tmp_path.glob("*new.db*"))


def test_what_is_no_address_is_said_as_when_it_is_opened(tmp_path: Path) -> None:
    for work in (idocore.open, lambda url: idocore.restore_backup(copied(tmp_path), url)):
        with pytest.raises(StoreUnavailableError) as caught:
            work("sqlite:junk")
        assert caught.value.code == "store-url"
