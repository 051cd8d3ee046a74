"""Several registers in one journal: what a stream is for, entries without effect, purges, and who wrote apart.

Going down keeps everything: columns and tables that 0001 does not know stay, since they have defaults or may be empty.
Only free text changes its key. Every step of the way up looks whether it was done: MariaDB keeps what a way up that was
broken off had made.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from idocore_sql.types import TABLE_OPTIONS, LongText, Uuid16

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _add_columns()
    _add_tables()
    _texts_by_entry()


def _schema() -> str | None:
    """Where our tables are; said in so many words, since Alembic does not translate what it alters."""
    return op.get_context().version_table_schema


def _has_column(table: str, column: str) -> bool:
    return column in {found["name"] for found in sa.inspect(op.get_bind()).get_columns(table, schema=_schema())}


def _has_table(table: str) -> bool:
    return sa.inspect(op.get_bind()).has_table(table, schema=_schema())


def _add_columns() -> None:
    if not _has_column("idocore_stream", "purpose"):
        purpose = sa.Column("purpose", sa.String(12), nullable=False, server_default="work")
        op.add_column("idocore_stream", purpose, schema=_schema())
    wanted: tuple[sa.Column[Any], ...] = (
        sa.Column("standing", sa.String(9), nullable=False, server_default="applied"),
        sa.Column("actor", sa.String(200)),
        sa.Column("salt", sa.LargeBinary(16)),
    )
    lacking = [column for column in wanted if not _has_column("idocore_journal", column.name)]
    if not lacking:
        return
    with op.batch_alter_table("idocore_journal", schema=_schema()) as batch:
        batch.alter_column("number", existing_type=sa.Integer(), nullable=True)
        for column in lacking:
            batch.add_column(column)


def _add_tables() -> None:
    op.create_table(
        "idocore_held",
        sa.Column("stream", Uuid16, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("path", sa.String(120), nullable=False),
        sa.Column("parameters", LongText, nullable=False),
        sa.PrimaryKeyConstraint("stream", "position", name="idocore_held_pk"),
        if_not_exists=True,
        **TABLE_OPTIONS,
    )
    op.create_table(
        "idocore_purge",
        sa.Column("registration", Uuid16, nullable=False),
        sa.Column("up_to", sa.Integer, nullable=False),
        sa.Column("actors", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("registration", "up_to", "actors", name="idocore_purge_pk"),
        if_not_exists=True,
        **TABLE_OPTIONS,
    )
    guard = op.create_table(
        "idocore_guard",
        sa.Column("name", sa.String(20), primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
        if_not_exists=True,
        **TABLE_OPTIONS,
    )
    if op.get_bind().execute(sa.select(guard.c.name)).first() is None:
        op.bulk_insert(guard, [{"name": "closings", "value": 0}])


def _texts_by_entry() -> None:
    if _has_table("idocore_text") and _has_column("idocore_text", "stream"):
        return
    before = op.create_table(
        "idocore_text_by_entry",
        sa.Column("stream", Uuid16, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("path", sa.String(120), nullable=False),
        sa.Column("text", LongText, nullable=False),
        sa.Column("salt", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("stream", "position", "path", name="idocore_text_entry_pk"),
        if_not_exists=True,
        **TABLE_OPTIONS,
    )
    if _has_table("idocore_text"):
        _move_texts(before)
        op.drop_table("idocore_text")
    op.rename_table("idocore_text_by_entry", "idocore_text", schema=_schema())


def _move_texts(target: sa.Table) -> None:
    journal, text, there = _journal(), _text_by_subject(), target.alias()
    same = sa.and_(journal.c.subject == text.c.subject, journal.c.number == text.c.number)
    moved = sa.select(journal.c.stream, journal.c.position, text.c.path, text.c.text, text.c.salt)
    is_there = sa.exists().where(
        there.c.stream == journal.c.stream, there.c.position == journal.c.position, there.c.path == text.c.path
    )
    names = list(moved.selected_columns.keys())
    op.execute(target.insert().from_select(names, moved.join_from(text, journal, same).where(~is_there)))


def _journal() -> sa.TableClause:
    return _table("idocore_journal", "stream", "position", "subject", "number")


def _text_by_subject() -> sa.TableClause:
    return _table("idocore_text", "subject", "number", "path", "text", "salt")


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *map(sa.column, columns), schema=_schema())


def downgrade() -> None:
    """Texts of entries without effect have no key by subject; they wait in the table that the way up takes over."""
    op.rename_table("idocore_text", "idocore_text_by_entry", schema=_schema())
    after = op.create_table(
        "idocore_text",
        sa.Column("subject", Uuid16, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("path", sa.String(120), nullable=False),
        sa.Column("text", LongText, nullable=False),
        sa.Column("salt", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("subject", "number", "path", name="idocore_text_subject_pk"),
        **TABLE_OPTIONS,
    )
    journal = _journal()
    text = _table("idocore_text_by_entry", "stream", "position", "path", "text", "salt")
    same = sa.and_(journal.c.stream == text.c.stream, journal.c.position == text.c.position)
    moved = (
        sa.select(journal.c.subject, journal.c.number, text.c.path, text.c.text, text.c.salt)
        .join_from(text, journal, same)
        .where(journal.c.number.is_not(None))
    )
    op.execute(after.insert().from_select(["subject", "number", "path", "text", "salt"], moved))
    entries = sa.select(journal.c.stream).where(same, journal.c.number.is_not(None))
    op.execute(sa.delete(text).where(sa.exists(entries)))
