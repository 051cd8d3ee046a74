"""The inquiries of one row: several columns, ``x``-columns and cells with several codes made into a list.

What stands in the sheet once is counted once: where a row has several topics and one provider, the provider goes with
the first inquiry in which it may be asked.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from attrs import define, field

from idocore import Field, FieldType
from idocore_excel.records import Found, Record, Rows
from idocore_excel.tables import Entry

_PREFIX = "inquiries."


@define
class Group:
    """What the columns with one inquiry number say: values by field, and the cells of fields left blank."""

    values: dict[str, list[Found]] = field(factory=dict)
    blanks: dict[str, str] = field(factory=dict)


def add(record: Record, rows: Rows, entry: Entry, day: date | None) -> None:
    """Add the inquiries of the row to the record, after those that it has."""
    known = rows.translator.fields
    inquiries = record.raw.setdefault("inquiries", [])
    for _, group in sorted(_groups(rows, entry, day).items()):
        record.cells.setdefault("inquiries", next(iter(group.blanks.values())))
        for one in _inquiries(group, known):
            path = f"inquiries[{len(inquiries)}]"
            inquiries.append(_values(one, known))
            record.cells |= {f"{path}.{key}": cell for key, cell in group.blanks.items()}
            record.cells |= {f"{path}.{key}": _faulty(found, rows, key) for key, found in one.items()}


def _groups(rows: Rows, entry: Entry, day: date | None) -> dict[int, Group]:
    groups: dict[int, Group] = {}
    for bound in rows.table.bound:
        column = bound.column
        if column.to.startswith(_PREFIX):
            group = groups.setdefault(column.inquiry, Group())
            key, cell = column.to.removeprefix(_PREFIX), entry.at(bound.index)
            group.blanks.setdefault(key, cell)
            values = rows.translator.values(column, entry.value(bound.index), day)
            if values:
                group.values.setdefault(key, []).extend(Found(value, cell) for value in values)
    for group in groups.values():
        _add_fixed(group, rows)
    return groups


def _add_fixed(group: Group, rows: Rows) -> None:
    """Fixed answers go with every inquiry that there is."""
    for path, value in rows.fixed.items():
        key = path.removeprefix(_PREFIX)
        if path.startswith(_PREFIX) and group.values and key not in group.values:
            group.values[key] = [Found(value, next(iter(group.blanks.values())))]


def _inquiries(group: Group, known: Mapping[str, Field]) -> list[dict[str, list[Found]]]:
    """One inquiry for each of several single codes; other values go where they may be asked."""
    singles = {key: found for key, found in group.values.items() if _is_single(known.get(_PREFIX + key))}
    size = max((len(found) for found in singles.values()), default=int(bool(group.values)))
    inquiries: list[dict[str, list[Found]]] = [{} for _ in range(size)]
    for key, found in singles.items():
        if len(found) > 1:
            for inquiry, one in zip(inquiries, found, strict=False):
                inquiry[key] = [one]
    for key, found in _in_order(group, known):
        if not (key in singles and len(found) > 1):
            _home(inquiries, known.get(_PREFIX + key))[key] = found
    return inquiries


def _in_order(group: Group, known: Mapping[str, Field]) -> Iterator[tuple[str, list[Found]]]:
    """The values, those that others depend on first."""
    depends = [key for key in group.values if (entry := known.get(_PREFIX + key)) is not None and entry.when]
    yield from ((key, found) for key, found in group.values.items() if key not in depends)
    yield from ((key, group.values[key]) for key in depends)


def _home(inquiries: list[dict[str, list[Found]]], entry: Field | None) -> dict[str, list[Found]]:
    """The first inquiry in which the field may be asked; the first of all when there is none."""
    when = entry.when if entry else None
    if when is not None:
        for inquiry in inquiries:
            if any(one.value in when.codes for one in inquiry.get(when.field, ())):
                return inquiry
    return inquiries[0]


def _is_single(entry: Field | None) -> bool:
    return entry is not None and entry.type is FieldType.CODE


def _values(inquiry: Mapping[str, list[Found]], known: Mapping[str, Field]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, values in inquiry.items():
        entry = known.get(_PREFIX + key)
        if entry is not None and entry.type is FieldType.CODES:
            found[key] = list(dict.fromkeys(one.value for one in values))
        elif entry is not None and entry.type is FieldType.TEXT:
            found[key] = "; ".join(str(one.value) for one in values)
        else:
            found[key] = values[0].value if len(values) == 1 else [one.value for one in values]
    return found


def _faulty(found: list[Found], rows: Rows, key: str) -> str:
    """The cell to be named when something is wrong: of several, the first with a code that is not known."""
    labels = rows.translator.labels.get(_PREFIX + key)
    if labels is not None and len(found) > 1:
        for one in found:
            if not isinstance(one.value, str) or labels.find(one.value) is None:
                return one.cell
    return found[0].cell
