"""Plugins, found through entry points; only the one that is named is loaded.

Groups: ``idocore.stores``, ``idocore.exporters``, ``idocore.importers``, ``idocore.sheets``, ``idocore.snapshots``,
``idocore.themes``, ``idocore.restorers``.
"""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

from attrs import frozen

from idocore.errors import PluginDependencyError, PluginLoadError, PluginNotFoundError

GROUPS: Final = (
    "idocore.stores",
    "idocore.exporters",
    "idocore.importers",
    "idocore.sheets",
    "idocore.snapshots",
    "idocore.themes",
    "idocore.restorers",
)

_EXTRAS: Final[Mapping[str, str]] = {
    "sqlalchemy": "sql",
    "alembic": "sql",
    "tenacity": "sql",
    "psycopg": "postgres",
    "pymysql": "mariadb",
    "openpyxl": "excel",
    "python_calamine": "excel",
    "tomlkit": "excel",
    "click": "cli",
    "rich": "cli",
    "ibis": "lake",
    "duckdb": "lake",
    "pyspark": "spark",
    "highspy": "disclosure",
    "polars": "frames",
    "pandas": "frames",
    "pyarrow": "frames",
    "altair": "charts",
    "vl_convert": "charts",
}


@frozen
class Plugin:
    """An installed plugin: its group, its name, where it points, and which distribution brought it."""

    group: str
    name: str
    target: str
    distribution: str


def installed(group: str | None = None) -> tuple[Plugin, ...]:
    """The plugins of `group`, or of all our groups; none of them is loaded."""
    groups = GROUPS if group is None else (group,)
    return tuple(_plugin(point) for one in groups for point in sorted(entry_points(group=one), key=lambda p: p.name))


def _plugin(point: EntryPoint) -> Plugin:
    return Plugin(point.group, point.name, point.value, point.dist.name if point.dist else "")


def load(group: str, name: str) -> Callable[..., Any]:
    """The plugin `name` of `group`.

    Raises PluginNotFoundError when nobody offers it, PluginDependencyError with the command to type when a library
    that it needs is missing, and PluginLoadError for anything else that goes wrong in it.
    """
    found = {point.name: point for point in entry_points(group=group)}
    if name not in found:
        near = get_close_matches(name, found, n=3) or sorted(found)
        raise PluginNotFoundError("unknown-plugin", group=group.partition(".")[2], value=name, known=near)
    try:
        return found[name].load()  # type: ignore[no-any-return]
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _EXTRAS:
            raise PluginLoadError("plugin-fails", value=name, group=group, reason=str(error)) from error
        raise missing_library(missing) from error
    except Exception as error:
        raise PluginLoadError("plugin-fails", value=name, group=group, reason=str(error)) from error


def missing_library(library: str) -> PluginDependencyError:
    """The error that says which extra brings `library`."""
    extra = _EXTRAS.get(library, "all")
    return PluginDependencyError("missing-library", library=library, install=f"pip install 'idocore[{extra}]'")


def library(name: str) -> Any:
    """The library `name`, imported when it is used; raises PluginDependencyError with what to install."""
    try:
        return import_module(name)
    except ImportError as error:
        raise missing_library(name.partition(".")[0]) from error
