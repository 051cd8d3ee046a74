"""A real MariaDB server for the tests, from the binaries of the system, in a directory and on a port of its own."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pymysql
import pytest

_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
"""Where the programs are: a server's program is not always on the path of a user."""

_PROGRAMS = ("mariadbd", "mariadb-install-db")
_SECONDS = 60
_OPTIONS = (
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    "--skip-log-bin",
    "--innodb-buffer-pool-size=64M",
)
_CARELESS = ("--innodb-flush-method=nosync", "--sync-frm=0", "--debug-no-sync")
"""The files of most tests need not survive a power cut; everything else is as it comes."""

_names = count()


def fewer(number: int, url: str) -> int:
    """A fifth of `number` on MariaDB, which is promised as much and tried less; else all of it."""
    return number // 5 if url.startswith("mariadb") else number


class MariadbServer:
    """A server, its files and its port."""

    def __init__(self, directory: Path, options: Sequence[str]) -> None:
        self.directory = directory
        self._options = options
        self.port = _free_port()
        self._user = ("--user=nobody",) if os.geteuid() == 0 else ()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.directory / "server.log"

    def url(self, database: str) -> str:
        """The address of a database."""
        return f"mariadb://root@127.0.0.1:{self.port}/{database}"

    def make(self) -> None:
        """Make the files of an empty server."""
        data = self.directory / "data"
        data.mkdir()
        if self._user:
            # The server refuses to run as root, and whoever runs it has to get in.
            self.directory.chmod(0o755)
            shutil.chown(data, "nobody")
        install = _program("mariadb-install-db")
        arguments = (f"--datadir={data}", "--auth-root-authentication-method=normal", "--skip-test-db", *self._user)
        subprocess.run([install, "--no-defaults", *arguments], check=True, capture_output=True)

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        data = self.directory / "data"
        files = (f"--datadir={data}", f"--socket={data}/socket", f"--pid-file={data}/pid", f"--port={self.port}")
        command = [_program("mariadbd"), "--no-defaults", *files, *self._options, *self._user]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + _SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"mariadbd does not start: {self.log.read_text()[-2000:]}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            pymysql.connect(host="127.0.0.1", port=self.port, user="root").close()
        except pymysql.err.OperationalError:
            return False
        return True

    def execute(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run statements as the server's owner; what the last one found."""
        connection = pymysql.connect(host="127.0.0.1", port=self.port, user="root", autocommit=True)
        try:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                return list(cursor.fetchall())
        finally:
            connection.close()

    def stop(self) -> None:
        """Stop the server in its own good order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the server at once, as a power cut would, as far as processes go."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(_SECONDS)
            self._process = None


def _program(name: str) -> str | None:
    return shutil.which(name, path=_PATH)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def running_mariadb(*options: str, is_careful: bool = False) -> Iterator[MariadbServer]:
    """A server in a directory of its own; stopped and cleared away at the end. `is_careful`: it syncs to the disk."""
    directory = Path(tempfile.mkdtemp(prefix="idocore-maria-"))
    server = MariadbServer(directory, (*_OPTIONS, *(() if is_careful else _CARELESS), *options))
    try:
        server.make()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[MariadbServer]:
    """A server for each test process, where the programs are."""
    if not all(map(_program, _PROGRAMS)):
        pytest.skip("no MariaDB server here: apt-get install mariadb-server-core mariadb-client")
    with running_mariadb() as server:
        yield server


@pytest.fixture
def new_mariadb_url(mariadb_server: MariadbServer) -> Iterator[Callable[[], str]]:
    """Makes an empty database at each call and gives its address; all are dropped afterwards."""
    names: list[str] = []

    def make() -> str:
        names.append(f"test_{next(_names)}")
        mariadb_server.execute(f"CREATE DATABASE {names[-1]}")
        return mariadb_server.url(names[-1])

    yield make
    mariadb_server.execute(*(f"DROP DATABASE IF EXISTS {name}" for name in names))


@pytest.fixture
def mariadb_url(new_mariadb_url: Callable[[], str]) -> str:
    """The address of an empty database, dropped afterwards."""
    return new_mariadb_url()
