"""Stores on relational databases, through SQLAlchemy: SQLite, PostgreSQL and MariaDB."""

from idocore_sql.copying import restore
from idocore_sql.opening import open_host, open_mariadb, open_postgresql, open_sqlite
from idocore_sql.store import SqlStore

__all__ = ["SqlStore", "open_host", "open_mariadb", "open_postgresql", "open_sqlite", "restore"]
