"""For authors of backends: the suite that every store passes, a machine that compares it with the model, and data.

A backend's test is a subclass of `StoreTests` with a fixture ``store``, and a call of `run_machine`; needs the extra
``testing``.
"""

from idocore.testing.stateful import StoreMachine, run_machine
from idocore.testing.stores import StoreTests

__all__ = ["StoreMachine", "StoreTests", "run_machine"]
