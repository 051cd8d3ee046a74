"""Dutch habits in cells: dates, times, numbers, yes and no as people type them.

What cannot be read comes back as None; the caller then passes the cell on as it stands, so that the core's reader
finds it, as it does for every source.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final, Literal

Order = Literal["dmy", "mdy", "ymd"]

_PLAIN: Final = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201c": '"', "\u201d": '"', "\u201e": '"', "`": "'"}
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
    | dict.fromkeys("\u200b\u200c\u200d\ufeff")
)
_EDGES: Final = " \"':;"
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "januari jan january",
            "februari feb february febr",
            "maart mrt march mar maa",
            "april apr",
            "mei may",
            "juni jun june",
            "juli jul july",
            "augustus aug august",
            "september sep sept",
            "oktober okt october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
_WEEKDAYS: Final = re.compile(
    r"^(maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|ma|di|wo|do|vr|za|zo|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tue|wed|thu|fri|sat|sun)\b[.,]?\s*"
)
_YES: Final = frozenset({"ja", "j", "yes", "y", "waar", "true", "x", "1", "v", "\u2713", "\u2714"})
_NO: Final = frozenset({"nee", "n", "no", "onwaar", "false", "0", "-"})
_TIME: Final = re.compile(r"(\d{1,2})(?:[:.u](\d{2})(?:[:.](\d{2}))?)?\s*(uur|u|h|am|pm)?")
_DIGITS: Final = re.compile(r"[-+]?\d+")
_DUTCH: Final = re.compile(r"[-+]?(\d+|\d{1,3}(\.\d{3})+|\d{1,3}( \d{3})+)(,\d+)?")

_MONTH: Final = r"(?P<name>[a-z]{3,9})\.?"
_SEP: Final = r"[-/. ]\s*"
_DATES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?P<y>\d{{4}}){_SEP}(?P<m>\d{{1,2}}){_SEP}(?P<d>\d{{1,2}})",
        r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})",
        rf"(?P<a>\d{{1,2}}){_SEP}(?P<b>\d{{1,2}}){_SEP}(?P<c>\d{{4}}|\d{{2}})",
        rf"(?P<d>\d{{1,2}})(?:e|{_SEP})?\s*{_MONTH}(?:[-/., ]+'?(?P<y>\d{{4}}|\d{{2}}))?",
        rf"{_MONTH} (?P<d>\d{{1,2}})(?:, ?| )(?P<y>\d{{4}})",
        rf"{_MONTH}(?:[-/., ']+(?P<y>\d{{4}}|\d{{2}}))?",
        rf"(?P<y>\d{{4}})[-/. ]+{_MONTH}",
        rf"(?P<y>\d{{4}}){_SEP}(?P<m>\d{{1,2}})",
        rf"(?P<m>\d{{1,2}}){_SEP}(?P<y>\d{{4}})",
        rf"(?P<a>\d{{1,2}}){_SEP}(?P<b>\d{{1,2}})",
    )
)
_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}\S*")


def plain(value: Any) -> str:
    """A cell as one line of text: no smart quotes, no stray spaces, whole numbers without a fraction."""
    if isinstance(value, str):
        return _plain(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ja" if value else "nee"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)


@lru_cache(maxsize=10_000)
def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).translate(_PLAIN).split())


def folded(value: Any) -> str:
    """`plain` for comparing: without capitals, accents, and quotes around it."""
    return _folded(plain(value))


@lru_cache(maxsize=10_000)
def _folded(plain_text: str) -> str:
    text = unicodedata.normalize("NFKD", plain_text)
    return "".join(one for one in text if not unicodedata.combining(one)).casefold().strip(_EDGES)


def is_blank(value: Any) -> bool:
    """Whether a cell holds nothing but spaces."""
    return value is None or (isinstance(value, str) and not plain(value))


def number(value: Any) -> int | float | None:
    """A number, also in text with a decimal comma and thousands points; a whole one is an int."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    text = folded(value) if isinstance(value, str) else ""
    if _DUTCH.fullmatch(text):
        found = float(text.replace(".", "").replace(" ", "").replace(",", "."))
        return int(text) if _DIGITS.fullmatch(text) else int(found) if found.is_integer() else found
    return None


def boolean(value: Any) -> bool | None:
    """Yes or no: ``ja``, ``x``, ``waar``, ``1``, a tick, and their opposites."""
    if isinstance(value, bool):
        return value
    text = folded(value)
    return True if text in _YES else False if text in _NO else None


def clock(value: Any) -> time | None:
    """A time of day: 10:30, 10.30, 10u30, 10 uur, or the part of a day that a spreadsheet keeps it as."""
    if isinstance(value, datetime):
        return value.time()
    if isinstance(value, time):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1:
        value = timedelta(days=value)
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        return (datetime.min + timedelta(seconds=seconds)).time() if 0 <= seconds < 86_400 else None
    found = _TIME.fullmatch(folded(value)) if isinstance(value, str) else None
    return _clock(*found.groups()) if found else None


def _clock(hours: str, minutes: str | None, seconds: str | None, unit: str | None) -> time | None:
    if minutes is None and unit is None:
        return None
    hour = int(hours)
    if unit in ("am", "pm"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (unit == "pm")
    try:
        return time(hour, int(minutes or 0), int(seconds or 0))
    except ValueError:
        return None


def moment(value: Any, order: Order = "dmy", year: int | None = None) -> str | None:
    """A moment as the exchange format has it: ``2020-03-01T10:30:00``, ``2020-03-01`` or ``2020-03``.

    A cell at midnight is a day. `year` completes a date that has none; `order` is that of numbers in text. A day that
    does not exist is not read, and neither is one that would only be right in another order.
    """
    if isinstance(value, datetime):
        whole = (value + timedelta(milliseconds=500)).replace(microsecond=0)
        return whole.date().isoformat() if whole.time() == time() else whole.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float) and not isinstance(value, bool) and 19_000_101 <= value <= 21_001_231:
        return _day_in(plain(value), order, year)
    if not isinstance(value, str):
        return None
    if _ISO.fullmatch(plain(value)):
        return plain(value).replace(" ", "T", 1)
    text = _WEEKDAYS.sub("", folded(value))
    return _day_in(text, order, year) or _day_and_time(text, order, year)


def _day_and_time(text: str, order: Order, year: int | None) -> str | None:
    for gap in re.finditer(r",? |t(?=\d)", text):
        at = clock(text[gap.end() :].removeprefix("om "))
        day = _day_in(text[: gap.start()], order, year) if at else None
        if at and day and len(day) == 10:
            return f"{day}T{at.isoformat()}"
    return None


def _day_in(text: str, order: Order, year: int | None) -> str | None:
    for pattern in _DATES:
        found = pattern.fullmatch(text)
        if found:
            day = _iso(found.groupdict(), order, year)
            if day:
                return day
    return None


def _iso(parts: dict[str, str | None], order: Order, year: int | None) -> str | None:
    if parts.get("a"):
        parts = _ordered([parts["a"], parts["b"], parts.get("c")], order)
    month = _MONTHS.get(parts["name"] or "") if "name" in parts else int(parts.get("m") or 0)
    full = _year(parts.get("y"), year)
    if not month or not 1 <= month <= 12 or full is None:
        return None
    if not parts.get("d"):
        return f"{full:04}-{month:02}"
    try:
        return date(full, month, int(parts["d"] or 0)).isoformat()
    except ValueError:
        return None


def _ordered(numbers: list[str | None], order: Order) -> dict[str, str | None]:
    if numbers[2] is None:
        return dict(zip(order.replace("y", ""), numbers, strict=False))
    return dict(zip(order, numbers, strict=True))


def _year(text: str | None, otherwise: int | None) -> int | None:
    if text is None:
        return otherwise
    if len(text) == 4:
        return int(text)
    return int(text) + (1900 if int(text) >= 69 else 2000)


def parts(text: str, separator: str) -> Iterator[str]:
    """The pieces of a cell that holds several values."""
    return (one for one in (plain(piece) for piece in text.split(separator)) if one)
