"""Rows into a Parquet file, some ten thousands at a time, so that it takes the same memory whatever is frozen."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import IO, Any, Final

import pyarrow as pa
from attrs import frozen
from pyarrow import parquet

from idocore.registrations import Kind, Registration
from idocore_lake.columns import Columns

_CHUNK: Final = 20_000
GROUP: Final = 122_880
"""Rows in a row group: what DuckDB reads at a stretch."""


@frozen
class Written:
    """How much a file holds."""

    registrations: int = 0
    tallies: int = 0
    rows: int = 0


def write(file: IO[bytes], columns: Columns, facts: Iterable[tuple[Registration, bool]]) -> Written:
    """Write registrations, each with whether it is an amendment, in the order in which they come."""
    registrations = tallies = rows = 0

    def listed() -> Iterator[Mapping[str, Any]]:
        nonlocal registrations, tallies
        for registration, is_amendment in facts:
            yield from columns.rows(registrations, registration, is_amendment)
            registrations += 1
            tallies += registration.kind is Kind.TALLY

    with writer(file, columns.schema) as target:
        waiting: list[pa.Table] = []
        for chunk in _chunks(listed()):
            waiting.append(pa.Table.from_pylist(chunk, schema=columns.schema))
            rows += len(chunk)
            if sum(len(one) for one in waiting) >= GROUP:
                target.write_table(pa.concat_tables(waiting), row_group_size=GROUP)
                waiting = []
        if waiting:
            target.write_table(pa.concat_tables(waiting), row_group_size=GROUP)
    return Written(registrations - tallies, tallies, rows)


def writer(file: IO[bytes], schema: pa.Schema) -> parquet.ParquetWriter:
    """A writer of files as we make them: compressed with zstd, repeated values as a dictionary."""
    return parquet.ParquetWriter(file, schema, compression="zstd", use_dictionary=True, version="2.6")


def _chunks(rows: Iterator[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    while chunk := list(islice(rows, _CHUNK)):
        yield chunk
