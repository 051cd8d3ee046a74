"""The figures of data quality: counts that add up, and the shares made of them."""

from collections.abc import Mapping
from typing import Any, Final

import attrs
from attrs import field, frozen

LATENESS: Final = (0, 7, 31)
"""Days: entered on the day itself, up to a week later, up to a month later, and later than that."""


def is_other(code: str) -> bool:
    """Whether a code stands for all that its list does not name."""
    return code == "other" or code.startswith("other-")


@frozen
class Answered:
    """Of one field: how often it was asked, how often nobody answered, and how often the answer was "other"."""

    asked: int = 0
    unknown: int = 0
    other: int = 0

    @property
    def unknown_share(self) -> float | None:
        """The share left open, of what was asked; None when nothing was."""
        return _share(self.unknown, self.asked)

    @property
    def other_share(self) -> float | None:
        """The share "other", of what was answered; None when nothing was."""
        return _share(self.other, self.asked - self.unknown)

    def to_dict(self) -> dict[str, Any]:
        """As plain values, with the shares."""
        return {**attrs.asdict(self), "unknown_share": self.unknown_share, "other_share": self.other_share}

    def __add__(self, more: "Answered") -> "Answered":
        return Answered(self.asked + more.asked, self.unknown + more.unknown, self.other + more.other)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


@frozen(kw_only=True)
class Figures:
    """Counts over one service point, or over several: all of them add up.

    What needs opening hours (`open_days`, `open_hours`, `heard_days`, `empty_months`, `empty_weeks`) is counted only
    over the points whose hours are known; `hours_unknown` says of how many they are not. `late` counts by `LATENESS`
    the registrations that were never changed (of others the first entry is not known), the last for later than that.
    """

    points: int = 0
    silent: int = 0
    """Points that existed, and for which nothing was registered."""
    hours_unknown: int = 0
    registrations: int = 0
    """Records: visits and tallies."""
    open_days: int = 0
    open_hours: float = 0.0
    heard_days: int = 0
    """Open days with registrations."""
    days: int = 0
    """Days with registrations, open or not."""
    empty_months: int = 0
    """Whole calendar months with an open day, and without registrations; `empty_weeks` the same for ISO weeks."""
    empty_weeks: int = 0
    outlying_days: int = 0
    timed: int = 0
    """Visits whose minute is known; `round_moments` of them lie on a whole or half hour."""
    round_moments: int = 0
    same_minute: int = 0
    """Visits in the same minute as an earlier one of that point."""
    tallies: int = 0
    """Tallies of five or more visitors; `round_tallies` of them are a multiple of five."""
    round_tallies: int = 0
    doubles: int = 0
    """Visits whose minute is known that look just like an earlier one."""
    late: tuple[int, ...] = (0,) * (len(LATENESS) + 1)
    changed: int = 0
    """Registrations with more than one revision; `amended` those last written after their period was closed."""
    amended: int = 0
    answers: Mapping[str, Answered] = field(factory=dict, hash=False)

    @property
    def completeness(self) -> float | None:
        """The share of the open days with registrations; None when no open days are known."""
        return _share(self.heard_days, self.open_days)

    @property
    def round_share(self) -> float | None:
        """The share of the moments on a whole or half hour."""
        return _share(self.round_moments, self.timed)

    @property
    def double_share(self) -> float | None:
        """The share of the visits with a moment that look just like an earlier one."""
        return _share(self.doubles, self.timed)

    @property
    def late_share(self) -> float | None:
        """The share entered more than a week after the visit."""
        return _share(sum(self.late[2:]), sum(self.late))

    @property
    def amended_share(self) -> float | None:
        """The share last written after their period was closed."""
        return _share(self.amended, self.registrations)

    def __add__(self, more: "Figures") -> "Figures":
        names = [one.name for one in attrs.fields(Figures) if one.name not in ("late", "answers")]
        sums: dict[str, Any] = {name: getattr(self, name) + getattr(more, name) for name in names}
        keys = dict.fromkeys([*self.answers, *more.answers])
        answers = {key: self.answers.get(key, Answered()) + more.answers.get(key, Answered()) for key in keys}
        late = tuple(one + other for one, other in zip(self.late, more.late, strict=True))
        return Figures(late=late, answers=answers, **sums)

    def to_dict(self) -> dict[str, Any]:
        """As plain values, for JSON; what needs hours is None when no point's hours are known."""
        found = attrs.asdict(self)
        if self.points and self.hours_unknown == self.points:
            found |= dict.fromkeys(("open_days", "open_hours", "heard_days", "empty_months", "empty_weeks"))
        names = ("completeness", "round_share", "double_share", "late_share", "amended_share")
        answers = {key: one.to_dict() for key, one in self.answers.items()}
        return {**found, "late": list(self.late), "answers": answers, **{name: getattr(self, name) for name in names}}
