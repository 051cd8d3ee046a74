"""How long the names may be that every store has a column for; some databases refuse what is longer."""

from collections.abc import Iterator
from typing import Final

from idocore.gazetteer import Place
from idocore.places import Municipality, Organisation, Province, ServicePoint, Succession

ID: Final = 120
"""Of the id of a service point or an organisation."""
CODE: Final = 12
"""Of the code of a municipality or a province."""
VARIANT: Final = 40
"""Of the variant of a service point."""


def too_long(place: Place) -> tuple[str, str, int] | None:
    """The first name in `place` that is too long: which it is, the name itself, and how long it may be; else None."""
    return next(((path, name, most) for path, name, most in _names(place) if name and len(name) > most), None)


def _names(place: Place) -> Iterator[tuple[str, str | None, int]]:
    match place:
        case Province():
            yield "code", place.code, CODE
        case Municipality():
            yield "code", place.code, CODE
            yield "province", place.province, CODE
        case Succession():
            yield "source", place.source, CODE
            yield "target", place.target, CODE
        case Organisation():
            yield "id", place.id, ID
        case ServicePoint():
            yield "id", place.id, ID
            for number, siting in enumerate(place.sitings):
                yield f"sitings[{number}].municipality", siting.municipality, CODE
                yield f"sitings[{number}].organisation", siting.organisation, ID
                yield f"sitings[{number}].variant", siting.variant, VARIANT
