"""Whether the facts agree with the journal, and the journal with itself."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, Final
from uuid import UUID

from cattrs.errors import ClassValidationError
from msgspec import MsgspecError
from sqlalchemy import Connection, Row, Table, exists, func, select

from idocore.errors import StoreError
from idocore.findings import Finding
from idocore.journal import START, Entry, Standing, SubjectKind, subject_of
from idocore.purges import Purge
from idocore_sql import facts, guarding, journals, purging, tables
from idocore_sql.tables import FactTables

_PAGE = 500


def verify(connection: Connection, known: dict[str, FactTables]) -> Iterator[Finding]:
    """Everything that is wrong, a finding each.

    Free text, and who wrote an entry, may be gone only where a purge in the journal took it. One thing is not told: a
    registration that came by sync may have come without its texts, through who may not read notes, so that there
    nothing is found when all texts of an entry are gone, only when some are. What was written here is looked at in
    full, also in bulk loads and before a backup was restored; but not in those of before migration 0004.
    """
    is_broken = False
    for row in connection.execute(select(tables.stream)).all():
        for finding in _chain(connection, row):
            is_broken |= finding.code == "journal-broken"
            yield finding
    for finding in _adrift(connection):
        is_broken = True
        yield finding
    yield from guarding.check(connection)
    try:
        for name, trio in known.items():
            yield from _facts(connection, name, trio)
        yield from _missing(connection, known)
    except (MsgspecError, ClassValidationError, LookupError, TypeError, ValueError):
        # An altered entry may not be readable any more: then there is nothing to compare with.
        if not is_broken:
            raise


def check_chains(connection: Connection) -> None:
    """Raise StoreError at the first break in a chain: facts made anew would lack what the journal has lost."""
    chains = (_chain(connection, row) for row in connection.execute(select(tables.stream)).all())
    for finding in chain(chain.from_iterable(chains), _adrift(connection)):
        if finding.code == "journal-broken":
            raise StoreError("rebuild-broken", **finding.parameters)


def _chain(connection: Connection, row: Row[Any]) -> Iterator[Finding]:
    """The first broken link of a stream, or a tail that was cut off, and what was taken away beside it."""
    stream, last, head = row.id, row.position, row.head.hex()
    written = row.position if row.is_own else row.written
    position, previous = 0, START
    while entries := journals.page(connection, stream, position, None, _PAGE):
        booked = _booked(connection, stream, position)
        yield from _taken_away(connection, entries, written)
        for entry in entries:
            follows = entry.position == position + 1 and entry.previous == previous and entry.keeps_its_word()
            if not follows or not _is_booked_as_it_says(connection, entry, booked[entry.position]):
                yield Finding("journal-broken", parameters={"stream": stream, "position": position + 1})
                return
            position, previous = entry.position, entry.hash
    if (position, previous) != (last, head):
        yield Finding("journal-broken", parameters={"stream": stream, "position": position + 1})


def _adrift(connection: Connection) -> Iterator[Finding]:
    """Streams of which the journal has entries, and nothing says where they end: no chain vouches for those."""
    journal, stream = tables.journal, tables.stream
    lost = ~exists().where(stream.c.id == journal.c.stream)
    chosen = select(journal.c.stream, func.max(journal.c.position)).where(lost).group_by(journal.c.stream)
    for found, last in connection.execute(chosen):
        yield Finding("journal-broken", parameters={"stream": found, "position": last + 1})


def _taken_away(connection: Connection, entries: Sequence[Entry], written: int) -> Iterator[Finding]:
    """What `entries` committed to and is not there any more, though no purge took it.

    Those up to the position `written` were written here.
    """
    lacking = [(entry, lost) for entry in entries if (lost := _lost(entry, is_ours=entry.position <= written))]
    if not lacking:
        return
    named = frozenset[UUID]().union(*(_named(entry) for entry, _ in lacking))
    purges = {key: _in_effect(connection, found) for key, found in purging.purges_of(connection, named).items()}
    for entry, lost in lacking:
        over = [one for key in _named(entry) for one in purges.get(key, ()) if entry.is_reached_by(one)]
        kept = {_BY} if over and not any(one.actors for one in over) else set() if over else lost
        if lost & kept:
            parameters = {"stream": entry.stream, "position": entry.position, "paths": sorted(lost & kept)}
            yield Finding("text-missing", parameters=parameters)


_BY: Final = "by"


def _lost(entry: Entry, *, is_ours: bool) -> set[str]:
    """The paths of texts, and ``by``, that the chain commits to and that are not there."""
    try:
        fields = entry.fields
        texts = set(fields["commitments"]) - entry.texts.keys()
        by = {_BY} if fields.get("by") and entry.by is None else set()
    except (MsgspecError, LookupError, TypeError):
        return set()  # the chain tells
    # Who may not read notes brings the entries of others without any of their texts.
    return by | (texts if is_ours or entry.texts or entry.kind is not SubjectKind.REGISTRATION else set())


def _named(entry: Entry) -> frozenset[UUID]:
    """Whose purges may have reached `entry`."""
    try:
        return entry.registrations
    except (LookupError, TypeError, ValueError):
        return frozenset()  # the chain tells


def _in_effect(connection: Connection, purges: Sequence[Purge]) -> list[Purge]:
    """Those of `purges` that the journal tells of."""
    known = journals.latest_numbers(connection, [subject_of(one) for one in purges])
    return [one for one in purges if subject_of(one) in known]


def _booked(connection: Connection, stream: UUID, after: int) -> dict[int, tuple[str, UUID, int | None]]:
    """Kind, subject and number of the entries of a page, by position, as their columns have them."""
    table = tables.journal
    chosen = select(table.c.position, table.c.kind, table.c.subject, table.c.number)
    page = chosen.where(table.c.stream == stream, table.c.position > after).order_by(table.c.position).limit(_PAGE)
    return {position: (kind, subject, number) for position, kind, subject, number in connection.execute(page)}


def _is_booked_as_it_says(connection: Connection, entry: Entry, booked: tuple[str, UUID, int | None]) -> bool:
    """Whether what lies beside the chain agrees with it: else an entry could be put out of effect unseen."""
    fields = entry.fields
    subject, number = UUID(fields["subject"]), fields["revision"]
    if booked != (fields["kind"], subject, number if entry.standing.has_effect else None):
        return False
    if entry.standing.has_effect:
        return True
    journal, held = tables.journal, tables.held
    if entry.standing is Standing.HELD:
        why = held.c.stream == entry.stream, held.c.position == entry.position
        return connection.execute(select(held.c.code).where(*why)).first() is not None
    same = journal.c.subject == subject, journal.c.number == number
    return connection.execute(select(journal.c.position).where(*same)).first() is not None


def _facts(connection: Connection, name: str, known: FactTables) -> Iterator[Finding]:
    table, last = known.registration, 0
    while page := connection.execute(select(table).where(table.c.key > last).order_by(table.c.key).limit(_PAGE)).all():
        last = page[-1].key
        entries = journals.latest(connection, [row.id for row in page])
        children = {child.name: _children(connection, child, page) for child in (known.inquiry, known.choice)}
        for row in page:
            if row.id not in entries:
                yield Finding("fact-unknown", parameters={"table": table.name, "id": row.id})
                continue
            latest = entries[row.id]
            fact = facts.Fact.of(latest.revision, latest.standing)
            yield from _differences(table, row.id, [list(row)[1:]], [facts.registration_row(fact, known)])
            for child, rows in ((known.inquiry, facts.inquiry_rows), (known.choice, facts.choice_rows)):
                yield from _differences(child, row.id, children[child.name].get(row.key, []), rows(fact, known))


def _children(connection: Connection, table: Table, page: Sequence[Row[Any]]) -> dict[int, list[facts.Row]]:
    found: dict[int, list[facts.Row]] = {}
    for part in journals.slices(row.key for row in page):
        for key, *values in connection.execute(select(table).where(table.c.registration.in_(part))):
            found.setdefault(key, []).append(values)
    return found


def _differences(table: Table, subject: UUID, stored: list[facts.Row], wanted: list[facts.Row]) -> Iterator[Finding]:
    """What differs between the rows of one registration, without their key, as stored and as they should be."""
    if len(wanted) > 1:
        stored, wanted = sorted(stored, key=_order), sorted(wanted, key=_order)
    if stored == wanted:
        return
    names = table.columns.keys()[1:]
    pairs = zip(stored, wanted, strict=False)
    columns = sorted({name for one, other in pairs for name, a, b in zip(names, one, other, strict=True) if a != b})
    yield Finding(
        "fact-differs", parameters={"table": table.name, "id": subject, "columns": columns or ["number of rows"]}
    )


def _order(row: facts.Row) -> list[str]:
    """The order of inquiries and choices: by ordinal, field and code."""
    return [f"{row[0]:06}", *map(str, row[1:3])]


def _missing(connection: Connection, known: dict[str, FactTables]) -> Iterator[Finding]:
    """Registrations of the journal that have no row in any fact table."""
    journal = tables.journal
    effective = journal.c.kind == SubjectKind.REGISTRATION.value, journal.c.number.is_not(None)
    chosen = select(journal.c.subject).distinct().where(*effective)
    for trio in known.values():
        chosen = chosen.where(~exists().where(trio.registration.c.id == journal.c.subject))
    for subject in connection.execute(chosen).scalars().all():
        latest = journals.latest(connection, [subject]).get(subject)
        if latest is None or not latest.revision.is_registration:
            continue  # an entry booked as another subject's or kind's: its chain tells
        theme = latest.revision.registration.theme_name
        yield Finding("fact-missing", parameters={"table": f"{theme}_registration", "id": subject})
