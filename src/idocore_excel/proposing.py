"""A mapping profile proposed for a sheet, as TOML with comments: what is guessed is said to be."""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import tomlkit
from tomlkit.items import InlineTable, Table

from idocore import ExchangeError, SheetRequest, privacy
from idocore_excel import importing
from idocore_excel.cells import letters
from idocore_excel.guessing import Guess, Vocabulary
from idocore_excel.profiles import TOTALS, Shape
from idocore_excel.surveying import Survey, survey
from idocore_excel.values import folded, moment

_MOST_VALUES: Final = 12
_LONGEST: Final = 40
_LARGEST_DATA: Final = 1_000_000


def propose(request: SheetRequest) -> str:
    """The profile for the first visible sheet of the file that holds something; raises ExchangeError.

    What could not be placed stands in `ignore`, what is uncertain has a comment.
    """
    if _is_data(request.path):
        raise ExchangeError("not-a-table", path=str(request.path))
    vocabulary = Vocabulary.of(request)
    with importing.opened(request.path) as book:
        found = survey(book, vocabulary, request.path.stem)
    if found is None:
        raise ExchangeError("sheet-empty", path=str(request.path))
    return _written(found, vocabulary, request)


def _is_data(path: Path) -> bool:
    """Whether it is a profile or other data by key, which would also pass for text in columns."""
    try:
        text = path.read_text(encoding="utf-8-sig") if path.stat().st_size < _LARGEST_DATA else ""
    except (OSError, UnicodeDecodeError):
        return False  # a workbook, or for the reader to say what is wrong with it
    return any(_parses(text, parse) for parse in (tomllib.loads, json.loads))


def _parses(text: str, parse: Callable[[str], Any]) -> bool:
    try:
        return isinstance(parse(text), dict | list) and bool(text.strip())
    except (ValueError, RecursionError):
        return False


def _written(found: Survey, vocabulary: Vocabulary, request: SheetRequest) -> str:
    document = tomlkit.document()
    document.add(tomlkit.comment(f"Voorstel voor / proposal for {request.path.name}"))
    document.add(tomlkit.comment("Kijk na wat '?' heeft / check what has a '?'; dan/then: ido import --profile"))
    for name in found.others:
        document.add(
            tomlkit.comment(f"? blad/sheet {_shown(name)!r}: hoort het erbij, zet het bij / add it to: sheets")
        )
    for key, value in _whole(found, request).items():
        document.add(key, value)
    left = _left(found, document)
    if left:
        document.add("ignore", _listed(left))
    document.add(tomlkit.nl())
    document.add("fixed", _fixed(found, vocabulary))
    if found.shape is Shape.COUNTER:
        document.add("counter", _counter(found))
    columns = tomlkit.aot()
    names = Counter(folded(one.header) for one in found.guesses)
    for one in found.guesses:
        if one.to is not None:
            columns.append(_column(one, vocabulary, is_only=names[folded(one.header)] == 1))
    document.add("columns", columns)
    return tomlkit.dumps(document)


def _whole(found: Survey, request: SheetRequest) -> dict[str, Any]:
    """What the profile says of the sheet as a whole; what is as usual is left out."""
    name = re.sub(r"[^a-z0-9]+", "-", folded(request.path.stem)).strip("-") or "sheet"
    said: dict[str, Any] = {"profile": name, "version": 1, "theme": request.theme, "shape": found.shape.value}
    if not found.is_first:
        said["sheets"] = [found.sheet]
    said["header"] = list(found.header)
    said["dates"] = found.order
    if found.year:
        said["year"] = found.year
    if found.dates_across:
        said["dates_across"] = True
    if found.unavailable or found.closed:
        said["skip"] = _listed([*found.unavailable, *found.closed])
    return said


def _left(found: Survey, document: tomlkit.TOMLDocument) -> list[str]:
    """The columns that nobody knows the meaning of, with a comment on each."""
    left = [one for one in found.guesses if one.to is None]
    if found.dates_across:
        dated = {one.index for one in found.columns if one.last_line and _is_dated(found, one.index)}
        left = [one for one in left if one.index not in dated]
    for one in left:
        if folded(one.header) in TOTALS:
            continue
        document.add(tomlkit.comment(f"? kolom/column {letters(one.index)} {_shown(one.header)!r} is niet begrepen"))
    for index in found.nameless:
        document.add(tomlkit.comment(f"? kolom/column {letters(index)} heeft geen kop / has no header"))
    return [*(one.header for one in left), *map(letters, found.nameless)]


def _is_dated(found: Survey, index: int) -> bool:
    column = next(one for one in found.columns if one.index == index)
    return moment(column.last_line, year=2000) is not None


def _fixed(found: Survey, vocabulary: Vocabulary) -> Table:
    """The service point, if it can be told, and the precision of a table by month."""
    table = tomlkit.table()
    points = sorted(set(vocabulary.points.ids.values()))
    told = any(one.to == "service_point" for one in found.guesses)
    if not told and vocabulary.points.find(found.sheet):
        table.add("service_point", "{sheet}")
    elif not told and len(points) == 1:
        table.add("service_point", points[0])
    elif not told:
        some = ", ".join(points[:8]) or "ido places add"
        table.add(tomlkit.comment(f'? service_point = "..."  # vul in / fill in: {some}'))
    if found.by_month:
        table.add("precision", "month")
    return table


def _counter(found: Survey) -> Table:
    table = tomlkit.table()
    if found.largest_step:
        table.add("largest_step", found.largest_step)
        table["largest_step"].comment("? meer is een sprong: niet geteld / more is a leap: not counted")
    if found.closed:
        table.add("closed", _listed(list(found.closed)))
    return table


def _column(one: Guess, vocabulary: Vocabulary, *, is_only: bool) -> Table:
    table = tomlkit.table()
    if is_only and one.header and "*" not in one.header:
        table.add("header", one.header)
    else:
        table.add("letter", letters(one.index))
    table.add("to", one.to)
    if not one.is_sure:
        table["to"].comment("?")
    if one.code is not None:
        table.add("code", one.code)
    if one.inquiry > 1:
        table.add("inquiry", one.inquiry)
    _values(one, vocabulary, table)
    return table


def _values(one: Guess, vocabulary: Vocabulary, table: Table) -> None:
    """Translations for values that look like a code, and comments for those that do not."""
    labels = vocabulary.labels.get(one.to or "")
    known = labels.codes if labels else {}
    codes: InlineTable = tomlkit.inline_table()
    unknown = [text for text in one.unknown if len(text) <= _LONGEST and not any(privacy.kinds(text))]
    for text in unknown[:_MOST_VALUES]:
        near = get_close_matches(folded(text), known, n=1, cutoff=0.8)
        meant = labels.find(near[0]) if near and labels else None
        if meant:
            codes.append(text, meant)
        else:
            table.add(tomlkit.comment(f"? geen code voor / no code for {_shown(text)!r}"))
    if codes:
        table.add("codes", codes)
        table["codes"].comment("?")


def _shown(text: str) -> str:
    return " ".join(text.split())[:_LONGEST]


def _listed(texts: list[str]) -> Any:
    found = tomlkit.array()
    found.extend(texts)
    return found
