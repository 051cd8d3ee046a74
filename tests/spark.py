"""A real Spark cluster for the tests: a master and two workers on this machine, on ports of their own."""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

_SECONDS = 300
_QUICK_START = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""Programs that run for seconds gain nothing from being compiled well."""
_MEMORY = "512m"
"""Of each worker and of the driver: little, since others are at work on the machine too."""


@contextmanager
def running_cluster(directory: Path) -> Iterator[str]:
    """The address of a master with two workers of one core each; stopped at the end."""
    port = _free_port()
    address = f"spark://127.0.0.1:{port}"
    with ExitStack() as stack:
        own = ("--host", "127.0.0.1", "--webui-port", "0")
        stack.enter_context(_daemon(directory, "master", "master.Master", *own, "--port", str(port)))
        _await_port(port)
        for number in range(2):
            size = ("--cores", "1", "--memory", _MEMORY, "--work-dir", str(directory / f"work-{number}"))
            stack.enter_context(_daemon(directory, f"worker-{number}", "worker.Worker", *own, *size, address))
        yield address


@contextmanager
def _daemon(directory: Path, name: str, main: str, *arguments: str) -> Iterator[None]:
    import pyspark

    spark = Path(pyspark.__file__).parent
    environment = {
        **os.environ,
        "SPARK_HOME": str(spark),
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": _QUICK_START,
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(directory / f"local-{name}"),
    }
    command = [str(spark / "bin" / "spark-class"), f"org.apache.spark.deploy.{main}", *arguments]
    with (directory / f"{name}.log").open("w") as log:
        process = subprocess.Popen(
            command, env=environment, stdout=log, stderr=log, start_new_session=True, preexec_fn=_end_with_parent
        )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _end_with_parent() -> None:
    """Have the system stop this process when the tests are killed and cannot do it themselves."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _await_port(port: int) -> None:
    until = time.monotonic() + _SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < until, "the master did not start"
            time.sleep(0.2)
        else:
            return


@pytest.fixture(scope="session")
def spark_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session on a cluster with two workers; skipped without pyspark or Java."""
    pytest.importorskip("pyspark", reason="requirements/spark.txt is not installed")
    if shutil.which("java") is None:
        pytest.skip("there is no Java: apt-get install openjdk-17-jre-headless")
    from pyspark.sql import SparkSession

    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    directory = tmp_path_factory.mktemp("spark")
    with running_cluster(directory) as address:
        builder = SparkSession.builder.master(address).appName("idocore")
        session = builder.config(map=_options(directory)).getOrCreate()
        try:
            yield session
        finally:
            session.stop()
            _end_gateway()


def _options(directory: Path) -> dict[str, str]:
    return {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": _MEMORY,
        "spark.executor.memory": _MEMORY,
        "spark.executor.cores": "1",
        "spark.driver.extraJavaOptions": _QUICK_START,
        "spark.executor.extraJavaOptions": _QUICK_START,
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.local.dir": str(directory / "driver"),
        "spark.sql.warehouse.dir": str(directory / "warehouse"),
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.adaptive.enabled": "false",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }


def _end_gateway() -> None:
    """Stop the Java process that the session talked to, so that it does not outlive the tests."""
    from pyspark import SparkContext

    gateway = SparkContext._gateway
    if gateway is not None:
        gateway.shutdown()
        gateway.proc.stdin.close()
        gateway.proc.wait(30)


def workers(session: Any) -> int:
    """How many workers are at work for `session`, once both have come."""
    until = time.monotonic() + _SECONDS
    while True:
        found = int(session.sparkContext._jsc.sc().getExecutorMemoryStatus().size()) - 1
        if found == 2 or time.monotonic() > until:
            return found
        time.sleep(0.2)
