"""Personal data in free text: citizen service numbers, bank accounts, e-mail addresses, telephone numbers.

Names are not recognised. What is found is named by kind and place only; its value is never repeated.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import phonenumbers
from phonenumbers import Leniency, PhoneNumberMatcher
from stdnum import iban
from stdnum.nl import bsn

# Nine digits however they are set apart; eight (a leading zero left out) only in one piece, or dates would be stopped.
_DIGITS: Final = re.compile(r"(?<!\d)(?:\d(?:[ .\-]?\d){8}|\d{8})(?!\d)")
_IBAN: Final = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ .\-]?[A-Za-z0-9]){11,30}")
_EMAIL: Final = re.compile(
    r"[^\s@<>,;:()\[\]]+\s?(?:@|\(at\)|\[at\])\s?[^\s@<>,;:()\[\]]+\.[^\W\d_]{2,}", re.IGNORECASE
)
_SEPARATORS: Final = re.compile(r"[ .\-]")


def _has_bsn(text: str) -> bool:
    return any(bsn.is_valid(_SEPARATORS.sub("", found.group())) for found in _DIGITS.finditer(text))


def _has_iban(text: str) -> bool:
    for found in _IBAN.finditer(text):
        compact = _SEPARATORS.sub("", found.group())
        # The words behind a number look like part of it, so every length that an IBAN can have is tried.
        if any(iban.is_valid(compact[:length], check_country=False) for length in range(15, min(len(compact), 34) + 1)):
            return True
    return False


def _has_email(text: str) -> bool:
    return _EMAIL.search(text) is not None


def _has_phone(text: str) -> bool:
    matcher = PhoneNumberMatcher(text, "NL", leniency=Leniency.VALID)
    return any(phonenumbers.is_valid_number(found.number) for found in matcher)


_KINDS: Final[Mapping[str, Callable[[str], bool]]] = {
    "bsn": _has_bsn,
    "iban": _has_iban,
    "email": _has_email,
    "phone": _has_phone,
}


def kinds(text: str) -> Iterator[str]:
    """The kinds of personal data that `text` holds: ``bsn``, ``iban``, ``email``, ``phone``."""
    for kind, is_in in _KINDS.items():
        if is_in(text):
            yield kind
