"""The shapes that sheets come in: each a function of a sheet that yields its lines."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from idocore import Line
from idocore_excel.profiles import Shape
from idocore_excel.shapes import counter, crosstab, inquiries, visits
from idocore_excel.shapes.reading import Reading

SHAPES: Final[Mapping[Shape, Callable[[Reading], Iterator[Line]]]] = {
    Shape.VISITS: visits.read,
    Shape.INQUIRIES: inquiries.read,
    Shape.CROSSTAB: crosstab.read,
    Shape.COUNTER: counter.read,
}
