"""The data quality of a register within a place and a period: figures, and what to do."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Final

from attrs import field, frozen

from idocore.errors import InvalidValueError
from idocore.findings import Finding
from idocore.gazetteer import Gazetteer
from idocore.periods import Period
from idocore.quality.cases import Case, cases
from idocore.quality.changes import changes
from idocore.quality.detecting import DETECTORS, Detector
from idocore.quality.figures import Figures
from idocore.quality.thresholds import Thresholds
from idocore.quality.watching import Watcher
from idocore.scopes import Scope

LEVELS: Final = ("service_point", "organisation", "province", "nation")


@frozen
class PointQuality:
    """The figures of a service point while `organisation` ran it in `province` (None: not known).

    A point that changed hands within the period has one for each.
    """

    service_point: str
    name: str
    organisation: str | None
    province: str | None
    figures: Figures

    def value(self, level: str) -> str | None:
        """The place at `level` that it lies in."""
        found: str | None = "NL" if level == "nation" else getattr(self, level)
        return found


@frozen
class Quality:
    """Data quality from `start` up to, not including, `end`: nothing is known of days that are still to come.

    `points` are in order of id, `findings` by point, in the order of the detectors. The path of a finding is
    ``service_point/centrale``; its parameters hold the point, its name and organisation, the first and the last day
    (`from`, `until`), and its message says what to do.
    """

    start: date
    end: date
    points: tuple[PointQuality, ...]
    findings: tuple[Finding, ...]
    thresholds: Thresholds = field(factory=Thresholds)

    def totals(self, level: str = "nation") -> dict[str | None, Figures]:
        """The figures added up by place of `level`, in order of code; last None, where the place is not known.

        Raises InvalidValueError for a level that is not `service_point`, `organisation`, `province` or `nation`.
        """
        if level not in LEVELS:
            raise InvalidValueError("unknown-level", value=level, known=LEVELS)
        found: dict[str | None, Figures] = defaultdict(Figures)
        for one in self.points:
            found[one.value(level)] += one.figures
        return {code: found[code] for code in sorted(found, key=lambda code: (code is None, code or ""))}

    @property
    def total(self) -> Figures:
        """The figures of everything."""
        return sum((one.figures for one in self.points), Figures())

    @cached_property
    def silent(self) -> frozenset[str]:
        """The service points for which nothing was registered, though they may have been open."""
        return frozenset(one.service_point for one in self.points if one.figures.silent) - self._heard

    @property
    def _heard(self) -> frozenset[str]:
        return frozenset(one.service_point for one in self.points if one.figures.registrations)

    def to_dict(self) -> dict[str, Any]:
        """As plain values, for JSON; days as texts, `until` being the last day."""
        names = ("service_point", "name", "organisation", "province")
        points = [{**{name: getattr(one, name) for name in names}, **one.figures.to_dict()} for one in self.points]
        until = self.end - timedelta(days=1)
        findings = [
            {"code": one.code, "path": one.path, "severity": one.severity.value, **_plain(one.parameters)}
            for one in self.findings
        ]
        return {"from": f"{self.start}", "until": f"{until}", "points": points, "findings": findings}


def _plain(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: f"{value}" if isinstance(value, date) else value for name, value in parameters.items()}


def judge(
    watcher: Watcher,
    scopes: Sequence[Scope],
    period: Period | None,
    today: date,
    detectors: Sequence[Detector] = DETECTORS,
) -> Quality:
    """What `watcher` saw in `period`, judged for the points within all of `scopes`; up to `today`, which counts.

    Without a period it is about everything, from the first registration on.
    """
    tomorrow = today + timedelta(days=1)
    start = period.start if period else watcher.first_day or today
    end = max(start, min(period.end, tomorrow) if period else tomorrow)
    limits, places = watcher.thresholds, watcher.places
    found = cases(places, scopes, watcher.seen, start, end)
    findings: dict[int, list[Finding]] = {}
    for case in found:
        findings[id(case)] = [one for detect in detectors for one in detect(case, limits)]
    for case, one in changes(found, limits):
        findings[id(case)].append(one)
    points = tuple(_point(places, case, findings[id(case)]) for case in found)
    return Quality(start, end, points, tuple(one for case in found for one in findings[id(case)]), limits)


def _point(places: Gazetteer, case: Case, findings: Sequence[Finding]) -> PointQuality:
    key = case.key
    outlying = len({one.parameters["from"] for one in findings if one.code.startswith("quality-outlier")})
    name = places.name("service_point", key.service_point)
    return PointQuality(key.service_point, name, key.organisation or None, key.province or None, case.figures(outlying))
