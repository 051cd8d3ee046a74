"""An invented nation of help points, calibrated on published figures; the same seed gives the same nation.

It serves the demo, the tests and the benchmarks. Nobody in it exists: municipalities are real, everything else is
made up. The figures and their sources stand in `figures`.

>>> from idocore.simulation import simulate
>>> nation = simulate(registrations=100, seed=1)
>>> sum(1 for line in nation.lines())
100
"""

from idocore.simulation.nation import Nation, simulate

__all__ = ["Nation", "simulate"]
