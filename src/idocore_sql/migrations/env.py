"""How Alembic reaches our tables: on the connection, and in the transaction, that it is handed."""

from alembic import context

from idocore_sql.tables import VERSION_TABLE

settings = context.config.attributes
context.configure(
    connection=settings["connection"],
    version_table=VERSION_TABLE,
    version_table_schema=settings["schema"],
)
context.run_migrations()
