"""What a host rolled back is not known any more, whatever came after it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest
from sqlalchemy import Connection, create_engine

import idocore
from idocore.errors import StoreError
from idocore.journal import Revision
from idocore.knowledge import Knowledge
from idocore.learning import Known
from tests.registers import DIGID, MAY, NOW, SMALL_THEME, OpenRegister, furnished

Change = Callable[[idocore.Register, Path], object]


def add_a_place(register: idocore.Register, _: Path) -> object:
    return register.places.add_service_point("weg", municipality="Utrecht")


def close_a_month(register: idocore.Register, _: Path) -> object:
    return register.periods.close("2024-04")


def install_a_theme(register: idocore.Register, folder: Path) -> object:
    (folder / "klein.toml").write_text(SMALL_THEME)
    return register.install_theme(folder / "klein.toml")


CHANGES: list[Change] = [add_a_place, close_a_month, install_a_theme]


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = create_engine(f"sqlite:///{tmp_path}/host.db")
    with furnished(idocore.open(engine=engine)):
        pass
    with engine.connect() as opened:
        yield opened
    engine.dispose()


@pytest.fixture
def register(connection: Connection) -> idocore.Register:
    found = idocore.open(connection=connection, clock=lambda: NOW)
    connection.commit()
    return found


def known(register: idocore.Register) -> tuple[object, ...]:
    knowledge = register._knowledge
    knowledge.refresh()
    return knowledge.themes, knowledge.places, knowledge.closings


def anew(connection: Connection) -> tuple[object, ...]:
    return known(idocore.open(connection=connection, clock=lambda: NOW))


def test_a_place_that_was_rolled_back_is_refused(register: idocore.Register, connection: Connection) -> None:
    """At once: a record does not go by what was known a moment before."""
    add_a_place(register, Path())
    connection.rollback()
    with pytest.raises(idocore.RejectedError, match="weg"):
        register.record("weg", moment=MAY, inquiries=DIGID)
    register.record("wijk", moment=MAY, inquiries=DIGID)
    connection.commit()
    assert list(register.verify()) == []


@pytest.mark.parametrize("then", [None, *CHANGES])
@pytest.mark.parametrize("change", CHANGES)
def test_a_register_knows_what_one_opened_anew_knows(
    change: Change, then: Change | None, register: idocore.Register, connection: Connection, tmp_path: Path
) -> None:
    """After a change that was rolled back, and after another, or several, in its place."""
    before = known(register)
    change(register, tmp_path)
    connection.rollback()
    assert known(register) == before == anew(connection)
    if then is not None:
        change(register, tmp_path)
        connection.rollback()
        then(register, tmp_path)
        register.places.add_service_point("erbij", municipality="Zeist")
        connection.commit()
        assert known(register) == anew(connection) != before


def test_a_theme_has_its_tables_again(register: idocore.Register, connection: Connection, tmp_path: Path) -> None:
    """Its tables went with what was rolled back: they are made when it is installed again."""
    for finish in (connection.rollback, connection.commit):
        install_a_theme(register, tmp_path)
        register.record("wijk", theme="klein", moment=MAY)
        finish()
        assert register.table().base
    assert register.table(theme="klein").base == {"registrations": 1}
    assert list(register.verify()) == []


def test_who_looks_at_positions_only_is_caught(
    register: idocore.Register, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken twin: another entry in the place of the one that went looks the same."""

    def went_back(_: Knowledge, known: Known, cursor: dict[object, int], __: object) -> bool:
        return any(cursor.get(stream, -1) < position for stream, position in (known.cursor or {}).items())

    monkeypatch.setattr(Knowledge, "_was_undone", went_back)
    add_a_place(register, Path())
    connection.rollback()
    idocore.open(connection=connection).places.add_service_point("erbij", municipality="Zeist")
    assert known(register) != anew(connection)


def test_what_cannot_be_written_takes_its_lot_along(open_register: OpenRegister) -> None:
    """A fault in the last of many comes while the others are being written: nothing stays, and they can come again."""
    register = furnished(open_register())
    point = register.record("centrale", inquiries=DIGID, moment=MAY)
    lot = [
        Revision(one.id, 1, one, "desk", NOW) for one in (attrs.evolve(point, id=idocore.new_id()) for _ in range(40))
    ]
    before = register.store.heads()
    with pytest.raises((StoreError, UnicodeEncodeError)):
        register.store.append([*lot[:-1], attrs.evolve(lot[-1], actor="half \ud800")])
    assert register.store.heads() == before
    assert all(receipt.is_new for receipt in register.store.append(lot))
    assert list(register.verify()) == []
