"""The data that comes with idocore: our own themes and code lists, provinces and municipalities.

Everything here can be replaced or extended by a library's own files of the same form.
"""

from importlib import resources
from importlib.resources.abc import Traversable


def themes() -> tuple[Traversable, ...]:
    """Our theme files: code lists first, then the versions of each theme with their bridges."""
    root = resources.files(__name__)
    lists = sorted(root.joinpath("codelists").iterdir(), key=lambda file: file.name)
    versions = sorted(root.joinpath("themes").iterdir(), key=lambda file: file.name)
    return tuple(file for file in (*lists, *versions) if file.name.endswith(".toml"))
