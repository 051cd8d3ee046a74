"""What existed when: fields, codes and service points, so that what did not is never shown as zero."""

from collections.abc import Iterator
from datetime import date

from attrs import frozen

from idocore.open_hours import open_hours
from idocore.periods import Period
from idocore.statistics.asking import Question
from idocore.statistics.cells import Dimension, Key, Origin, Source
from idocore.statistics.measures import Absence
from idocore.themes import Code, Theme

Days = tuple[date, date]


@frozen(eq=False)
class Existence:
    """What of the dimensions of a question existed in the periods of its rows."""

    question: Question

    def holds(self, key: Key) -> bool:
        """Whether everything that `key` names existed at some time of its periods."""
        return self.absence(key) is None

    def absence(self, key: Key) -> Absence | None:
        """Why nothing can have been counted under `key`; None when it could."""
        days = self._days(key)
        if days[0] > self.question.today:
            return Absence.PARTIAL
        named = list(zip(self.question.by, key, strict=False))
        answers = ((one, code) for one, code in named if code is not None and one.origin is not Origin.PERIOD)
        if not all(self._existed(one, code, days) for one, code in answers if one.origin is not Origin.PLACE):
            return Absence.NOT_EXISTING
        places = [(one, code) for one, code in named if one.origin is Origin.PLACE and code is not None]
        return self._place(places, days) if places else None

    def _days(self, key: Key) -> Days:
        """The days that a row is about."""
        start, end = self.question.query.start or date.min, self.question.query.end or date.max
        for one, code in zip(self.question.by, key, strict=False):
            if one.origin is Origin.PERIOD and code is not None:
                period = Period.of_code(code)
                start, end = max(start, period.start), min(end, period.end)
        return start, end

    def _existed(self, dimension: Dimension, code: str, days: Days) -> bool:
        return any(meant in (code, None) and _overlap(days, offered) for meant, offered in self.offers(dimension))

    def offers(self, dimension: Dimension) -> Iterator[tuple[str | None, Days]]:
        """Each code that could be given in a dimension that is no place or period, with its days; None: any code."""
        versions = self.question.versions
        if dimension.name == "theme":
            yield from ((theme.id, _days_of(theme)) for theme in versions)
        elif dimension.name == "channel":
            for theme in versions:
                listed = self.question.themes.codelist(theme.channels).codes
                yield from ((dimension.recode.get(one.code, one.code), _both(theme, one)) for one in listed)
        elif dimension.origin is Origin.ANSWER:
            for theme in versions:
                for source in dimension.sources or (_own(dimension, theme),):
                    if theme.id in source.themes and source.key in theme.by_key:
                        yield from self._answers(source, theme)
        else:
            yield from ((None, _days_of(theme)) for theme in versions)

    def _answers(self, source: Source, theme: Theme) -> Iterator[tuple[str | None, Days]]:
        name = theme.by_key[source.key].codelist
        if name is None:
            yield from ((code, _days_of(theme)) for code in ("yes", "no"))
            return
        for entry in self.question.themes.codelist(name).codes:
            yield from ((meant, _both(theme, entry)) for meant in source.values((entry.code,)))

    def _place(self, places: list[tuple[Dimension, str]], days: Days) -> Absence | None:
        """Whether there was a service point there, and whether it was open."""
        there = False
        for span in self.question.spans_within():
            first, last = max(days[0], span.valid_from), min(days[1], span.valid_until)
            if first >= last or any(span.value(one.name) != code for one, code in places):
                continue
            point = self.question.places.find_service_point(span.service_point)
            if point is None or (point.opened or date.min) >= last or (point.closed or date.max) <= first:
                continue
            there = True
            bounded = max(first, self.question.first_day), min(last, self.question.span[1])
            if point.opening_hours is None or open_hours(point, *bounded):
                return None
        return (
            Absence.CLOSED if there or any(one.name == "service_point" for one, _ in places) else Absence.NOT_EXISTING
        )


def _own(dimension: Dimension, theme: Theme) -> Source:
    """Where a dimension without sources is kept: in the field of its name, a library's own codes as those they name."""
    codes = {own: (base,) for own, base in dimension.recode.items()}
    return Source(dimension.name, frozenset({theme.id}), dimension.multiple, codes)


def _days_of(theme: Theme) -> Days:
    return theme.valid_from, theme.valid_until or date.max


def _both(theme: Theme, entry: Code) -> Days:
    """The days on which the version was in use and the code in its list."""
    start, end = _days_of(theme)
    return max(start, entry.valid_from or date.min), min(end, entry.valid_until or date.max)


def _overlap(one: Days, other: Days) -> bool:
    return max(one[0], other[0]) < min(one[1], other[1])
