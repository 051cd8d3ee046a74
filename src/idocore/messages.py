"""Sentences for people, in Dutch and English, looked up by stable code.

Programs compare codes; people read sentences. Both travel together, so a front end can show the Dutch sentence
of a finding that a script only knows as ``unknown-code``.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final, Literal

Language = Literal["nl", "en"]
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
        return f"{code}: {listed}" if listed else code
    return template.format_map(_Readable(parameters))


class _Readable(dict[str, Any]):
    """Parameters as people write them: lists with commas, absent ones as a dash."""

    def __getitem__(self, name: str) -> str:
        value = self.get(name)
        if value is None or value == ():
            return "-"
        if isinstance(value, list | tuple | set | frozenset):
            return ", ".join(str(item) for item in value)
        return str(value)

    def __contains__(self, name: object) -> bool:
        return True
