"""Chance that can be repeated: seeded dice, shares dealt from a deck, and whole numbers in proportion."""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from typing import Final
from uuid import UUID

import attrs

_CARDS: Final = 1000


def dice(seed: int, purpose: str) -> random.Random:
    """Dice of their own for each purpose, so that a change in one does not shift the others."""
    return random.Random(f"{seed}/{purpose}")  # noqa: S311 - invented data must be repeatable; nothing here is secret


def allot(total: int, weights: Sequence[float]) -> list[int]:
    """`total` as whole numbers in proportion to `weights`: they add up exactly (largest remainder)."""
    scale = total / sum(weights)
    found = [int(weight * scale) for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: found[place] - weights[place] * scale)
    for place in by_remainder[: total - sum(found)]:
        found[place] += 1
    return found


@attrs.define
class Deck:
    """Deals codes from shuffled cards: shares come out nearly exact, where plain chance would stray."""

    _dice: random.Random
    _weights: Mapping[str, float]
    _cards: list[str] = attrs.field(factory=list, init=False)

    def deal(self) -> str:
        """The next card; a fresh deck when they are used up."""
        if not self._cards:
            counts = allot(_CARDS, list(self._weights.values()))
            self._cards = [code for code, count in zip(self._weights, counts, strict=True) for _ in range(count)]
            self._dice.shuffle(self._cards)
        return self._cards.pop()


@attrs.define
class Choice:
    """Plain weighted chance, its sums made once."""

    _dice: random.Random
    _codes: tuple[str, ...]
    _sums: tuple[float, ...]

    @classmethod
    def of(cls, dice: random.Random, weights: Mapping[str, float]) -> "Choice":
        """A choice between the codes that `weights` names."""
        return cls(dice, tuple(weights), tuple(accumulate(weights.values())))

    def draw(self) -> str:
        """One of the codes."""
        return self._dice.choices(self._codes, cum_weights=self._sums)[0]


def version_7(dice: random.Random, moment: datetime) -> UUID:
    """A UUID of version 7 with the time of `moment`, its random part from `dice`."""
    milliseconds = int(moment.timestamp()) * 1000
    high, low = dice.getrandbits(12), dice.getrandbits(62)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)
