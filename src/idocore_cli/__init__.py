"""The command line `ido`: data on stdout, messages on stderr, exit 0, 1 (findings) or 2 (usage)."""

from idocore_cli.start import main

__all__ = ["main"]
