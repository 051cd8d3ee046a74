"""What the benchmarks share: validated registrations, the same rows for a peer, and timing in turns."""

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import idocore
from idocore.journal import Revision
from idocore.simulation import Nation, simulate
from idocore_sql import facts
from idocore_sql.installing import tables_of
from idocore_sql.tables import FactTables


def prepared(registrations: int, seed: int = 1) -> tuple[Nation, list[Revision]]:
    """An invented nation, and its registrations as they come out of reader and rules."""
    nation = simulate(registrations, seed)
    with idocore.open("memory:") as register:
        register.places.put(*nation.places)
        intake = register._writer.intake()
        return nation, [intake.admit(line.raw) for line in nation.lines() if line.raw]


def fact_tables() -> FactTables:
    """The fact tables of the theme ido."""
    with idocore.open("memory:") as register:
        return tables_of(register.themes)["ido"]


def fact_rows(revisions: Sequence[Revision], tables: FactTables) -> list[tuple[Any, list[dict[str, Any]]]]:
    """The rows that the store writes for `revisions`, for each table, as SQLAlchemy Core takes them."""
    found: dict[str, list[dict[str, Any]]] = {table.name: [] for table in tables.all}
    for key, revision in enumerate(revisions, start=1):
        fact = facts.Fact.of(revision)
        rows = [facts.registration_row(fact, tables)], facts.inquiry_rows(fact, tables), facts.choice_rows(fact, tables)
        for table, several in zip(tables.all, rows, strict=True):
            names = table.columns.keys()
            found[table.name] += [dict(zip(names, [key, *row], strict=True)) for row in several]
    return [(table, found[table.name]) for table in tables.all]


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@contextmanager
def still() -> Iterator[None]:
    """What was prepared is out of the garbage collector's sight, for us and for the peer alike."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def in_turns(rounds: int, **runs: Callable[[int], float]) -> dict[str, float]:
    """The median of the seconds that each run tells, in turns so that both meet the same machine."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    with still():
        for number in range(rounds):
            for name, run in runs.items():
                taken[name].append(run(number))
    return {name: statistics.median(several) for name, several in taken.items()}
