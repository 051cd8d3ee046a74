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
        for measure, count in enumerate(system.counts[key]):
            shown = rounded(count, base)
            low = max(shown - base // 2, system.floors(key)[measure])
            bounds[key, measure] = (float(low), float(shown + (base - 1) // 2))
    return attack(system, system.published, targets, bounds=bounds, seconds=seconds)
