"""What is asked of an engine: a cut through the final registrations, answered with cells that add up.

Engines return only four plain counts. Everything else (visitors, shares, base, unknowns, notes) the core derives.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Final

from attrs import field, frozen

from idocore.places import Ancestry
from idocore.themes import Level

REGISTRATIONS: Final = "registrations"
TALLIED: Final = "tallied"
INQUIRIES: Final = "inquiries"
UNCOUNTED: Final = "uncounted"

Key = tuple[str | None, ...]
"""The codes of a cell, one for each dimension of its cut, then the two of a pair; None where one is not known."""

Cell = tuple[Key, Mapping[str, int]]
"""A key and its counts."""


class Origin(StrEnum):
    """Where the code of a dimension comes from."""

    PERIOD = "period"
    """A period of the local date: day, week, month, quarter, half_year, year."""
    CLOCK = "clock"
    """Weekday (1 = Monday) or hour (00-23) of the local moment."""
    PLACE = "place"
    """An ancestor of the service point."""
    RECORD = "record"
    """An attribute of the registration itself: channel, kind, theme."""
    BOOKING = "booking"
    """How the record was booked: whether it is an amendment of a closed period."""
    ANSWER = "answer"
    """The answer to a field of the theme."""


@frozen
class Source:
    """Where the theme versions `themes` keep an answer: in field `key`, whose codes stand for those of `codes`.

    A code that is not listed stays as it is; one that stands for nothing is not known. `multiple` is whether the
    field takes several codes.
    """

    key: str
    themes: frozenset[str]
    multiple: bool = False
    codes: Mapping[str, tuple[str, ...]] = field(factory=dict, hash=False)

    def values(self, given: tuple[str, ...]) -> Iterator[str]:
        """What the codes `given` stand for."""
        for code in given:
            yield from self.codes.get(code, (code,))


@frozen
class Dimension:
    """Something to split or filter by.

    `level`, `multiple` and `sources` matter only for answers; `recode` maps a library's own codes to those they count
    as. With `sources` the answer is what they give together, each for its theme versions, whatever `recode` says, and
    versions without a source have none; without, it stands in the field of the dimension's name.
    """

    name: str
    origin: Origin
    level: Level = Level.REGISTRATION
    multiple: bool = False
    recode: Mapping[str, str] = field(factory=dict, hash=False)
    sources: tuple[Source, ...] = ()

    @property
    def of_inquiry(self) -> bool:
        """Whether the code belongs to an inquiry rather than to the visit."""
        return self.origin is Origin.ANSWER and self.level is Level.INQUIRY


@frozen
class Filter:
    """Keeps what has one of `codes` in `dimension`; with `codes` None, what has any code at all."""

    dimension: Dimension
    codes: frozenset[str] | None = None

    def keeps(self, values: tuple[str | None, ...]) -> bool:
        """Whether one of the values of a record passes."""
        if self.codes is None:
            return any(value is not None for value in values)
        return any(value in self.codes for value in values)


@frozen
class Cut:
    """One grouping of the final registrations of a theme.

    Filters on inquiry answers jointly select inquiries: one inquiry must pass all of them, and a registration
    counts if at least one of its inquiries does. The counts that may be asked:

    - ``registrations``: distinct records of one visitor;
    - ``tallied``: visitors in tallies. What they asked is not linked to them, so they stand under None in every
      inquiry dimension, and are left out when there is an inquiry filter;
    - ``uncounted``: tallies that counted inquiries only, whose visitors are not known;
    - ``inquiries``: inquiries that pass, a tally's as many as it counts.

    Days run from `start` up to, not including, `end`; None is open.

    With `together` the registrations are counted by each unordered pair of distinct known codes that they have in that
    dimension, all surviving inquiries taken together: every key ends with the two codes, in alphabetical order. Tallies
    have no pairs. The other dimensions are then none of inquiries, and only ``registrations`` is asked.
    """

    theme: str
    dimensions: tuple[Dimension, ...]
    measures: frozenset[str]
    ancestry: Ancestry
    filters: tuple[Filter, ...] = ()
    start: date | None = None
    end: date | None = None
    together: Dimension | None = None

    @property
    def inquiry_filters(self) -> tuple[Filter, ...]:
        """The filters that select inquiries."""
        return tuple(one for one in self.filters if one.dimension.of_inquiry)

    @property
    def record_filters(self) -> tuple[Filter, ...]:
        """The filters that select registrations."""
        return tuple(one for one in self.filters if not one.dimension.of_inquiry)

    @property
    def splits_inquiries(self) -> bool:
        """Whether any dimension or filter looks at inquiries."""
        return any(one.of_inquiry for one in self.dimensions) or bool(self.inquiry_filters)
