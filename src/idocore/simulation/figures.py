"""The figures that the demo nation is calibrated on: what was published, and what we chose where nothing was.

"Published" means: told by KB, the national library, in public reports on the help points; here in our own words.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

SERVICE_POINTS: Final[Mapping[int, int]] = {2019: 29, 2020: 73, 2021: 439, 2022: 664, 2023: 685, 2024: 700}
"""Library locations with a help point at the end of each year. To 2022: KB, published figures; later ones ours."""

ORGANISATIONS: Final[Mapping[int, int]] = {2019: 15, 2020: 39, 2021: 120, 2022: 145}
"""Organisations that run them. 15 and 39: KB, published figures. In 2022 it was all of them; that all is 145, and
the number for 2021, are ours."""

LARGE_ORGANISATIONS: Final = 54
"""Organisations with five or more locations in 2022: 37% (KB, published figures) of our 145."""

QUESTIONS: Final = (
    (date(2019, 5, 31), 0),
    (date(2021, 6, 23), 1_000),
    (date(2021, 12, 31), 16_000),
    (date(2022, 2, 15), 26_000),
    (date(2022, 4, 30), 36_000),
    (date(2023, 7, 10), 100_000),
    (date(2024, 12, 31), 179_266),
)
"""Questions counted by the end of that day. From 16,000 to 100,000: KB, published figures, some known by season
only, so that the day is ours. The first thousand is ours; the last goes on at the pace of the stretch before it."""

AGED_65: Final = 0.60
"""Visitors of 65 and over, of those whose age is known. KB, published figures over the first 100,000 questions."""

DIGID: Final = 0.24
"""Questions on DigiD, of those with a topic. KB, published figures over the first 100,000 questions."""

OVER_20_MINUTES: Final = 0.38
"""Conversations longer than 20 minutes. KB, published figures over the first 100,000 questions."""

UNKNOWN: Final = 0.05
"""Answers left open; ours."""

TALLIES: Final = 0.03
"""Records that are a count of visitors; ours."""

ENTERED_BY_DAY: Final[Mapping[str, float]] = {"2019": 0.5, "2021": 0.01, "2022": 0.01, "2024": 0.01}
"""Records that are known by day only, for each version of the form: sheets mostly were, the tools hardly; ours."""

SEASON: Final[Mapping[int, float]] = {7: 0.8, 8: 0.55, 12: 0.85}
"""How busy a month is beside the others (1): the summer dip; ours."""
