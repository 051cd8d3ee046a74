"""Codes that are classes of an amount, such as 10 to 15 minutes, and medians of them."""

from collections.abc import Mapping
from itertools import pairwise

from attrs import frozen

from idocore.statistics.measures import Absence, Figure
from idocore.themes import Code, CodeList

_FROM, _UNTIL = "_from", "_until"


@frozen
class Class:
    """An amount from `low` up to, not including, `high` (None: no bound)."""

    low: float
    high: float | None


def class_of(code: Code) -> Class | None:
    """The class that a code stands for, by its properties such as ``minutes_from`` and ``minutes_until``; or None."""
    low = next((value for name, value in code.properties.items() if name.endswith(_FROM)), None)
    high = next((value for name, value in code.properties.items() if name.endswith(_UNTIL)), None)
    return None if low is None else Class(float(low), None if high is None else float(high))


def has_classes(codelist: CodeList) -> bool:
    """Whether codes of the list stand for classes."""
    return any(class_of(code) is not None for code in codelist.codes)


def median(counts: Mapping[str, int], codelist: CodeList) -> Figure:
    """The median of an amount that is known by classes, each class taken as evenly filled.

    Classes may overlap, as those of several versions of a form do. OPEN_ENDED where the median lies in a class
    without an upper bound, NO_BASE where no code with a class was counted.
    """
    known = {code: class_of(codelist.by_code[code]) for code in counts if code in codelist.by_code}
    classes = [(found, counts[code]) for code, found in known.items() if found is not None and counts[code] > 0]
    total = sum(count for _, count in classes)
    if not total:
        return Figure(None, Absence.NO_BASE)
    bounds = sorted({bound for found, _ in classes for bound in (found.low, found.high) if bound is not None})
    before = 0.0
    for low, high in pairwise(bounds):
        filled = sum(
            count * (high - low) / (found.high - found.low)
            for found, count in classes
            if found.high is not None and found.low <= low and high <= found.high
        )
        # Amounts in open classes lie at or above their bound, nobody knows where.
        opened = sum(count for found, count in classes if found.high is None and found.low <= low)
        if before + filled >= total / 2 and filled:
            return (
                Figure(None, Absence.OPEN_ENDED)
                if opened
                else Figure(low + (total / 2 - before) / filled * (high - low))
            )
        before += filled
    return Figure(None, Absence.OPEN_ENDED)
