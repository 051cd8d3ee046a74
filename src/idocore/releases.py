"""Releases: the tables that were made public of a closed period, as they stand in the publications ledger."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

from attrs import evolve, field, frozen

from idocore.disclosure.policies import Policy
from idocore.disclosure.systems import Key
from idocore.errors import InvalidValueError
from idocore.periods import Period, PeriodKind
from idocore.places import NATION
from idocore.themes import Label

ALL: Final = "*"
"""The category of everything together."""
LEVELS: Final = ("nation", "province", "municipality", "organisation", "service_point")
"""The place levels that may be published, from large to small."""
_USUAL: Final = ("nation", "province", "organisation", "service_point")


def lying_in(level: str, province: str) -> str:
    """How keys write `level` for what lies in `province` of its places: ``organisation@PV26``."""
    return f"{level}@{province}" if LEVELS.index(level) > LEVELS.index("province") else level


def level_of(place: str) -> str:
    """What a key says of the level of its place: ``organisation@PV26``."""
    return place.partition("/")[0]


def own_level_of(place: str) -> str:
    """The level of the place of which a key may have only what lies in one province."""
    return level_of(place).partition("@")[0]


def _province_code(province: str | None) -> str | None:
    return None if province is None else province.removeprefix("province/")


def _tuple(value: str | Iterable[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


@frozen
class PlannedTable:
    """One table: counts by place at each of `levels`, split by `dimension` (None: no split), with totals.

    With `by_month` every month of the period is published, too.
    """

    levels: tuple[str, ...] = field(converter=_tuple)
    dimension: str | None = None
    by_month: bool = False

    def __attrs_post_init__(self) -> None:
        unknown = [level for level in self.levels if level not in LEVELS]
        if unknown or not self.levels:
            raise InvalidValueError("unknown-release-level", value=", ".join(unknown) or "-", known=list(LEVELS))


@frozen
class ReleasePlan:
    """What a series of releases holds, as data: the same tables for every period."""

    id: str
    title: Label
    tables: tuple[PlannedTable, ...]
    measures: tuple[str, ...] = field(default=("registrations", "inquiries"), converter=_tuple)
    theme: str = "ido"
    within: str | None = field(default=None, converter=_province_code)
    """The province that it is about, as ``PV26`` or ``province/PV26``; None: the whole country."""

    def __attrs_post_init__(self) -> None:
        if self.within is not None and any(LEVELS[0] in table.levels for table in self.tables):
            raise InvalidValueError("release-above", value=LEVELS[0], province=self.within)

    @classmethod
    def of(
        cls,
        id: str,
        levels: str | Iterable[str] = (),
        by: str | Iterable[str] = (),
        *,
        by_month: bool = False,
        title: Label | None = None,
        measures: str | Iterable[str] = ("registrations", "inquiries"),
        theme: str = "ido",
        within: str | None = None,
    ) -> "ReleasePlan":
        """A plan with one table for each dimension of `by`, or one without split, all at the same levels.

        Without `levels` those are the nation, provinces, organisations and service points; within a province the
        nation is left out.
        """
        usual = _USUAL if within is None else _USUAL[1:]
        tables = tuple(PlannedTable(_tuple(levels) or usual, one, by_month) for one in _tuple(by) or (None,))
        return cls(id, title or Label(id, id), tables, measures, theme, within)

    @property
    def whole(self) -> str:
        """The place that everything of it lies in, as keys have it."""
        return f"{LEVELS[0]}/{NATION}" if self.within is None else f"province/{self.within}"

    def written(self, level: str) -> str:
        """How keys write `level`: with the province where they mean only what lies in it (``organisation@PV26``)."""
        return level if self.within is None else lying_in(level, self.within)


@frozen
class PublishedCell:
    """The counts of a key, as published; None for each when they are hidden."""

    place: str
    category: str
    period: str
    numbers: tuple[int | None, ...]

    @property
    def key(self) -> Key:
        """What the counts are about."""
        return Key(self.place, self.category, self.period)

    @property
    def is_hidden(self) -> bool:
        """Whether the counts are kept from the public; nobody tells why. By month, a hidden count may be zero."""
        return all(number is None for number in self.numbers)


@frozen
class Release:
    """What was published under `plan` on `period`, in this `version`; never changed afterwards.

    `cells` are in order and leave out what is zero; places, categories and periods are written ``province/PV26``
    (``organisation@PV26/noord`` where the plan is about that province: what of it lies there),
    ``topic/digid`` (``topic/`` where it is not known, ``*`` for all) and ``2024-05``. Places are those of the day of
    the visit. `cursor` is the position of each stream of the journal that was counted.
    """

    number: int
    plan: ReleasePlan
    period: str
    version: int
    cells: tuple[PublishedCell, ...] = field(repr=False)
    policy: Policy
    made_at: datetime
    cursor: Mapping[str, int] = field(factory=dict, hash=False, repr=False)
    definitions: Mapping[str, Label] = field(factory=dict, hash=False, repr=False)
    place_date: str = "then"

    @property
    def key(self) -> str:
        """What names the release for ever: the ledger has no gaps, so that two at once cannot pass each other by."""
        return f"release/{self.number}"

    @property
    def name(self) -> str:
        """How people ask for it: ``year/2024/1``, or of one province ``months/PV26/2024/1``."""
        series = (self.plan.id,) if self.plan.within is None else (self.plan.id, self.plan.within)
        return "/".join((*series, self.period, str(self.version)))

    @property
    def days(self) -> Period:
        """The period itself."""
        return Period.parse(self.period)

    @property
    def hidden(self) -> int:
        """How many cells are hidden."""
        return sum(cell.is_hidden for cell in self.cells)

    def planned(self) -> Iterator[PlannedTable]:
        """The tables of the plan for this period: one by month comes after the same of the period as a whole."""
        has_months = self.days.kind is not PeriodKind.MONTH and self.days.kind.months is not None
        for table in self.plan.tables:
            yield evolve(table, by_month=False)
            if table.by_month and has_months:
                yield table

    @property
    def base(self) -> Mapping[str, int | None]:
        """For each measure the count over everything; None where that is hidden, or not published."""
        return self.overall(ALL)

    def overall(self, category: str) -> Mapping[str, int | None]:
        """For each measure the count of `category` over all places; None where that is hidden, or not published."""
        is_there = any(level_of(self.plan.whole) in table.levels for table in self.plan.tables)
        key = Key(self.plan.whole, category, self.period)
        absent = (0 if is_there else None,) * len(self.plan.measures)
        numbers = next((cell.numbers for cell in self.cells if cell.key == key), absent)
        return dict(zip(self.plan.measures, numbers, strict=True))

    def shown(self) -> Iterator[PublishedCell]:
        """The cells whose counts can be read."""
        return (cell for cell in self.cells if not cell.is_hidden)
