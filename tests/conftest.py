"""Fixtures that all tests share."""

from tests.mariadb import mariadb_server, mariadb_url, new_mariadb_url
from tests.postgres import new_postgres_url, pg_programs, postgres_server, postgres_url
from tests.registers import open_register
from tests.soffice import soffice

__all__ = [
    "mariadb_server",
    "mariadb_url",
    "new_mariadb_url",
    "new_postgres_url",
    "open_register",
    "pg_programs",
    "postgres_server",
    "postgres_url",
    "soffice",
]

pytest_plugins = ["pytester", "tests.promises"]
