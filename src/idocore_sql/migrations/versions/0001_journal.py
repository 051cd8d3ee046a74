"""The journal: streams, entries, and free text apart from them.

Every step looks whether it was done: MariaDB keeps what a way up that was broken off had made.
"""

import sqlalchemy as sa
from alembic import op

from idocore_sql.types import TABLE_OPTIONS, LongText, Uuid16

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "idocore_stream",
        sa.Column("id", Uuid16, primary_key=True),
        sa.Column("is_own", sa.Boolean, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("head", sa.LargeBinary(32), nullable=False),
        if_not_exists=True,
        **TABLE_OPTIONS,
    )
    op.create_table(
        "idocore_journal",
        sa.Column("stream", Uuid16, sa.ForeignKey("idocore_stream.id"), nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject", Uuid16, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("previous", sa.LargeBinary(32), nullable=False),
        sa.Column("body", LongText, nullable=False),
        sa.PrimaryKeyConstraint("stream", "position", name="idocore_journal_pk"),
        sa.UniqueConstraint("subject", "number", name="idocore_journal_subject"),
        if_not_exists=True,
        **TABLE_OPTIONS,
    )
    op.create_index("idocore_journal_kind", "idocore_journal", ["kind", "stream", "position"], if_not_exists=True)
    op.create_table(
        "idocore_text",
        sa.Column("subject", Uuid16, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("path", sa.String(120), nullable=False),
        sa.Column("text", LongText, nullable=False),
        sa.Column("salt", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("subject", "number", "path", name="idocore_text_pk"),
        if_not_exists=True,
        **TABLE_OPTIONS,
    )


def downgrade() -> None:
    op.drop_table("idocore_text")
    op.drop_index("idocore_journal_kind", "idocore_journal")
    op.drop_table("idocore_journal")
    op.drop_table("idocore_stream")
