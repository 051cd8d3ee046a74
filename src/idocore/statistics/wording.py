"""A table in words: what was asked, how numbers are written, and what a reader must know beside the rows."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import attrs

from idocore.messages import Language, sentence
from idocore.statistics.measures import MEASURES, Absence, Kind, Measure

if TYPE_CHECKING:
    from idocore.statistics.noting import Note
    from idocore.statistics.table import Number, Row, Table

NO_NUMBER: Final = "–"
"""Stands where a number cannot be given; never 0, which is a count."""
_SWAP: Final = str.maketrans(",.", ".,")


def written(value: "Number", language: Language, measure: Measure | None = None, why: Absence | None = None) -> str:
    """A number as people write it: 1.234 or 12,5% in Dutch, 1,234 or 12.5% in English; a dash, and why, for None."""
    if value is None:
        return f"{NO_NUMBER} ({sentence(f'absence-{why}', language, {})})" if why else NO_NUMBER
    if measure is not None and (measure.is_share or measure.kind is Kind.GROWTH):
        text = f"{value:.1%}"
    elif isinstance(value, int):
        text = f"{value:,}"
    else:
        # Of a small rate as much is seen as of a large one.
        text = f"{value:,.2f}" if abs(value) >= 1 or not value else f"{value:.3g}"
    return text.translate(_SWAP) if language == "nl" else text


def row_in_words(table: "Table", row: "Row", language: Language) -> list[str]:
    """The names of the codes of a row, then its numbers as people write them."""
    codes = [table.label(name, code, language) for name, code in zip(table.code_columns, row.codes, strict=True)]
    numbers = zip(table.measures, row.numbers, row.absences(), strict=True)
    return codes + [written(number, language, measure, why) for measure, number, why in numbers]


def caption(table: "Table", language: Language) -> str:
    """What was asked: measures, dimensions and filters, in one line."""
    measures = ", ".join(table.heading(name, language) for name in table.query.measures)
    text = measures
    if table.code_columns:
        parts = {
            "measures": measures,
            "dimensions": " × ".join(_named(table, name, language) for name in table.code_columns),
        }
        text = sentence("table-caption", language, parts)
    return "; ".join([text[:1].upper() + text[1:], *filters(table, language)])


def filters(table: "Table", language: Language) -> Iterator[str]:
    """What the table was restricted to, a text for each dimension."""
    for name, codes in table.query.where.items():
        listed = [table.label(name, code, language) for code in codes]
        yield sentence("table-filter", language, {"dimension": _named(table, name, language), "codes": listed})


def remarks(table: "Table", language: Language) -> list[str]:
    """What a reader must know: base, unknowns, notes, and as of when; each a sentence."""
    found = list(totals(table, language))
    found += [in_words(note, table, language).message(language) for note in table.notes]
    if table.as_of:
        positions = [f"{stream} {position}" for stream, position in sorted(table.as_of.items())]
        found.append(sentence("table-as-of", language, {"positions": positions}))
    return found


def totals(table: "Table", language: Language) -> Iterator[str]:
    """The base, and how much of it is unknown for each dimension."""
    if table.base:
        yield sentence("table-base", language, {"counts": _counts(table.base, language)})
    for name, counts in table.unknown.items():
        if any(counts.values()):
            parts = {"dimension": _named(table, name, language), "counts": _counts(counts, language)}
            yield sentence("table-unknown", language, parts)


def _counts(counts: Mapping[str, int], language: Language) -> list[str]:
    return [f"{written(count, language)} {MEASURES[name].label.text(language)}" for name, count in counts.items()]


def _named(table: "Table", name: str, language: Language) -> str:
    """The heading of a dimension within a sentence; one that is a sentence itself stands between quotes."""
    heading = table.heading(name, language)
    return f"‘{heading}’" if heading.endswith("?") else heading


def in_words(note: "Note", table: "Table", language: Language) -> "Note":
    """`note` with the names of fields and forms, as people call them."""
    named = dict(note.parameters)
    if "dimension" in named:
        named["dimension"] = f"‘{table.heading(str(named['dimension']), language)}’"
    if "themes" in named:
        named["themes"] = [table.label("theme", one, language) for one in named["themes"]]
    if isinstance(named.get("count"), int):
        named["count"] = written(named["count"], language)
    return attrs.evolve(note, parameters=named)


def span(table: "Table") -> str:
    """The first and the last day that were asked for; empty when all time was."""
    start, end = table.query.start, table.query.end
    if start is None and end is None:
        return ""
    return f"{start or '…'} – {end - timedelta(days=1) if end else '…'}"
