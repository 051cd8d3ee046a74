"""Column types that mean the same on every database."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import BINARY, LargeBinary, Text, Uuid
from sqlalchemy.dialects.mysql import LONGTEXT
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

MARIADB: Final = frozenset({"mariadb", "mysql"})
"""What SQLAlchemy calls MariaDB: by the name of the address."""

COLLATION: Final = "utf8mb4_nopad_bin"
"""Texts are compared to the letter, trailing spaces too."""

_OPTIONS: Final = {"engine": "InnoDB", "charset": "utf8mb4", "collate": COLLATION}
TABLE_OPTIONS: Final[dict[str, Any]] = {f"{name}_{key}": _OPTIONS[key] for name in sorted(MARIADB) for key in _OPTIONS}
"""Every table of ours has transactions and that collation, whatever the habit of the server."""

LongText: Final = Text().with_variant(LONGTEXT(), *sorted(MARIADB))
"""Text of any length: MariaDB's own TEXT ends at 64 kB."""


class Uuid16(TypeDecorator[UUID]):
    """A UUID in 16 bytes: PostgreSQL's own type, BINARY on MariaDB, a blob elsewhere; sorts the same everywhere."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(Uuid())
        # A blob of MariaDB cannot be a key.
        return dialect.type_descriptor(BINARY(16) if dialect.name in MARIADB else LargeBinary(16))

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> Any:
        return value if value is None or dialect.name == "postgresql" else value.bytes

    def process_result_value(self, value: Any, dialect: Dialect) -> UUID | None:
        return value if value is None or dialect.name == "postgresql" else UUID(bytes=bytes(value))
