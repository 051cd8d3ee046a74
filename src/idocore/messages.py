"""Sentences for people, in Dutch and English, looked up by stable code.

Programs compare codes; people read sentences. Both travel together, so a front end can show the Dutch sentence
of a finding that a script only knows as ``unknown-code``.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final, Literal

from idocore.plain_text import shown

Language = Literal["nl", "en"]
_TEXT: Final = ("tekst", "text")
_WHOLE: Final = ("een geheel getal", "a whole number")
_YES_NO: Final = ("ja of nee", "yes or no")
_OBJECT: Final = ("een object", "an object")
_LIST: Final = ("een lijst", "a list")
_TYPES: Final = {
    "text": _TEXT,
    "str": _TEXT,
    "integer": _WHOLE,
    "int": _WHOLE,
    "float": ("een getal met decimalen", "a number with decimals"),
    "boolean": _YES_NO,
    "bool": _YES_NO,
    "code": ("een code", "a code"),
    "list of codes": ("een lijst van codes", "a list of codes"),
    "list": _LIST,
    "tuple": _LIST,
    "list of objects": ("een lijst van objecten", "a list of objects"),
    "object": _OBJECT,
    "dict": _OBJECT,
    "date": ("een datum", "a date"),
    "datetime": ("een datum met tijd", "a date with a time"),
    "time": ("een tijd", "a time"),
    "NoneType": ("niets", "nothing"),
}
"""What people call a type, in Dutch and English."""
LANGUAGES: Final[tuple[Language, ...]] = ("nl", "en")


@cache
def _catalogue() -> dict[str, dict[str, str]]:
    source = resources.files("idocore.data").joinpath("messages.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


def codes() -> frozenset[str]:
    """Every code that has a sentence."""
    return frozenset(_catalogue())


def sentence(code: str, language: Language, parameters: Mapping[str, Any]) -> str:
    """The sentence for `code` in `language`, with its parameters filled in.

    A code without a sentence (of a third-party rule, say) gives the code and its parameters, never an error:
    a message about a fault must not become a second fault.
    """
    template = _catalogue().get(code, {}).get(language)
    if template is None:
        listed = ", ".join(f"{name}={value}" for name, value in parameters.items())
        return shown(f"{code}: {listed}" if listed else code)
    return shown(template.format_map(_Readable(parameters, language)))


class _Word(str):
    """A parameter as people write it; ``{value:type}`` in a sentence writes the name of a type as people say it."""

    __slots__ = ("language",)
    language: Language

    def __format__(self, spec: str) -> str:
        if spec != "type":
            return super().__format__(spec)
        dutch, english = _TYPES.get(self, (self, self))
        return dutch if self.language == "nl" else english


class _Readable(dict[str, Any]):
    """Parameters as people write them: lists with commas, absent ones as a dash."""

    def __init__(self, parameters: Mapping[str, Any], language: Language) -> None:
        super().__init__(parameters)
        self._language = language

    def __getitem__(self, name: str) -> _Word:
        word = _Word(self._written(name))
        word.language = self._language
        return word

    def _written(self, name: str) -> str:
        value = self.get(name)
        if value is None or value == ():
            return "-"
        if isinstance(value, list | tuple | set | frozenset):
            return ", ".join(str(item) for item in value)
        return str(value)

    def __contains__(self, name: object) -> bool:
        return True
