"""Runs the code blocks of the README and the documentation, each file in an empty directory."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser


def _enter(namespace: dict[str, Any]) -> None:
    namespace["_directory"] = TemporaryDirectory()
    namespace["_before"] = Path.cwd()
    os.chdir(namespace["_directory"].name)


def _leave(namespace: dict[str, Any]) -> None:
    if "register" in namespace:
        namespace["register"].close()
    if "engine" in namespace:
        namespace["engine"].dispose()
    os.chdir(namespace["_before"])
    namespace["_directory"].cleanup()


pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser()], patterns=["*.md"], setup=_enter, teardown=_leave
).pytest()
