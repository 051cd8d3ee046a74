"""Mapping profiles: what a sheet's columns, codes and dates mean, as data that can be shared.

A profile is a TOML file. The keys are the attributes of `Profile`, `Column` and `Counter`::

    profile = "utrecht-2020"
    version = 1
    theme   = "ido"
    shape   = "visits"

    [fixed]
    service_point = "centrale"

    [[columns]]
    header = "Datum"
    to     = "moment"

    [[columns]]
    header = "Vraag"
    to     = "inquiries.topic"
    codes  = { "ja, DigiD" = "digid" }
"""

import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import attrs
import cattrs
from attrs import frozen
from cattrs.errors import ClassValidationError, ForbiddenExtraKeysError, IterableValidationError

from idocore import ExchangeError, Finding, Language
from idocore_excel.values import Order

FIRST_VERSION: Final = 1
ALL: Final = "*"
TOTALS: Final = ("totaal", "subtotaal", "eindtotaal", "total", "subtotal", "grand total", "som", "sum", "gemiddeld")
SHEET: Final = "{sheet}"
"""A fixed value that stands for the name of the sheet."""


class Shape(StrEnum):
    """How records lie in a sheet."""

    VISITS = "visits"
    """One row per visitor."""
    INQUIRIES = "inquiries"
    """One row per question; the rows with the same `visitor` are one registration."""
    CROSSTAB = "crosstab"
    """Counts per day or month: a cell is a tally."""
    COUNTER = "counter"
    """Readings of a running counter: the difference between two is a tally."""


@frozen
class Column:
    """A column of the sheet and what it means.

    It is found by `header` (as it reads, whatever its capitals, accents and spaces; ``*`` stands for anything) or by
    `letter`. `to` is a path of the record: ``moment``, ``moment.date``, ``moment.time``, ``service_point``,
    ``channel``, ``count``, ``id``, ``visitor``, ``reading``, ``answers.KEY``, ``inquiries.KEY``, ``inquiries.count``.

    With `code` the column stands for that one code: an ``x`` in it means that the code was given, and in a cross-table
    its numbers count that code. `codes` translate values ("" means: not filled in). `separator` cuts a cell that holds
    several values. `inquiry` numbers the question that the column belongs to, where a row has several. `fixed` holds
    further paths that go with the numbers in the column of a cross-table or counter.
    """

    to: str
    header: str | None = None
    letter: str | None = None
    code: str | None = None
    codes: Mapping[str, str] = attrs.field(factory=dict, hash=False)
    separator: str | None = None
    inquiry: int = 1
    fixed: Mapping[str, str] = attrs.field(factory=dict, hash=False)

    @property
    def name(self) -> str:
        """What people call the column."""
        return self.header if self.header is not None else self.letter or "?"


@frozen
class Counter:
    """How a running counter is read.

    `largest_step` is the most that can be counted between two readings; `wraps_at` the number at which it begins again
    at 0. `closed` are the texts for a day on which nobody could come in; every other text of `skip` means that it is
    not known. `read_in_the` morning a reading counts for the day before.
    """

    largest_step: int | None = None
    wraps_at: int | None = None
    closed: tuple[str, ...] = ()
    read_in_the: str = "evening"


@frozen
class Profile:
    """What a sheet means. `name` is the key ``profile`` of the file; ids are made from it, so it stays as it is.

    `sheets` are names or patterns (none: the first visible sheet). `header` are the numbers of the header rows, read
    together; `first_row` and `last_row` bound the rows that hold records. `dates` is the order of numbers in dates,
    `year` that of dates without one. `dates_across`: the header of a cross-table holds the days, its rows the codes.
    `skip` are texts that mean "not available", `totals` those with which a row of totals begins. `ignore` names the
    columns that are left out (``*``: all that are not mapped). `changing` names those whose content people change
    afterwards, so that no id depends on it. `fixed` holds values by path for every record; `overrides` a reason for
    each warning that does not count here.
    """

    name: str
    columns: tuple[Column, ...]
    version: int = FIRST_VERSION
    theme: str = "ido"
    shape: Shape = Shape.VISITS
    sheets: tuple[str, ...] = ()
    header: tuple[int, ...] = (1,)
    first_row: int | None = None
    last_row: int | None = None
    dates: Order = "dmy"
    year: int | None = None
    dates_across: bool = False
    skip: tuple[str, ...] = ()
    totals: tuple[str, ...] = TOTALS
    ignore: tuple[str, ...] = ()
    changing: tuple[str, ...] = ()
    fixed: Mapping[str, str] = attrs.field(factory=dict, hash=False)
    overrides: Mapping[str, str] = attrs.field(factory=dict, hash=False)
    counter: Counter = Counter()

    @property
    def first(self) -> int:
        """The number of the first row that may hold a record."""
        return self.first_row or max(self.header, default=0) + 1

    @classmethod
    def parse(cls, text: str, source: str) -> "Profile":
        """The profile in `text`; raises ProfileError with every key and value that is wrong, each with its place."""
        try:
            table = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ProfileError(source, (Finding("profile-no-toml", parameters={"reason": str(error)}),)) from error
        if "name" in table:
            raise ProfileError(source, (_unknown("name", "name", Profile),))
        if "profile" in table:
            table["name"] = table.pop("profile")
        try:
            return _converter.structure(table, cls)
        except cattrs.BaseValidationError as error:
            raise ProfileError(source, tuple(_faults(error, ""))) from error

    @classmethod
    def read(cls, path: Path) -> "Profile":
        """The profile in the file at `path`; raises ExchangeError."""
        try:
            text = path.read_text(encoding="utf-8-sig")
        except OSError as error:
            raise ExchangeError("file-unreadable", path=str(path), reason=error.strerror or str(error)) from error
        except UnicodeDecodeError as error:
            fault = Finding("profile-no-toml", parameters={"reason": "not UTF-8"})
            raise ProfileError(str(path), (fault,)) from error
        return cls.parse(text, str(path))


class ProfileError(ExchangeError):
    """A profile cannot be used; `faults` are all of them, each with its place in the file as its path."""

    def __init__(self, source: str, faults: tuple[Finding, ...]) -> None:
        self.faults = faults
        self.source = source
        super().__init__("profile-invalid", path=source, faults=_listed(faults, "en"))

    def message(self, language: Language = "en") -> str:
        self.parameters["faults"] = _listed(self.faults, language)
        return super().message(language)


def _listed(faults: tuple[Finding, ...], language: Language) -> str:
    return " ".join(f"{fault.path or '-'}: {fault.message(language)}" for fault in faults)


def _strictly(kind: type) -> Any:
    def structure(value: Any, _: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(kind.__name__)
        return value

    return structure


def _to_tuple(value: Any, kind: Any) -> Any:
    if not isinstance(value, list):
        raise TypeError(list.__name__)
    return tuple(_converter.structure(value, list[kind.__args__[0]]))


_converter: Final = cattrs.Converter(forbid_extra_keys=True)
for _kind in (str, int, bool):
    _converter.register_structure_hook(_kind, _strictly(_kind))
_converter.register_structure_hook(Shape, lambda value, _: Shape(value))
_converter.register_structure_hook_func(lambda kind: getattr(kind, "__origin__", None) is tuple, _to_tuple)


def _faults(error: Any, place: str) -> Iterator[Finding]:
    """What cattrs found, one by one: each with its place in the file and what was wanted there."""
    if isinstance(error, ClassValidationError):
        noted, others = error.group_exceptions()
        for one, note in noted:
            yield from _fault(one, f"{place}.{_key(note.name)}".lstrip("."), note.type)
        for other in others:
            yield from _fault(other, place, None)
    elif isinstance(error, IterableValidationError):
        for one, item in error.group_exceptions()[0]:
            where = f"{place}[{item.index}]" if isinstance(item.index, int) else f"{place}.{item.index}"
            yield from _fault(one, where, item.type)


def _fault(error: Any, place: str, wanted: Any) -> Iterator[Finding]:
    if isinstance(error, ClassValidationError | IterableValidationError):
        yield from _faults(error, place)
    elif isinstance(error, ForbiddenExtraKeysError):
        for key in sorted(error.extra_fields):
            yield _unknown(f"{place}.{key}".lstrip("."), key, error.cl)
    elif isinstance(error, KeyError):
        yield Finding("profile-key-missing", place, parameters={"value": _key(str(error.args[0]))})
    else:
        yield Finding("profile-value-wrong", place, parameters={"expected": _said(wanted)})


def _unknown(place: str, key: str, cls: type) -> Finding:
    keys = [_key(one.name) for one in attrs.fields(cls)]
    near = get_close_matches(key, keys, n=3) or sorted(keys)
    return Finding("profile-key-unknown", place, parameters={"value": key[:40], "known": near})


def _key(name: str) -> str:
    return "profile" if name == "name" else name


_SAID: Final = {"str": "text", "int": "number", "tuple": "[list]", "Mapping": "{table}"}


def _said(wanted: Any) -> str:
    """What was wanted, as short as can be: the choices, or the kind of value."""
    if isinstance(wanted, type) and issubclass(wanted, StrEnum):
        return ", ".join(wanted)
    arguments = [one for one in getattr(wanted, "__args__", ()) if one is not type(None)]
    choices = [one for one in arguments if isinstance(one, str)]
    kind = getattr(wanted, "__origin__", None) or (arguments or [wanted])[0]
    name = getattr(kind, "__name__", str(kind))
    return ", ".join(choices) or _SAID.get(name, name)
