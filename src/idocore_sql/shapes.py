"""What the statements for a cut depend on, apart from its values, so that they are put together once."""

from datetime import date
from typing import Any, Final

from attrs import evolve
from sqlalchemy import BindParameter, bindparam

from idocore.places import Ancestry
from idocore.statistics.cells import Cut, Filter
from idocore_sql.codes import stored

_NO_ANCESTRY: Final = Ancestry(())


def shape_of(cut: Cut) -> Cut:
    """`cut` with the names of its values in their place: what the statements depend on."""
    named = (frozenset({name}) for name in map(_codes_of, range(len(cut.filters))))
    filters = tuple(
        Filter(one.dimension, None if one.codes is None else name) for one, name in zip(cut.filters, named, strict=True)
    )
    start, end = (None if day is None else date.min for day in (cut.start, cut.end))
    return evolve(cut, filters=filters, start=start, end=end, ancestry=_NO_ANCESTRY)


def values_of(cut: Cut) -> dict[str, Any]:
    """The values of `cut` by the names that they have in its shape."""
    codes = {
        _codes_of(number): sorted(stored(one.dimension, one.codes))
        for number, one in enumerate(cut.filters)
        if one.codes is not None
    }
    return {"start": cut.start, "end": cut.end, **codes}


def _codes_of(number: int) -> str:
    return f"codes_{number}"


def bound(names: frozenset[str]) -> BindParameter[Any]:
    """The codes of a filter, by the name that its shape has for them."""
    (name,) = names
    return bindparam(name, expanding=True)


def bound_day(name: str) -> BindParameter[Any]:
    """The first day of a cut, or the day that it ends before."""
    return bindparam(name)
