"""Rules: checks on a whole record, beyond the types and codes that the reader looks at.

A rule is a function of a reading and its context that yields findings. A host adds its own by passing
``rules=(*DEFAULT_RULES, my_rule)`` to `idocore.open`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

from attrs import field, frozen
from opening_hours import OpeningHours

from idocore import privacy
from idocore.closings import AMENDS, Closing, Closings
from idocore.findings import Finding, Severity, once
from idocore.gazetteer import Gazetteer, Place, place_key
from idocore.moments import Moment
from idocore.places import ServicePoint
from idocore.reading import Reading
from idocore.registrations import Precision, Registration, Value
from idocore.theme_files import Themes


@frozen
class Context:
    """What rules may look at beside the record: places, themes, closed periods, and the moment by the clock.

    `stored` is the latest revision of the registration that the record changes; None: it is a new one.
    """

    places: Gazetteer
    themes: Themes
    now: datetime
    closings: Closings = field(factory=Closings)
    stored: Registration | None = None


Rule = Callable[[Reading, Context], Iterator[Finding]]


def not_in_the_future(reading: Reading, context: Context) -> Iterator[Finding]:
    """A visit cannot lie in the future."""
    if reading.moment and reading.moment.moment > context.now:
        yield Finding("in-the-future", "moment", parameters={"value": reading.moment.moment.isoformat()})


def known_service_point(reading: Reading, context: Context) -> Iterator[Finding]:
    """A service point must exist, provisionally at least, before anyone registers for it."""
    wanted = reading.service_point
    if wanted is not None and context.places.find_service_point(wanted) is None:
        near = get_close_matches(wanted, [point.id for point in context.places.service_points], n=3)
        yield Finding("unknown-service-point", "service_point", parameters={"value": wanted[:60], "known": near})


def service_point_open(reading: Reading, context: Context) -> Iterator[Finding]:
    """A visit outside the life or the opening hours of its service point deserves a second look."""
    point = context.places.find_service_point(reading.service_point or "")
    if point is None or reading.moment is None:
        return
    day = reading.moment.moment.date()
    if not point.exists_on(day, reading.moment.precision):
        parameters = {"value": point.id, "day": day, "from": point.opened, "until": point.closed}
        yield Finding("service-point-not-open", "service_point", Severity.WARNING, parameters)
    elif not _at_any_time(reading, context.themes) and not _is_open(point, reading):
        parameters = {
            "value": point.id,
            "hours": point.opening_hours,
            "moment": reading.moment.moment.isoformat(),
        }
        yield Finding("outside-opening-hours", "moment", Severity.WARNING, parameters)


def _at_any_time(reading: Reading, themes: Themes) -> bool:
    """Whether the visit came by a channel that is not bound to opening hours, such as an appointment."""
    if reading.theme is None or reading.channel is None:
        return False
    return bool(themes.codelist(reading.theme.channels).by_code[reading.channel].properties.get("at_any_time"))


def _is_open(point: ServicePoint, reading: Reading) -> bool:
    moment = reading.moment
    if not point.opening_hours or moment is None or moment.precision is Precision.MONTH:
        return True
    hours = opening_hours(point.opening_hours)
    if moment.precision is Precision.DAY:
        return _opens_on(hours, moment.moment.date())
    return hours.is_open(moment.moment.replace(tzinfo=None))


def _opens_on(hours: OpeningHours, day: date) -> bool:
    start = datetime(day.year, day.month, day.day)
    change = hours.next_change(start)
    return hours.is_open(start) or (change is not None and change.date() == day)


@lru_cache(maxsize=4096)
def opening_hours(text: str) -> OpeningHours:
    """`text` in OpenStreetMap's notation, with Dutch public holidays; raises ValueError when it is not."""
    return OpeningHours(text, country="NL")


def no_personal_data(reading: Reading, _: Context) -> Iterator[Finding]:
    """Personal data in free text is stopped before storage; nobody can override that."""
    texts = reading.theme.free_text if reading.theme else frozenset()
    yield from _privacy_findings(reading.answers, texts, "answers.")
    for number, inquiry in enumerate(reading.inquiries):
        yield from _privacy_findings(inquiry.answers, texts, f"inquiries[{number}].")


def _privacy_findings(answers: Mapping[str, Value], texts: frozenset[str], path: str) -> Iterator[Finding]:
    for key in texts & answers.keys():
        for kind in privacy.kinds(str(answers[key])):
            yield Finding(f"personal-data-{kind}", f"{path}{key}")


def period_open(reading: Reading, context: Context) -> Iterator[Finding]:
    """What falls in a closed period needs a reason, and is then an amendment."""
    if reading.moment is None or reading.service_point is None:
        return
    found = context.closings.over(reading.service_point, reading.moment.moment.date(), context.places)
    if found is not None:
        yield closed(found)


def closed(closing: Closing) -> Finding:
    """The finding that `closing` makes."""
    parameters = {"period": closing.period, "scope": str(closing.scope)}
    return Finding(AMENDS, "moment", Severity.WARNING, parameters)


def moved(closing: Closing, place: Place) -> Finding:
    """The finding that a change of `place` makes, which moves visits that `closing` covers."""
    parameters = {"period": closing.period, "scope": str(closing.scope)}
    return Finding(AMENDS, place_key(place), Severity.WARNING, parameters)


LATE: Final = "registered-late"
"""The finding that stops a record that comes later than its theme allows, and the override that lets it pass."""


def in_time(reading: Reading, context: Context) -> Iterator[Finding]:
    """What is registered later than its theme allows needs a reason, and so does what is moved to such a day."""
    if reading.moment is None or reading.theme is None or reading.theme.register_within_days is None:
        return
    late = (context.now.date() - reading.moment.days[1]).days - reading.theme.register_within_days
    if late > 0 and not _is_of_the_same_days(reading.moment, context.stored):
        parameters = {"days": reading.theme.register_within_days, "late": late}
        yield Finding(LATE, "moment", Severity.WARNING, parameters)


def _is_of_the_same_days(moment: Moment, stored: Registration | None) -> bool:
    return stored is not None and Moment(stored.moment, stored.precision).days == moment.days


DEFAULT_RULES: Final[tuple[Rule, ...]] = (
    not_in_the_future,
    known_service_point,
    service_point_open,
    in_time,
    period_open,
    no_personal_data,
)


def check(reading: Reading, context: Context, rules: Iterable[Rule] = DEFAULT_RULES) -> tuple[Finding, ...]:
    """All findings of the reader and the rules, in the order of the record, each once."""
    found = (*reading.findings, *(finding for rule in rules for finding in rule(reading, context)))
    return once(found)
