"""Hide what is sensitive, and as much beside it as it takes that nobody can compute it.

For every sensitive key a move is sought (see `moves`) along which its counts could have been otherwise by the
protected interval; all keys that the move changes are hidden. Since hiding more never makes an earlier move
impossible, one pass from the largest places to the smallest is enough, and each move is a proof that anybody can check
in whole numbers (see `proofs`). A move within one organisation holds against every other library, too. One that
passes through other organisations does not hold against those, so that more moves are added, until no organisation
knows part of all of them.

What no single move protects may be safe along several, one after another (see `walks`); what is left then is decided by
a linear program (see `auditing`). By month, where most counts are small, whole blocks are hidden first (see `months`).
"""

from collections.abc import Callable, Iterable, Iterator
from math import inf, isqrt
from time import monotonic

from attrs import define, evolve, field, frozen

from idocore.disclosure.auditing import audit
from idocore.disclosure.months import Blocks, whole_periods
from idocore.disclosure.moves import Move, Proof, Reach, Vector
from idocore.disclosure.policies import Policy, sensitive
from idocore.disclosure.systems import Key, System
from idocore.disclosure.trails import Cell, Column, Trail, Trails, vectors
from idocore.disclosure.walks import FEW_ORDERS, Walks

_DEAR = 3
"""What hiding costs beside the square root of the count: fewer cells rather than smaller ones."""
_NOTHING_MORE = _DEAR
"""What hides anything that was not hidden costs as much."""
_TRAILS = 30
"""How many of the trails of a group are looked at, the cheapest first."""
_AT_FIRST = 16
"""How many keys that no move protects are looked at together; then twice as many, since what is hidden serves more."""


@frozen
class Protection:
    """What is hidden, and how it is known that it cannot be computed.

    `primary` are the sensitive keys, `complementary` what is hidden beside them. `unproven` are sensitive keys for
    which no proof was found, or not in time; as long as there are any, nothing may be published.
    """

    primary: frozenset[Key] = field(repr=False)
    hidden: frozenset[Key] = field(repr=False)
    proofs: tuple[Proof, ...] = field(repr=False)
    unproven: tuple[Key, ...]
    seconds: float = field(eq=False)
    solved: frozenset[Key] = field(default=frozenset(), repr=False)
    """What is safe by no moves that were found, but by a linear program over all that is hidden by then."""
    out_of_time: bool = False

    @property
    def complementary(self) -> frozenset[Key]:
        """What is hidden although it is not sensitive."""
        return self.hidden - self.primary


def _unseen(_: int) -> None:
    """Progress that nobody looks at."""


def protect(system: System, policy: Policy, progress: Callable[[int], None] = _unseen) -> Protection:
    """Hide the sensitive keys of `system` and what it takes beside them, within the seconds of `policy`."""
    started = monotonic()
    search = _Search(system, policy, started + policy.seconds)
    primary = sensitive(system, policy)
    search.hide_blocks(primary)
    for key in sorted(primary, key=search.rank):
        search.protect(key)
        progress(1)
    search.finish()
    return Protection(
        primary=primary,
        hidden=frozenset(search.hidden & system.published),
        proofs=tuple(search.proofs),
        unproven=tuple(search.unproven),
        solved=frozenset(search.solved),
        seconds=monotonic() - started,
        out_of_time=search.is_late,
    )


@define
class _Search:
    system: System
    policy: Policy
    deadline: float
    hidden: set[Key] = field(init=False)
    proofs: list[Proof] = field(factory=list, init=False)
    unproven: list[Key] = field(factory=list, init=False)
    solved: set[Key] = field(factory=set, init=False)
    is_late: bool = field(default=False, init=False)
    _reach: Reach = field(init=False)
    _barred: frozenset[Key] = field(init=False)
    _trails: Trails = field(init=False)
    _walks: Walks = field(init=False)
    _blocks: Blocks = field(init=False)
    _cells: dict[Key, Cell] = field(init=False)
    _categories: dict[str, list[Vector]] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        system = self.system
        self._reach = Reach(system, self.policy.interval, self.policy.fewest)
        self._barred = system.shown | (system.firm - system.held)
        self.hidden = {*sensitive(system, self.policy), *(system.held - system.shown), *self._secret()}
        self._cells = {key: Cell(counts, self._price(key)) for key, counts in system.counts.items()}
        rows: dict[tuple[str, str], dict[str, Cell]] = {}
        for key, cell in self._cells.items():
            rows.setdefault((key.place, key.period), {})[key.category] = cell
        self._trails = Trails(system, rows)
        orders = FEW_ORDERS if self._is_by_month else 1
        self._walks = Walks(system, self.policy, self.hidden, self.deadline, orders)
        self._blocks = Blocks(system)

    def _secret(self) -> frozenset[Key]:
        return frozenset(self.system.counts.keys() - self.system.published - self._barred)

    def hide_blocks(self, primary: frozenset[Key]) -> None:
        """By month: hide what the years need by themselves, and the months of places of which most are small."""
        if not self._is_by_month:
            return
        for whole in whole_periods(self.system):
            left = max(self.deadline - monotonic(), 0.0)
            self._hide(protect(whole, evolve(self.policy, seconds=left)).hidden)
        self._hide(self._blocks.sparse(primary))

    @property
    def _is_by_month(self) -> bool:
        return bool(self.system.periods.sums)

    def _hide(self, keys: Iterable[Key]) -> None:
        for key in keys:
            self.hidden.add(key)
            self._cells[key].price = 0.0

    def rank(self, key: Key) -> tuple[int, int, Key]:
        """From the largest places to the smallest: what those hide serves what lies within them."""
        return -len(self.system.places.leaves[key.place]), -len(self.system.categories.leaves[key.category]), key

    def protect(self, key: Key, *, wider: bool = False, totals: bool = False) -> None:
        """Find proofs for `key` that together hold against everybody, and hide what they change; or note it.

        With `wider` more may be hidden for it; only with `totals` every total that it counts in.
        """
        if not self._prove(key, wider=wider, totals=totals):
            self.unproven.append(key)

    def _prove(self, key: Key, *, wider: bool = False, totals: bool = False, free: bool = False) -> bool:
        """Whether there are such proofs, which are kept; with `free` only such as hide no more than is hidden."""
        self.is_late = self.is_late or monotonic() > self.deadline
        found = None if self.is_late or key in self._barred else self._find(key, wider, totals, free)
        for proof in found or ():
            self.proofs.append(proof)
            self._hide(proof.touched)
        return found is not None

    def finish(self) -> None:
        """What no move protects may be safe by now along several; else its totals have to go."""
        if self._is_by_month:
            self._finish_months()
            return
        left: list[Key] = []
        waiting, number = self._waiting(), _AT_FIRST
        while waiting:
            left += self._settle(waiting[:number], only_outsiders=True)
            waiting, number = waiting[number:], 2 * number
        self.solved.update(self._settle(left))

    def _finish_months(self) -> None:
        """Try what is left again, since more is hidden by now, and try harder.

        A linear program may not decide: it does not know that all measures are zero together.
        """
        for wider in (False, True):
            for key in self._waiting():
                self.protect(key, wider=wider)
        self._walks.be_patient()
        for key in self._waiting():
            self.protect(key, totals=True)

    def _settle(self, keys: list[Key], *, only_outsiders: bool = False) -> list[Key]:
        """Prove those of `keys` that several moves protect; of the rest hide the totals of what can be computed.

        What a linear program shows to be safe is returned.
        """
        waiting = [key for key in keys if not self._prove(key, totals=True, free=True)]
        if not waiting:
            return []
        left = max(self.deadline - monotonic(), 0.0)
        cracks = audit(self.system, self.hidden, self.policy, left, waiting, only_outsiders=only_outsiders)
        open_keys = {key for _, (key, _) in cracks} | self._barred
        for key in waiting:
            if key in open_keys:
                self.protect(key, totals=True)
        return [key for key in waiting if key not in open_keys]

    def _waiting(self) -> list[Key]:
        waiting, self.unproven = self.unproven, []
        return waiting

    def _find(self, key: Key, wider: bool, totals: bool, free: bool) -> list[Proof] | None:
        """Proofs of which each organisation of elsewhere is left out by at least one; None when there are none."""
        if self._is_by_month:
            found = self._several(lambda knowing: self._walked(key, knowing))
            if found is None and wider:
                found = self._find_wider(key)
            if found is not None or (not wider and self._is_in_hidden_block(key)):
                return found
        if not free:
            return self._several(lambda knowing: self._cheapest(key, knowing, totals, free))
        return self._several(
            lambda knowing: self._cheapest(key, knowing, totals, free) or self._walked(key, knowing)
        ) or self._several(lambda knowing: self._walked(key, knowing))

    def _is_in_hidden_block(self, key: Key) -> bool:
        block = self._blocks.of(key)
        return bool(block) and self.hidden.issuperset(block)

    def _find_wider(self, key: Key) -> list[Proof] | None:
        """The same, with as many more blocks to walk through as it takes; only what the proofs touch stays hidden."""
        before = set(self.hidden)
        found = None
        for block in self._blocks.near(key):
            if self.hidden.issuperset(block):
                continue
            self._hide(block)
            found = self._several(lambda knowing: self._walked(key, knowing))
            self.is_late = monotonic() > self.deadline
            if found is not None or self.is_late:
                break
        self._show(self.hidden - before)
        return found

    def _show(self, keys: Iterable[Key]) -> None:
        for key in keys:
            self.hidden.discard(key)
            self._cells[key].price = self._price(key)

    def _several(self, search: Callable[[frozenset[str] | None], Proof | None]) -> list[Proof] | None:
        found: list[Proof] = []
        knowing: frozenset[str] | None = None
        while knowing is None or knowing:
            another = search(knowing)
            if another is None:
                return None
            found.append(another)
            knowing = another.strangers if knowing is None else knowing & another.strangers
        return found

    def _walked(self, key: Key, knowing: frozenset[str] | None) -> Proof | None:
        """A walk past all of `knowing`, or else past one of them at least."""
        found = self._walks.proof(key, knowing or frozenset())
        for one in sorted(knowing or ()) if found is None else ():
            found = found or self._walks.proof(key, frozenset({one}))
        return found

    def _cheapest(self, key: Key, knowing: frozenset[str] | None, totals: bool, free: bool) -> Proof | None:
        """The proof that hides least, of the nearest trails that have any; it leaves out one of `knowing` at least."""
        for group in self._trails.of(key, abroad=knowing is not None, totals=totals):
            useful = [one for one in group if knowing is None or not knowing <= one.strangers]
            found = self._best(key, useful, _NOTHING_MORE if free else inf)
            if found is not None:
                return found
        return None

    def _best(self, key: Key, trails: Iterable[Trail], less_than: float) -> Proof | None:
        reaching = [(column.cost, trail) for column, trail in self._reaching(key, trails)]
        best, least = None, less_than
        for cost, trail in sorted(reaching, key=lambda pair: pair[0])[:_TRAILS]:
            if cost >= least:
                break
            for price, vector in sorted(self._vectors(key, trail), key=lambda pair: pair[0]):
                if price >= least:
                    break
                proof = self._reach.proof(key, Move(trail.places, trail.periods, vector))
                if proof is not None:
                    best, least = evolve(proof, strangers=trail.strangers), price
                    break
            if not least:
                break
        return best

    def _reaching(self, key: Key, trails: Iterable[Trail]) -> Iterator[tuple[Column, Trail]]:
        for trail in trails:
            column = trail.column(key.category)
            if column is not None and self._may_reach(key, [(column, 1)]):
                yield column, trail

    def _vectors(self, key: Key, trail: Trail) -> Iterator[tuple[float, Vector]]:
        """The categories to exchange with, with what hiding them costs; those that cannot reach far are left out."""
        if key.category not in self._categories:
            self._categories[key.category] = list(vectors(self.system.categories, key.category))
        for vector in self._categories[key.category]:
            columns = [column for code, _ in vector if (column := trail.column(code)) is not None]
            if len(columns) < len(vector):
                continue
            if self._may_reach(key, [(one, sign) for one, (_, sign) in zip(columns, vector, strict=True)]):
                yield sum(one.cost for one in columns), vector

    def _may_reach(self, key: Key, columns: list[tuple[Column, int]]) -> bool:
        interval = self.policy.interval
        for measure, count in enumerate(self.system.counts[key]):
            if 0 < count < self.policy.fewest:
                least = [interval + 1, interval + 1]
                for column, sign in columns:
                    for way, room in enumerate((column.growing, column.shrinking)[::sign]):
                        if room and room[measure] < least[way]:
                            least[way] = room[measure]
                if sum(least) - 2 * self.system.floors(key)[measure] < interval:
                    return False
        return True

    def _price(self, key: Key) -> float:
        """What it costs to hide `key`: nothing if it is hidden already, infinitely much if it cannot be."""
        if key in self.hidden or key not in self.system.published:
            return 0.0 if key not in self._barred else inf
        return inf if key in self._barred else _DEAR + isqrt(max(self.system.counts[key]))
