"""The table of promises in the documentation, made from what a run reached.

A test states its promise with ``record_property("promise", ...)`` and what it reached with ``"reached"``. A run in
which every one of them passed writes the table; a run of a part leaves it alone.
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

TABLE = Path(__file__).parents[1] / "docs" / "explanation" / "promises.md"
PROMISES = (
    "a registration that was acknowledged is kept when the process is killed",
    "it was on disk before it was acknowledged",
    "no lost update",
    "sending again is harmless",
    "every backend means the same",
    "migrations are safe",
    "a backup taken under load restores",
    "a full disk is an error, not a loss",
    "a closed period stays closed",
    "a person sees and changes only what their role and scope allow",
    "nobody can compute a suppressed cell",
    "retention is real",
    "import conserves",
    "a hostile workbook is harmless",
    "no live formulas leave",
    "a table is the same in every program",
)
"""The promises that are shown by now, in the order of the table."""

_HEAD = """# Promises, and what a run reached

Written by the tests (`make test`): each promise, the test that shows it, and what was counted in the latest run that
passed as a whole. Beside each test stands its broken twin, a variant that is wrong on purpose and that the same check
catches. Counts with an element of chance (how much a killed writer had written) differ from run to run.

| promise | shown by | reached |
|---|---|---|
"""


class PromiseTable:
    """Collects what the tests of a run reached."""

    def __init__(self) -> None:
        self.reached: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self.failed = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Called for every phase of every test; with several processes, in the one that gathers."""
        self.failed |= report.failed
        found: dict[str, Any] = dict(report.user_properties)
        if report.when == "call" and report.passed and "promise" in found:
            test = report.nodeid.partition("[")[0]
            self.reached[found["promise"]].append((test, str(found["reached"])))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the table when everything in it was reached."""
        is_gathering = not hasattr(session.config, "workerinput")
        if is_gathering and not self.failed and set(PROMISES) == set(self.reached):
            TABLE.write_text(_HEAD + "".join(self._rows()), encoding="utf-8")

    def _rows(self) -> Iterator[str]:
        for promise in PROMISES:
            found = sorted(self.reached[promise])
            tests = "<br>".join(f"`{test}`" for test in dict.fromkeys(test for test, _ in found))
            counts = "<br>".join(reached for _, reached in found)
            yield f"| {promise} | {tests} | {counts} |\n"


def pytest_configure(config: pytest.Config) -> None:
    """Listen to the whole run."""
    config.pluginmanager.register(PromiseTable(), "promise-table")
