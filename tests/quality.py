"""The demo nation, entered promptly: a clean register to put faults in."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import attrs

from idocore import Period, Precision, Registration, Revision, Scope, ServicePoint
from idocore.gazetteer import Gazetteer
from idocore.knowledge import default_themes
from idocore.quality import Quality, Thresholds, Watcher, judge
from idocore.quality.detecting import DETECTORS, Detector
from idocore.reading import RecordReader
from idocore.scopes import EVERYWHERE
from idocore.simulation import Nation

THEMES = default_themes()
YEAR = Period.parse("2024")
TODAY = date(2025, 1, 31)
_SOON = timedelta(minutes=10)


def entered(registration: Registration, after: timedelta = _SOON) -> Revision:
    """`registration` as it was entered, so long `after` the visit; of a day alone, in its evening."""
    known = registration.precision is Precision.INSTANT
    moment = registration.moment if known else registration.moment + timedelta(hours=18)
    return Revision(registration.id, 1, registration, "me", moment + after)


def revisions_of(nation: Nation, period: Period | None = YEAR) -> list[Revision]:
    """What was registered in `period`, by local date."""
    reader = RecordReader(THEMES, lambda: datetime(2025, 1, 31))
    raws = (line.raw for line in nation.lines() if line.raw)
    wanted = (raw for raw in raws if period is None or date.fromisoformat(raw["moment"][:10]) in period)
    return [entered(reader.read(raw).registration()) for raw in wanted]


def watched(places: Gazetteer, revisions: Iterable[Revision], thresholds: Thresholds | None = None) -> Watcher:
    """A watcher that has seen `revisions`, in order of local date."""
    watcher = Watcher(places, THEMES, thresholds or Thresholds())
    for revision in sorted(revisions, key=lambda one: one.registration.local_date):
        watcher.add(revision)
    return watcher


def judged(
    places: Gazetteer,
    revisions: Iterable[Revision],
    *,
    period: Period | None = YEAR,
    scope: Scope = EVERYWHERE,
    detectors: tuple[Detector, ...] = DETECTORS,
    thresholds: Thresholds | None = None,
) -> Quality:
    """The data quality of `revisions`."""
    return judge(watched(places, revisions, thresholds), (scope,), period, TODAY, detectors)


def changed(places: Gazetteer, point: str, **attributes: object) -> Gazetteer:
    """`places` with other attributes of one service point."""
    known = places.service_point(point)
    assert isinstance(known, ServicePoint)
    return places.with_places([attrs.evolve(known, **attributes)])  # type: ignore[arg-type]
