"""How often each answer is given: published shares where there are any, the rest Zipf-like; codes as in our lists."""

from collections.abc import Iterable, Mapping
from typing import Final

from idocore.simulation.figures import AGED_65, DIGID, OVER_20_MINUTES
from idocore.themes import Code

# The order is ours, from the subjects that reports mention first.
TOPICS: Final = (
    *("devices", "municipal-services", "allowances", "tax-return", "driving-licence", "mijnoverheid", "pension"),
    *("vaccination", "energy-allowance", "e-health", "printing", "benefit", "care", "work", "other", "banking"),
    *("library-membership", "other-digital-government", "fines", "library-courses", "student-finance"),
    *("internet-fraud", "donor-register", "other-library-services"),
)

# Within the bounds of what was published the split is ours.
DURATIONS: Final = {
    "under-10": 0.30,
    "10-to-20": 0.32,
    "over-20": OVER_20_MINUTES,
    "under-5": 0.12,
    "5-to-10": 0.18,
    "10-to-15": 0.18,
    "15-to-20": 0.14,
    "20-to-30": OVER_20_MINUTES - 0.15,
    "over-30": 0.15,
}
AGES: Final = {
    "under-25": 0.05,
    "25-to-44": 0.13,
    "45-to-64": 0.22,
    "65-to-74": AGED_65 - 0.24,
    "75-and-over": 0.24,
}

# All shares from here on are ours.
CHANNELS: Final = {"desk": 78.0, "appointment": 12.0, "telephone": 5.0, "outside": 3.0, "online": 2.0}
HELP: Final = {
    "digital-traffic": 62.0,
    "provider-information": 14.0,
    "information-society": 8.0,
    "digital-skills": 8.0,
    "referral": 8.0,
}
REFERRALS: Final = (
    *("municipality", "course", "social-advisers", "provider", "welfare-organisation", "form-brigade"),
    *("language-house", "client-supporter", "seniors-union", "care-office", "other", "union"),
)
DIGID_ACTIONS: Final = ("app", "request", "activate", "log-in", "recover", "authorise", "other")
LEVELS: Final = {"province": 2.0, "water-board": 3.0, "national": 5.0}
"""Levels of government of "another government body"."""

PROVIDERS: Final[Mapping[str, Mapping[str, float]]] = {
    "digid": {"logius": 60, "municipality": 12, "belastingdienst": 10, "uwv": 6, "svb": 6, "not-government": 6},
    "mijnoverheid": {"logius": 80, "belastingdienst": 10, "svb": 5, "rdw": 5},
    "municipal-services": {"municipality": 96, "other-government": 4},
    "allowances": {"belastingdienst": 88, "municipality": 6, "huurcommissie": 6},
    "energy-allowance": {"municipality": 92, "not-government": 8},
    "tax-return": {"belastingdienst": 90, "municipality": 7, "kadaster": 2, "other-government": 1},
    "pension": {"svb": 85, "not-government": 15},
    "work": {"uwv": 80, "kvk": 6, "not-government": 14},
    "benefit": {"uwv": 60, "municipality": 33, "svb": 5, "lbio": 2},
    "driving-licence": {"cbr": 85, "rdw": 11, "municipality": 4},
    "care": {"ciz": 28, "cak": 34, "svb": 16, "municipality": 16, "skgz": 6},
    "student-finance": {"duo": 100},
    "fines": {"cjib": 82, "raad-voor-rechtsbijstand": 10, "other-government": 8},
    "donor-register": {"other-government": 90, "logius": 10},
    "vaccination": {"other-government": 96, "municipality": 4},
    "other-digital-government": {"other-government": 55, "municipality": 25, "rdw": 8, "raad-voor-rechtsbijstand": 12},
    "banking": {"not-government": 95, "kifid": 5},
    "other": {"not-government": 70, "other-government": 20, "huurcommissie": 4, "lbio": 3, "kvk": 3},
}
"""Whose service a topic is about; a topic that is not here is about no government body."""


def topic_shares() -> dict[str, float]:
    """DigiD as published; the others share the rest, Zipf-like."""
    return {"digid": DIGID, **zipf(TOPICS)}


def zipf(codes: Iterable[str]) -> dict[str, float]:
    """Each code less often than the one before it."""
    return {code: 1 / (rank + 3) for rank, code in enumerate(codes)}


def usable(weights: Mapping[str, float], codes: Iterable[Code]) -> dict[str, float]:
    """Those `weights` whose code can be chosen."""
    return {entry.code: weights[entry.code] for entry in codes if entry.code in weights}


def with_digid(weights: Mapping[str, float]) -> dict[str, float]:
    """`weights` in which DigiD has exactly its share, whichever other topics there are."""
    others = sum(weight for code, weight in weights.items() if code != "digid")
    scaled = {code: weight * (1 - DIGID) / others for code, weight in weights.items() if code != "digid"}
    return {"digid": DIGID, **scaled}
