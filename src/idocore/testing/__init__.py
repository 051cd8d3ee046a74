"""For authors of backends: the suite that every store passes, and data to try it with.

A backend's test is a subclass of `StoreTests` with a fixture ``store``; needs the extra ``testing``.
"""

from idocore.testing.stores import StoreTests

__all__ = ["StoreTests"]
