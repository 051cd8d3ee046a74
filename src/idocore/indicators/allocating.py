"""Figures for accountability: what organisations did, allocated to municipalities by a rule that is stated.

The payment goes to municipalities, registrations are of service points. Where a library works in several municipalities
there is no one right answer; so each table names its rule, and what is allocated always adds up to what was counted.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum

import attrs
from attrs import frozen

from idocore.errors import InvalidQueryError
from idocore.gazetteer import Gazetteer
from idocore.open_hours import open_hours
from idocore.presence import stays
from idocore.statistics.measures import MEASURES, Kind, Measure
from idocore.statistics.noting import Note
from idocore.statistics.query import Query
from idocore.statistics.table import Row, Table
from idocore.themes import Label


class Rule(StrEnum):
    """How what an organisation did is allocated to the municipalities that it works in."""

    LOCATION = "location"
    """To the municipality in which the service point lies."""
    EQUAL = "equal"
    """In equal parts to the municipalities in which the organisation had service points."""
    HOURS = "hours"
    """By the hours that its service points were open in each; by location where no hours are known."""
    WEIGHTS = "weights"
    """By weights that are given, such as inhabitants; by location where none are given for its municipalities."""


@frozen
class Allocation:
    """Allocates `measure` over municipalities by `rule`; `weights` by CBS code of the municipality, for that rule."""

    rule: Rule = attrs.field(default=Rule.LOCATION)
    measure: str = "visitors"
    weights: Mapping[str, float] = attrs.field(factory=dict, hash=False)

    @classmethod
    def of(cls, rule: str, measure: str, weights: Mapping[str, float] | None) -> "Allocation":
        """The allocation by these names; raises InvalidQueryError."""
        if rule not in list(Rule):
            raise InvalidQueryError("unknown-allocation", value=rule, known=list(Rule))
        if measure not in MEASURES or MEASURES[measure].kind is not Kind.COUNT:
            counts = [name for name, one in MEASURES.items() if one.kind is Kind.COUNT]
            raise InvalidQueryError("unknown-measure", value=measure, known=counts)
        if (Rule(rule) is Rule.WEIGHTS) != bool(weights):
            raise InvalidQueryError("allocation-weights", value=rule)
        wrong = sorted(code for code, weight in (weights or {}).items() if weight < 0)
        if wrong:
            raise InvalidQueryError("allocation-negative", value=wrong)
        return cls(Rule(rule), measure, weights or {})

    def allocate(self, counted: Table, places: Gazetteer, today: date) -> Table:
        """`counted` by organisation, service point and municipality, as a table by municipality that adds up to it."""
        found: dict[str | None, float] = defaultdict(float)
        by_organisation: dict[str | None, list[tuple[str | None, float]]] = defaultdict(list)
        for row in counted.rows:
            organisation, _, municipality = row.codes
            by_organisation[organisation].append((municipality, row.numbers[0] or 0))
        for organisation, parts in by_organisation.items():
            weights = {} if organisation is None else self._weights(organisation, counted.query, places, today)
            total = sum(weights.values())
            for municipality, number in parts if not total else ():
                found[municipality] += number
            for municipality, weight in weights.items() if total else ():
                found[municipality] += sum(number for _, number in parts) * weight / total
        return self._table(found, counted)

    def _weights(self, organisation: str, query: Query, places: Gazetteer, today: date) -> dict[str, float]:
        """How much of what an organisation did goes to each municipality; nothing: each to its own."""
        if self.rule is Rule.LOCATION:
            return {}
        found: dict[str, float] = defaultdict(float)
        for municipality, hours in _served(organisation, query, places, today):
            if self.rule is Rule.EQUAL:
                found[municipality] = 1.0
            elif self.rule is Rule.HOURS:
                found[municipality] += hours or 0.0
            else:
                found[municipality] = self.weights.get(municipality, 0.0)
        return found

    def _table(self, found: Mapping[str | None, float], counted: Table) -> Table:
        measure = MEASURES[self.measure]
        name = f"{self.measure}_by_{self.rule}"
        label = Label(f"{measure.label.nl}, toegerekend", f"{measure.label.en}, allocated")
        allocated = Measure(name, self.measure, measure.counts, Kind.INDICATOR, label)
        codes = sorted(found, key=lambda code: (code is None, code or ""))
        query = attrs.evolve(counted.query, measures=(name,), by=("municipality",))
        note = Note(f"allocated-{self.rule}", {"measure": label})
        return attrs.evolve(
            counted,
            query=query,
            rows=tuple(Row((code,), (found[code],)) for code in codes),
            unknown={"municipality": {self.measure: counted.unknown["municipality"][self.measure]}},
            notes=(note, *counted.notes),
            measures=(allocated,),
        )


def _served(organisation: str, query: Query, places: Gazetteer, today: date) -> Iterable[tuple[str, float | None]]:
    """The municipalities in which an organisation had service points, with the open hours of each stretch there."""
    last_day = date.fromordinal(today.toordinal() + 1)
    first, last = query.start or date(2019, 1, 1), min(query.end or last_day, last_day)
    day = query.place_date
    ancestry = places.ancestry(day) if isinstance(day, date) else places.then
    for stay in stays(ancestry.spans, places, first, last):
        if stay.span.organisation == organisation and stay.span.municipality is not None:
            yield stay.span.municipality, open_hours(stay.point, stay.start, stay.end)
