"""Data quality: figures for each service point, and findings that say what to do.

Figures are made in one pass over the registrations, with counts for each point and day in memory. What a figure
means, and what its threshold is based on, stands in the explanation of data quality in the documentation.
"""

from idocore.quality.figures import LATENESS, Answered, Figures, is_other
from idocore.quality.result import PointQuality, Quality, judge
from idocore.quality.thresholds import Thresholds
from idocore.quality.watching import Double, Watcher

__all__ = [
    "LATENESS",
    "Answered",
    "Double",
    "Figures",
    "PointQuality",
    "Quality",
    "Thresholds",
    "Watcher",
    "is_other",
    "judge",
]
