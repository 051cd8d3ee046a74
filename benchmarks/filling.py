"""Facts of any number of registrations on SQLite, without their journal: for questions only.

A hundredth or so is made by the simulation; each of those is written many times, at the service points of those that
came shortly before or after it.
"""

import sqlite3
from pathlib import Path

import idocore
from benchmarks.preparing import fact_rows, fact_tables, prepared
from idocore_sql.inserting import insert_rows
from idocore_sql.store import SqlStore

_MADE = 50_000
_APART = 1500
"""How far from each other two registrations may be in time to change places, counted in registrations."""


def filled(path: Path, registrations: int) -> idocore.Register:
    """A register at `path` with so many registrations (a multiple of 50,000, or fewer than those)."""
    made = min(_MADE, registrations)
    if path.exists():
        return idocore.open(f"sqlite:///{path}")
    nation, revisions = prepared(made)
    register = idocore.open(f"sqlite:///{path}")
    register.places.put(*nation.places)
    store = register.store
    assert isinstance(store, SqlStore)
    with store._access.writing() as connection:
        for table, rows in fact_rows(revisions, fact_tables()):
            insert_rows(connection, table, [list(row.values()) for row in rows])
    _multiply(path, made, registrations // made)
    with store._access.writing() as connection:
        store._rolling.mark_all(connection)
    return register


def _multiply(path: Path, made: int, times: int) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("foreign_keys=OFF", "cache_size=-400000", "synchronous=OFF", "temp_store=FILE"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN IMMEDIATE")
    for table in ("ido_registration", "ido_inquiry", "ido_choice"):
        connection.execute(f"CREATE TEMP TABLE made_{table} AS SELECT * FROM {table}")
    for table in ("ido_choice", "ido_inquiry", "ido_registration"):
        connection.execute(f"DELETE FROM {table}")
    connection.execute("CREATE TEMP TABLE point AS SELECT key AS number, service_point FROM made_ido_registration")
    connection.execute("CREATE INDEX temp.point_number ON point (number)")
    connection.execute("CREATE TEMP TABLE copy (copy INTEGER PRIMARY KEY)")
    connection.executemany("INSERT INTO copy VALUES (?)", [(number,) for number in range(times)])
    columns = [row[1] for row in connection.execute("PRAGMA table_info(ido_registration)")]
    other = f"(SELECT p.service_point FROM point p WHERE p.number = 1 + (m.key - 1 + copy * 7919 % {_APART}) % {made})"
    changed = {"key": f"(m.key - 1) * {times} + copy + 1", "id": "randomblob(16)", "service_point": other}
    values = ", ".join(changed.get(name, f'm."{name}"') for name in columns)
    source = "CROSS JOIN copy ORDER BY m.rowid, copy"
    connection.execute(f"INSERT INTO ido_registration SELECT {values} FROM made_ido_registration m {source}")
    for table in ("ido_inquiry", "ido_choice"):
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        changed = {"registration": f"(m.registration - 1) * {times} + copy + 1"}
        values = ", ".join(changed.get(name, f'm."{name}"') for name in columns)
        connection.execute(f"INSERT INTO {table} SELECT {values} FROM made_{table} m {source}")
    connection.execute("COMMIT")
    connection.close()
