"""What a form asks, column by column, and between what one chooses: a theme version laid out as a table."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Final

from attrs import frozen

from idocore import Code, ExchangeError, Field, FieldType, FormRequest, Language, Level, ServicePoint, Theme
from idocore_excel.form_words import word
from idocore_excel.values import folded

MOST_ROWS: Final = 20_000
"""The rows of the longest form: more than a desk fills in, and few enough to hold in memory."""

_MOST_CHOICES: Final = 3
"""In how many columns several codes of one field can be given."""

ID: Final = "id"
VISITOR: Final = "visitor"
DAY: Final = "date"
TIME: Final = "time"
POINT: Final = "service_point"
CHANNEL: Final = "channel"
COUNT: Final = "count"
ANSWERS: Final = "answers."
INQUIRIES: Final = "inquiries."
_PREFIXES: Final = {Level.REGISTRATION: ANSWERS, Level.INQUIRY: INQUIRIES}


class Kind(StrEnum):
    """What a column takes."""

    ID = "id"
    DATE = "date"
    TIME = "time"
    NUMBER = "number"
    CHOICE = "choice"
    CHOICES = "choices"
    """One of several columns that together hold a list of codes."""
    YES_NO = "yes-no"
    TEXT = "text"


@frozen
class Asked:
    """A column is asked only when one of the columns of `path` holds one of these labels."""

    path: str
    labels: tuple[str, ...]


@frozen
class Column:
    """One column: `path` is its place in a record, ``answers.`` about the visit, ``inquiries.`` about an inquiry."""

    path: str
    kind: Kind
    heading: str
    required: bool = False
    asked: Asked | None = None

    @property
    def is_inquiry(self) -> bool:
        """Whether it is about one inquiry, not about the whole visit."""
        return self.path.startswith(INQUIRIES)

    @property
    def key(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]


Choices = Mapping[str, str]
"""What one chooses from, in order: the code of each label."""


@frozen
class Layout:
    """A form: its columns from A on, and by path the choices of those that have them.

    `point` is the one service point that every row is of, or None when that is asked.
    """

    theme: Theme
    language: Language
    columns: tuple[Column, ...]
    choices: Mapping[str, Choices]
    point: ServicePoint | None

    @cached_property
    def numbers(self) -> Mapping[str, tuple[int, ...]]:
        """By path the numbers (A is 1) of its columns."""
        found: dict[str, tuple[int, ...]] = {}
        for number, column in enumerate(self.columns, start=1):
            found[column.path] = (*found.get(column.path, ()), number)
        return found


def lay_out(request: FormRequest) -> Layout:
    """The form for `request`; raises ExchangeError when there is no service point, or too many rows are asked."""
    if not request.points:
        raise ExchangeError("form-without-points")
    if not 1 <= request.rows <= MOST_ROWS:
        raise ExchangeError("form-rows", value=request.rows, most=MOST_ROWS)
    choices = dict(_choices(request))
    columns = (*_fixed(request), *_fields(request, choices))
    point = request.points[0] if len(request.points) == 1 else None
    return Layout(request.theme, request.language, columns, choices, point)


def is_tally(theme: Theme) -> bool:
    """Whether there is nothing to ask but how many."""
    return not theme.of_level(Level.INQUIRY)


def _fixed(request: FormRequest) -> Iterator[Column]:
    language = request.language
    yield Column(ID, Kind.ID, word("id", language))
    if not is_tally(request.theme):
        yield Column(VISITOR, Kind.NUMBER, word("visitor", language))
    yield Column(DAY, Kind.DATE, word("date", language), required=True)
    yield Column(TIME, Kind.TIME, word("time", language))
    if len(request.points) > 1:
        yield Column(POINT, Kind.CHOICE, word("point", language), required=True)
    yield Column(CHANNEL, Kind.CHOICE, request.themes.codelist(request.theme.channels).label.text(language))
    if is_tally(request.theme):
        yield Column(COUNT, Kind.NUMBER, word("count", language), required=True)


def _fields(request: FormRequest, choices: Mapping[str, Choices]) -> Iterator[Column]:
    theme = request.theme
    for entry in (*theme.of_level(Level.REGISTRATION), *theme.of_level(Level.INQUIRY)):
        if choices.get(path_of(entry)) or not entry.type.is_coded:
            yield from _columns(entry, request, choices)


def _columns(entry: Field, request: FormRequest, choices: Mapping[str, Choices]) -> Iterator[Column]:
    path, heading = path_of(entry), entry.label.text(request.language)
    asked = _asked(entry, request.theme, choices)
    if entry.type is not FieldType.CODES:
        yield Column(path, _KINDS[entry.type], heading, entry.required, asked)
        return
    columns = min(_MOST_CHOICES, len(choices[path]))
    for number in range(1, columns + 1):
        numbered = f"{heading} {number}" if columns > 1 else heading
        yield Column(path, Kind.CHOICES, numbered, entry.required and number == 1, asked)


_KINDS: Final = {
    FieldType.CODE: Kind.CHOICE,
    FieldType.BOOLEAN: Kind.YES_NO,
    FieldType.INTEGER: Kind.NUMBER,
    FieldType.TEXT: Kind.TEXT,
}


def path_of(entry: Field) -> str:
    """The path of the columns of a field."""
    return f"{_PREFIXES[entry.level]}{entry.key}"


def _asked(entry: Field, theme: Theme, choices: Mapping[str, Choices]) -> Asked | None:
    if entry.when is None:
        return None
    path = path_of(theme.by_key[entry.when.field])
    if path not in choices:
        return None
    labels = tuple(label for label, code in choices.get(path, {}).items() if code in entry.when.codes)
    return Asked(path, labels)


def _choices(request: FormRequest) -> Iterator[tuple[str, Choices]]:
    theme, language = request.theme, request.language
    if len(request.points) > 1:
        yield POINT, _labelled((point.name, point.id) for point in request.points)
    yield CHANNEL, _of_list(theme.channels, request)
    for entry in theme.fields:
        if entry.codelist and not _follows(entry, request):
            yield path_of(entry), _of_list(entry.codelist, request)
        elif entry.type is FieldType.BOOLEAN:
            yield path_of(entry), {word("yes", language): "true", word("no", language): "false"}


def _follows(entry: Field, request: FormRequest) -> bool:
    """Whether the answer always follows from another one, so that asking it could only contradict."""
    if entry.derive_from is None:
        return False
    source = request.theme.by_key[entry.derive_from].codelist
    return source is not None and all(code.broader for code in request.themes.codelist(source).codes)


def _of_list(list_id: str, request: FormRequest) -> Choices:
    codes = (code for code in request.themes.codelist(list_id).codes if _overlaps(code, request.theme))
    return _labelled((code.label.text(request.language), code.code) for code in codes)


def _overlaps(code: Code, theme: Theme) -> bool:
    """Whether the code holds on some day on which the form is in use."""
    last, first = theme.valid_until or date.max, code.valid_from or date.min
    return first < last and (code.valid_until is None or theme.valid_from < code.valid_until)


def _labelled(pairs: Iterable[tuple[str, str]]) -> Choices:
    """The pairs as choices; a label that reads like an earlier one gets its code behind it."""
    found: dict[str, str] = {}
    seen: set[str] = set()
    for label, code in pairs:
        shown = f"{label} ({code})" if folded(label) in seen else label
        seen.add(folded(shown))
        found[" ".join(shown.split())] = code
    return found
