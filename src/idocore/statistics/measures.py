"""What can be counted, and what the core derives from the counts.

Engines know four plain counts only (see `cells`). Everything else is derived from cells here, in one place, so that
every engine gives the same.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from attrs import frozen

from idocore.statistics.cells import INQUIRIES, REGISTRATIONS, TALLIED
from idocore.themes import Label


class Absence(StrEnum):
    """Why a number is not there. None of these is zero."""

    NOT_EXISTING = "not-existing"
    """What would have been counted did not exist then: the field was not asked, the code not in the list."""
    CLOSED = "closed"
    """The service point was not there, or closed all the time."""
    UNKNOWN = "unknown"
    """It cannot be known: no opening hours are written down, or the place is not known."""
    NO_BASE = "no-base"
    """There is nothing to divide by."""
    PARTIAL = "partial"
    """The period has not ended, or is cut by the days that were asked."""
    OPEN_ENDED = "open-ended"
    """The median lies in a class without an upper bound."""
    SUPPRESSED = "suppressed"
    """It is not shown, so that nobody can be recognised."""
    UNPUBLISHED = "unpublished"
    """It lies beyond what one may count, and no release says it."""


@frozen
class Figure:
    """A number, or why there is none."""

    number: int | float | None
    why: Absence | None = None


class Kind(StrEnum):
    """How a measure comes from the counts; which sentence says what that means is `Measure.meaning`."""

    COUNT = "count"
    SHARE = "share"
    GROWTH = "growth"
    MOVING = "moving"
    CUMULATIVE = "cumulative"
    RANK = "rank"
    PER_HOUR = "per-hour"
    AVERAGE_OF_SUMS = "average-of-sums"
    SUM_OF_AVERAGES = "sum-of-averages"
    MEDIAN = "median"
    INDICATOR = "indicator"

    @property
    def is_whole(self) -> bool:
        """Whether its numbers are whole."""
        return self in (Kind.COUNT, Kind.MOVING, Kind.CUMULATIVE, Kind.RANK)


@frozen
class Measure:
    """Something that can be asked: what is counted (`of`), from which plain counts, and what is made of it.

    A median is that of `field`, whose codes are classes; all others are of counts alone. `unit` is what an indicator
    is in.
    """

    name: str
    of: str
    counts: tuple[str, ...]
    kind: Kind
    label: Label
    field: str | None = None
    unit: str = ""

    @property
    def is_share(self) -> bool:
        """Whether its numbers are shares, between 0 and 1."""
        return self.kind is Kind.SHARE or self.unit == "share"

    @property
    def is_whole(self) -> bool:
        """Whether its numbers are whole."""
        return self.kind.is_whole

    @property
    def meaning(self) -> str:
        """The code of the sentence that says what the measure means."""
        return f"measure-{self.kind}"

    def plain(self, counts: Mapping[str, int]) -> int:
        """What is counted, from plain counts."""
        return sum(counts.get(name, 0) for name in self.counts)


_COUNTED: Final[Mapping[str, tuple[tuple[str, ...], Label]]] = {
    "registrations": ((REGISTRATIONS,), Label("registraties", "registrations")),
    "visitors": ((REGISTRATIONS, TALLIED), Label("bezoekers", "visitors")),
    "inquiries": ((INQUIRIES,), Label("vragen", "inquiries")),
}
_DERIVED: Final[Mapping[Kind, tuple[str, Label]]] = {
    Kind.COUNT: ("{}", Label("{}", "{}")),
    Kind.SHARE: ("share_of_{}", Label("aandeel {}", "share of {}")),
    Kind.GROWTH: ("growth_of_{}", Label("groei {} t.o.v. een jaar eerder", "growth of {} against a year before")),
    Kind.MOVING: ("moving_12_months_of_{}", Label("{}, laatste 12 maanden", "{}, last 12 months")),
    Kind.CUMULATIVE: ("cumulative_{}", Label("{} sinds het begin", "{} since the start")),
    Kind.RANK: ("rank_by_{}", Label("plaats naar {}", "rank by {}")),
    Kind.PER_HOUR: ("{}_per_open_hour", Label("{} per openingsuur", "{} per open hour")),
    Kind.AVERAGE_OF_SUMS: (
        "average_of_sums_of_{}",
        Label("{}, gemiddelde van de sommen", "{}, average of sums"),
    ),
    Kind.SUM_OF_AVERAGES: (
        "sum_of_averages_of_{}",
        Label("{}, som van de gemiddelden", "{}, sum of averages"),
    ),
}


def _measures() -> dict[str, Measure]:
    found = {}
    for kind, (name, label) in _DERIVED.items():
        for of, (counts, counted) in _COUNTED.items():
            said = Label(label.nl.format(counted.nl), label.en.format(counted.en))
            found[name.format(of)] = Measure(name.format(of), of, counts, kind, said)
    return found


MEASURES: Final[Mapping[str, Measure]] = _measures()
"""Every measure that all themes have, by its name; a theme has medians as well, see `median_of`."""


def median_of(field: str, label: Label, is_of_inquiry: bool) -> Measure:
    """The median of a field whose codes are classes, over inquiries or over registrations."""
    of = "inquiries" if is_of_inquiry else "registrations"
    counts, _ = _COUNTED[of]
    said = Label(f"mediaan van {label.nl}", f"median of {label.en}")
    return Measure(f"median_of_{field}", of, counts, Kind.MEDIAN, said, field)
