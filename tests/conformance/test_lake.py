"""Snapshots give the cells that cuts mean, and broken ways of counting them do not."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from idocore.registrations import Registration
from idocore_lake import engine
from idocore_lake.columns import Columns, first_of
from idocore_lake.connections import DuckDB
from tests.lake import as_rows, tried

EXAMPLES = 21


@pytest.mark.slow
def test_snapshots_count_as_the_reference_does(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """Random registers and cuts of every kind: by place, clock, answer, bridge, together; 0 differences."""
    count, wrong = tried(DuckDB(), tmp_path, EXAMPLES)
    assert count >= 500
    assert wrong == 0
    record_property("promise", "every backend means the same")
    record_property("reached", f"{count:,} random cuts over snapshots on DuckDB, 0 differences")


def flagged(patched: pytest.MonkeyPatch) -> None:
    """Broken: the first row with a topic stands for each visit, right only where nothing else of inquiries is asked."""
    patched.setattr(engine._Plan, "_first", lambda _: first_of("topic"))


@pytest.mark.parametrize("broken", [flagged, as_rows])
def test_counts_that_are_not_distinct_are_caught(
    broken: Callable[[pytest.MonkeyPatch], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flag on the first row, or rows for registrations: the same check sees it."""
    broken(monkeypatch)
    _, wrong = tried(DuckDB(), tmp_path, EXAMPLES, until_wrong=True)
    assert wrong


def test_registrations_without_inquiries_are_missed_when_they_have_no_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A snapshot with inquiries only lacks visitors who asked nothing: the same check sees it."""
    rows = Columns.rows

    def broken(
        self: Columns, number: int, registration: Registration, is_amendment: bool
    ) -> Iterable[Mapping[str, Any]]:
        return rows(self, number, registration, is_amendment) if registration.inquiries else ()

    monkeypatch.setattr(Columns, "rows", broken)
    _, wrong = tried(DuckDB(), tmp_path, EXAMPLES, until_wrong=True)
    assert wrong
