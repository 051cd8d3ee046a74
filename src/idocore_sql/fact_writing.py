"""Facts put into their tables, in the place of what was there of the same registrations."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, Table, cast, delete, func, select, update
from sqlalchemy.dialects.postgresql import REGCLASS

from idocore.registrations import Registration
from idocore_sql import facts
from idocore_sql.facts import Fact
from idocore_sql.inserting import insert_rows
from idocore_sql.journals import slices
from idocore_sql.quick import Quick, name_of
from idocore_sql.rollup_marks import mark
from idocore_sql.tables import FactTables
from idocore_sql.types import MARIADB

Place = tuple[str, date]
"""A service point, and a day of it."""
Keyed = tuple[int, Fact]
"""The key of a registration in the tables, and the fact."""


def write_facts(
    connection: Connection, written: Iterable[Fact], known: Mapping[str, FactTables], there: Collection[UUID]
) -> None:
    """Write these facts, each registration once; `there` are those that may have facts already."""
    by_theme: dict[str, list[Fact]] = {}
    touched: dict[str, set[Place]] = defaultdict(set)
    for fact in written:
        by_theme.setdefault(fact.registration.theme_name, []).append(fact)
    for theme, part in by_theme.items():
        # In order of id, so that two writers of the same registrations wait for each other, never in a circle.
        part.sort(key=lambda fact: fact.registration.id.int)
        moved = [fact.registration for fact in part if fact.registration.id in there] if there else []
        for other in known.keys() - {theme} if moved else ():
            touched[other] |= _take_out(connection, moved, known[other])
        touched[theme] |= _write(connection, part, known[theme], there)
    mark(connection, touched)


def _write(connection: Connection, written: list[Fact], known: FactTables, there: Collection[UUID]) -> set[Place]:
    """Write facts of one theme; where they lie, and where those lay that they replace."""
    ids = [fact.registration.id for fact in written]
    old = _keys(connection, known.registration, [one for one in ids if one in there]) if there else {}
    changed = [(old[one].key, fact) for one, fact in zip(ids, written, strict=True) if one in old] if old else []
    added = [fact for one, fact in zip(ids, written, strict=True) if one not in old] if old else written
    if changed:
        _change(connection, known, changed)
    keys = _insert(connection, known, added)
    _insert_children(connection, known, [*changed, *zip(keys, added, strict=True)])
    return {(fact.registration.service_point, fact.registration.local_date) for fact in written} | _places(old)


def _change(connection: Connection, known: FactTables, changed: Sequence[Keyed]) -> None:
    table = known.registration
    for part in slices(key for key, _ in changed):
        for child in (known.choice, known.inquiry):
            connection.execute(delete(child).where(child.c.registration.in_(part)))
    for key, fact in changed:
        values = dict(zip(table.columns.keys()[1:], facts.registration_row(fact, known), strict=True))
        connection.execute(update(table).where(table.c.key == key), values)


def _insert(connection: Connection, known: FactTables, added: Sequence[Fact]) -> Sequence[int]:
    """Insert these registrations; the key of each."""
    table = known.registration
    if connection.dialect.name in MARIADB:
        # MariaDB hands out keys by itself, so that writers do not wait for each other's.
        insert_rows(connection, table, ([None, *facts.registration_row(fact, known)] for fact in added))
        ids = [fact.registration.id for fact in added]
        found = _keys(connection, table, ids)
        return [found[one].key for one in ids]
    keys = _new_keys(connection, table, len(added))
    pairs = zip(keys, added, strict=True)
    insert_rows(connection, table, ([key, *facts.registration_row(fact, known)] for key, fact in pairs))
    return keys


def _take_out(connection: Connection, registrations: Sequence[Registration], known: FactTables) -> set[Place]:
    """No facts of these in the tables of a theme that they were corrected away from; where they lay."""
    old = _keys(connection, known.registration, [one.id for one in registrations])
    for part in slices(row.key for row in old.values()):
        for child in (known.choice, known.inquiry):
            connection.execute(delete(child).where(child.c.registration.in_(part)))
        connection.execute(delete(known.registration).where(known.registration.c.key.in_(part)))
    return _places(old)


def _places(old: Mapping[UUID, Row[Any]]) -> set[Place]:
    return {(row.service_point, row.local_date) for row in old.values()}


def _keys(connection: Connection, table: Table, registrations: Iterable[UUID]) -> dict[UUID, Row[Any]]:
    """The key of each, with where it lies."""
    found: dict[UUID, Row[Any]] = {}
    for part in slices(registrations):
        chosen = select(table.c.id, table.c.key, table.c.service_point, table.c.local_date).where(table.c.id.in_(part))
        found |= {row.id: row for row in connection.execute(chosen)}
    return found


def _new_keys(connection: Connection, table: Table, count: int) -> Sequence[int]:
    """The next `count` keys of the table, taken."""
    if not count:
        return ()
    if connection.dialect.name == "postgresql":
        return connection.execute(_next_values(connection, table, count)).scalars().all()
    # Elsewhere whoever writes has the table, or at least the end of its index, alone.
    if "idocore_last_key" not in table.info:
        table.info["idocore_last_key"] = Quick(select(func.max(table.c.key)).with_for_update())
    last = table.info["idocore_last_key"](connection)[0][0] or 0
    return range(last + 1, last + 1 + count)


def _next_values(connection: Connection, table: Table, count: int) -> Select[Any]:
    # The sequence is looked up once, in a question of its own, not for every key.
    name = func.pg_get_serial_sequence(name_of(connection, table), table.c.key.name)
    sequence = select(cast(name, REGCLASS)).scalar_subquery()
    return select(func.nextval(sequence)).select_from(func.generate_series(1, count))


def _insert_children(connection: Connection, known: FactTables, keyed: Sequence[Keyed]) -> None:
    inquiries = ([key, *row] for key, fact in keyed for row in facts.inquiry_rows(fact, known))
    insert_rows(connection, known.inquiry, inquiries)
    choices = ([key, *row] for key, fact in keyed for row in facts.choice_rows(fact, known))
    insert_rows(connection, known.choice, choices)
