"""Which program this is, for what it makes and somebody may want to make again."""

from importlib.metadata import version as version_of


def version() -> str:
    """This program and its version, for instance ``idocore 1.0.0``."""
    return f"idocore {version_of('idocore')}"
