"""One row per visitor; with a count, one row per tally."""

from collections.abc import Iterator

from idocore import Line
from idocore_excel import asked
from idocore_excel.shapes.reading import Reading, hint

_COUNTS = ("count", "inquiries.count")


def read(reading: Reading) -> Iterator[Line]:
    """A line for every row: a record, or why there is none."""
    columns = reading.table.profile.columns
    kind = "tally" if any(one.to in _COUNTS for one in columns) else None
    for entry in reading.table.entries():
        if entry.why:
            yield reading.skipped(entry, hint(entry.why), entry.rows)
            continue
        record, day = reading.rows.start(entry)
        if kind:
            record.raw.setdefault("kind", kind)
            record.raw.setdefault("count", None)
        reading.rows.fill(record, entry, day)
        asked.add(record, reading.rows, entry, day)
        reading.identify(record, "row", reading.rows.source(entry))
        yield reading.line(entry.number, record)
