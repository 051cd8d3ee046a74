"""The tables: the journal's fixed ones, and a trio of fact tables for each theme.

Facts are meant to be read by hand, too: one row per registration and one per inquiry with a column for each field,
and the codes of multiple choice in a small table of their own.
"""

from typing import Any, Final

from attrs import frozen
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    column,
    false,
    quoted_name,
    table,
)

from idocore.themes import Field, FieldType, Level
from idocore_sql.types import TABLE_OPTIONS, LongText, Uuid16

HEAD: Final = "0004"
"""The revision of the fixed tables that this program works with."""

VERSION_TABLE: Final = "idocore_version"

fixed: Final = MetaData()

stream: Final = Table(
    "idocore_stream",
    fixed,
    Column("id", Uuid16, primary_key=True),
    Column("purpose", String(12), nullable=False),
    Column("is_own", Boolean, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("head", LargeBinary(32), nullable=False),
    Column("written", BigInteger, nullable=False, server_default="0"),
    **TABLE_OPTIONS,
)
"""The head of each stream: its last position and the hash of the entry there.

`written` is for streams that are not the store's own: up to where it wrote them all the same, the rest came by sync.
"""

journal: Final = Table(
    "idocore_journal",
    fixed,
    Column("stream", Uuid16, ForeignKey("idocore_stream.id"), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("subject", Uuid16, nullable=False),
    Column("number", Integer, comment="empty for an entry without effect"),
    Column("standing", String(9), nullable=False),
    Column("actor", String(200), comment="apart from the body, so that it can be erased"),
    Column("salt", LargeBinary(16)),
    Column("previous", LargeBinary(32), nullable=False),
    Column("body", LongText, nullable=False),
    PrimaryKeyConstraint("stream", "position", name="idocore_journal_pk"),
    UniqueConstraint("subject", "number", name="idocore_journal_subject"),
    Index("idocore_journal_kind", "kind", "stream", "position"),
    **TABLE_OPTIONS,
)
"""The entries; `body` is what the chain covers, to the letter."""

text: Final = Table(
    "idocore_text",
    fixed,
    Column("stream", Uuid16, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("path", String(120), nullable=False),
    Column("text", LongText, nullable=False),
    Column("salt", String(64), nullable=False),
    PrimaryKeyConstraint("stream", "position", "path", name="idocore_text_pk"),
    **TABLE_OPTIONS,
)
"""Free text with the salt of its commitment, apart from the journal so that it can be erased."""

held: Final = Table(
    "idocore_held",
    fixed,
    Column("stream", Uuid16, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("code", String(60), nullable=False),
    Column("path", String(120), nullable=False),
    Column("parameters", LongText, nullable=False),
    PrimaryKeyConstraint("stream", "position", name="idocore_held_pk"),
    **TABLE_OPTIONS,
)
"""Why an entry of another register has no effect here."""

purge: Final = Table(
    "idocore_purge",
    fixed,
    Column("registration", Uuid16, nullable=False),
    Column("up_to", Integer, nullable=False),
    Column("actors", Boolean, nullable=False),
    PrimaryKeyConstraint("registration", "up_to", "actors", name="idocore_purge_pk"),
    **TABLE_OPTIONS,
)
"""What was purged, so that a resend never brings it back."""

guard: Final = Table(
    "idocore_guard",
    fixed,
    Column("name", String(20), primary_key=True),
    Column("value", BigInteger, nullable=False),
    **TABLE_OPTIONS,
)
"""The number of closings in effect: writers share this row, who closes a period has it alone."""

_SURROGATE: Final = BigInteger().with_variant(Integer, "sqlite")

rollup: Final = Table(
    "idocore_rollup",
    fixed,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("theme", String(40), nullable=False),
    Column("names", String(200), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("open_from", Integer, nullable=False),
    UniqueConstraint("theme", "names", name="idocore_rollup_names"),
    **TABLE_OPTIONS,
)
"""By which dimensions counts are kept, what those meant then, and from which month on they are kept by day."""

rollup_cell: Final = Table(
    "idocore_rollup_cell",
    fixed,
    Column("rollup", Integer, nullable=False),
    Column("service_point", String(120), nullable=False),
    Column("month", Integer, nullable=False),
    Column("day", Date, nullable=False, comment="the first day, where the whole month is counted together"),
    Column("amendment", Boolean, nullable=False),
    *(Column(f"code_{number}", String(60), nullable=False, comment="empty: not known") for number in (1, 2, 3)),
    *(Column(name, BigInteger, nullable=False) for name in ("registrations", "tallied", "uncounted", "inquiries")),
    PrimaryKeyConstraint(
        "rollup",
        "service_point",
        "month",
        "day",
        "amendment",
        "code_1",
        "code_2",
        "code_3",
        name="idocore_rollup_cell_pk",
    ),
    sqlite_with_rowid=False,
    **TABLE_OPTIONS,
)
"""The counts that are kept."""

rollup_mark: Final = Table(
    "idocore_rollup_mark",
    fixed,
    Column("id", _SURROGATE, primary_key=True, autoincrement=True),
    Column("theme", String(40), nullable=False),
    Column("month", Integer, nullable=False),
    Column("service_point", String(120), comment="empty: all of them"),
    Column("day", Date, comment="empty: the whole month"),
    **TABLE_OPTIONS,
)
"""Where facts were written that no rollup has counted yet: a mark comes with them, and goes with a recount."""

rollup_days: Final = Table(
    "idocore_rollup_days",
    fixed,
    Column("service_point", String(120), nullable=False),
    Column("month", Integer, nullable=False),
    PrimaryKeyConstraint("service_point", "month", name="idocore_rollup_days_pk"),
    **TABLE_OPTIONS,
)
"""The months that are kept by day although they are over: the service point moved, or its municipality changed."""


@frozen
class Answered:
    """The fields of one level: those with a column of their own, and those of multiple choice."""

    columns: tuple[str, ...]
    choices: tuple[str, ...]


@frozen
class FactTables:
    """The fact tables of one theme."""

    registration: Table
    inquiry: Table
    choice: Table
    of_registration: Answered
    of_inquiry: Answered

    @property
    def all(self) -> tuple[Table, ...]:
        """The three of them, parents first."""
        return self.registration, self.inquiry, self.choice


def fact_tables(theme: str, fields: tuple[Field, ...]) -> FactTables:
    """The fact tables of `theme` with a column for each of `fields` that holds one value and no free text."""
    metadata = MetaData()
    key = f"{theme}_registration.key"
    registration = Table(
        f"{theme}_registration",
        metadata,
        Column("key", _SURROGATE, primary_key=True, autoincrement=True),
        Column("id", Uuid16, nullable=False, unique=True),
        Column("theme", String(40), nullable=False),
        Column("service_point", String(120), nullable=False),
        Column("moment", String(32), nullable=False),
        Column("precision", String(8), nullable=False),
        Column("local_date", Date, nullable=False),
        Column("month", Integer, nullable=False),
        Column("week", Integer),
        Column("weekday", SmallInteger),
        Column("hour", SmallInteger),
        Column("kind", String(8), nullable=False),
        Column("channel", String(40)),
        Column("status", String(12), nullable=False),
        Column("revision", Integer, nullable=False),
        Column("amendment", Boolean, nullable=False, server_default=false()),
        Column("count", Integer),
        *_columns(fields, Level.REGISTRATION),
        Index(f"{theme}_registration_day", "local_date", "id"),
        **TABLE_OPTIONS,
    )
    inquiry = Table(
        f"{theme}_inquiry",
        metadata,
        Column("registration", _SURROGATE, ForeignKey(key), nullable=False),
        Column("ordinal", SmallInteger, nullable=False),
        Column("count", Integer, nullable=False),
        *_columns(fields, Level.INQUIRY),
        PrimaryKeyConstraint("registration", "ordinal", name=f"{theme}_inquiry_pk"),
        sqlite_with_rowid=False,
        **TABLE_OPTIONS,
    )
    choice = Table(
        f"{theme}_choice",
        metadata,
        Column("registration", _SURROGATE, ForeignKey(key), nullable=False),
        Column("ordinal", SmallInteger, nullable=False, comment="0: of the registration itself"),
        Column("field", String(40), nullable=False),
        Column("code", String(60), nullable=False),
        PrimaryKeyConstraint("registration", "ordinal", "field", "code", name=f"{theme}_choice_pk"),
        sqlite_with_rowid=False,
        **TABLE_OPTIONS,
    )
    of_registration, of_inquiry = (_answered(fields, level) for level in (Level.REGISTRATION, Level.INQUIRY))
    return FactTables(registration, inquiry, choice, of_registration, of_inquiry)


def _answered(fields: tuple[Field, ...], level: Level) -> Answered:
    several = (entry.key for entry in fields if entry.level is level and entry.type is FieldType.CODES)
    return Answered(tuple(_with_columns(fields, level)), tuple(several))


def is_column(entry: Field) -> bool:
    """Whether the answers to a field stand in a column of their own."""
    return entry.type not in (FieldType.CODES, FieldType.TEXT)


def _with_columns(fields: tuple[Field, ...], level: Level) -> dict[str, Field]:
    return {entry.key: entry for entry in fields if entry.level is level and is_column(entry)}


def _columns(fields: tuple[Field, ...], level: Level) -> list[Column[Any]]:
    types: dict[FieldType, Any] = {
        FieldType.CODE: String(60),
        FieldType.BOOLEAN: Boolean(),
        FieldType.INTEGER: Integer(),
    }
    # Quoted, since a library may call a field what is a word of SQL somewhere.
    return [Column(quoted_name(key, True), types[entry.type]) for key, entry in _with_columns(fields, level).items()]


ancestry_made: Final = Table(
    "idocore_ancestry",
    MetaData(),
    Column("service_point", String(120), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("municipality", String(12)),
    Column("province", String(12)),
    Column("organisation", String(120)),
    Column("inside", String(12)),
    Column("variant", String(40)),
    PrimaryKeyConstraint("service_point", "valid_from"),
    prefixes=["TEMPORARY"],
    **TABLE_OPTIONS,
)
"""The core's ancestry table for one place date, put beside the facts for the length of a question."""

ancestry: Final = table(ancestry_made.name, *(column(one.name, one.type) for one in ancestry_made.columns))
"""That table as statements name it, without the schema in which a host may want all others."""
