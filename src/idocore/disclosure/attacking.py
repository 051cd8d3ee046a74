"""An attacker: what can be computed of hidden counts from everything that was published.

Written apart from what protects: it knows nothing of moves and proofs. All shown counts, all sums, and what everybody
knows of counts make a linear program; its least and its largest value for a hidden count are what can be computed.
Whole numbers are not asked for, so that a range may be wider than it is; in tables of sums along crossing axes it
hardly ever is.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from math import inf
from time import monotonic
from typing import Any, Final

from attrs import define, field, frozen

from idocore.disclosure.policies import Policy
from idocore.disclosure.systems import Key, System
from idocore.plugins import library

Unknown = tuple[Key, int]
"""A count that is not shown: its key and the position of its measure."""

_MOST: Final = 1_000_000.0
"""More than this nobody believes of a count; a range that reaches it has no end."""
_ERROR: Final = 1e-6
_FEW: Final = 4
"""So few counts are asked for one by one."""


@frozen
class Range:
    """The least and the largest that a count may be; None: not found in time."""

    low: float | None
    high: float | None

    @property
    def width(self) -> float:
        """How much is left open; 0 when it was not found in time: what is not shown to be safe is not."""
        return 0.0 if self.low is None or self.high is None else self.high - self.low

    def is_wide(self, enough: float) -> bool:
        """Whether `enough` is left open, but for what computers lose behind the point."""
        return self.width >= enough - _ERROR


@frozen
class Row:
    """What is known of some unknown counts together: their weighted sum lies between `low` and `high`."""

    low: float
    high: float
    weights: tuple[tuple[Unknown, float], ...]


def attack(
    system: System,
    hidden: Iterable[Key],
    targets: Iterable[Unknown],
    *,
    known: Collection[Key] = frozenset(),
    enough: float | None = None,
    bounds: Mapping[Unknown, tuple[float, float]] | None = None,
    seconds: float = inf,
) -> dict[Unknown, Range]:
    """What can be computed of `targets` when all published keys but `hidden` are shown.

    `known` are keys that the attacker knows beside. With `enough`, ranges that are shown to be as wide as that are not
    followed to their ends. `bounds` are what is known of single counts beside. Of `hidden` only the keys are looked
    at, never the counts.
    """
    return Attacker(system, hidden, known, bounds).ranges(targets, enough=enough, deadline=monotonic() + seconds)


def cracked(
    system: System,
    hidden: Collection[Key],
    policy: Policy,
    owner: str | None = None,
    seconds: float = inf,
    keys: Collection[Key] | None = None,
) -> dict[Unknown, Range]:
    """The sensitive counts that an outsider, or the organisation `owner`, can know to within less than the interval.

    With `keys`, only those are looked at. What could not be found out in time is among them.
    """
    known = frozenset() if owner is None else system.owned(owner)
    asked = [key for key in hidden if keys is None or key in keys]
    targets = [
        (key, measure)
        for key in asked
        if key in system.counts and key not in known
        for measure, count in enumerate(system.counts[key])
        if 0 < count < policy.fewest
    ]
    ranges = attack(system, hidden, targets, known=known, enough=policy.interval, seconds=seconds)
    return {target: found for target, found in ranges.items() if not found.is_wide(policy.interval)}


class Attacker:
    """Somebody who knows what is published and the keys `known`, and is asked again and again.

    Each question starts from the answer to the one before, also when more is known beside.
    """

    def __init__(
        self,
        system: System,
        hidden: Iterable[Key],
        known: Collection[Key] = frozenset(),
        bounds: Mapping[Unknown, tuple[float, float]] | None = None,
    ) -> None:
        self._system = system
        self._hidden = frozenset(hidden)
        self._known = frozenset(known)
        self._bounds = bounds or {}
        self._solvers: dict[int, _Solver] = {}

    @cached_property
    def _program(self) -> "_Program":
        """Made for the first question that there is time for."""
        return _Program(self._system, self._system.unknown(self._hidden) - self._known, self._bounds)

    def ranges(
        self,
        targets: Iterable[Unknown],
        *,
        beside: Collection[Key] = frozenset(),
        enough: float | None = None,
        deadline: float = inf,
    ) -> dict[Unknown, Range]:
        """The range of each target, for who knows the keys `beside` as well; None where it takes past `deadline`."""
        if monotonic() >= deadline:
            return dict.fromkeys(targets, Range(None, None))
        found: dict[Unknown, Range] = {}
        by_part: dict[int, list[Unknown]] = {}
        for target in targets:
            if target in self._program.bounds and target[0] not in beside:
                by_part.setdefault(self._program.part(target), []).append(target)
            else:
                shown = float(self._system.counts[target[0]][target[1]])
                found[target] = Range(shown, shown)
        counts = {(key, one): float(count) for key in beside for one, count in enumerate(self._system.counts[key])}
        for part, wanted in by_part.items():
            solver = self._solver(part)
            solver.learn(counts)
            found |= solver.ranges(wanted, enough, deadline)
        return found

    def _solver(self, part: int) -> "_Solver":
        if part not in self._solvers:
            self._solvers[part] = _Solver.of(self._program, part)
        return self._solvers[part]


class _Program:
    """The unknown counts and what is known of them, in parts that have nothing to do with each other."""

    def __init__(self, system: System, unknown: frozenset[Key], bounds: Mapping[Unknown, tuple[float, float]]) -> None:
        self._system = system
        self._unknown = unknown
        self._root: dict[Unknown, Unknown] = {}
        self._numbers: dict[Unknown, int] = {}
        self.bounds: dict[Unknown, tuple[float, float]] = {
            (key, measure): (float(floor), _MOST) for key in unknown for measure, floor in enumerate(system.floors(key))
        }
        self.bounds.update({one: known for one, known in bounds.items() if one in self.bounds})
        self._members: dict[int, list[Unknown]] = {}
        self._rows: dict[int, list[Row]] = {}
        rows = [row for row in self._relations() if not self._is_bound(row)]
        for row in rows:
            self._join([one for one, _ in row.weights])
        for one in self.bounds:
            self._members.setdefault(self.part(one), []).append(one)
        for row in rows:
            self._rows.setdefault(self.part(row.weights[0][0]), []).append(row)

    def part(self, one: Unknown) -> int:
        """The number of the part that `one` is in."""
        root = self._find(one)
        return self._numbers.setdefault(root, len(self._numbers))

    def members(self, part: int) -> list[Unknown]:
        """The unknown counts of a part."""
        return self._members[part]

    def rows(self, part: int) -> list[Row]:
        """What is known of them."""
        return self._rows.get(part, [])

    def _relations(self) -> Iterator[Row]:
        for relation in self._system.about(self._unknown):
            for measure, name in enumerate(self._system.measures):
                if name in relation.distinct:
                    yield from self._between(relation.total, relation.parts, measure)
                else:
                    yield self._row(relation.total, relation.parts, measure, high=0.0)
        for key in self._unknown:
            for less, more in self._system.pairs:
                yield Row(0.0, inf, (((key, more), 1.0), ((key, less), -1.0)))

    def _between(self, total: Key, parts: tuple[Key, ...], measure: int) -> Iterator[Row]:
        yield self._row(total, parts, measure, high=inf)
        for part in parts:
            yield self._row(total, (part,), measure, low=-inf, high=0.0)

    def _row(self, total: Key, parts: tuple[Key, ...], measure: int, low: float = 0.0, high: float = 0.0) -> Row:
        """The parts together less the total, with what is shown of them brought to the other side."""
        shown = 0.0
        weights: list[tuple[Unknown, float]] = []
        for key, weight in ((total, -1.0), *((part, 1.0) for part in parts)):
            if key in self._unknown:
                weights.append(((key, measure), weight))
            else:
                shown += weight * self._system.counts[key][measure]
        return Row(low - shown, high - shown, tuple(weights))

    def _is_bound(self, row: Row) -> bool:
        """Whether `row` is of one count at most, and so only bounds it."""
        if len(row.weights) != 1:
            return not row.weights
        (one, weight) = row.weights[0]
        ends = sorted((row.low / weight, row.high / weight))
        low, high = self.bounds[one]
        self.bounds[one] = (max(low, ends[0]), min(high, ends[1]))
        return True

    def _find(self, one: Unknown) -> Unknown:
        root = one
        while (above := self._root.get(root, root)) != root:
            root = above
        while (above := self._root.get(one, one)) != root:
            self._root[one], one = root, above
        return root

    def _join(self, members: list[Unknown]) -> None:
        first = self._find(members[0])
        for one in members[1:]:
            other = self._find(one)
            if other != first:
                self._root[other] = first


@define
class _Solver:
    """One part as a linear program; each further question starts from the answer to the one before."""

    members: list[Unknown]
    _columns: dict[Unknown, int]
    _highs: Any
    _bounds: Mapping[Unknown, tuple[float, float]]
    _optimal: Any
    _fixed: Mapping[Unknown, float] = field(factory=dict, init=False)
    _lows: Any = field(init=False)
    _highest: Any = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        """What the answers so far show does not hold for somebody who knows something else."""
        import numpy

        self._lows = numpy.full(len(self.members), inf)
        self._highest = numpy.full(len(self.members), -inf)

    @classmethod
    def of(cls, program: _Program, part: int) -> "_Solver":
        """The solver for a part of `program`; needs the extra ``disclosure``."""
        highspy, numpy = library("highspy"), library("numpy")
        members, rows = program.members(part), program.rows(part)
        columns = {one: number for number, one in enumerate(members)}
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(members), len(rows)
        model.col_cost_ = numpy.zeros(len(members))
        model.col_lower_ = numpy.array([program.bounds[one][0] for one in members])
        model.col_upper_ = numpy.array([program.bounds[one][1] for one in members])
        model.row_lower_ = numpy.array([row.low for row in rows])
        model.row_upper_ = numpy.array([row.high for row in rows])
        matrix = model.a_matrix_
        matrix.format_ = highspy.MatrixFormat.kRowwise
        matrix.start_ = numpy.cumsum([0, *(len(row.weights) for row in rows)])
        matrix.index_ = numpy.array([columns[one] for row in rows for one, _ in row.weights], dtype=numpy.int32)
        matrix.value_ = numpy.array([weight for row in rows for _, weight in row.weights], dtype=float)
        # The class below it: the constructor of `Highs` itself writes to stdout before it can be told not to.
        highs = highspy.Highs.__mro__[1]()
        for option, value in (("output_flag", False), ("threads", 1), ("solver", "simplex"), ("simplex_strategy", 4)):
            highs.setOptionValue(option, value)
        highs.passModel(model)
        return cls(members, columns, highs, program.bounds, highspy.HighsModelStatus.kOptimal)

    def learn(self, counts: Mapping[Unknown, float]) -> None:
        """From now on the attacker knows `counts` beside, and nothing of what it knew beside before."""
        known = {one: count for one, count in counts.items() if one in self._columns}
        if known == self._fixed:
            return
        for one in self._fixed.keys() - known.keys():
            self._highs.changeColBounds(self._columns[one], *self._bounds[one])
        for one, count in known.items():
            self._highs.changeColBounds(self._columns[one], count, count)
        self._fixed = known
        self._forget()

    def ranges(self, targets: list[Unknown], enough: float | None, deadline: float) -> dict[Unknown, Range]:
        """The range of each target; those that the answers so far show to be wide enough are not asked for."""
        columns = {target: self._columns[target] for target in targets}
        if enough is not None:
            self._widen(list(columns.values()), enough, deadline)
        return {target: self._range(column, enough, deadline) for target, column in columns.items()}

    def _widen(self, columns: list[int], enough: float, deadline: float) -> None:
        """Push half of those that are left up and the others down, again and again, each time other halves.

        One answer shows many ranges to be wide enough; what this leaves narrow is asked for by itself.
        """
        for bit in range(len(columns).bit_length()):
            for way in (1.0, -1.0):
                narrow = [column for column in columns if not self._is_wide(column, enough)]
                if len(narrow) <= _FEW:
                    return
                costs = {column: way if number >> bit & 1 else -way for number, column in enumerate(narrow)}
                self._solve(costs, deadline)

    def _is_wide(self, column: int, enough: float) -> bool:
        return bool(self._highest[column] - self._lows[column] >= enough - _ERROR)

    def _range(self, column: int, enough: float | None, deadline: float) -> Range:
        for cost in (-1.0, 1.0):
            if enough is not None and self._is_wide(column, enough):
                break
            if not self._solve({column: cost}, deadline):
                return Range(None, None)
        high = float(self._highest[column])
        return Range(float(self._lows[column]), inf if high >= _MOST else high)

    def _solve(self, costs: Mapping[int, float], deadline: float) -> bool:
        """Find what is least along `costs`; all that is so found possible is kept."""
        import numpy

        left = deadline - monotonic()
        if left <= 0:
            return False
        self._highs.setOptionValue("time_limit", self._highs.getRunTime() + left)
        columns = numpy.array(list(costs), dtype=numpy.int32)
        self._highs.changeColsCost(len(columns), columns, numpy.array(list(costs.values())))
        self._highs.run()
        is_optimal = self._highs.getModelStatus() == self._optimal
        if is_optimal:
            values = numpy.array(self._highs.getSolution().col_value)
            self._lows = numpy.minimum(self._lows, values)
            self._highest = numpy.maximum(self._highest, values)
        self._highs.changeColsCost(len(columns), columns, numpy.zeros(len(columns)))
        return bool(is_optimal)
