"""A host says in which schema our tables live."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, create_engine, inspect, make_url, text

import idocore
from tests.registers import DIGID, MAY, NOW, furnished


def kept_apart(engine: Engine, register_of_host: str) -> None:
    """Everything works, and is in that schema."""
    with furnished(idocore.open(engine=engine, schema=register_of_host, clock=lambda: NOW)) as register:
        register.record("centrale", inquiries=DIGID, moment=MAY)
        assert register.table(by="province").base == {"registrations": 1}
        assert list(register.verify()) == []
        assert register.store.rebuild() == 1
    inspector = inspect(engine)
    assert inspector.get_table_names() == []
    assert "ido_registration" in inspector.get_table_names(schema=register_of_host)


@pytest.mark.pg
@pytest.mark.parametrize("schema", ["elsewhere", "The Host's own"])
def test_a_schema_of_postgresql(new_postgres_url: Callable[[], str], schema: str) -> None:
    """A schema of the host's database, also one whose name has to be quoted."""
    engine = create_engine(make_url(new_postgres_url()).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.execute(text(f'CREATE SCHEMA "{schema}"'))
    kept_apart(engine, schema)
    engine.dispose()


@pytest.mark.maria
def test_a_schema_of_mariadb(new_mariadb_url: Callable[[], str]) -> None:
    """What MariaDB calls a schema is another database."""
    engine = create_engine(make_url(new_mariadb_url()).set(drivername="mysql+pymysql"))
    kept_apart(engine, str(make_url(new_mariadb_url()).database))
    engine.dispose()
