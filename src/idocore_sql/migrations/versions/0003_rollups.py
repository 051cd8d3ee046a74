"""Counts kept ready by declared dimensions, and the marks of what they have not counted yet.

Going down takes all of it away: it is made from the facts, and a way up begins anew. Every step of the way up looks
whether it was done: MariaDB keeps what a way up that was broken off had made.
"""

import sqlalchemy as sa
from alembic import op

from idocore_sql.types import TABLE_OPTIONS

revision = "0003"
down_revision = "0002"

_KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "idocore_rollup",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("theme", sa.String(40), nullable=False),
        sa.Column("names", sa.String(200), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("open_from", sa.Integer, nullable=False),
        sa.UniqueConstraint("theme", "names", name="idocore_rollup_names"),
        if_not_exists=True,
        **TABLE_OPTIONS,
    )
    _add_cells()
    op.create_table(
        "idocore_rollup_mark",
        sa.Column("id", _KEY, primary_key=True, autoincrement=True),
        sa.Column("theme", sa.String(40), nullable=False),
        sa.Column("month", sa.Integer, nullable=False),
        sa.Column("service_point", sa.String(120)),
        sa.Column("day", sa.Date),
        if_not_exists=True,
        **TABLE_OPTIONS,
    )
    op.create_table(
        "idocore_rollup_days",
        sa.Column("service_point", sa.String(120), nullable=False),
        sa.Column("month", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("service_point", "month", name="idocore_rollup_days_pk"),
        if_not_exists=True,
        **TABLE_OPTIONS,
    )
    guard = sa.table(
        "idocore_guard", sa.column("name"), sa.column("value"), schema=op.get_context().version_table_schema
    )
    if op.get_bind().execute(sa.select(guard.c.name).where(guard.c.name == "rollups")).first() is None:
        op.execute(sa.insert(guard).values(name="rollups", value=0))


def _add_cells() -> None:
    codes = ("code_1", "code_2", "code_3")
    op.create_table(
        "idocore_rollup_cell",
        sa.Column("rollup", sa.Integer, nullable=False),
        sa.Column("service_point", sa.String(120), nullable=False),
        sa.Column("month", sa.Integer, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("amendment", sa.Boolean, nullable=False),
        *(sa.Column(name, sa.String(60), nullable=False) for name in codes),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in _COUNTS),
        sa.PrimaryKeyConstraint(
            "rollup", "service_point", "month", "day", "amendment", *codes, name="idocore_rollup_cell_pk"
        ),
        if_not_exists=True,
        sqlite_with_rowid=False,
        **TABLE_OPTIONS,
    )


_COUNTS = ("registrations", "tallied", "uncounted", "inquiries")


def downgrade() -> None:
    for name in ("idocore_rollup_days", "idocore_rollup_mark", "idocore_rollup_cell", "idocore_rollup"):
        op.drop_table(name)
    guard = sa.table("idocore_guard", sa.column("name"), schema=op.get_context().version_table_schema)
    op.execute(sa.delete(guard).where(guard.c.name == "rollups"))
