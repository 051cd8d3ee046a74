"""Empty registers on every store that we have."""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

import idocore
from idocore.periods import LOCAL_ZONE

NOW = datetime(2024, 6, 15, 12, tzinfo=LOCAL_ZONE)
MAY = "2024-05-14T10:30"
DIGID = [{"topic": "digid", "provider": "logius"}]

SMALL_THEME = """
[[theme]]
name = "klein"
version = "1"
label = { nl = "Klein", en = "Small" }
valid_from = 2024-01-01
min_inquiries = 0
fields = []
"""
"""A theme with nothing to ask."""

OpenRegister = Callable[..., idocore.Register]
LOCAL = pytest.mark.parametrize("open_register", ["memory", "sqlite"], indirect=True)
"""For tests of what lies above the stores, which every store has been shown to mean the same."""

ABOVE_STORES = pytest.mark.parametrize("open_register", ["memory"], indirect=True)
"""The same, with many examples."""

STORES = [
    "memory",
    "sqlite",
    pytest.param("postgresql", marks=pytest.mark.pg),
    pytest.param("mariadb", marks=pytest.mark.maria),
]


@pytest.fixture(params=STORES)
def open_register(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenRegister]:
    """Opens an empty register on one of the stores at each call, closed at the end."""
    opened: list[idocore.Register] = []
    numbers = count()

    def open_one(**arguments: Any) -> idocore.Register:
        register = idocore.open(_url(request, tmp_path, next(numbers)), **{"clock": lambda: NOW, **arguments})
        opened.append(register)
        return register

    yield open_one
    for register in opened:
        register.close()


def _url(request: pytest.FixtureRequest, directory: Path, number: int) -> str:
    match request.param:
        case "sqlite":
            return f"sqlite:///{directory}/{number}.db"
        case "postgresql" | "mariadb" as name:
            url: str = request.getfixturevalue(f"new_{'postgres' if name == 'postgresql' else name}_url")()
            return url
    return "memory:"


def furnished(register: idocore.Register) -> idocore.Register:
    """`register` with two organisations in two provinces and a service point or two of each."""
    places = register.places
    places.add_organisation("noord", "Bibliotheek Noord")
    places.add_organisation("zuid", "Bibliotheek Zuid")
    places.add_service_point("centrale", municipality="Utrecht", organisation="noord")
    places.add_service_point("wijk", municipality="Amersfoort", organisation="noord")
    places.add_service_point("weesp", municipality="Amsterdam", organisation="zuid")
    return register
