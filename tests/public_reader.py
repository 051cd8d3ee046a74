"""Somebody who reads published tables and nothing else, and computes what the numbers must have been."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import product

import highspy
import numpy as np
from attrs import define, field, frozen

import idocore
from idocore.periods import Period

_MOST = 1e6


@frozen(order=True)
class Leaf:
    """Visits of one kind: where, in which province, with whom, about what, and in which month."""

    service_point: str
    province: str
    organisation: str
    topic: str
    month: str
    nation: str = "NL"


@define
class PublicReader:
    """Knows which service points there are, where and whose, and what stands in the tables it was shown.

    `visits` are how many there really were: for who writes the test, to see which of what is hidden is small.
    """

    visits: Counter[Leaf]
    _leaves: list[Leaf] = field(init=False)
    _program: "highspy.Highs" = field(init=False)
    _hidden: set[tuple[int, ...]] = field(factory=set, init=False)
    _own: str | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        places = {(one.service_point, one.province, one.organisation) for one in self.visits}
        topics, months = ({getattr(one, name) for one in self.visits} for name in ("topic", "month"))
        self._leaves = sorted(Leaf(*place, *rest) for place, rest in product(places, product(topics, months)))
        self._program = highspy.Highs()
        self._program.setOptionValue("output_flag", False)
        self._program.addVars(len(self._leaves), np.zeros(len(self._leaves)), np.full(len(self._leaves), _MOST))

    def read(self, tables: Iterable[idocore.Table]) -> None:
        """Take in what tables with inquiries say: also what they leave out, which is zero."""
        for table in tables:
            said = {row.codes: row.numbers[table.query.measures.index("inquiries")] for row in table.rows}
            for codes, leaves in self._cells(table):
                if codes not in said:
                    self._bound(leaves, 0, 0)
                    continue
                number = said[codes]
                if number is None:
                    self._hidden.add(leaves)
                    self._bound(leaves, self._least(table), _MOST)
                else:
                    self._bound(leaves, number, number)

    def know_own(self, organisation: str) -> None:
        """Take in every count of one's own organisation."""
        self._own = organisation
        for position, leaf in enumerate(self._leaves):
            if leaf.organisation == organisation:
                self._bound((position,), self.visits[leaf], self.visits[leaf])

    def knows_too_well(self, fewest: int = 5, interval: int = 5) -> list[str]:
        """The hidden small numbers whose least and largest possible value are less than `interval` apart.

        Not those about nobody but one's own visitors.
        """
        small = [leaves for leaves in sorted(self._hidden) if 0 < self._count(leaves) < fewest and self._others(leaves)]
        return [str([self._leaves[one] for one in leaves]) for leaves in small if self._width(leaves) < interval - 1e-6]

    def _cells(self, table: idocore.Table) -> Iterator[tuple[tuple[str | None, ...], tuple[int, ...]]]:
        """Every row that the table may have, with the positions of the leaves that it counts."""
        level, *split = table.query.by
        within = table.query.where.get("province", ())
        found: dict[tuple[str | None, ...], list[int]] = {}
        for position, leaf in enumerate(self._leaves):
            if self._is_in(leaf, table.query) and (not within or leaf.province in within):
                codes = tuple(getattr(leaf, name) for name in (level, *split))
                found.setdefault(codes, []).append(position)
        return ((codes, tuple(leaves)) for codes, leaves in found.items())

    def _is_in(self, leaf: Leaf, query: idocore.Query) -> bool:
        assert query.start
        assert query.end
        return query.start <= Period.parse(leaf.month).start < query.end

    def _least(self, table: idocore.Table) -> int:
        """What a hidden number is at least: a zero is left out, unless the table says that it may be hidden, too.

        Also then it shows for everything together, whoever asked nothing there.
        """
        may_be_zero = "note-hidden-zeros" in [note.code for note in table.notes]
        is_whole = table.query.by[0] == ("province" if table.query.where else "nation")
        return 0 if may_be_zero and not is_whole else 1

    def _others(self, leaves: Iterable[int]) -> bool:
        found = (self._leaves[one] for one in leaves)
        return any(self.visits[leaf] for leaf in found if leaf.organisation != self._own)

    def _count(self, leaves: Iterable[int]) -> int:
        return sum(self.visits[self._leaves[one]] for one in leaves)

    def _bound(self, leaves: tuple[int, ...], least: float, most: float) -> None:
        self._program.addRow(least, most, len(leaves), np.array(leaves, dtype=np.int32), np.ones(len(leaves)))

    def _width(self, leaves: tuple[int, ...]) -> float:
        least, most = (self._extreme(leaves, sign) for sign in (1.0, -1.0))
        return most - least

    def _extreme(self, leaves: tuple[int, ...], sign: float) -> float:
        for one in leaves:
            self._program.changeColCost(one, sign)
        self._program.run()
        assert self._program.getModelStatus() == highspy.HighsModelStatus.kOptimal
        values = self._program.getSolution().col_value
        for one in leaves:
            self._program.changeColCost(one, 0.0)
        return sum(values[one] for one in leaves)
