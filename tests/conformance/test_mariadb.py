"""MariaDB passes the published suite."""

from collections.abc import Callable, Iterator

import pytest

import idocore
from idocore.store import Store
from idocore.testing import StoreTests
from tests.mariadb import MariadbServer

pytestmark = pytest.mark.maria


class TestMariadb(StoreTests):
    @pytest.fixture
    def make_store(self, mariadb_server: MariadbServer, mariadb_url: str) -> Callable[[], Store]:
        name = mariadb_url.rpartition("/")[2]

        def make() -> Store:
            mariadb_server.execute(f"DROP DATABASE {name}", f"CREATE DATABASE {name}")
            return idocore.open(mariadb_url).store

        return make

    @pytest.fixture
    def store(self, mariadb_url: str) -> Iterator[Store]:
        store = idocore.open(mariadb_url).store
        yield store
        store.close()
