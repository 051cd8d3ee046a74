"""What a form says of itself on a hidden sheet, so that it is read without a profile, by its own version."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from attrs import field, frozen

from idocore import ExchangeError
from idocore_excel.books import Row, Value
from idocore_excel.form_layout import ID, Choices, Kind, Layout
from idocore_excel.own_sheets import IDENTITY
from idocore_excel.values import folded

_MARK: Final = "idocore form"
_MOST_ROWS: Final = 100_000
"""Of the hidden sheet: what is longer was not made by us."""

VERSION: Final = 1
"""How forms are laid out; one of a later version cannot be read by this program."""


@frozen
class AskedColumn:
    """One column of a form as it was handed out: its number (A is 1), path and kind."""

    number: int
    path: str
    kind: Kind


@frozen
class Identity:
    """Which form this is: theme version, the sheet that is filled in from `first_row` on, columns and choices.

    `point` is the service point of every row, if it is not asked.
    """

    theme: str
    language: str
    sheet: str
    first_row: int
    point: str | None
    columns: tuple[AskedColumn, ...]
    choices: Mapping[str, Choices] = field(hash=False)

    @classmethod
    def of(cls, layout: Layout, sheet: str, first_row: int) -> "Identity":
        """The identity of a new form."""
        columns = (AskedColumn(number, one.path, one.kind) for number, one in enumerate(layout.columns, start=1))
        point = layout.point.id if layout.point else None
        return cls(layout.theme.id, layout.language, sheet, first_row, point, tuple(columns), layout.choices)

    @classmethod
    def read(cls, rows: Iterable[Sequence[Any]]) -> "Identity":
        """The identity on these rows; raises ExchangeError for one that this program does not know."""
        waiting = iter(rows)
        _check_version(next(waiting, ()))
        facts: dict[str, Any] = {}
        columns: list[AskedColumn] = []
        choices: dict[str, dict[str, str]] = {}
        try:
            for name, *values in islice(waiting, _MOST_ROWS):
                match name:
                    case "column":
                        columns.append(AskedColumn(int(values[0]), str(values[1]), Kind(values[2])))
                    case "choice":
                        choices.setdefault(str(values[0]), {})[folded(values[1])] = _text(values[2])
                    case _:
                        facts[str(name)] = values[0]
            return cls(
                theme=_text(facts["theme"]),
                language=_text(facts["language"]),
                sheet=_text(facts["sheet"]),
                first_row=int(facts["first row"]),
                point=_text(facts["service point"]) if "service point" in facts else None,
                columns=tuple(columns),
                choices=choices,
            )
        except (IndexError, KeyError, TypeError, ValueError) as error:
            raise ExchangeError("form-damaged", sheet=IDENTITY, reason=type(error).__name__) from error

    @property
    def first_column(self) -> int:
        """The first column that one can see: that of the ids is hidden."""
        return next((one.number for one in self.columns if one.path != ID), 1)

    def number_of(self, path: str) -> int:
        """The number of the first column of `path`."""
        return next(one.number for one in self.columns if one.path == path)

    def has(self, path: str) -> bool:
        """Whether the form has a column for `path`."""
        return any(one.path == path for one in self.columns)

    def cell(self, row: Row, column: AskedColumn) -> Value:
        """What stands in a row, in that column."""
        return row.cells[column.number - 1] if column.number <= len(row.cells) else None

    def at(self, row: Row, path: str) -> Value:
        """What stands in a row, in the first column of `path`; None when there is no such column."""
        column = next((one for one in self.columns if one.path == path), None)
        return None if column is None else self.cell(row, column)

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """The rows of the hidden sheet."""
        yield _MARK, VERSION
        yield "theme", self.theme
        yield "language", self.language
        yield "sheet", self.sheet
        yield "first row", self.first_row
        if self.point is not None:
            yield "service point", self.point
        for column in self.columns:
            yield "column", column.number, column.path, column.kind.value
        for path, choices in self.choices.items():
            for label, code in choices.items():
                yield "choice", path, label, code


def _check_version(first: Sequence[Any]) -> None:
    mark, version = (*first, None, None)[:2]
    if mark != _MARK or version is None:
        raise ExchangeError("form-damaged", sheet=IDENTITY, reason="A1")
    if version != VERSION:
        raise ExchangeError("form-version", sheet=IDENTITY, value=str(version)[:20], known=VERSION)


def _text(value: Any) -> str:
    """A label or code; another program may have saved ``2024`` as a number, and ``true`` as a truth."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
