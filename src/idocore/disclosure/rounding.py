"""Rounding in the place of hiding: every number to the nearest multiple of a base."""

from idocore.disclosure.attacking import Range, Unknown, attack
from idocore.disclosure.systems import System


def rounded(count: int, base: int) -> int:
    """`count` to the nearest multiple of `base`, halves up; the same count always to the same number."""
    return (2 * count + base) // (2 * base) * base


def attack_rounded(
    system: System, base: int, targets: list[Unknown], seconds: float = float("inf")
) -> dict[Unknown, Range]:
    """What can be computed of `targets` when every published count is shown rounded to `base`."""
    bounds = {}
    for key in system.published & system.counts.keys():
        counts = system.counts[key]
        for measure, count in enumerate(counts):
            shown = rounded(count, base)
            # What is zero is left out; a small number is there as 0.
            low = max(shown - base // 2, min(1, count))
            high = shown + (base - 1) // 2 if any(counts) else 0
            bounds[key, measure] = (float(low), float(high))
    return attack(system, system.published, targets, bounds=bounds, seconds=seconds)
