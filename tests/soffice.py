"""A headless LibreOffice for the tests: the other program that people open sheets with."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

_SECONDS = 120

Kind = Literal["xlsx", "ods", "xls", "csv", "pdf"]


class Soffice:
    """The program, with a user profile of its own: beside another one it would do nothing at all."""

    def __init__(self, program: str, profile: Path) -> None:
        self._command = (program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore")

    def convert(self, path: Path, kind: Kind, into: Path, *, options: str = "") -> Path:
        """`path` as LibreOffice opens it and saves it again: a file of `kind` in the directory `into`.

        `options` are those of the filter, for instance ``Text - txt - csv (StarCalc):59,34,76`` for a CSV with
        semicolons in UTF-8. Raises RuntimeError when nothing was made.
        """
        into.mkdir(parents=True, exist_ok=True)
        target = into / f"{path.stem}.{kind}"
        if target.exists() and target.resolve() != path.resolve():
            target.unlink()
        before = target.stat().st_mtime_ns if target.exists() else 0
        said = self._run("--convert-to", f"{kind}:{options}" if options else kind, "--outdir", str(into), str(path))
        if not target.exists() or target.stat().st_mtime_ns == before:
            raise RuntimeError(f"LibreOffice made no {kind} of {path.name}: {said}")
        return target

    def _run(self, *arguments: str) -> str:
        # A session of its own: the program that is started is a script, and what it starts has to go with it.
        process = subprocess.Popen(
            [*self._command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            return process.communicate(timeout=_SECONDS)[0].decode(errors="replace").strip()
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise RuntimeError(f"LibreOffice took longer than {_SECONDS} seconds") from None


@pytest.fixture(scope="session")
def soffice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Soffice]:
    """LibreOffice without a screen; the test is skipped where it is not installed."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        pytest.skip("LibreOffice is not installed (apt-get install libreoffice-calc-nogui)")
    profile = tmp_path_factory.mktemp("soffice")
    yield Soffice(program, profile)
    shutil.rmtree(profile, ignore_errors=True)
