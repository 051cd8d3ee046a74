"""Fixtures that all tests share."""

import pytest
from hypothesis import HealthCheck, settings

from tests.mariadb import mariadb_server, mariadb_url, new_mariadb_url
from tests.postgres import new_postgres_url, pg_programs, postgres_server, postgres_url
from tests.registers import open_register
from tests.soffice import soffice
from tests.spark import spark_session

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
    "spark_session",
]

# How long a test takes depends on who else is at work on the machine, and says nothing of whether it is right.
LENIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("idocore", LENIENT, derandomize=True)
"""The same examples in every run, so that what fails has to do with what was changed."""
settings.register_profile("search", LENIENT)
"""Other examples in every run: `pytest --hypothesis-profile=search`."""
settings.load_profile("idocore")

pytest_plugins = ["pytester", "tests.promises"]

_LONG = ("slow", "crash", "race", "spark", "demo")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long goes first, so that at the end no process is left alone with it."""
    items.sort(key=lambda item: not any(item.get_closest_marker(name) for name in _LONG))
