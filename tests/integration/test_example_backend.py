"""The example of a backend by somebody else: installed as its own distribution, found, used and tested."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import idocore

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "idocore-folder"

USE = """
import sys, idocore
url, expected = sys.argv[1], int(sys.argv[2])
with idocore.open(url) as register:
    assert register.table().base == {"registrations": expected - 1}, register.table().base
    if expected == 1:
        register.places.put(idocore.ServicePoint("centrale", "Centrale"))
    register.record("centrale", inquiries=[{"topic": "digid", "provider": "logius", "help": ["digital-traffic"]}])
    assert register.table().base == {"registrations": expected}
    assert list(register.verify()) == []
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables of a process that has the example installed, beside the idocore that is tested here."""
    target = tmp_path_factory.mktemp("installed")
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check"]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, "--target", target, EXAMPLE], check=True)
    source = Path(idocore.__file__).parents[1]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (target, source)))}


def test_an_installed_backend_is_opened_by_its_scheme(environment: dict[str, str], tmp_path: Path) -> None:
    """Two processes, one after the other, record in the same directory; the second finds what the first wrote."""
    for expected in (1, 2):
        arguments = [sys.executable, "-W", "error", "-c", USE, f"folder:{tmp_path / 'register'}", str(expected)]
        subprocess.run(arguments, env=environment, check=True)


@pytest.mark.slow
def test_it_passes_its_own_suite(environment: dict[str, str]) -> None:
    """Which is ours, unmodified, and the machine."""
    arguments = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    done = subprocess.run(arguments, env=environment, cwd=EXAMPLE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout
