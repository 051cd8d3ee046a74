"""Sudden changes: a point that from one month on counts far more, or far fewer, than its past and its peers say."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from attrs import frozen

from idocore.findings import Finding, Severity
from idocore.periods import Period, PeriodKind
from idocore.quality.cases import Case, Month, months
from idocore.quality.robust import surprise
from idocore.quality.thresholds import Thresholds

_FEWEST: Final = 30
"""Records of the peers, before and after, by which their season is judged; with fewer, the point's own past decides."""


@frozen
class Sums:
    """Records and open hours of some months."""

    records: int = 0
    exposure: float = 0.0

    def __add__(self, more: "Sums") -> "Sums":
        return Sums(self.records + more.records, self.exposure + more.exposure)

    def __sub__(self, less: "Sums") -> "Sums":
        return Sums(self.records - less.records, self.exposure - less.exposure)


@frozen
class Shift:
    """What stands out most at one point, from `month` on: how many records, and how many were expected."""

    month: date
    last: date
    after: int
    expected: float
    score: float


def changes(cases: Sequence[Case], limits: Thresholds) -> Iterator[tuple[Case, Finding]]:
    """For each case its sharpest rise and its sharpest fall, if any; peers are the other cases.

    A stretch without any registration is silence or a gap, not a fall.
    """
    known = [months(case) for case in cases]
    best: dict[tuple[int, bool], Shift] = {}
    for month in sorted({month for found in known for month in found}):
        sides = {number: both for number, found in enumerate(known) if (both := _sides(found, month, limits))}
        before = sum((both[0] for both in sides.values()), Sums())
        after = sum((both[1] for both in sides.values()), Sums())
        for number, own in sides.items():
            shift = _shift(month, own, (before - own[0], after - own[1]), limits)
            if shift is not None:
                place = number, shift.score > 0
                best[place] = max(best.get(place, shift), shift, key=lambda one: abs(one.score))
    for number, is_more in sorted(best):
        yield cases[number], _finding(cases[number], best[number, is_more], is_more=is_more)


def _sides(found: Mapping[date, Month], month: date, limits: Thresholds) -> tuple[Sums, Sums] | None:
    """The months before `month` and those from it on; None unless the point was there, and open, in all of them."""
    sides = []
    for step in (range(-limits.change_months, 0), range(limits.change_months)):
        each = [found.get(_moved(month, number)) for number in step]
        if any(one is None or not one.exposure for one in each):
            return None
        sides.append(sum((Sums(one.records, one.exposure) for one in each if one), Sums()))
    return sides[0], sides[1]


def _moved(month: date, steps: int) -> date:
    number = month.year * 12 + month.month - 1 + steps
    return date(number // 12, number % 12 + 1, 1)


def _shift(month: date, own: tuple[Sums, Sums], peers: tuple[Sums, Sums], limits: Thresholds) -> Shift | None:
    """What happened to the point between `own` before and after; None when it is nothing out of the ordinary."""
    before, after = own
    if not before.records or not after.records:
        return None
    odds = after.exposure / before.exposure
    if min(peers[0].records, peers[1].records) >= _FEWEST:
        odds *= (peers[1].records / peers[1].exposure) / (peers[0].records / peers[0].exposure)
    expected = before.records * odds
    score = surprise(after.records, before.records, odds)
    ratio = max(after.records / expected, expected / after.records)
    if abs(score) < limits.change_score or ratio < limits.change_ratio:
        return None
    end = Period.of(PeriodKind.MONTH, _moved(month, limits.change_months - 1)).end
    return Shift(month, end - timedelta(days=1), after.records, expected, score)


def _finding(case: Case, shift: Shift, *, is_more: bool) -> Finding:
    code = "quality-more" if is_more else "quality-fewer"
    counts = {"count": shift.after, "usual": f"{shift.expected:.0f}"}
    return case.finding(code, Severity.WARNING, **{"from": shift.month, "until": shift.last, **counts})
