"""Every figure on the pages of the report beside what the register's own tables say, over places and periods."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import cache
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import idocore
from idocore import Period
from idocore.periods import LOCAL_ZONE, days
from idocore.rules import opening_hours
from idocore.scopes import EVERYWHERE
from idocore.simulation import simulate
from idocore_excel.report.gathering import pairs

COUNTS = ("registrations", "visitors", "inquiries")
NOW = datetime(2024, 11, 20, 12, tzinfo=LOCAL_ZONE)
PERIODS = (None, "2024", "2023", "2024-Q2", "2023-H1", "2024-03", "2024-W20", "2024-11")
Case = tuple[idocore.Register, idocore.Scope, str | None]
Check = Callable[[Any, idocore.Register, idocore.Scope, str | None], None]
QUICK = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))


@cache
def nation(seed: int) -> idocore.Register:
    """The busiest points of an invented nation, some of them without opening hours, with what was registered there."""
    made = simulate(2500, seed)
    lines = [line for line in made.lines() if line.raw and line.raw["moment"] < NOW.isoformat()]
    often: dict[str, int] = {}
    for line in lines:
        often[line.raw["service_point"]] = often.get(line.raw["service_point"], 0) + 1  # type: ignore[index]
    chosen = set(sorted(often, key=lambda one: (-often[one], one))[:40])
    register = idocore.open("memory:", clock=lambda: NOW)
    register.places.put(*made.organisations, *(one for one in made.service_points if one.id in chosen))
    register.places.add_service_point("silent", "Silent point", municipality="Utrecht")
    kept = (line for line in lines if line.raw["service_point"] in chosen)  # type: ignore[index]
    assert not [one for one in register.load(kept) if one.is_rejected]
    return register


@st.composite
def asked(draw: st.DrawFn) -> Case:
    """A register, a place in it and a period."""
    register = nation(draw(st.sampled_from((3, 4))))
    level = draw(st.sampled_from(("nation", "province", "organisation", "service_point")))
    codes = [row.codes[0] for row in register.table("visitors", level).rows if row.codes[0]]
    return register, idocore.Scope(level, draw(st.sampled_from(codes))), draw(st.sampled_from(PERIODS))


def book_of(register: idocore.Register, scope: idocore.Scope, period: str | None, **more: Any) -> Any:
    target = BytesIO()
    register.export(target, format="xlsx", scope=scope, period=period, language="en", **more)  # type: ignore[arg-type]
    return openpyxl.load_workbook(target)


def rows(sheet: Any, heading: str) -> Iterator[list[Any]]:
    """The rows under the header that begins with `heading`, down to the first empty one; numbers as they are."""
    is_under = False
    for row in sheet.iter_rows(values_only=True):
        if is_under and row[0] is None:
            return
        if is_under:
            yield [None if value == "–" else value for value in row]
        is_under = is_under or row[0] == heading


def month(text: str) -> str:
    """The code of a month or day as it is written on the page."""
    text = text.partition(" (")[0]
    if "-" in text:
        return datetime.strptime(text, "%d-%m-%Y").date().isoformat()
    return datetime.strptime(text, "%b %Y").strftime("%Y-%m")


def development(book: Any, register: idocore.Register, scope: idocore.Scope, period: str | None) -> None:
    """Each month or day with its counts, those of the year before, and the sums so far."""
    span = Period.parse(period) if period else None
    unit = "day" if span and (span.kind.months or 0) <= 1 else "month"
    table = {row.codes[0]: list(row.numbers) for row in register.table(COUNTS, unit, where=scope.where).rows}
    found = list(rows(book["Development"], unit.capitalize()))
    *lines, total = [row for row in found if row[0] != "day unknown"]
    base = register.table(COUNTS, where=scope.where, period=period).base
    assert total[:4] == ["Total", *(base[name] for name in COUNTS)]
    running = 0
    for name, registrations, visitors, inquiries, before, growth, so_far, _ in lines:
        counts = [registrations, visitors, inquiries]
        assert counts == table.get(month(name), [0, 0, 0] if visitors is not None else [None] * 3)
        earlier = table.get(_year_before(month(name), span))
        assert before == (earlier[1] if (earlier and period) or (earlier and month(name) > min(table)) else None)
        if growth is not None:
            assert growth == pytest.approx(visitors / before - 1)
        running += visitors or 0
        assert (so_far or 0) == running
    assert {month(row[0]) for row in lines} >= {code for code in table if code and _within(code, span)}


def _within(code: str, span: Period | None) -> bool:
    return span is None or Period.parse(code).start in span


def _year_before(code: str, span: Period | None) -> str:
    if span is not None and span.kind in ("week", "day"):
        return date.fromordinal(Period.parse(code).start.toordinal() - 364).isoformat()
    return f"{int(code[:4]) - 1}{code[4:]}"


FOOT = ("Known (N)", "Unknown or not asked", "Total")
PAGES = {"Providers": "provider", "Topics": "topic", "Help given": "help", "Contact": "channel", "Duration": "duration"}


def answers(book: Any, register: idocore.Register, scope: idocore.Scope, period: str | None) -> None:
    """Each answer with its number and share, the known, the unknown and the total; the year before beside it."""
    for page, key in PAGES.items():
        measure = "registrations" if key in ("channel", "duration") else "inquiries"
        found = {row[0]: row[1:] for row in rows(book[page], _heading(register, key))}
        _compare(register, key, measure, found, 0, {"where": scope.where, "period": period})
        if period in ("2024", "2023"):
            _compare(register, key, measure, found, 2, {"where": scope.where, "period": str(int(period) - 1)})


def _heading(register: idocore.Register, key: str) -> str:
    version = register.themes.get("ido@2024")
    label = register.themes.codelist(version.channels).label if key == "channel" else version.by_key[key].label
    return label.en


def _compare(
    register: idocore.Register, key: str, measure: str, found: dict[str, list[Any]], column: int, days: dict[str, Any]
) -> None:
    table = register.table([measure, f"share_of_{measure}"], key, **days)
    for row in table.rows:
        if row.codes[0] is not None:
            count, share = found[table.label(key, row.codes[0], "en")][column : column + 2]
            assert (count, share) == (row.numbers[0], pytest.approx(row.numbers[1]))
    unknown = table.unknown[key][measure]
    foot = [found[name][column] for name in FOOT]
    assert foot == [table.base[measure] - unknown, unknown, table.base[measure]]
    listed = {table.label(key, row.codes[0], "en") for row in table.rows if row.codes[0]}
    rest = [
        row[column]
        for name, row in found.items()
        if name not in (*listed, "Known (N)", "Unknown or not asked", "Total")
    ]
    assert not any(rest)


def hours_and_silence(book: Any, register: idocore.Register, scope: idocore.Scope, period: str | None) -> None:
    """Each point that existed with its visitors; those without any are the silent ones."""
    table = register.table("visitors", "service_point", where=scope.where, period=period)
    counts = {table.label("service_point", row.codes[0]): row.numbers[0] for row in table.rows}
    lines = [row for row in rows(book["Opening hours"], "Service point") if not str(row[0]).startswith("Points with")]
    assert {row[0]: row[5] for row in lines if row[5]} == counts
    for name, _, _, text, hours, visitors, rate in lines:
        assert (hours is None) == (text == "not known"), name
        assert rate == (pytest.approx(visitors / hours) if hours else None)
    quality = {row[0]: row[1] for row in rows(book["Data quality"], "Points and registrations")}
    assert quality["Points that were open in the period"] == len(lines)
    heard = register.table(COUNTS, "service_point", where=scope.where, period=period)
    silent = {row[0] for row in lines} - {heard.label("service_point", row.codes[0]) for row in heard.rows}
    assert quality["Of which without any registration"] == len(silent)
    listed = {row[0] for row in rows(book["Silent points"], "Service point")} if silent else set()
    assert listed == silent


def asked_together(book: Any, register: idocore.Register, scope: idocore.Scope, period: str | None) -> None:
    """The most frequent pairs, each with its share of the registrations with two topics or more."""
    final = [idocore.Status.FINAL]
    found = pairs((one.registration for one in register.revisions(period=period, scope=scope, statuses=final)), "topic")
    lines = {row[0]: row[1:3] for row in rows(book["Asked together"], "Asked together")}
    several = lines.pop("Registrations with two or more different topics (N)")[0]
    assert lines.pop("Registrations with a known topic")[0] >= several
    shown = sorted((count for count, _ in lines.values()), reverse=True)
    assert shown == sorted(found.values(), reverse=True)[:25]
    assert all(share == pytest.approx(count / several) for count, share in lines.values())


def benchmark(book: Any, register: idocore.Register, scope: idocore.Scope, period: str | None) -> None:
    """Visitors and inquiries for each point that existed, here and in the whole country."""
    if scope.level == "nation":
        assert "Benchmark" not in book.sheetnames
        return
    columns = next(list(row) for row in book["Benchmark"].iter_rows(values_only=True) if row[0] == "Figure")
    figures = {row[0]: row for row in rows(book["Benchmark"], "Figure")}
    for name, where in (("This report", scope.where), ("the Netherlands", {})):
        if name not in columns:
            continue  # fewer than three other organisations
        at = columns.index(name)
        base = register.table(COUNTS, where=where, period=period).base
        points = figures["Service points"][at]
        assert figures["Visitors per point"][at] == (pytest.approx(base["visitors"] / points) if points else None)
        assert figures["Inquiries per point"][at] == (pytest.approx(base["inquiries"] / points) if points else None)
    assert "the Netherlands" in columns


CHECKS = (development, answers, hours_and_silence, asked_together, benchmark)


@given(asked())
@QUICK
def test_figures_are_those_of_the_tables(case: Case) -> None:
    """Whatever the place and the period."""
    book = book_of(*case)
    for check in CHECKS:
        check(book, *case)


def test_a_report_of_another_place_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken twin forgets the place and tells of the whole country; every check sees it."""
    register = nation(3)
    codes = {row.codes[0]: row.numbers[0] or 0 for row in register.table("visitors", "organisation").rows}
    scope = idocore.Scope("organisation", max((one for one in codes if one), key=lambda one: codes[one]))
    case = register, scope, "2024"
    book = book_of(*case)
    monkeypatch.setattr("idocore.reports.ExportRequest.place", EVERYWHERE)
    wrong = book_of(*case)
    for check in CHECKS:
        check(book, *case)
        with pytest.raises((AssertionError, KeyError)):
            check(wrong, *case)


def test_open_hours_are_counted_until_today() -> None:
    """Of a month that still runs, the days that have come count; by hand, day by day."""
    register = nation(3)
    scope = next(one for one in register.places.service_points if one.opening_hours and one.opened)
    book = book_of(register, idocore.Scope("service_point", scope.id), "2024-11")
    hours = next(rows(book["Opening hours"], "Service point"))[4]
    known = opening_hours(str(scope.opening_hours))
    by_hand = sum(
        known.is_open(datetime(day.year, day.month, day.day, number // 2, number % 2 * 30))
        for day in days(date(2024, 11, 1), date(2024, 11, 21))
        for number in range(48)
    )
    assert hours == by_hand / 2
