"""The rollups of a store: what it offers of them, each part in a transaction of its own."""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection

from idocore.errors import StoreError
from idocore.findings import Finding
from idocore.places import Ancestry
from idocore.statistics.cells import Cell, Cut
from idocore.statistics.rollups import Rollup
from idocore.store import Progress
from idocore.theme_files import Themes
from idocore_sql import rollup_keeping
from idocore_sql.access import Access
from idocore_sql.queries import evaluate
from idocore_sql.rollup_counting import Keeper
from idocore_sql.rollup_keeping import Refreshing
from idocore_sql.rollup_marks import Mark, mark_all, marks
from idocore_sql.rollup_reading import answered
from idocore_sql.tables import FactTables

_FEW = 20
"""So many marks of single days may wait for a question to count them from the facts; more are counted anew first."""

_MOST = 2000
"""No more marks than that are counted on the way to an answer."""


class Rolling:
    """What a store keeps counted of the themes that it knows.

    A host's own transaction sees of others what the host chose, so there everything is counted from the facts.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._themes = Themes()
        self._known: Mapping[str, FactTables] = {}
        self._rollups: dict[str, tuple[Rollup, ...]] = {}

    def install(self, themes: Themes, known: Mapping[str, FactTables]) -> None:
        """Declare what a register begins with, where nothing was declared yet."""
        self._themes, self._known = themes, known
        with self._access.reading() as connection:
            rows = rollup_keeping.declared(connection)
        if rollup_keeping.lacking(rows, themes):
            with self._access.writing() as connection:
                rollup_keeping.begin(connection, themes, known)
        self._learn()

    def _learn(self) -> None:
        with self._access.reading() as connection:
            self._rollups = rollup_keeping.meant(rollup_keeping.declared(connection), self._themes)

    @property
    def rollups(self) -> tuple[Rollup, ...]:
        """What is declared, by theme and names."""
        self._learn()
        return tuple(one for theme in sorted(self._rollups) for one in self._rollups[theme])

    def declare(self, theme: str, wanted: Sequence[Rollup]) -> None:
        """Keep counts by these."""
        with self._access.writing() as connection:
            rollup_keeping.declare(connection, theme, wanted, self._known)
        self._learn()

    def evaluate(self, connection: Connection, cut: Cut) -> list[Cell]:
        """The cells of `cut`, on a connection to which everything is as of one moment."""
        known = self._known.get(cut.theme)
        found = None
        if known is None:
            return []
        if not self._access.is_joined:
            found = answered(connection, cut, known, self._rollups.get(cut.theme, ()))
        return evaluate(connection, cut, known) if found is None else found

    def freshen(self, theme: str) -> None:
        """Have a few marks counted before a question, if that can be done now; the answer is right either way."""
        if self._access.is_joined:
            return
        with self._access.reading() as connection:
            waiting = len(marks(connection, theme, _FEW + 1, only_days=True))
        if waiting <= _FEW:
            return
        try:
            with self._access.writing() as connection:
                turn = self._turn(connection, theme)
                if turn.is_ours:
                    turn.close_months()
                    turn.count_days(marks(connection, theme, _MOST, only_days=True))
        except StoreError:
            # Somebody else writes, or nobody may: then the question counts more from the facts.
            return

    def _turn(self, connection: Connection, theme: str) -> Refreshing:
        return Refreshing(connection, theme, self._rollups.get(theme, ()), self._known[theme])

    def refresh(self, ancestry: Ancestry, progress: Progress) -> int:
        """Count anew what is marked, a month in each transaction; how many months and days that were."""
        self._learn()
        return sum(self._refresh(theme, ancestry, progress) for theme in sorted(self._known))

    def _refresh(self, theme: str, ancestry: Ancestry, progress: Progress) -> int:
        with self._access.writing() as connection:
            rollup_keeping.renew(connection, theme, self._rollups.get(theme, ()), self._known)
            turn = self._turn(connection, theme)
            turn.keep_by_day(ancestry)
            turn.close_months()
        total, last = 0, None
        while True:
            with self._access.writing() as connection:
                turn = self._turn(connection, theme)
                seen = marks(connection, theme) if turn.is_ours else []
                last = max((one.id for one in seen), default=0) if last is None else last
                # What others mark meanwhile is for the next time.
                seen = [one for one in seen if one.id <= last]
                if not seen:
                    return total
                done = _some(turn, seen)
            total += done
            progress(done)

    def rebuild(self, connection: Connection) -> None:
        """Count everything anew, within the transaction in which the facts were made anew."""
        for theme in sorted(self._known):
            turn = self._turn(connection, theme)
            if turn.is_ours:
                turn.again()
                turn.refresh()

    def mark_all(self, connection: Connection) -> None:
        """Nothing is counted any more: whatever is in the facts, somebody else wrote."""
        for theme, known in sorted(self._known.items()):
            mark_all(connection, theme, known)

    def check(self, connection: Connection) -> Iterator[Finding]:
        """Where kept counts differ from a recount."""
        rows = rollup_keeping.declared(connection)
        for theme, known in sorted(self._known.items()):
            mine = {",".join(one.names): one for one in self._rollups.get(theme, ())}
            keepers = [
                Keeper(row.id, mine[row.names], known)
                for row in rows.get(theme, ())
                if row.names in mine and mine[row.names].fingerprint == row.fingerprint
            ]
            yield from rollup_keeping.check(connection, keepers, marks(connection, theme))


def _some(turn: Refreshing, seen: list[Mark]) -> int:
    """Count a month anew, or all single days; how many that were."""
    whole = sorted({one.month for one in seen if one.service_point is None})
    if whole:
        turn.count_month(whole[0], seen)
        return 1
    turn.count_days(seen)
    return len({(one.service_point, one.month, one.day) for one in seen})
