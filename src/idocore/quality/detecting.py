"""What is worth a look at one service point: each detector turns what was seen into findings."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Final

from idocore.findings import Finding, Severity
from idocore.quality.cases import Case
from idocore.quality.robust import chance_of_run, empty_runs, outliers
from idocore.quality.thresholds import Thresholds

Detector = Callable[[Case, Thresholds], Iterator[Finding]]
HINT, WARNING = Severity.HINT, Severity.WARNING
_NEAR: Final = timedelta(days=182)
"""A gap is judged by the half year before and after it: busy years say nothing of quiet ones."""


def silence(case: Case, limits: Thresholds) -> Iterator[Finding]:
    """Nothing at all was registered at a point that was open, or may have been."""
    if not case.is_silent:
        return
    existed = sum((until - begin).days for begin, until in case.stretches)
    if case.hours is None and existed >= limits.silent_least:
        yield case.finding("quality-silent-unsure", HINT, days=existed)
    elif case.hours is not None and len(case.hours) >= limits.silent_least:
        yield case.finding("quality-silent", WARNING, days=len(case.hours))


def unknown_hours(case: Case, limits: Thresholds) -> Iterator[Finding]:
    """Without opening hours there is no telling which days are missing."""
    if case.hours is None and case.registrations:
        yield case.finding("quality-hours-unknown", HINT)


def gaps(case: Case, limits: Thresholds) -> Iterator[Finding]:
    """A run of open days without any registration, longer than chance gives."""
    opened = sorted(case.hours or ())
    for first, last, length in empty_runs(opened, case.heard):
        if length < limits.gap_least:
            continue
        around = opened[bisect_left(opened, first - _NEAR) : bisect_right(opened, last + _NEAR)]
        heard = sum(day in case.heard for day in around)
        if heard >= limits.gap_least and chance_of_run(length, len(around), heard) < limits.gap_chance:
            yield case.finding("quality-gap", WARNING, **{"from": first, "until": last, "days": length})


def outlying(case: Case, limits: Thresholds) -> Iterator[Finding]:
    """A day with far more records, or tallied visitors, than the point's other days of that year."""
    for code, counts in (("quality-outlier", case.watched.days), ("quality-outlier-tally", case.watched.tallied)):
        for year in sorted({day.year for day in counts}):
            chosen = {day: count for day, count in counts.items() if day.year == year}
            for day, count, usual in outliers(chosen, limits.outlier_score, limits.outlier_least):
                yield case.finding(code, WARNING, **{"from": day, "until": day, "count": count, "usual": f"{usual:g}"})


def heaping(case: Case, limits: Thresholds) -> Iterator[Finding]:
    """Moments on the round half hour, or in one and the same minute; tallies on multiples of five."""
    counts = case.watched.counts
    for code, part, whole, share, least in (
        ("quality-round-moments", "round_moments", "timed", limits.round_share, limits.round_least),
        ("quality-round-tallies", "round_tallies", "tallies", limits.round_tally_share, limits.round_tally_least),
        ("quality-same-minute", "same_minute", "timed", limits.same_minute_share, limits.same_minute_least),
    ):
        yield from _share(case, code, counts[part], counts[whole], share, least)


def entry(case: Case, limits: Thresholds) -> Iterator[Finding]:
    """What was entered all at once, and, of the rest, what was entered late."""
    late = base = 0
    for day, entered in sorted(case.watched.entered.items()):
        if _is_at_once(case, entered.count, entered.first, entered.last, limits):
            found = {"from": entered.first, "until": entered.last, "day": day, "count": entered.count}
            yield case.finding("quality-at-once", HINT, **found)
        else:
            late, base = late + entered.late, base + entered.count
    days = limits.late_days
    yield from _share(case, "quality-late", late, base, limits.late_share, limits.late_least, days=days)


def _is_at_once(case: Case, count: int, first: date, last: date, limits: Thresholds) -> bool:
    is_much = count >= max(limits.at_once_least, limits.at_once_share * case.registrations)
    return is_much and last - first >= timedelta(days=limits.at_once_days)


def doubles(case: Case, limits: Thresholds) -> Iterator[Finding]:
    """Registrations that look just like an earlier one."""
    counts = case.watched.counts
    if counts["doubles"] >= limits.double_least:
        yield from _share(case, "quality-doubles", counts["doubles"], counts["timed"], limits.double_share, 1)


def open_answers(case: Case, limits: Thresholds) -> Iterator[Finding]:
    """Fields that are left open, or answered with "other", too often to be of use."""
    for key, one in sorted(case.watched.answers.items()):
        least, known = limits.answers_least, one.asked - one.unknown
        yield from _share(case, "quality-unknown", one.unknown, one.asked, limits.unknown_share, least, field=key)
        yield from _share(case, "quality-other", one.other, known, limits.other_share, least, field=key)


def amendments(case: Case, limits: Thresholds) -> Iterator[Finding]:
    """Much was written after the period had been closed."""
    least, amended = limits.amended_least, case.watched.counts["amended"]
    yield from _share(case, "quality-amended", amended, case.registrations, limits.amended_share, least)


def _share(case: Case, code: str, part: int, whole: int, share: float, least: int, **more: object) -> Iterator[Finding]:
    if whole >= least and part and part >= share * whole:
        counts = {"count": part, "base": whole, "share": f"{part / whole:.0%}"}
        yield case.finding(code, WARNING if code in _WEIGHTY else HINT, **counts, **more)


_WEIGHTY: Final = frozenset({"quality-late", "quality-doubles", "quality-unknown"})
"""What makes figures wrong or late, where other shares make them coarse."""

DETECTORS: Final[tuple[Detector, ...]] = (
    silence,
    unknown_hours,
    gaps,
    outlying,
    heaping,
    entry,
    doubles,
    open_answers,
    amendments,
)
"""All detectors that look at one point by itself, in the order of their findings."""
