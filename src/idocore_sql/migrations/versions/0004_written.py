"""Up to where streams that are not the register's own were written here all the same: in bulk, or before a restore.

Going down keeps the column, since it has a default, and nothing else tells what it holds. The way up looks whether it
is there. Of what was loaded in bulk, or restored, before it, nothing is known: it counts as having come by sync.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    # Said in so many words, since Alembic does not translate what it alters.
    schema = op.get_context().version_table_schema
    there = {found["name"] for found in sa.inspect(op.get_bind()).get_columns("idocore_stream", schema=schema)}
    if "written" not in there:
        written = sa.Column("written", sa.BigInteger, nullable=False, server_default="0")
        op.add_column("idocore_stream", written, schema=schema)


def downgrade() -> None:
    """What 0003 does not know may stay."""
