"""Named statistics: what each means is data, with a numerator, a denominator, a unit, a definition and a version."""

from idocore.indicators.allocating import Allocation
from idocore.indicators.catalogue import Catalogue, Indicator, Part, PartKind
from idocore.indicators.computing import Indication

__all__ = ["Allocation", "Catalogue", "Indication", "Indicator", "Part", "PartKind"]
