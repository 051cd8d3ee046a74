"""Which numbers may be seen: counts from 1 to 4, and what is derived from them, not in what is published."""

from collections.abc import Iterable
from enum import Enum
from itertools import accumulate
from typing import Final, TypeGuard

from attrs import frozen

FEWEST: Final = 5
"""The smallest count, beside 0, that is published."""


class Hidden(Enum):
    """What stands in the place of a number that may not be seen."""

    HIDDEN = "<5"


HIDDEN: Final = Hidden.HIDDEN

Number = int | float | None | Hidden
"""A number as it is shown: None where there is none to give, HIDDEN where it may not be seen."""


@frozen
class Discretion:
    """What is shown of the numbers; everything, unless it is to be published.

    Primary suppression only: a total may give a hidden count away.
    """

    publish: bool = False

    def hides(self, *counts: Number) -> bool:
        """Whether one of `counts` may not be seen."""
        return any(count is HIDDEN or self._is_small(count) for count in counts)

    def count(self, count: Number) -> Number:
        """A count as it is shown."""
        return HIDDEN if self.hides(count) else count

    def ratio(self, part: Number, whole: Number) -> Number:
        """`part` for each of `whole`; None when there is nothing to divide by, or by."""
        if self.hides(part, whole):
            return HIDDEN
        return part / whole if _is_number(part) and _is_number(whole) and whole else None

    def rate(self, part: Number, amount: float | None) -> Number:
        """`part` for each of `amount`, which is no count and hides nothing, such as hours."""
        if self.hides(part):
            return HIDDEN
        return part / amount if _is_number(part) and amount else None

    def growth(self, after: Number, before: Number) -> Number:
        """How much more `after` is than `before`, as a share of `before`."""
        found = self.ratio(after, before)
        return found - 1 if isinstance(found, float) else found

    def difference(self, after: Number, before: Number) -> Number:
        """How much more `after` is than `before`."""
        if after is HIDDEN or before is HIDDEN:
            return HIDDEN
        return after - before if _is_number(after) and _is_number(before) else None

    def running(self, counts: Iterable[Number]) -> list[Number]:
        """Sums of all up to each; from a hidden count on they are hidden, since their differences would tell it."""
        return list(accumulate((self.count(count) for count in counts), _added))

    def _is_small(self, count: Number) -> bool:
        return self.publish and isinstance(count, int) and 0 < count < FEWEST


def _is_number(value: Number) -> TypeGuard[int | float]:
    return isinstance(value, int | float)


def _added(total: Number, count: Number) -> Number:
    if total is HIDDEN or count is HIDDEN:
        return HIDDEN
    if _is_number(total) and _is_number(count):
        return total + count
    return total if count is None else count
