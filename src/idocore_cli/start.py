"""Where `ido` starts: a missing library is one sentence, not a traceback."""

import sys


def main() -> None:
    """The entry point of the command `ido`."""
    try:
        from idocore_cli.commands import ido
    except ModuleNotFoundError as error:
        if error.name not in ("click", "rich"):
            raise
        sys.exit(f"This needs {error.name}; install it with: pip install 'idocore[cli]'")
    ido(prog_name="ido")
