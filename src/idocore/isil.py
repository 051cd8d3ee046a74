"""ISIL codes of Dutch public libraries: ``NL-`` and ten digits that mean something.

Two digits for the type, four for the entity, four for the position within it. General ISIL checkers accept codes
that cannot exist here, such as ``NL-08``.
"""

import re
from enum import StrEnum
from typing import Final

from attrs import frozen
from stdnum import isil as general_isil
from stdnum.exceptions import ValidationError

from idocore.errors import InvalidValueError

_STRUCTURE: Final = re.compile(r"NL-(?P<type>\d{2})(?P<entity>\d{4})(?P<position>\d{4})")


class IsilType(StrEnum):
    """What kind of body an ISIL code belongs to."""

    SUPPORT = "07"
    """Provincial and national bodies."""
    PUBLIC_LIBRARY = "08"


class IsilPosition(StrEnum):
    """What an ISIL code points at within its entity."""

    HEAD_OFFICE = "head-office"
    BRANCH = "branch"
    BOOK_BUS = "book-bus"
    BOOK_BUS_STOP = "book-bus-stop"
    SPECIAL = "special"


@frozen
class Isil:
    """An ISIL code of a Dutch public library, taken apart."""

    code: str
    type: IsilType
    entity: str
    position: IsilPosition

    @classmethod
    def parse(cls, text: str) -> "Isil":
        """Take `text` apart; raises InvalidValueError that says which part is wrong."""
        code = text.strip().upper()
        try:
            general_isil.validate(code)
        except ValidationError as error:
            raise InvalidValueError("invalid-isil", value=text) from error
        matched = _STRUCTURE.fullmatch(code)
        if matched is None:
            raise InvalidValueError("invalid-isil", value=text)
        if matched["type"] not in set(IsilType):
            raise InvalidValueError("invalid-isil-type", value=text, type=matched["type"])
        position = _position(matched["position"])
        if position is None:
            raise InvalidValueError("invalid-isil-position", value=text, position=matched["position"])
        return cls(code, IsilType(matched["type"]), matched["entity"], position)


def _position(digits: str) -> IsilPosition | None:
    if digits == "0000":
        return IsilPosition.HEAD_OFFICE
    match digits[0]:
        case "1":
            return IsilPosition.BRANCH
        case "2":
            return IsilPosition.BOOK_BUS if digits.endswith("00") else IsilPosition.BOOK_BUS_STOP
        case "3":
            return IsilPosition.SPECIAL
    return None
