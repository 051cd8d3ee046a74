"""Snapshots give the cells that cuts mean, and broken ways of counting them do not."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from idocore.registrations import Registration
from idocore.statistics.cells import REGISTRATIONS
from idocore_lake import engine
from idocore_lake.columns import Columns
from idocore_lake.connections import DuckDB
from tests.lake import tried

EXAMPLES = 45


@pytest.mark.slow
def test_snapshots_count_as_the_reference_does(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """Random registers and cuts of every kind: by place, clock, answer, bridge, together; 0 differences."""
    count, wrong = tried(DuckDB(), tmp_path, EXAMPLES)
    assert count >= 500
    assert wrong == 0
    record_property("promise", "every backend means the same")
    record_property("reached", f"{count:,} random cuts over snapshots on DuckDB, 0 differences")


def _flagged(measures: frozenset[str]) -> Mapping[str, Any]:
    """Broken: counts the first row of each registration, which is right only without a look at inquiries."""
    return {REGISTRATIONS: lambda rows: rows.count(where=(rows.kind == "visit") & (rows.ordinal == 1))}


def _as_rows(measures: frozenset[str]) -> Mapping[str, Any]:
    """Broken: takes every inquiry for a visitor."""
    return {REGISTRATIONS: lambda rows: rows.count(where=rows.kind == "visit")}


@pytest.mark.parametrize("broken", [_flagged, _as_rows])
def test_counts_that_are_not_distinct_are_caught(
    broken: Callable[[frozenset[str]], Mapping[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flag on the first row, or rows for registrations: the same check sees it."""
    monkeypatch.setattr(engine, "_distinct", lambda measures: broken(measures) if REGISTRATIONS in measures else {})
    _, wrong = tried(DuckDB(), tmp_path, 8)
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
    _, wrong = tried(DuckDB(), tmp_path, 8)
    assert wrong
